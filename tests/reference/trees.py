"""Numbers of scikit-learn 1.9.1 that the learners `tree` and `gbdt` must meet; writes trees.json."""
import json
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

random = np.random.default_rng(7)
rows = 160
x = np.stack([random.integers(0, 40, rows), random.integers(0, 12, rows), random.normal(size=rows).round(1)], 1)
x[random.random(rows) < 0.15, 1] = np.nan
filled = np.nan_to_num(x, nan=3.0)
y = np.round(3 * np.sin(x[:, 0] / 6) + np.abs(filled[:, 1] - 5) * x[:, 2] + random.normal(size=rows), 3)
label = (y > np.median(y)).astype(int)
shape = dict(max_leaf_nodes=9, max_depth=5, min_samples_leaf=8)
reference = dict(
    columns=[[None if np.isnan(v) else float(v) for v in c] for c in x.T],
    y=y.tolist(),
    label=label.tolist(),
    tree_regression=DecisionTreeRegressor(**shape).fit(x, y).predict(x).tolist(),
    tree_classification=DecisionTreeClassifier(**shape).fit(x, label).predict_proba(x)[:, 1].tolist(),
    gbdt_regression=HistGradientBoostingRegressor(
        max_iter=40, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=5, l2_regularization=2.0, early_stopping=False
    ).fit(x, y).predict(x).tolist(),
)
with open("trees.json", "w") as file:
    json.dump(reference, file, separators=(",", ":"))
    file.write("\n")
