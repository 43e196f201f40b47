"""Writes learners.json: what scikit-learn makes of a small data set, for the learners' tests.

Run: python tests/reference/learners.py   (scikit-learn 1.9.1)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from scipy.special import log_softmax, softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import (
    GammaRegressor,
    HuberRegressor,
    PoissonRegressor,
    QuantileRegressor,
    TweedieRegressor,
)
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC, SVR

rng = np.random.default_rng(30)
n, p = 80, 4
x = np.round(rng.normal(size=(n, p)) @ (np.eye(p) + 0.4 * rng.normal(size=(p, p))), 3)
queries = np.round(rng.normal(size=(15, p)), 3)
weights = rng.choice([0.5, 1.0, 2.0, 3.0], size=n)
signal = x @ [1.0, -0.5, 0.3, 0.8]
value = np.round(signal + rng.standard_t(2, size=n), 3)
binary = (signal + rng.logistic(size=n) > 0.3).astype(int)
classes = np.digitize(signal + rng.normal(size=n), [-0.8, 0.9])
count = rng.poisson(np.exp(0.3 * signal)).astype(float)
positive = np.round(np.exp(0.3 * signal + 0.3 * rng.normal(size=n)) + 0.001, 3)
words = rng.poisson(0.3 + 0.4 * (np.arange(6)[None, :] % 3 == classes[:, None]))
levels = np.stack([(classes + rng.integers(0, 2, n)) % 3, rng.integers(0, 4, n)], axis=1)
flags = (rng.random((n, 2)) < 0.2 + 0.3 * (classes[:, None] == [0, 2])).astype(int)

knn = {}
for votes in ("uniform", "distance"):
    shape = {"n_neighbors": 7, "weights": votes, "algorithm": "brute"}
    knn[votes] = {
        "shares": KNeighborsClassifier(**shape).fit(x, classes).predict_proba(queries),
        "values": KNeighborsRegressor(**shape).fit(x, value).predict(queries),
        "at_training_rows": KNeighborsRegressor(**shape).fit(x, value).predict(x),
    }

lda = []
for shrinkage in (None, "auto", 0.3):
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
    lda.append({
        "shrinkage": shrinkage,
        "binary": model.fit(x, binary).predict_proba(x),
        "classes": model.fit(x, classes).predict_proba(x),
    })

gauss = GaussianNB().fit(x, classes, weights)
multi = MultinomialNB(alpha=0.7).fit(words, classes, weights)
bern = BernoulliNB(alpha=0.7).fit(words > 0, classes, weights)
cat = CategoricalNB(alpha=0.7, min_categories=[3, 4]).fit(levels, classes, weights)
flag = BernoulliNB(alpha=0.7).fit(flags, classes, weights)
prior = gauss.class_log_prior_ if hasattr(gauss, "class_log_prior_") else np.log(gauss.class_prior_)
joint = gauss.predict_joint_log_proba(x) + multi.predict_joint_log_proba(words)
joint += cat.predict_joint_log_proba(levels) + flag.predict_joint_log_proba(flags) - 3 * prior
bayes = {
    "gaussian": gauss.predict_proba(x),
    "multinomial": multi.predict_proba(words),
    "bernoulli": bern.predict_proba(words > 0),
    "categorical": cat.predict_proba(levels),
    "mixed": softmax(joint, axis=1),
}
assert np.allclose(log_softmax(cat.predict_joint_log_proba(levels), axis=1), np.log(bayes["categorical"]))

tight = {"alpha": 0.1, "solver": "newton-cholesky", "tol": 1e-13, "max_iter": 1000}
glm = []
for power, y in ((1.0, count), (1.5, count), (2.0, positive), (3.0, positive)):
    kind = {1.0: PoissonRegressor(**tight), 2.0: GammaRegressor(**tight)}
    model = kind.get(power, TweedieRegressor(power=power, link="log", **tight))
    if power == 3.0:  # Not convex: Newton's method falls back to L-BFGS.
        model.set_params(solver="lbfgs", tol=1e-10, max_iter=100_000)
    model.fit(x, y, weights)
    glm.append({"power": power, "coefficients": model.coef_, "intercept": float(model.intercept_)})
exposure = np.round(rng.uniform(0.2, 3.0, size=n), 3)
rate = PoissonRegressor(**tight).fit(x, count / exposure, weights * exposure)
offset = {
    "exposure": exposure,
    # The penalty stands against the mean over weights, which here are the exposures too.
    "penalty": 0.1 * float((weights * exposure).sum()),
    "coefficients": rate.coef_,
    "intercept": float(rate.intercept_),
}

quantile = []
for share, alpha in ((0.5, 0.02), (0.2, 0.1), (0.9, 0.0)):
    model = QuantileRegressor(quantile=share, alpha=alpha, solver="highs").fit(x, value, weights)
    residual = value - model.predict(x)
    pinball = np.maximum(share * residual, (share - 1) * residual)
    loss = float(np.average(pinball, weights=weights) + alpha * np.abs(model.coef_).sum())
    quantile.append({
        "quantile": share,
        "penalty": alpha,
        "coefficients": model.coef_,
        "intercept": float(model.intercept_),
        "objective": loss,
    })

huber = []
for epsilon, alpha in ((1.35, 0.01), (1.1, 5.0), (2.0, 0.0)):
    model = HuberRegressor(epsilon=epsilon, alpha=alpha, tol=1e-10, max_iter=10_000)
    model.fit(x, value, weights)
    huber.append({
        "epsilon": epsilon,
        "penalty": alpha,
        "coefficients": model.coef_,
        "intercept": float(model.intercept_),
        "scale": float(model.scale_),
    })

shape = {"C": 0.8, "gamma": 0.25, "tol": 1e-8}
svm = {
    "binary": SVC(**shape).fit(x, binary).decision_function(queries),
    "rest": np.stack(
        [SVC(**shape).fit(x, classes == k).decision_function(queries) for k in range(3)], axis=1
    ),
    "values": SVR(epsilon=0.1, **shape).fit(x, value).predict(queries),
}


def plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


out = {
    "made_by": f"learners.py, scikit-learn {sklearn.__version__}",
    "x": x,
    "queries": queries,
    "weights": weights,
    "value": value,
    "binary": binary,
    "classes": classes,
    "count": count,
    "positive": positive,
    "words": words,
    "levels": levels,
    "flags": flags,
    "knn": knn,
    "lda": lda,
    "naive_bayes": bayes,
    "glm": glm,
    "offset": offset,
    "quantile": quantile,
    "huber": huber,
    "svm": svm,
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(plain(out)) + "\n", encoding="utf-8")
