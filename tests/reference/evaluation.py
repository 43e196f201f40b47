"""Writes evaluation.json: curves, calibration, thresholds, confusion and errors of a few cases, for
crates/ruska/src/evaluation.

Run: python tests/reference/evaluation.py   (scikit-learn 1.9.1, scipy, numpy)

Weights are multiples of 1/4, so that points on a straight line of the ROC curve are so exactly.
scikit-learn's calibration_curve takes no weights; where there are any, rows are repeated.
Of two equally probable classes the first is predicted, so 0.5 is no decision for the positive one.
"""

import json
import pathlib

import numpy as np
from scipy.stats import spearmanr
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    fbeta_score,
    precision_recall_curve,
    precision_recall_fscore_support,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)


def two(name, y, p, w=None):
    fpr, tpr, threshold = roc_curve(y, p, sample_weight=w)
    precision, recall, at = precision_recall_curve(y, p, sample_weight=w)
    repeats = np.ones(len(y), int) if w is None else np.round(4 * np.asarray(w)).astype(int)
    y4, p4 = np.repeat(y, repeats), np.repeat(p, repeats)
    curves = {}
    for strategy in ("uniform", "quantile"):
        if strategy == "quantile" and w is not None:
            continue
        observed, predicted = calibration_curve(y4, p4, n_bins=10, strategy=strategy)
        curves[strategy] = {"observed": observed.tolist(), "predicted": predicted.tolist()}
    table = []
    for part in range(1, 20):
        cut = part / 20
        d = (p >= cut).astype(int)
        one = {"alerts": float(np.average(d, weights=w))}
        one["precision"] = precision_score(y, d, sample_weight=w) if d.any() else None
        one["recall"] = recall_score(y, d, sample_weight=w)
        for key, beta in (("f1", 1), ("f2", 2), ("f05", 0.5)):
            one[key] = fbeta_score(y, d, beta=beta, sample_weight=w, zero_division=0)
        table.append(one)
    return {
        "name": name,
        "positive": np.asarray(y, bool).tolist(),
        "score": np.asarray(p, float).tolist(),
        "weight": None if w is None else list(w),
        "roc": {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "threshold": threshold[1:].tolist()},
        # By falling threshold, without the last point that stands for no decision at all.
        "precision": precision[:-1][::-1].tolist(),
        "recall": recall[:-1][::-1].tolist(),
        "at": at[::-1].tolist(),
        "curves": curves,
        "brier": brier_score_loss(y, p, sample_weight=w),
        "average_precision": average_precision_score(y, p, sample_weight=w),
        "table": table,
        "confusion": confusion_matrix(y, p > 0.5, sample_weight=w).tolist(),
    }


def several(name, y, p, w=None):
    labels = np.arange(p.shape[1])
    d = p.argmax(axis=1)
    precision, recall, f1, _ = precision_recall_fscore_support(y, d, labels=labels, sample_weight=w, zero_division=0)
    return {
        "name": name,
        "codes": y.tolist(),
        "probabilities": p.ravel().tolist(),
        "classes": p.shape[1],
        "weight": None if w is None else list(w),
        "confusion": confusion_matrix(y, d, labels=labels, sample_weight=w).tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "auc": [roc_auc_score(y == k, p[:, k], sample_weight=w) for k in labels],
    }


def numbers(name, y, p, w=None):
    e = p - y
    shares = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
    quantiles = np.quantile(e, shares, method="inverted_cdf", weights=w)
    bias = np.average(e, weights=w)
    return {
        "name": name,
        "truth": y.tolist(),
        "predicted": p.tolist(),
        "weight": None if w is None else list(w),
        "bias": bias,
        "deviation": float(np.sqrt(np.average((e - bias) ** 2, weights=w))),
        "quantiles": quantiles.tolist(),
        "growth": float(spearmanr(np.abs(e), p).statistic),
    }


def main():
    rng = np.random.default_rng(5)
    latent = rng.normal(size=97)
    y = (latent + rng.normal(size=97) > 0.5).astype(int)
    p = 1 / (1 + np.exp(-1.5 * latent + 0.6))
    w = rng.integers(1, 9, size=97) / 4
    k = rng.integers(0, 3, size=80)
    logits = rng.normal(size=(80, 3)) + 1.2 * np.eye(3)[k]
    q = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    x = rng.gamma(2.0, size=120)
    t = 3 * x + x * rng.normal(size=120)
    v = rng.integers(1, 9, size=120) / 4
    cases = {
        "two": [
            two("plain", y, p),
            two("weights", y, p, w),
            two("equal scores", y, np.round(p, 1)),
            two("weights and equal scores", y, np.round(p, 1), w),
            two("perfect", y, 0.1 + 0.8 * y),
        ],
        "several": [several("plain", k, q), several("weights", k, q, rng.integers(1, 9, size=80) / 4)],
        "numbers": [numbers("plain", t, 3 * x), numbers("weights", t, np.round(3 * x + 0.5), v)],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(cases) + "\n")


main()
