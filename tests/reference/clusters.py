"""Writes clusters.json: what scikit-learn says of partitions, for the tests of clusters' indices.

Run: python tests/reference/clusters.py   (scikit-learn 1.9.1)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    homogeneity_completeness_v_measure,
    silhouette_score,
)

rng = np.random.default_rng(44)


def internal(x, labels):
    kept = labels >= 0
    x, labels_kept = x[kept], labels[kept]
    return {
        "dims": x.shape[1],
        "points": POINTS.ravel().tolist() if x.shape[1] == 3 else LINE.ravel().tolist(),
        "labels": labels.tolist(),
        "silhouette": float(silhouette_score(x, labels_kept)),
        "calinski_harabasz": float(calinski_harabasz_score(x, labels_kept)),
        "davies_bouldin": float(davies_bouldin_score(x, labels_kept)),
    }


def external(truth, found):
    h, c, v = homogeneity_completeness_v_measure(truth, found)
    return {
        "truth": [int(v) for v in truth],
        "found": [int(v) for v in found],
        "adjusted_rand": float(adjusted_rand_score(truth, found)),
        "adjusted_mutual_information": float(adjusted_mutual_info_score(truth, found)),
        "homogeneity": float(h),
        "completeness": float(c),
        "v_measure": float(v),
    }


group = np.sort(rng.integers(0, 4, 120))
POINTS = np.round(rng.normal(size=(120, 3)) + 2.5 * rng.normal(size=(4, 3))[group], 3)
LINE = np.round(np.concatenate([rng.normal(size=30), 50 + rng.normal(size=10)]), 3)[:, None]
noisy = np.where(rng.random(120) < 0.1, -1, group)
random = rng.integers(0, 7, 120)
alone = np.where(np.arange(120) == 5, 9, group)
n = 300
truth = rng.integers(0, 5, n)
near = np.where(rng.random(n) < 0.8, truth, rng.integers(0, 8, n))
out = {
    "internal": [
        internal(POINTS, group),
        internal(POINTS, noisy),
        internal(POINTS, random),
        internal(POINTS, alone),
        internal(LINE, (np.arange(40) >= 30).astype(int)),
        internal(LINE, (np.arange(40) % 3).astype(int)),
    ],
    "external": [
        external(truth, near),
        external(near, truth),
        external(truth, rng.integers(0, 6, n)),
        external(truth, np.where(rng.random(n) < 0.1, -1, truth)),
        external(rng.geometric(0.2, n), rng.geometric(0.4, n)),
        external(truth, truth),
        external(truth, (truth + 3) % 5),
        external(truth, np.zeros(n, int)),
        external(np.zeros(n, int), truth),
        external(truth, np.arange(n)),
        external(np.arange(n), truth),
        external(np.zeros(9, int), np.zeros(9, int)),
        external(np.arange(9), np.arange(9)),
        external(np.zeros(9, int), np.arange(9)),
        external(np.arange(9), np.zeros(9, int)),
        external([0, 1], [0, 0]),
        external([0, 0, 1, 1], [0, 1, 0, 1]),
        external([3], [7]),
        external([], []),
    ],
    "scikit_learn": sklearn.__version__,
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out) + "\n", encoding="utf-8")
