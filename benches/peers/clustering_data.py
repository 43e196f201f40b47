"""Makes the tables of the bench of clustering.

    clustering_data.py made DIR [SEED] [others]
    clustering_data.py real DIR SOURCE

Each writes NAME.csv (features only) and NAME.labels.csv (column "cluster") to DIR, and manifest.csv with name, file,
labels, kind, rows, cols and clusters.

"made" draws 100 tables of 14 kinds: 100 to 5000 rows, 2 to 30 columns, 2 to 12 clusters, and 1 in the last three
kinds, which hold no clusters. SEED (0) draws other tables of the same kinds. With "others" it makes 30 tables of five
further kinds, on which a rule that was chosen on the 100 can be confirmed.

"real" takes the labelled tables of NAMES from SOURCE and its manifest.csv (name, file, target), of each at most 2000
rows, drawn by chance.
"""
import csv
import os
import sys

import numpy as np
import pandas as pd

NAMES = ["iris", "wine_cultivars", "seeds", "vehicle", "letter", "soybean", "sonar", "car_evaluation", "titanic",
         "credit_g", "weight_lifting", "mammography", "sick", "telco_churn", "online_shoppers", "electricity"]
# Kinds of tables that hold no clusters.
EMPTY = ["uniform", "gaussian", "amounts"]


def sizes(r, n, k, even=True):
    """Rows of every cluster, at least 12 and 3 % of the rows; a larger concentration is more even."""
    share = r.dirichlet(np.full(k, 30.0 if even else 2.0))
    share = np.maximum(share, max(0.03, 12 / n))
    return np.diff(np.round(np.cumsum([0, *share / share.sum()]) * n).astype(int))


def centers(r, k, d, apart):
    """Points of which the nearest two lie `apart` from each other, spread as evenly as 30 draws allow."""
    best = None
    for _ in range(30):
        c = r.normal(size=(k, d))
        gaps = np.linalg.norm(c[:, None] - c[None], axis=2)[np.triu_indices(k, 1)]
        if best is None or gaps.min() / gaps.mean() > best[0]:
            best = gaps.min() / gaps.mean(), c * apart / gaps.min()
    return best[1]


def shape(r, d, stretch):
    """A random linear map of determinant 1 whose axes differ up to `stretch` times."""
    q = np.linalg.qr(r.normal(size=(d, d)))[0]
    axes = np.exp(r.uniform(-0.5, 0.5, d) * np.log(stretch))
    return q * (axes / np.exp(np.log(axes).mean()))


def blobs(r, n, k, d, apart, even=True, stretch=1, spread=1):
    """Gaussian clusters; `spread` is the ratio of the largest to the smallest standard deviation."""
    rows, c = sizes(r, n, k, even), centers(r, k, d, apart)
    parts = []
    for i in range(k):
        sd = np.exp(r.uniform(-0.5, 0.5) * np.log(spread))
        parts.append(c[i] + sd * r.normal(size=(rows[i], d)) @ shape(r, d, stretch).T)
    return np.concatenate(parts), np.repeat(np.arange(k), rows)


def pick(r, n=(150, 5000), k=(2, 12), d=(2, 20)):
    n, d = (int(np.exp(r.uniform(np.log(a), np.log(b + 0.99)))) for a, b in (n, d))
    return n, int(r.integers(k[0], k[1] + 1)), d


def far(r, *size):
    n, k, d = size or pick(r, n=(100, 5000))
    return blobs(r, n, k, d, r.uniform(7, 11))


def near(r):
    n, k, d = pick(r)
    return blobs(r, n, k, d, r.uniform(5, 6))


def touching(r):
    n, k, d = pick(r, n=(300, 5000), k=(2, 8), d=(2, 12))
    return blobs(r, n, k, d, r.uniform(3.5, 4.2))


def anisotropic(r):
    n, k, d = pick(r, n=(300, 5000), k=(2, 8), d=(2, 10))
    return blobs(r, n, k, d, r.uniform(6, 9), stretch=r.uniform(4, 10))


def varied(r):
    n, k, d = pick(r, n=(300, 5000), k=(2, 9), d=(2, 10))
    spread = r.uniform(3, 6)
    return blobs(r, n, k, d, 6 * np.sqrt(spread), even=False, spread=spread)


def more_columns(r, x, n_noise):
    """Columns without structure of about the noise of the others."""
    return np.column_stack([x, *(r.normal(0, 0.08, len(x)) for _ in range(n_noise))])


def curves(r):
    """Two to four moons, or two or three spirals."""
    n, k, _ = pick(r, n=(200, 4000), k=(2, 4))
    if r.random() < 0.3:
        k = min(k, 3)
        y = np.sort(r.integers(0, k, n))
        t = 0.6 + 4.2 * np.sqrt(r.random(n))
        x = (t * np.array([np.cos(t + y * 2 * np.pi / k), np.sin(t + y * 2 * np.pi / k)])).T
        return x + r.normal(0, 0.12, (n, 2)), y
    y = np.sort(r.integers(0, k, n))
    t = np.pi * r.random(n)
    x = np.column_stack([np.cos(t) + y, np.where(y % 2, 0.45 - np.sin(t), np.sin(t))])
    return more_columns(r, x + r.normal(0, r.uniform(0.04, 0.09), (n, 2)), int(r.integers(0, 2))), y


def rings(r):
    n, k, _ = pick(r, n=(300, 4000), k=(2, 3))
    d = 2 if r.random() < 0.7 else 3
    radius = 1 + 1.1 * np.arange(k)
    rows = np.round(n * radius ** (d - 1) / (radius ** (d - 1)).sum()).astype(int)
    y = np.repeat(np.arange(k), rows)
    x = r.normal(size=(len(y), d))
    x *= (radius[y] / np.linalg.norm(x, axis=1))[:, None]
    return x + r.normal(0, r.uniform(0.05, 0.1), x.shape), y


def nested(r):
    """A blob, or two, within a ring; a dense blob within a wide one."""
    n, _, _ = pick(r, n=(300, 4000))
    d = int(r.integers(2, 4))
    if r.random() < 0.4:
        inner = n // 2
        x = np.concatenate([r.normal(0, 0.12, (inner, d)) + 0.3, r.normal(0, 1.5, (n - inner, d))])
        return x, np.repeat([0, 1], [inner, n - inner])
    k = int(r.integers(1, 3))
    rows = sizes(r, n, k + 1)
    ring = r.normal(size=(rows[0], d))
    ring *= 3 / np.linalg.norm(ring, axis=1)[:, None]
    parts = [ring + r.normal(0, 0.15, ring.shape)]
    for i in range(k):
        center = np.zeros(d)
        center[0] = 0 if k == 1 else 2.4 * i - 1.2
        parts.append(center + r.normal(0, 0.35, (rows[i + 1], d)))
    return np.concatenate(parts), np.repeat(np.arange(k + 1), rows)


def mixed(r):
    """Numbers, and categories that go along with the clusters."""
    n, k, d = pick(r, n=(300, 4000), k=(2, 7), d=(2, 8))
    x, y = blobs(r, n, k, d, r.uniform(4.5, 7))
    table = {f"x{i}": x[:, i] for i in range(d)}
    for j in range(int(r.integers(1, 5))):
        levels = int(r.integers(2, 7))
        chances = 0.6 * np.eye(levels)[r.integers(0, levels, k)] + 0.4 * r.dirichlet(np.full(levels, 2.0))
        draws = (r.random(n)[:, None] > chances.cumsum(1)[y][:, :-1]).sum(1)
        table[f"c{j}"] = np.array(list("abcdefg"))[draws]
    return pd.DataFrame(table), y


def noise_columns(r):
    n, k, d = pick(r, n=(300, 5000), k=(2, 8), d=(2, 8))
    x, y = blobs(r, n, k, d, r.uniform(6, 9))
    noise = min(int(r.integers(d, 3 * d + 1)), 30 - d)
    extra = r.normal(size=(n, noise)) * x.std(axis=0).mean()
    return np.column_stack([x, extra])[:, r.permutation(d + noise)], y


def skewed(r):
    """Clusters of amounts: half or more of the columns are lognormal."""
    n, k, d = pick(r, n=(300, 5000), k=(2, 6), d=(2, 8))
    x, y = blobs(r, n, k, d, r.uniform(5.5, 8))
    several = r.permutation(d)[: int(r.integers((d + 1) // 2, d + 1))]
    x[:, several] = np.exp(x[:, several] / x[:, several].std(axis=0) * r.uniform(1, 1.6) + 3)
    return x, y


def uniform(r):
    n, _, d = pick(r, n=(200, 4000), d=(2, 12))
    return r.random((n, d)), np.zeros(n, int)


def gaussian(r):
    n, _, d = pick(r, n=(200, 4000), d=(2, 30))
    return r.normal(size=(n, d)) @ shape(r, d, r.uniform(1, 6)).T, np.zeros(n, int)


def amounts(r):
    n, _, d = pick(r, n=(200, 4000), d=(2, 10))
    z = r.normal(size=(n, d)) @ shape(r, d, 3).T
    return np.exp(z / z.std(axis=0) * r.uniform(0.7, 1.3)), np.zeros(n, int)


def heavy_tails(r):
    n, k, d = pick(r, n=(300, 3000), k=(2, 7), d=(2, 8))
    x, y = blobs(r, n, k, d, r.uniform(9, 12))
    return x + r.standard_t(3, x.shape) - r.normal(size=x.shape) * 0.5, y


def boxes(r):
    n, k, d = pick(r, n=(300, 3000), k=(2, 8), d=(2, 6))
    rows, c = sizes(r, n, k), centers(r, k, d, 1 + np.sqrt(d) / 2)
    y = np.repeat(np.arange(k), rows)
    return c[y] + r.random((n, d)) * 1.2, y


def scattered(r):
    """One row of ten is uniform noise and counts as a cluster of its own."""
    n, k, d = pick(r, n=(300, 3000), k=(2, 7), d=(2, 5))
    x, y = blobs(r, n - n // 10, k, d, r.uniform(7, 10))
    low, high = x.min(axis=0) - 1, x.max(axis=0) + 1
    return np.concatenate([x, low + (high - low) * r.random((n // 10, d))]), np.append(y, np.full(n // 10, k))


def unequal(r):
    """One cluster of most rows, others of 2 to 5 % each."""
    n, k, d = pick(r, n=(500, 3000), k=(2, 5), d=(2, 8))
    share = r.uniform(0.02, 0.05, k)
    share[0] = 1 - share[1:].sum()
    rows = np.diff(np.round(np.cumsum([0, *share]) * n).astype(int))
    c = centers(r, k, d, r.uniform(7, 9))
    y = np.repeat(np.arange(k), rows)
    return c[y] + r.normal(size=(len(y), d)), y


def rounded(r):
    """Answers of a questionnaire: whole numbers from 1 to 7."""
    n, k, d = pick(r, n=(300, 3000), k=(2, 5), d=(6, 14))
    y = np.sort(r.integers(0, k, n))
    c = r.uniform(2, 6, (k, d))
    return np.clip(np.round(c[y] + 0.9 * r.normal(size=(n, d))), 1, 7), y


OTHERS = [(make, 6) for make in (heavy_tails, boxes, scattered, unequal, rounded)]
KINDS = [(far, 8), (near, 8), (touching, 7), (anisotropic, 8), (varied, 8), (curves, 8), (rings, 6), (nested, 7),
         (mixed, 8), (noise_columns, 8), (skewed, 8), (uniform, 6), (gaussian, 6), (amounts, 4)]


# Tables at the ends of the ranges: rows, clusters, columns.
ENDS = {("far", 0): (100, 4, 5), ("far", 1): (5000, 12, 30)}


def made(folder, seed=0, which=None):
    def tables():
        for at, (make, count) in enumerate(OTHERS if which else KINDS):
            for i in range(count):
                r = np.random.default_rng([int(seed), at, i])
                x, y = make(r, *ENDS.get((make.__name__, i), ()))
                if not isinstance(x, pd.DataFrame):
                    x = pd.DataFrame(x, columns=[f"x{j}" for j in range(x.shape[1])])
                for name in x.select_dtypes("number"):
                    # Units are no part of the structure.
                    x[name] *= 10 ** r.integers(-1, 3).astype(float)
                order = r.permutation(len(y))
                yield f"{make.__name__}_{i + 1}", make.__name__, x.iloc[order], y[order]
    write(folder, tables())


def real(folder, source, rows=2000):
    def tables():
        for m in pd.read_csv(f"{source}/manifest.csv").itertuples():
            if m.name in NAMES:
                x = pd.read_csv(f"{source}/{m.file}", dtype=str, keep_default_na=False)
                x = x[x[m.target] != ""]
                x = x.sample(min(rows, len(x)), random_state=0)
                yield m.name, "real", x.drop(columns=m.target), x[m.target].astype("category").cat.codes.to_numpy()
    write(folder, tables())


def write(folder, tables):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/manifest.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["name", "file", "labels", "kind", "rows", "cols", "clusters"])
        for name, kind, x, y in tables:
            x.to_csv(f"{folder}/{name}.csv", index=False, float_format="%.6g")
            pd.DataFrame({"cluster": y}).to_csv(f"{folder}/{name}.labels.csv", index=False)
            out.writerow([name, f"{name}.csv", f"{name}.labels.csv", kind, *x.shape, len(set(y))])


if __name__ == "__main__":
    {"made": made, "real": real}[sys.argv[1]](*sys.argv[2:])
