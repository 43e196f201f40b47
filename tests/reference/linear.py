"""Writes linear.json: what scikit-learn makes of a small data set, for the linear learners' tests.

Run: python tests/reference/linear.py   (scikit-learn 1.9.1)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge, TweedieRegressor
from sklearn.naive_bayes import GaussianNB

rng = np.random.default_rng(20)
n, p = 60, 4
x = np.round(rng.normal(size=(n, p)) * [1, 5, 0.2, 1] + [0, 100, 3, -1], 3)
x[:, 3] = np.round(x[:, 3] + 0.5 * x[:, 0], 3)
z = (x - x.mean(0)) / x.std(0)
signal = z @ [1.0, -0.5, 0.3, 0.8]
weights = rng.choice([0.5, 1.0, 2.0, 3.0], size=n)
value = np.round(signal + rng.normal(size=n), 3)
binary = (signal + rng.logistic(size=n) > 0.3).astype(int)
classes = np.digitize(signal + rng.normal(size=n), [-0.8, 0.9])
positive = np.round(np.exp(0.5 * signal + 0.3 * rng.normal(size=n)) + 0.001, 3)
count = rng.poisson(np.exp(0.5 * signal)).astype(float)

ridge = Ridge(alpha=2.5, solver="cholesky").fit(x, value, weights)
tight = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 1000}
logistic = LogisticRegression(C=0.7, **tight).fit(x, binary, weights)
softmax = LogisticRegression(C=0.7, **tight).fit(x, classes, weights)
balanced = LogisticRegression(C=0.7, class_weight="balanced", **tight).fit(z, classes, weights)
scaled = value / value.std()
elastic = ElasticNet(alpha=0.1, l1_ratio=0.5, tol=1e-14, max_iter=100_000).fit(z, scaled)
glm = []
for power, y in ((1.0, count), (1.5, count), (2.0, positive)):
    model = TweedieRegressor(
        power=power, alpha=0.1, link="log", tol=1e-13, max_iter=1000, solver="newton-cholesky"
    )
    model.fit(z, y / y.mean())
    glm.append({"power": power, "coefficients": model.coef_, "mean": model.predict(z) * y.mean()})
sparse = []
for l1_ratio in (1.0, 0.4):
    saga = {"solver": "saga", "C": 0.25, "l1_ratio": l1_ratio, "tol": 1e-14, "max_iter": 200_000}
    lasso = ElasticNet(alpha=0.1, l1_ratio=l1_ratio, tol=1e-15, max_iter=100_000)
    lasso.fit(z, value, weights)
    two = LogisticRegression(**saga).fit(z, binary, weights)
    three = LogisticRegression(**saga).fit(z, classes, weights)
    sparse.append({
        "l1_ratio": l1_ratio,
        "squared_penalty": 0.1 * float(weights.sum()),
        "penalty": 4.0,
        "squared": lasso.predict(z),
        "squared_coefficients": lasso.coef_,
        "logistic": two.predict_proba(z)[:, 1],
        "logistic_coefficients": two.coef_[0],
        "softmax": three.predict_proba(z),
    })
bayes = GaussianNB().fit(z, classes)


def plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


out = {
    "made_by": f"linear.py, scikit-learn {sklearn.__version__}",
    "x": x,
    "z": z,
    "weights": weights,
    "value": value,
    "binary": binary,
    "classes": classes,
    "positive": positive,
    "count": count,
    "ridge": {"alpha": 2.5, "coefficients": ridge.coef_, "intercept": float(ridge.intercept_)},
    "logistic": {
        "c": 0.7,
        "coefficients": logistic.coef_[0],
        "intercept": float(logistic.intercept_[0]),
    },
    "softmax": {
        "c": 0.7,
        "coefficients": softmax.coef_,
        "intercepts": softmax.intercept_ - softmax.intercept_.mean(),
    },
    "elastic_net": {
        "coefficients": elastic.coef_,
        "values": elastic.predict(z) * value.std(),
    },
    "balanced": balanced.predict_proba(z),
    "sparse": sparse,
    "glm": glm,
    "naive_bayes": bayes.predict_proba(z),
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(plain(out)) + "\n", encoding="utf-8")
