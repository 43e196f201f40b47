"""Writes fairness.json: rates of groups and how far they differ, for crates/ruska/src/evaluation/fairness.rs.

Run: python tests/reference/fairness.py   (fairlearn 0.15.0, scikit-learn 1.9.1, numpy)

A missing value is given to fairlearn as a group of its own. Every group has rows of both classes: fairlearn tells
0 for the true positive rate of a group without rows of the class, where ruska tells nothing.
"""

import json
import pathlib

import fairlearn.metrics as fm
import numpy as np
from sklearn.metrics import accuracy_score, mean_absolute_error

RATES = {
    "selection_rate": fm.selection_rate,
    "true_positive_rate": fm.true_positive_rate,
    "false_positive_rate": fm.false_positive_rate,
    "false_negative_rate": fm.false_negative_rate,
    "accuracy": accuracy_score,
}
NONE = "(none)"


def case(name, truth, predicted, groups, weight=None, numbers=False):
    decided = predicted if numbers else (predicted > 0.5).astype(int)
    features = {f"g{k}": [NONE if v is None else v for v in g] for k, g in enumerate(groups)}
    metrics = {"mae": mean_absolute_error} if numbers else RATES
    of_rows = {} if weight is None else {key: {"sample_weight": weight} for key in metrics}
    frame = fm.MetricFrame(
        metrics=metrics | {"count": fm.count},
        y_true=truth,
        y_pred=decided,
        sensitive_features=features,
        sample_params=of_rows,
    )
    by_group = []
    for key, row in frame.by_group.iterrows():
        key = key if isinstance(key, tuple) else (key,)
        if np.isnan(row["count"]) or row["count"] == 0:
            continue
        values = [None if v == NONE else v for v in key]
        by_group.append([values, {k: float(v) for k, v in row.items()}])
    gaps = {}
    of_gaps = {} if weight is None else {"sample_weight": weight}
    if numbers:
        gaps["mae_difference"] = frame.difference()["mae"]
        gaps["mae_ratio"] = frame.ratio()["mae"]
    else:
        for measure in ("demographic_parity", "equalized_odds", "equal_opportunity"):
            for kind in ("difference", "ratio"):
                of = getattr(fm, f"{measure}_{kind}")
                gaps[f"{measure}_{kind}"] = of(truth, decided, sensitive_features=features_of(features), **of_gaps)
        gaps["accuracy_difference"] = frame.difference()["accuracy"]
        gaps["accuracy_ratio"] = frame.ratio()["accuracy"]
    return {
        "name": name,
        "truth": np.asarray(truth, float).tolist(),
        "predicted": np.asarray(predicted, float).tolist(),
        "weight": None if weight is None else list(weight),
        "groups": groups,
        "numbers": numbers,
        "overall": {k: float(v) for k, v in frame.overall.items() if k != "count"},
        "by_group": by_group,
        "gaps": {k: float(v) for k, v in gaps.items()},
    }


def features_of(features):
    """One column as it is, several as one of their combinations."""
    return ["+".join(row) for row in zip(*features.values())]


def main():
    rng = np.random.default_rng(9)
    n = 240
    sex = rng.choice(["f", "m"], n)
    age = rng.choice(["young", "old", "none"], n, p=[0.5, 0.3, 0.2])
    group = [None if a == "none" else str(a) for a in age]
    truth = (rng.random(n) < np.where(sex == "f", 0.4, 0.55)).astype(int)
    noise = rng.normal(scale=0.25, size=n)
    predicted = np.clip(0.3 + 0.3 * truth + 0.1 * (sex == "m") + noise, 0.0, 1.0)
    weight = rng.integers(1, 9, n) / 4
    sex = [str(s) for s in sex]
    value = rng.normal(size=n)
    cases = [
        case("one column", truth, predicted, [sex]),
        case("weights", truth, predicted, [sex], weight),
        case("a missing value is a group", truth, predicted, [group]),
        case("combinations", truth, predicted, [sex, group]),
        case("combinations and weights", truth, predicted, [sex, group], weight),
        case("numbers", value, value + noise, [group], numbers=True),
        case("numbers and weights", value, value + noise, [group], weight, numbers=True),
    ]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(cases) + "\n")


main()
