"""Writes naive.json: what Naive2 of the M4 competition tells of made-up series, for the tests of
crates/ruska-kernels/src/series/naive.rs.

Run: python tests/reference/naive.py   (numpy)

Plain formulas: the autocorrelations by their definition, the trend by one weighted mean at a time.
"""

import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(2020)


def has_season(y, m):
    n = len(y)
    if m < 2 or n < 3 * m or np.ptp(y) == 0:
        return False
    away = y - np.mean(y)
    r = [np.dot(away[k:], away[: n - k]) / np.dot(away, away) for k in range(m + 1)]
    variance = (1 + 2 * sum(r[k] ** 2 for k in range(1, m))) / n
    return abs(r[m]) > 1.645 * np.sqrt(variance)


def trend(y, t, m):
    half = m // 2
    if t < half or t + half >= len(y):
        return None
    around = y[t - half : t + half + 1]
    if m % 2:
        return around.mean()
    return (around[0] / 2 + around[1:-1].sum() + around[-1] / 2) / m


def naive2(y, m, horizon):
    n = len(y)
    index = np.ones(max(m, 1))
    if min(y) > 0 and has_season(y, m):
        for phase in range(m):
            index[phase] = np.mean([y[t] / trend(y, t, m) for t in range(phase, n, m) if trend(y, t, m)])
        index /= index.mean()
    level = y[-1] / index[(n - 1) % len(index)]
    return [level * index[(n + h) % len(index)] for h in range(horizon)]


def made(n, m, strength, level=50.0, slope=0.3, noise=2.0):
    t = np.arange(n)
    pattern = 1 + strength * np.sin(2 * np.pi * t / max(m, 1) + 0.7)
    return (level + slope * t) * pattern + noise * rng.normal(size=n)


def cases():
    yield "quarters", 4, made(41, 4, 0.3, slope=0.0)
    yield "months", 12, made(75, 12, 0.25)
    yield "an odd period", 7, made(60, 7, 0.2, slope=0.0)
    yield "hours of a long series", 24, made(720, 24, 0.4)
    yield "a period of two", 2, made(30, 2, 0.2, slope=0.0)
    yield "a season against its period", 3, made(40, 2, 0.3, slope=0.0)
    yield "three periods", 12, made(36, 12, 0.5, slope=0.0, noise=0.5)
    yield "less than three periods", 12, made(35, 12, 0.5, slope=0.0, noise=0.5)
    yield "a season lost in noise", 12, made(60, 12, 0.01, slope=0.0, noise=20.0)
    yield "a trend without a season", 4, made(40, 4, 0.0, slope=2.0)
    yield "no period", 1, made(20, 1, 0.0)
    yield "a zero", 4, np.where(np.arange(40) == 7, 0.0, made(40, 4, 0.4, slope=0.0))
    yield "below zero", 4, made(40, 4, 0.4, slope=0.0) - 60
    yield "constant", 4, np.full(24, 3.5)
    yield "large", 4, made(40, 4, 0.4) * 1e12
    yield "small", 4, made(40, 4, 0.4) * 1e-12


def case(name, m, y):
    y = np.array([float(f"{v:.6g}") for v in y])
    seasonal = bool(min(y) > 0 and has_season(y, m))
    told = [float(v) for v in naive2(y, m, 2 * m + 3)]
    return {"name": name, "period": m, "values": y.tolist(), "seasonal": seasonal, "forecast": told}


if __name__ == "__main__":
    text = ",\n".join(json.dumps(case(*c)) for c in cases())
    Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
