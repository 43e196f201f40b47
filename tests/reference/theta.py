"""Writes theta.json: seasons, naive forecasts and theta models of made-up series, for the tests of the
forecasting kernels.

Run: python tests/reference/theta.py   (statsmodels 0.15.0, statsforecast 2.1.1)
"""

import json
from pathlib import Path

import numpy as np
from statsforecast import models
from statsmodels.tsa.seasonal import seasonal_decompose

rng = np.random.default_rng(2000)
HORIZON = 12


def numbers(values):
    return [float(f"{v:.12g}") for v in np.asarray(values)]


def series(n, period, level, slope, swing, noise):
    """A walk with drift, times a season of relative size `swing`."""
    walk = level + slope * np.arange(n) + np.cumsum(rng.normal(size=n)) * noise * 0.4
    season = 1 + swing * np.sin(2 * np.pi * np.arange(n) / period)
    return np.round(walk * season + rng.normal(size=n) * noise, 3)


def case(name, y, period):
    out = {"name": name, "period": period, "values": numbers(y)}
    if period > 1 and len(y) >= 2 * period:
        kinds = ["additive"] + (["multiplicative"] if y.min() > 0 else [])
        out["indices"] = {k: numbers(seasonal_decompose(y, model=k, period=period).seasonal[:period]) for k in kinds}
    out["forecasts"] = {}
    for variant, model in {
        "Standard": models.Theta,
        "Optimised": models.OptimizedTheta,
        "DynamicStandard": models.DynamicTheta,
        "DynamicOptimised": models.DynamicOptimizedTheta,
    }.items():
        fitted = model(season_length=period).fit(y)
        out["seasonal"] = bool(fitted.model_.get("decompose", False))
        out["forecasts"][variant] = numbers(fitted.predict(HORIZON)["mean"])
    out["chosen"] = numbers(models.AutoTheta(season_length=period).fit(y).predict(HORIZON)["mean"])
    return out


CASES = [
    case("yearly", series(30, 1, 4000, 60, 0, 90), 1),
    case("quarterly", series(44, 4, 800, 6, 0.2, 15), 4),
    case("monthly", series(132, 12, 5000, -12, 0.15, 120), 12),
    case("below zero", series(96, 12, 3, -0.3, 0.5, 1), 12),
    case("without season", series(150, 12, 60, 0.1, 0, 3), 12),
    case("long", series(1200, 24, 300, 0.05, 0.3, 8), 24),
]

path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(CASES, separators=(",", ":")) + "\n")
