"""Writes centres.json: what scikit-learn's k-means and Gaussian mixtures make of small tables, and what a few lines
of numpy make of mixtures of numbers and levels.

Run: python tests/reference/centres.py   (scikit-learn 1.9.1)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import pairwise_distances_argmin
from sklearn.mixture import GaussianMixture

rng = np.random.default_rng(8)


def stretched(n, d, k):
    """Clusters of any shape and of different sizes."""
    sizes = rng.multinomial(n, rng.dirichlet(np.full(k, 4.0)))
    parts = [
        rng.normal(size=(m, d)) @ rng.normal(size=(d, d)) + rng.normal(scale=6, size=d)
        for m in sizes
    ]
    return np.concatenate(parts)


def digits(n):
    """Images of 8 x 8 in 17 shades: ten shapes, blurred, moved in brightness and noisy."""
    shapes = rng.normal(size=(10, 4, 4)).repeat(2, axis=1).repeat(2, axis=2)
    images = 12 * (shapes > 0.2)[rng.integers(0, 10, n)] + 2.5 * rng.normal(size=(n, 1, 1))
    images = images + 3.5 * rng.normal(size=(n, 8, 8))
    return np.clip(np.round(images), 0, 16).astype(int).reshape(n, 64)


tables = {
    "blobs": np.round(make_blobs(300, 4, centers=6, cluster_std=2.0, random_state=1)[0], 3),
    "stretched": np.round(stretched(400, 3, 4), 3),
    "uniform": np.round(rng.random((300, 3)), 3),
    "line": np.round(np.concatenate([rng.normal(size=150), rng.normal(3, 0.5, 100)])[:, None], 3),
    "scales": np.round(stretched(250, 3, 3), 3) * [1000.0, 1.0, 10.0],
    "digits": digits(250),
}

kmeans = []
for name in ("blobs", "stretched", "uniform", "digits"):
    for k in (2, 3, 5, 8, 10, 15):
        model = KMeans(k, n_init=10, random_state=0).fit(tables[name])
        kmeans.append({"table": name, "clusters": k, "inertia": model.inertia_})

given = []
for name, k, steps in (("blobs", 6, 4), ("stretched", 5, 300), ("digits", 10, 300)):
    x = tables[name]
    start = x[rng.choice(len(x), k, replace=False)]
    weights = rng.choice([0.0, 0.5, 1.0, 3.0], size=len(x))
    for w in (None, weights):
        model = KMeans(k, init=start, n_init=1, max_iter=steps, tol=0).fit(x, sample_weight=w)
        centers = model.cluster_centers_
        labels = pairwise_distances_argmin(x, centers)
        given.append({
            "table": name, "start": start, "steps": steps, "weights": w,
            "centers": centers[np.lexsort(centers.T[::-1])],
            "inertia": model.inertia_, "labels": labels,
        })

mixtures = []
for name, k in (("blobs", 6), ("stretched", 4), ("uniform", 3), ("line", 2), ("scales", 3)):
    x = tables[name]
    for kind in ("full", "tied", "diag", "spherical"):
        tight = {"n_init": 20, "tol": 1e-7, "max_iter": 2000, "random_state": 0}
        model = GaussianMixture(k, covariance_type=kind, **tight).fit(x)
        mixtures.append({
            "table": name, "components": k, "kind": kind, "log_likelihood": model.score(x),
            "bic": model.bic(x),
        })



def mixture(numbers, codes, weights, start, kind, floors):
    """The mixture that EM goes to from a partition, components being Gaussian in the numbers, independent in the
    levels: mean log-likelihood, parameters, BIC, ICL, and how much components adjoin. A code of -1 is missing."""
    n, d = numbers.shape
    k = start.max() + 1
    hots = [np.eye(c.max() + 1)[np.maximum(c, 0)] * (c >= 0)[:, None] for c in codes.T]
    shares = np.eye(k)[start]
    last = -np.inf
    while True:
        own = shares * weights[:, None]
        w = own.sum(axis=0)
        means = own.T @ numbers / w[:, None]
        gaps = numbers[:, None] - means
        each = np.einsum("nk,nki,nkj->kij", own, gaps, gaps) / w[:, None, None]
        if kind == "tied":
            each = np.repeat((each * w[:, None, None]).sum(axis=0)[None] / w.sum(), k, axis=0)
        each = each + np.diag(floors)
        if kind == "diag":
            each = each * np.eye(d)
        if kind == "spherical" and d:
            each = np.trace(each, axis1=1, axis2=2)[:, None, None] / d * np.eye(d)
        log = np.log(w / w.sum()) - d / 2 * np.log(2 * np.pi) - np.linalg.slogdet(each)[1] / 2
        log = log - np.einsum("nki,kij,nkj->nk", gaps, np.linalg.inv(each), gaps) / 2
        for hot in hots:
            counts = own.T @ hot
            log = log + hot @ np.log((counts + 0.2) / (counts.sum(axis=1, keepdims=True) + 0.2 * hot.shape[1])).T
        top = log.max(axis=1, keepdims=True)
        density = top[:, 0] + np.log(np.exp(log - top).sum(axis=1))
        shares = np.exp(log - density[:, None])
        mean = weights @ density / weights.sum()
        if mean - last < 1e-9:
            break
        last = mean
    free = {"full": k * d * (d + 1) // 2, "tied": d * (d + 1) // 2, "diag": k * d, "spherical": k * (d > 0)}[kind]
    parameters = k - 1 + k * d + free + k * sum(hot.shape[1] - 1 for hot in hots)
    rows = weights.sum()
    bic = parameters * np.log(rows) - 2 * rows * mean
    own = shares * weights[:, None]
    taken = own.T @ np.eye(k)[shares.argmax(axis=1)] / own.sum(axis=0)[:, None]
    np.fill_diagonal(taken, 0)
    return {
        "log_likelihood": float(mean), "parameters": int(parameters), "bic": float(bic),
        "icl": float(bic - 2 * weights @ np.log(shares.max(axis=1))),
        "adjoining": float(np.median(np.maximum(taken, taken.T).max(axis=1))),
    }


mixed = []
n = 120
group = rng.integers(0, 3, n)
columns = np.round(3 * np.eye(3, 2)[group] + rng.normal(size=(n, 2)) @ [[1.0, 0.5], [0.0, 0.7]], 3)
levels = np.column_stack([(group + (rng.random(n) < 0.3)) % 3, rng.integers(0, 4, n)])
levels[rng.random((n, 2)) < 0.1] = -1
weights = rng.choice([0.5, 1.0, 3.0], n)
no_numbers, no_levels = np.empty((n, 0)), np.empty((n, 0), int)
for name, kind, x, c, w in (
    ("both, full", "full", columns, levels, None), ("both, tied", "tied", columns, levels, None),
    ("both, diagonal", "diag", columns, levels, None), ("both, spherical", "spherical", columns, levels, None),
    ("weights", "full", columns, levels, weights), ("numbers", "full", columns, no_levels, None),
    ("levels", "full", no_numbers, levels, None),
):
    start = np.where(rng.random(n) < 0.2, rng.integers(0, 3, n), group)
    floors = [0.01, 0.002][:x.shape[1]]
    made = mixture(x, c, np.ones(n) if w is None else w, start, kind, np.array(floors))
    mixed.append({"name": name, "kind": kind, "numbers": x, "codes": c, "weights": w, "start": start,
                  "floors": floors, **made})


def plain(value):
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    return float(f"{value:.12g}") if isinstance(value, float) else value


out = {"scikit_learn": sklearn.__version__, "tables": tables, "kmeans": kmeans, "given": given}
path = Path(__file__).with_suffix(".json")
text = json.dumps(plain({**out, "mixtures": mixtures, "mixed": mixed}), separators=(",", ":"))
path.write_text(text + "\n", encoding="utf-8")
