"""Writes seasonal.json: decompositions, autocorrelations and forecasts of intermittent demand
of made-up series, for the tests of the forecasting kernels.

Run: python tests/reference/seasonal.py   (statsmodels 0.15.0, statsforecast 2.1.1)
"""

import json
from pathlib import Path

import numpy as np
from statsforecast import models
from statsforecast.mstl import mstl
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.stattools import acf

rng = np.random.default_rng(1990)


def seasonal(n, periods, outliers=0):
    t = np.arange(n)
    y = 20 + 0.05 * t + 3 * np.sin(t / n * 4)
    for period in periods:
        pattern = rng.normal(size=period) * 2
        y = y + pattern[t % period] * (1 + 0.5 * t / n)
    y = y + rng.normal(size=n) * 0.7
    y[rng.choice(n, outliers, replace=False)] += 15
    return np.round(y, 3)


def numbers(values, every=1):
    return [float(f"{v:.12g}") for v in np.asarray(values)[::every]]


def stl(n, period, window, outliers=0, inner=2, outer=0, **options):
    y = seasonal(n, [period], outliers)
    model = STL(y, period=period, seasonal=window, robust=outer > 0, **options)
    fit = model.fit(inner_iter=inner, outer_iter=outer)
    config = model.config
    smoothing = {
        "seasonal": ("seasonal", "seasonal_deg", "seasonal_jump"),
        "trend": ("trend", "trend_deg", "trend_jump"),
        "low_pass": ("low_pass", "low_pass_deg", "low_pass_jump"),
    }
    params = {"period": period, "inner": inner, "outer": outer}
    for name, (width, degree, jump) in smoothing.items():
        window = int(config[width])
        params[name] = {"window": window, "lines": config[degree] == 1, "jump": int(config[jump])}
    return {
        "values": y.tolist(),
        "params": params,
        "advised": not options,
        "trend": numbers(fit.trend),
        "season": numbers(fit.seasonal),
        "weights": numbers(fit.weights),
    }


def several(n, periods, every):
    y = seasonal(n, periods)
    fit = mstl(y, periods)
    columns = ["seasonal"] if len(periods) == 1 else [f"seasonal{p}" for p in periods]
    return {
        "values": y.tolist(),
        "periods": periods,
        "every": every,
        "trend": numbers(fit["trend"], every),
        "seasons": [numbers(fit[c], every) for c in columns],
    }


def demand(n, rate, spread=1.0):
    size = np.round(rng.lognormal(1.5, spread, n))
    return np.where(rng.random(n) < rate, size, 0.0)


def intermittent(y):
    y = np.asarray(y, dtype=float)
    methods = {
        "croston": models.CrostonClassic(),
        "optimised": models.CrostonOptimized(),
        "sba": models.CrostonSBA(),
        "tsb": models.TSB(alpha_d=0.2, alpha_p=0.15),
        "adida": models.ADIDA(),
        "imapa": models.IMAPA(),
    }
    forecasts = {name: float(m.forecast(y, h=1)["mean"][0]) for name, m in methods.items()}
    return {"values": y.tolist(), **forecasts}


def correlated(n, lags):
    e = rng.normal(size=n)
    y = np.zeros(n)
    for t in range(n):
        y[t] = e[t] + (0.7 * y[t - 1] if t else 0) - (0.3 * y[t - 2] if t > 1 else 0)
    y = np.round(y + 100, 3)
    return {
        "values": y.tolist(),
        "autocorrelations": acf(y, nlags=lags, fft=False)[1:].tolist(),
    }


reference = {
    "stl": [
        stl(60, 4, 7),
        stl(120, 12, 13, outliers=4, inner=1, outer=15),
        stl(40, 12, 7),
        stl(50, 7, 35, inner=5),
        stl(97, 5, 9, seasonal_deg=0, trend_deg=0, low_pass_deg=0, inner=3),
        stl(150, 12, 11, seasonal_jump=2, trend_jump=3, low_pass_jump=2),
        stl(203, 24, 9, outliers=5, outer=4, seasonal_jump=3, trend_jump=5, low_pass_jump=4),
        stl(90, 6, 7, trend=101, low_pass=95, outliers=3, outer=3, seasonal_deg=0),
    ],
    "mstl": [several(100, [12], 1), several(500, [24, 168], 7), several(300, [7, 30, 91], 7)],
    "correlations": [correlated(80, 20), correlated(15, 6)],
    "intermittent": [
        intermittent(demand(60, 0.3)),
        intermittent(demand(200, 0.1)),
        intermittent(demand(48, 0.8, 0.3)),
        intermittent(demand(31, 0.2)),
        intermittent([0, 0, 3, 0, 0]),
        intermittent([0, 0, 0, 0]),
        intermittent([5]),
        intermittent([2, 0, 4]),
        intermittent([7, 7, 7, 7, 7]),
        intermittent([0, 1, 0, 0, 0, 0, 2, 0, 0, 1.5]),
    ],
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(reference) + "\n", encoding="utf-8")
