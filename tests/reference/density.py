"""Writes density.json: scikit-learn's partitions by density and by merging groups.

Run: python tests/reference/density.py   (scikit-learn 1.9.1 with numpy 2.2.6, as its `epsilon` fails
with numpy 2.4)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering

rng = np.random.default_rng(11)


def blobs(sizes, spread, dims, noise):
    centres = rng.uniform(-10, 10, size=(len(sizes), dims))
    parts = [c + s * rng.normal(size=(n, dims)) for c, s, n in zip(centres, spread, sizes)]
    return np.vstack([*parts, rng.uniform(-12, 12, size=(noise, dims))])


def moons(n):
    t = rng.uniform(0, np.pi, size=n)
    upper = np.c_[np.cos(t), np.sin(t)]
    lower = np.c_[1 - np.cos(t), 0.4 - np.sin(t)]
    return np.vstack([upper, lower]) + 0.06 * rng.normal(size=(2 * n, 2))


def rings(n):
    t = rng.uniform(0, 2 * np.pi, size=n)
    radius = np.where(np.arange(n) % 3 == 0, 1.0, 3.0)
    return np.c_[radius * np.cos(t), radius * np.sin(t)] + 0.12 * rng.normal(size=(n, 2))


def shuffled(x, digits):
    return np.round(x[rng.permutation(len(x))], digits)


tables = {
    "blobs": shuffled(blobs([90, 60, 30, 15], [1.0, 0.4, 1.5, 0.2], 2, 40), 5),
    "moons": shuffled(moons(110), 6),
    "rings": shuffled(rings(210), 6),
    "five": shuffled(blobs([60, 50, 40], [1.0, 2.0, 0.5], 5, 30), 4),
    "one": shuffled(rng.normal(size=(150, 2)), 6),
    "large": shuffled(1e9 + 1e6 * blobs([50, 50], [0.5, 1.0], 3, 20), 0),
}
dbscan_settings = {
    "blobs": [(0.5, 5), (1.0, 4), (0.2, 3)],
    "moons": [(0.12, 5), (0.2, 10)],
    "rings": [(0.3, 4), (0.5, 8)],
    "five": [(2.0, 5), (3.0, 10)],
    "one": [(0.3, 5)],
    "large": [(1e6, 5)],
}
hdbscan_settings = [
    (5, 5, "eom", 0.0, False),
    (10, 5, "eom", 0.0, False),
    (15, 1, "eom", 0.0, False),
    (5, 3, "leaf", 0.0, False),
    (10, 10, "leaf", 0.0, False),
    (10, 5, "eom", 0.0, True),
    (5, 4, "eom", 0.5, False),
    (5, 4, "leaf", 0.9, True),
    (8, 4, "eom", 0.4, True),
]



def leaves(x, size, samples):
    """HDBSCAN's leaf clusters by definition: equal mutual reachabilities are removed at once."""
    apart = np.sqrt(((x[:, None] - x[None]) ** 2).sum(-1))
    core = np.sort(apart, axis=1)[:, samples - 1]
    mutual = np.maximum(apart, np.maximum(core[:, None], core[None]))
    labels = np.full(len(x), -1)
    count = 0
    open_groups = [(np.arange(len(x)), np.arange(len(x)), True)]
    while open_groups:
        # Rows that are still together, and those the cluster began with.
        rows, whole, is_root = open_groups.pop()
        among = mutual[np.ix_(rows, rows)]
        height = minimum_spanning_tree(among).max()
        _, part = connected_components((among < height) & (among > 0), directed=False)
        large = [rows[part == p] for p in np.unique(part) if (part == p).sum() >= size]
        if len(large) == 1:
            open_groups.append((large[0], whole, is_root))
        elif large:
            open_groups += [(part, part, False) for part in large]
        elif not is_root:
            labels[whole] = count
            count += 1
    return labels


cases = []
for name, x in tables.items():
    scale = 1e6 if name == "large" else 1.0
    weights = rng.choice([0.5, 1.0, 2.0], size=len(x))
    dbscan = []
    for eps, least in dbscan_settings[name]:
        for w in (None, weights):
            model = DBSCAN(eps=eps, min_samples=least).fit(x, sample_weight=w)
            dbscan.append({
                "eps": eps,
                "min_points": least,
                "weighted": w is not None,
                "labels": model.labels_,
            })
    hdbscan = []
    for size, samples, method, epsilon, single in hdbscan_settings:
        model = HDBSCAN(
            min_cluster_size=size,
            min_samples=samples,
            cluster_selection_method=method,
            cluster_selection_epsilon=epsilon * scale,
            allow_single_cluster=single,
            copy=True,
        ).fit(x)
        hdbscan.append({
            "min_cluster_size": size,
            "min_samples": samples,
            "leaf": method == "leaf",
            "epsilon": epsilon * scale,
            "single": single,
            "leaves": leaves(x, size, samples) if method == "leaf" and epsilon == 0.0 else None,
            "labels": model.labels_,
            "strengths": np.round(model.probabilities_, 5),
        })
    merged = []
    for linkage in ("ward", "average", "complete", "single"):
        whole = AgglomerativeClustering(None, linkage=linkage, distance_threshold=0.0).fit(x)
        top = whole.distances_[-12:]
        height = float((top[3] + top[4]) / 2)
        cut = AgglomerativeClustering(None, linkage=linkage, distance_threshold=height).fit(x)
        merged.append({
            "linkage": linkage,
            "top": top,
            "height": height,
            "below": cut.labels_,
            "clusters": [
                {"k": k, "labels": AgglomerativeClustering(k, linkage=linkage).fit(x).labels_}
                for k in (3, 9)
            ],
        })
    cases.append({
        "name": name,
        "dims": x.shape[1],
        "values": x.ravel(),
        "weights": weights,
        "dbscan": dbscan,
        "hdbscan": hdbscan,
        "agglomerative": merged,
    })


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


out = {"sklearn": sklearn.__version__, "cases": plain(cases)}
path = Path(__file__).with_name("density.json")
path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
