"""Writes measures.json: scikit-learn's numbers for the cases of crates/ruska-catalog/tests/measures.rs.

Run: python tests/reference/measures.py   (scikit-learn 1.9.1, numpy)

Each case holds codes or values, predictions (row-major), optional weights, and the expected score by
measure id; `null` where the measure is undefined. Classes without a row in the truth are left out of
the one-against-rest means, which scikit-learn itself cannot do: it is given the other columns only.
"""

import json
import pathlib
import warnings
from decimal import Decimal, getcontext

import numpy as np
import sklearn
from sklearn import metrics as m

warnings.filterwarnings("ignore")
getcontext().prec = 40
assert sklearn.__version__.startswith("1.9."), sklearn.__version__


def classification(name, codes, proba, weights=None, positive=1):
    codes, proba = np.asarray(codes), np.asarray(proba, float)
    n_classes, binary = proba.shape[1], proba.shape[1] == 2
    label, w = proba.argmax(axis=1), weights
    present = np.unique(codes if w is None else codes[np.asarray(w) > 0])
    scores = {
        "logloss": m.log_loss(codes, proba, labels=range(n_classes), sample_weight=w),
        "accuracy": m.accuracy_score(codes, label, sample_weight=w),
        "balanced_accuracy": m.balanced_accuracy_score(codes, label, sample_weight=w),
        "mcc": m.matthews_corrcoef(codes, label, sample_weight=w),
    }
    average = {"average": "binary", "pos_label": positive} if binary else {"average": "macro"}
    for id in ["f1", "precision", "recall"]:
        score = getattr(m, id + "_score")
        scores[id] = score(codes, label, sample_weight=w, zero_division=0, **average)
    if binary:
        hit, p = codes == positive, proba[:, positive]
        scores["brier"] = m.brier_score_loss(hit, p, sample_weight=w, pos_label=True)
    else:
        scores["brier"] = m.brier_score_loss(codes, proba, labels=range(n_classes), sample_weight=w)
    if len(present) < 2:
        scores["auc"] = scores["average_precision"] = None
    elif binary:
        scores["auc"] = m.roc_auc_score(hit, p, sample_weight=w)
        scores["average_precision"] = m.average_precision_score(hit, p, sample_weight=w)
    elif len(present) == n_classes:
        scores["auc"] = m.roc_auc_score(codes, proba, multi_class="ovr", average="macro", sample_weight=w)
        scores["average_precision"] = m.average_precision_score(codes, proba, sample_weight=w)
    else:
        each = [(codes == k, proba[:, k]) for k in present]
        scores["auc"] = np.mean([m.roc_auc_score(*e, sample_weight=w) for e in each])
        scores["average_precision"] = np.mean([m.average_precision_score(*e, sample_weight=w) for e in each])
    return {
        "name": name,
        "codes": codes.tolist(),
        "n_classes": n_classes,
        "positive": positive,
        "predictions": proba.ravel().tolist(),
        "weights": None if w is None else list(map(float, w)),
        "scores": {k: None if v is None else float(v) for k, v in sorted(scores.items())},
    }


def deviance(kind, y, p, w):
    """In forty digits, since scikit-learn's cancel; checked against it where they do not."""
    total, weights = Decimal(0), np.ones(len(y)) if w is None else np.asarray(w, float)
    for a, b, c in zip(map(Decimal, y), map(Decimal, p), map(Decimal, weights)):
        log = (a / b).ln() if a > 0 and b > 0 else Decimal(0)
        total += 2 * c * (a * log - a + b if kind == "poisson" else a / b - 1 - log)
    mean = float(total / Decimal(weights.sum()))
    if p.min() > 0 and p.max() < 1e8:
        theirs = getattr(m, f"mean_{kind}_deviance")(y, p, sample_weight=w)
        assert np.isclose(mean, theirs, rtol=1e-9), (kind, mean, theirs)
    return mean


def mape(y, p, w):
    """Of the rows that have a percentage: scikit-learn divides by 2⁻⁵² where the truth is 0."""
    w = np.ones(len(y)) if w is None else np.asarray(w, float)
    on = (y != 0) & (w > 0)
    return m.mean_absolute_percentage_error(y[on], p[on], sample_weight=w[on]) if on.any() else None


def regression(name, truth, predicted, weights=None):
    y, p, w = np.asarray(truth, float), np.asarray(predicted, float), weights
    scores = {
        "rmse": m.root_mean_squared_error(y, p, sample_weight=w),
        "mae": m.mean_absolute_error(y, p, sample_weight=w),
        "median_ae": m.median_absolute_error(y, p, sample_weight=w),
        "r2": m.r2_score(y, p, sample_weight=w) if len(y) > 1 else None,
        "mape": mape(y, p, w),
        "rmsle": None,
        "poisson_deviance": None,
        "gamma_deviance": None,
    }
    if min(y.min(), p.min()) > -1:
        scores["rmsle"] = m.root_mean_squared_log_error(y, p, sample_weight=w)
    if y.min() >= 0 and np.all((p > 0) | (p == 0) & (y == 0)):
        scores["poisson_deviance"] = deviance("poisson", y, p, w)
    if min(y.min(), p.min()) > 0:
        scores["gamma_deviance"] = deviance("gamma", y, p, w)
    return {
        "name": name,
        "values": y.tolist(),
        "predictions": p.tolist(),
        "weights": None if w is None else list(map(float, w)),
        "scores": {k: None if v is None else float(v) for k, v in sorted(scores.items())},
    }


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def scores_for(rng, codes, n_classes, signal):
    return softmax(signal * np.eye(n_classes)[codes] + rng.normal(size=(len(codes), n_classes)))


def tied(proba, steps):
    first = np.round(proba[:, 0] * steps) / steps
    return np.column_stack([first, 1 - first])


def cases():
    rng = np.random.default_rng(7)
    balanced = rng.integers(0, 2, 60)
    proba = scores_for(rng, balanced, 2, 1.2)
    rare = (np.arange(80) % 16 == 5).astype(int)
    rare_proba = softmax(np.column_stack([np.full(80, 1.5), rare + rng.normal(size=80)]))
    whole = rng.integers(1, 5, 60)
    real = rng.uniform(0.01, 3.0, 60)
    yield classification("binary", balanced, proba)
    yield classification("binary, class 0 positive", balanced, proba, positive=0)
    yield classification("binary, whole weights", balanced, proba, whole)
    yield classification("binary, real weights", balanced, proba, real)
    yield classification("binary, weights zero in part", balanced, proba, real * (np.arange(60) % 3 > 0))
    yield classification("binary, ties", balanced, tied(proba, 4))
    yield classification("binary, ties, weights, class 0 positive", balanced, tied(proba, 5), real, positive=0)
    yield classification("binary, all scores equal", balanced, np.full((60, 2), 0.5))
    yield classification("binary, rare", rare, rare_proba)
    yield classification("binary, rare, weights", rare, rare_proba, np.where(rare, 5.5, 0.3))
    yield classification("binary, certain and sometimes wrong", [0, 1, 1, 0, 1], [[1, 0], [0, 1], [1, 0], [1, 0], [0, 1]])
    yield classification("binary, perfect", [0, 1, 1, 0], [[1, 0], [0, 1], [0, 1], [1, 0]])
    yield classification("binary, all wrong", [0, 1, 1, 0], [[0, 1], [1, 0], [1, 0], [0, 1]])
    yield classification("binary, one class", [0, 0, 0], [[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])
    yield classification("binary, never predicted positive", [0, 1, 0, 1], [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    three = rng.integers(0, 3, 50)
    proba = scores_for(rng, three, 3, 1.0)
    yield classification("three classes", three, proba)
    yield classification("three classes, weights", three, proba, rng.uniform(0.1, 4.0, 50))
    yield classification("three classes, ties", three, np.where(proba == proba.max(axis=1, keepdims=True), 0.5, 0.25))
    five = np.array([0, 1, 3, 4])[rng.integers(0, 4, 60)]
    proba = scores_for(rng, five, 5, 1.0)
    yield classification("five classes, one absent from the truth", five, proba)
    yield classification("five classes, one absent, weights", five, proba, rng.integers(1, 4, 60))
    proba = np.delete(proba, 2, axis=1)
    proba = np.insert(proba / proba.sum(axis=1, keepdims=True), 2, 0.0, axis=1)
    yield classification("five classes, one absent from truth and predictions", five, proba)

    y = rng.normal(50, 20, 40)
    p = y + rng.normal(0, 5, 40)
    w = rng.uniform(0.01, 3.0, 40)
    yield regression("numbers", y, p)
    yield regression("numbers, weights", y, p, w)
    yield regression("numbers, odd number of rows", y[:39], p[:39])
    yield regression("numbers, whole weights", y, p, rng.integers(1, 4, 40))
    yield regression("numbers, weights zero in part", y, p, w * (np.arange(40) % 4 > 0))
    yield regression("numbers, whole weights, zero in part", y, p, rng.integers(0, 3, 40))
    yield regression("numbers, the middle between zero weights", [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 1, 1])
    yield regression("negative numbers", y - 50, p - 50, w)
    yield regression("counts with zeros", [0, 3, 1, 0, 7, 2, 12], [0.2, 2.5, 1, 0, 8, 4, 9.5])
    yield regression("counts with zeros, weights", [0, 3, 1, 0, 7, 2], [0.2, 2.5, 1, 0, 8, 4], [1, 2, 0.5, 1, 3, 2])
    yield regression("large scale", y * 1e12, p * 1e12, w)
    yield regression("small scale", y * 1e-12, p * 1e-12)
    yield regression("large offset", y + 1e9, p + 1e9)
    yield regression("just above -1", [-0.999, 0, 5], [-0.5, -0.99, 4])
    yield regression("perfect", [1.5, -2, 0], [1.5, -2, 0])
    yield regression("constant truth", [2, 2, 2], [2, 3, 1])
    yield regression("constant truth, perfect", [2, 2, 2], [2, 2, 2])
    yield regression("worse than the mean", [1, 2, 3, 4], [4, 3, 2, 1])
    yield regression("one row", [3], [2.5])
    yield regression("nothing but zeros", [0, 0, 0], [1, 0, 2], [1, 2, 1])


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case) for case in cases())
    pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
