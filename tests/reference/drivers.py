"""Writes drivers.json: what scikit-learn says of fixed models, for crates/ruska/src/drivers/reference_tests.rs.

Run: python tests/reference/drivers.py   (scikit-learn 1.9.1, numpy)

`dependence`: partial dependence and single rows by brute force, at all values of a column. Values are
multiples of 1/64, as scikit-learn's trees look at single precision. `importance`: permutation importance,
and the rows that scikit-learn took the values of each column from, by column and shuffle.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.tree import DecisionTreeRegressor

rng = np.random.default_rng(12)


class Linear(RegressorMixin, BaseEstimator):
    """A sum of fixed slopes; remembers the tables that it was asked about."""

    def __init__(self, intercept, slopes):
        self.intercept, self.slopes, self.asked = intercept, slopes, []

    def fit(self, x, y=None):
        self.fitted_ = True
        return self

    def predict(self, x):
        self.asked.append(np.array(x))
        return self.intercept + x @ np.array(self.slopes)


class Logistic(ClassifierMixin, BaseEstimator):
    """The same as the log-odds of class 1."""

    def __init__(self, intercept, slopes):
        self.intercept, self.slopes, self.asked = intercept, slopes, []

    def fit(self, x, y=None):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, x):
        self.asked.append(np.array(x))
        p = 1 / (1 + np.exp(-(self.intercept + x @ np.array(self.slopes))))
        return np.column_stack([1 - p, p])


def dependence(name, model, x, parts):
    columns = []
    for at in range(x.shape[1]):
        found = partial_dependence(model, x, [at], method="brute", kind="both", grid_resolution=100)
        columns.append(
            {
                "values": found["grid_values"][0].tolist(),
                "average": found["average"][0].tolist(),
                "individual": found["individual"][0].tolist(),
            }
        )
    return {"name": name, "x": x.T.tolist(), "columns": columns, **parts}


def importance(metric, scoring, model, x, y, weight=None):
    found = permutation_importance(
        model, x, y, scoring=scoring, n_repeats=5, random_state=3, sample_weight=weight
    )
    shuffled = model.asked[1:]
    assert len(shuffled) == 5 * x.shape[1] and np.array_equal(model.asked[0], x)
    orders = []
    for at in range(x.shape[1]):
        sorted_rows = np.argsort(x[:, at])
        found_rows = lambda table: sorted_rows[np.searchsorted(x[sorted_rows, at], table[:, at])]
        orders.append([found_rows(t).tolist() for t in shuffled[5 * at : 5 * at + 5]])
    return {
        "metric": metric,
        "intercept": model.intercept,
        "slopes": model.slopes,
        "classes": isinstance(model, Logistic),
        "x": x.T.tolist(),
        "y": [float(v) for v in y],
        "weight": None if weight is None else weight.tolist(),
        "orders": orders,
        "worse": found.importances_mean.tolist(),
    }


def main():
    few = [rng.integers(-8, 9, 40) / 64 * 16, rng.integers(0, 2, 40), rng.integers(0, 20, 40) / 64]
    few = np.column_stack(few).astype(float)
    slopes = [2.5, -1.25, 40.0]
    linear = Linear(0.5, slopes).fit(few)
    target = few @ np.array(slopes) + few[:, 0] ** 2 + rng.normal(size=40)
    tree = DecisionTreeRegressor(max_depth=4, random_state=0).fit(few, target)
    nodes = tree.tree_
    parts = {
        "left": nodes.children_left.tolist(),
        "right": nodes.children_right.tolist(),
        "feature": nodes.feature.tolist(),
        "threshold": nodes.threshold.tolist(),
        "value": nodes.value[:, 0, 0].tolist(),
    }
    x = np.round(rng.normal(size=(50, 3)) * [1, 2, 0.5], 4)
    assert all(len(set(column)) == 50 for column in x.T)
    slopes = [1.0, -0.5, 0.1]
    y = np.round(0.3 + x @ np.array(slopes) + rng.normal(size=50) / 2, 4)
    yes = (y > 0.3).astype(int)
    weight = rng.integers(1, 9, 50) / 4
    of_numbers = lambda: Linear(0.3, slopes).fit(x)
    of_classes = lambda: Logistic(0.1, slopes).fit(x)
    told = {
        "dependence": [
            dependence("linear", linear, few, {"intercept": 0.5, "slopes": [2.5, -1.25, 40.0]}),
            dependence("tree", tree, few, {"tree": parts}),
        ],
        "importance": [
            importance("rmse", "neg_root_mean_squared_error", of_numbers(), x, y),
            importance("mae", "neg_mean_absolute_error", of_numbers(), x, y, weight),
            importance("r2", "r2", of_numbers(), x, y),
            importance("auc", "roc_auc", of_classes(), x, yes),
            importance("logloss", "neg_log_loss", of_classes(), x, yes, weight),
        ],
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(told) + "\n", encoding="utf-8")


main()
