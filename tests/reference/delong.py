"""Writes delong.json: two correlated AUCs, their covariance and the interval of their difference, for the
cases of crates/ruska-ops/src/compare/delong.rs.

Run: python tests/reference/delong.py   (scikit-learn 1.9.1, scipy, numpy)

DeLong, DeLong, Clarke-Pearson, Biometrics 44, 1988, by its definition: every row of the class against every
other row. AUCs must agree with scikit-learn's. A case without an interval has one row of a class or none.
"""

import json
import pathlib

import numpy as np
from scipy.stats import norm
from sklearn.metrics import roc_auc_score


def placements(positive, score):
    """Of each row: the share of rows of the other class that it is rightly above, or below."""
    x, y = score[positive][:, None], score[~positive][None, :]
    right = (x > y) + 0.5 * (x == y)
    return right.mean(axis=1), right.mean(axis=0)


def case(name, positive, first, second, significance=0.05):
    positive = np.asarray(positive, bool)
    scores = [np.asarray(s, float) for s in (first, second)]
    out = {"name": name, "positive": positive.tolist(), "scores": [s.tolist() for s in scores]}
    out |= {"significance": significance, "auc": None, "variance": None, "interval": None}
    m, n = positive.sum(), (~positive).sum()
    if min(m, n) == 0:
        return out
    of_class, of_others = zip(*(placements(positive, s) for s in scores))
    auc = [v.mean() for v in of_class]
    for a, s in zip(auc, scores):
        assert abs(a - roc_auc_score(positive, s)) < 1e-12, name
    out["auc"] = auc
    if min(m, n) == 1:
        return out
    covariance = np.cov(of_class) / m + np.cov(of_others) / n
    variance = max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)
    reach = norm.ppf(1 - significance / 2) * np.sqrt(variance)
    gain = auc[0] - auc[1]
    return out | {"variance": variance, "interval": [gain - reach, gain + reach]}


def cases():
    rng = np.random.default_rng(11)

    def rows(n, share, signals, shared):
        positive = rng.random(n) < share
        common = rng.normal(size=n)
        return positive, *(
            s * positive + np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.normal(size=n) for s in signals
        )

    positive, a, b = rows(120, 0.5, (1.2, 1.0), 0.5)
    yield case("correlated", positive, a, b)
    yield case("correlated, 99 %", positive, a, b, 0.01)
    yield case("the other way round", positive, b, a, 0.2)
    yield case("ties", positive, np.round(a), np.round(b))
    yield case("ties in one of them", positive, np.round(2 * a) / 2, b)
    yield case("identical", positive, a, a)
    yield case("a constant against a score", positive, np.full(len(a), 0.3), b)
    yield case("two constants", positive, np.full(len(a), 0.3), np.zeros(len(a)))
    yield case("opposite", positive, a, -a)
    yield case("one of them separates the classes", positive, np.where(positive, 2.0, -2.0) + np.tanh(a), b)
    yield case("both separate the classes", positive, np.where(positive, 2.0, -2.0) + np.tanh(a), positive)
    yield case("zero of either sign", positive, np.where(a > 0, 0.0, -0.0), b)
    yield case("probabilities", positive, 1 / (1 + np.exp(-a)), 1 / (1 + np.exp(-b)))
    positive, a, b = rows(150, 0.06, (1.5, 1.4), 0.8)
    yield case("a rare class", positive, a, b)
    yield case("two rows of each class", [0, 1, 1, 0], [0.1, 0.9, 0.35, 0.4], [0.2, 0.3, 0.25, 0.1])
    yield case("one row of a class", [0, 1, 0, 0], [0.1, 0.9, 0.35, 0.4], [0.2, 0.3, 0.35, 0.1])
    yield case("one class", [1, 1, 1], [0.1, 0.9, 0.35], [0.2, 0.3, 0.35])


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case) for case in cases())
    pathlib.Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")
