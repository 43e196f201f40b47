"""Writes forecast_measures.json: scores of forecasts of made-up panels, for
crates/ruska-catalog/tests/forecast_measures.rs.

Run: python tests/reference/forecast_measures.py   (numpy)

Each case holds series of values (`null` where one is missing), the season, the steps told of each series
as `[series, step]`, point and standard deviation of each, optional weights, and the expected score by
measure id; `null` where the measure is undefined.

Formulas: M4 for smape, mase, owa and msis, M5 for rmsse, GluonTS for wql, one series at a time. Known of a
series is what comes before its first step told. Series without a scale are left out of a scaled mean; where
none has a scale all scales are 1. Gaps lie where Naive2 fills them by lines.
"""

import json
from pathlib import Path
from statistics import NormalDist

import numpy as np
from naive import naive2

rng = np.random.default_rng(4)
normal = NormalDist().inv_cdf


def present(v):
    v = v[~np.isnan(v)]
    return v.mean() if len(v) and v.mean() > 0 else None


def lines(known):
    if np.all(np.isnan(known)):
        return np.zeros(max(len(known), 1))
    t, there = np.arange(len(known)), ~np.isnan(known)
    return np.interp(t, t[there], known[there])


class Told:
    """The steps told of one series."""

    def __init__(self, values, season, steps, points, spreads, weights):
        first = min(steps)
        self.known, self.season, self.w = values[:first], season, weights
        self.y, self.f, self.s = values[steps], points, spreads
        assert not np.isnan(self.y).any()
        ahead = naive2(lines(self.known), season, max(steps) - first + 1)
        self.naive = np.array(ahead)[np.array(steps) - first]

    def mean(self, v):
        return np.sum(self.w * v) / np.sum(self.w)

    def season_scale(self):
        return present(np.abs(self.known[self.season :] - self.known[: -self.season]))

    def step_scale(self):
        k = self.known
        start = next((t for t, v in enumerate(k) if v != 0 and not np.isnan(v)), 0)
        return present(np.diff(k[start:]) ** 2)

    def smape(self, f):
        size = np.abs(self.y) + np.abs(f)
        return self.mean([200 * abs(y - g) / d if d else 0.0 for y, g, d in zip(self.y, f, size)])

    def quantile_loss(self, level):
        q = self.f + normal(level) * self.s
        return 2 * np.abs((q - self.y) * ((self.y <= q) - level))

    def interval_score(self, alpha):
        half = normal(1 - alpha / 2) * self.s
        low, high = self.f - half, self.f + half
        missed = np.maximum(low - self.y, 0) + np.maximum(self.y - high, 0)
        return (high - low) + 2 / alpha * missed


def scaled(told, values, scales):
    if all(scale is None for scale in scales):
        scales = [1.0] * len(told)
    return np.mean([v / scale for v, scale in zip(values, scales) if scale is not None])


def mape(y, f, w):
    on = (y != 0) & (w > 0)
    return np.average(np.abs(y - f)[on] / np.abs(y)[on], weights=w[on]) if on.any() else None


def scores(told):
    told = [t for t in told if t.w.sum() > 0]
    season = [t.season_scale() for t in told]
    steps = [t.step_scale() for t in told]
    y, f, s, w = (np.concatenate([getattr(t, k) for t in told]) for k in "yfsw")
    size = np.sum(w * np.abs(y))
    levels = np.arange(1, 10) / 10
    quantiles = np.mean([sum(np.sum(t.w * t.quantile_loss(q)) for t in told) for q in levels])
    mase = lambda of: scaled(told, [t.mean(np.abs(t.y - of(t))) for t in told], season)
    smape = lambda of: np.mean([t.smape(of(t)) for t in told])
    ours, naive = (lambda t: t.f), (lambda t: t.naive)
    root = [np.sqrt(t.mean((t.y - t.f) ** 2)) for t in told]
    found = {
        "mase": mase(ours),
        "smape": smape(ours),
        "owa": None,
        "rmsse": scaled(told, root, [scale and np.sqrt(scale) for scale in steps]),
        "wape": np.sum(w * np.abs(y - f)) / size if size else None,
        "wql": quantiles / size if size else None,
        "msis": scaled(told, [t.mean(t.interval_score(0.05)) for t in told], season),
        "coverage": np.average(np.abs(y - f) <= normal(0.9) * s, weights=w),
        "mae": np.average(np.abs(y - f), weights=w),
        "rmse": np.sqrt(np.average((y - f) ** 2, weights=w)),
        "mape": mape(y, f, w),
    }
    if smape(naive) > 0:
        found["owa"] = (smape(ours) / smape(naive) + mase(ours) / mase(naive)) / 2
    return {k: None if v is None else float(v) for k, v in sorted(found.items())}


def case(name, series, season, horizon, told=None, weighted=False, error=0.2):
    """`told` are the steps of each series; the last `horizon` ones unless given."""
    series = [np.round(np.asarray(v, float), 4) for v in series]
    if told is None:
        told = [range(max(len(v) - horizon, 0), len(v)) for v in series]
    told = [[t for t in steps if not np.isnan(v[t])] for v, steps in zip(series, told)]
    parts, all_points, all_spreads, all_weights = [], [], [], []
    for values, steps in zip(series, told):
        y = values[steps]
        unit = 1 + np.abs(y)
        points = np.round(y + error * unit * rng.normal(size=len(y)), 4)
        spreads = np.round(error * unit * rng.uniform(0.2, 2, len(y)), 4)
        spreads[::5] = 0
        weights = rng.integers(0, 4, len(y)) / 2 if weighted else np.ones(len(y))
        all_points.extend(points.tolist())
        all_spreads.extend(spreads.tolist())
        all_weights.extend(weights.tolist())
        if steps:
            parts.append(Told(values, season, steps, points, spreads, weights))
    return {
        "name": name,
        "series": [[None if np.isnan(x) else x for x in v.tolist()] for v in series],
        "season": season,
        "horizon": horizon,
        "told": [[s, t] for s, steps in enumerate(told) for t in steps],
        "points": all_points,
        "spreads": all_spreads,
        "weights": all_weights if weighted else None,
        "scores": scores(parts),
    }


def walk(n, level=100.0, step=4.0):
    return level + np.cumsum(step * rng.normal(size=n))


def seasonal(n, m, level=50.0, strength=0.4, noise=3.0):
    t = np.arange(n)
    return (level + 0.2 * t) * (1 + strength * np.sin(2 * np.pi * t / m + 1)) + noise * rng.normal(size=n)


def demand(n, rate=0.4):
    return np.where(rng.uniform(size=n) < rate, rng.integers(1, 9, n), 0).astype(float)


def gaps(values, at):
    values = values.copy()
    values[list(at)] = np.nan
    return values


def cases():
    yield case("walks", [walk(30), walk(17), walk(44)], 1, 6)
    yield case("walks, weights", [walk(30), walk(17), walk(44)], 1, 6, weighted=True)
    quarters = [seasonal(n, 4) for n in (40, 27, 61)]
    yield case("quarters", quarters, 4, 8)
    yield case("quarters, weights", quarters, 4, 8, weighted=True)
    yield case("quarters, poor forecasts", quarters, 4, 8, error=3.0)
    months = [seasonal(96, 12), seasonal(50, 12), seasonal(20, 12), walk(70)]
    yield case("months, one of them too short", months, 12, 9)
    yield case("weeks of seven days", [seasonal(80, 7, noise=1.0), seasonal(33, 7)], 7, 14)
    yield case("more steps than a season", [seasonal(40, 4), walk(30)], 4, 13)
    holes = [gaps(walk(40), [0, 1, 9, 20, 21, 30]), gaps(walk(25), [5, 18]), walk(12)]
    yield case("gaps", holes, 1, 6)
    yield case("gaps at the end of what is known", [gaps(walk(20), [12, 13, 14]), walk(20)], 1, 5)
    short = [gaps(seasonal(17, 12), [0, 4, 5, 12]), seasonal(60, 12)]
    yield case("gaps and a season", short, 12, 4)
    yield case("gaps in what is told", [gaps(walk(20), [16]), gaps(walk(20), [19, 14])], 1, 6)
    counts = [demand(60), demand(45), np.r_[np.zeros(10), demand(30)], np.r_[np.zeros(20), 0, 0, 3, 0]]
    yield case("counts with zeros", counts, 1, 8)
    yield case("counts with zeros, a season", counts, 7, 8, weighted=True)
    yield case("a constant series", [np.full(20, 7.0), walk(24), np.r_[np.full(15, 2.0), 3, 4, 5]], 1, 3)
    yield case("only constant series", [np.r_[np.full(12, 5.0), 6, 4], np.r_[np.full(9, -1.0), 0, 2]], 4, 2)
    yield case("negative values", [walk(30, level=-60), walk(30, level=0)], 1, 6)
    middle = [range(20, 26), range(10, 14), [], range(25, 29)]
    yield case("steps in the middle", [walk(40), walk(33), walk(15), seasonal(44, 4)], 4, 6, middle)
    yield case("single steps", [walk(40), seasonal(33, 4)], 4, 8, [[30, 33, 39], [25, 31]])
    yield case("nothing known of one", [walk(5), walk(30)], 1, 5)
    yield case("one value known", [walk(4), walk(30)], 1, 3, weighted=True)
    yield case("all zero", [np.zeros(12), np.r_[demand(12), np.zeros(4)]], 1, 3)
    yield case("naive is right", [np.full(12, 3.0), np.r_[walk(9), np.full(4, 8.0)]], 1, 3)
    yield case("large", [1e9 * seasonal(40, 4), 1e9 * walk(30)], 4, 6)
    yield case("small", [1e-2 * seasonal(40, 4), 1e-2 * walk(30)], 4, 6)


if __name__ == "__main__":
    text = ",\n".join(json.dumps(c) for c in cases())
    Path(__file__).with_suffix(".json").write_text(f"[\n{text}\n]\n")
