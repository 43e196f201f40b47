"""Makes the tables of the bench of trees in the folder given: NAME.{X,y,Xt,yt}.f32 (column-major
32-bit floats) and NAME.json.

A 100k x 28 binary, B 1M x 10 regression, C 20k x 200 binary, D 50k x 20 of 7 classes, E 100k x 20
binary with 8 categoricals of up to 5000 levels (the first columns) and missing values, F 1k x 10
binary, G 200k x 15 insurance claims (zeros and a heavy tail). All are synthetic and seeded.
"""
import json
import os
import sys

import numpy as np

LEVELS = [3, 8, 20, 50, 120, 400, 1500, 5000]
STRENGTH = [0.4, 0.5, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8]
F_COLUMNS = [0, 1, 2, 3, 4, 5, 7, 22, 23, 24]


def chance(z):
    return 1 / (1 + np.exp(-z))


def physics(n, r):
    x = r.normal(size=(n, 28)).astype(np.float32)
    x[:, 5:10] = np.exp(x[:, 5:10] * 0.6)
    x[:, 10] = np.round(x[:, 10] * 2) / 2
    x[:, 21] = np.sqrt(np.abs(x[:, 0] * x[:, 5] + 0.3 * x[:, 6]))
    x[:, 22] = x[:, 1] * x[:, 2] + 0.5 * r.normal(size=n)
    x[:, 23] = np.log1p(x[:, 7] + x[:, 8]) + 0.2 * r.normal(size=n)
    x[:, 24] = np.maximum(x[:, 3], x[:, 4]) + 0.3 * r.normal(size=n)
    z = 1.2 * np.sin(2 * x[:, 0]) * x[:, 5] + 0.9 * x[:, 1] * x[:, 2]
    z += -0.7 * np.abs(x[:, 3]) * np.log1p(x[:, 7]) + 0.8 * (x[:, 4] > 0) * (x[:, 10] > 0.5)
    z += 0.5 * x[:, 22] * x[:, 24] - 0.4 * x[:, 23] ** 2 + 0.3 * x[:, 11]
    z += 0.25 * x[:, 12] * x[:, 13] + 0.5
    return x, r.random(n) < chance(z)


def smooth(n, r):
    x = r.random((n, 10)).astype(np.float32)
    y = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3]
    return x, y + 5 * x[:, 4] + 3 * np.sin(8 * x[:, 5]) * x[:, 6] + r.normal(size=n)


def wide(n, r, w, v):
    x = r.normal(size=(n, 200)).astype(np.float32)
    z = x[:, :40] @ w + np.tanh(x[:, :40] @ v[0]) * 1.5 * np.tanh(x[:, 40:80] @ v[1])
    return x, r.random(n) < chance(z + x[:, 0] * x[:, 1])


def classes(n, r, c):
    x = r.normal(size=(n, 20)).astype(np.float32)
    f = np.concatenate([x[:, :12], x[:, :6] * x[:, 6:12], np.abs(x[:, :4])], 1)
    return x, (f @ c + r.gumbel(size=(n, 7))).argmax(1)


def mixed(n, r, effects):
    x = r.normal(size=(n, 12)).astype(np.float32)
    codes = [np.minimum((r.random(n) ** 1.7 * k).astype(np.int32), k - 1) for k in LEVELS]
    z = sum(s * e[c] for s, e, c in zip(STRENGTH, effects, codes)) - 0.5
    z += 0.8 * x[:, 0] * (codes[0] == 1) + 0.7 * np.abs(x[:, 1]) - 0.6 * x[:, 2] * x[:, 3]
    z += 0.5 * np.sin(2 * x[:, 4])
    missing = r.random((n, 12)) < np.linspace(0, 0.3, 12)
    z += 0.6 * missing[:, 11]
    x[missing] = np.nan
    return np.column_stack([*codes, x]), r.random(n) < chance(z)


def claims(n, r):
    x = r.normal(size=(n, 15)).astype(np.float32)
    rate = np.exp(-3 + 0.5 * x[:, 0] - 0.4 * x[:, 1] * (x[:, 2] > 0) + 0.3 * np.abs(x[:, 3]))
    counts = r.poisson(np.minimum(rate, 3))
    size = np.exp(6 + 0.4 * x[:, 4] + 0.3 * x[:, 5] * x[:, 6])
    amounts = np.exp(1.5 * r.normal(size=counts.sum()))
    y = np.bincount(np.repeat(np.arange(n), counts), amounts, minlength=n) * size
    return x, y


def write(folder, name, make, rows, test_rows, n_classes, categorical=0):
    for part, seed, n in [("", 1, rows), ("t", 2, test_rows)]:
        x, y = make(n, np.random.default_rng(seed))
        np.ascontiguousarray(np.asarray(x, np.float32).T).tofile(f"{folder}/{name}.X{part}.f32")
        np.asarray(y, np.float32).tofile(f"{folder}/{name}.y{part}.f32")
        columns = x.shape[1]
    meta = dict(rows=rows, test_rows=test_rows, columns=columns, classes=n_classes)
    meta["categorical"] = list(range(categorical))
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(meta, file)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    r = np.random.default_rng(5)
    w, v = r.normal(size=40) * 0.25, r.normal(size=(2, 40)) * 0.2
    c, effects = r.normal(size=(22, 7)) * 0.6, [r.normal(size=k) for k in LEVELS]

    def small(n, r):
        x, y = physics(n, r)
        return x[:, F_COLUMNS], y

    write(folder, "A", physics, 100_000, 50_000, 2)
    write(folder, "B", smooth, 1_000_000, 100_000, 0)
    write(folder, "C", lambda n, r: wide(n, r, w, v), 20_000, 20_000, 2)
    write(folder, "D", lambda n, r: classes(n, r, c), 50_000, 20_000, 7)
    write(folder, "E", lambda n, r: mixed(n, r, effects), 100_000, 50_000, 2, len(LEVELS))
    write(folder, "F", small, 1_000, 20_000, 2)
    write(folder, "G", claims, 200_000, 100_000, 0)
    for k in range(4, 7):
        write(folder, f"rows{10**k}", physics, 10**k, 100, 2)
    for k in (20, 63, 200):
        first = lambda n, r: (wide(n, r, w, v)[0][:, :k], r.random(n) < 0.5)
        write(folder, f"columns{k}", first, 20_000, 100, 2)


if __name__ == "__main__":
    main(sys.argv[1])
