"""Writes smoothing.json: exponential smoothing of made-up series by another implementation.

For each series the form that is chosen and its criterion; for each admitted form the likelihood that
its search reaches; for a few of these the parameters and first states found, with forecasts and, where
that implementation has the exact formula, their standard deviations.

Run: python tests/reference/smoothing.py   (statsforecast 2.1.1)
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import norm
from statsforecast.models import AutoETS

warnings.filterwarnings("ignore")
rng = np.random.default_rng(2008)
HORIZON = 15
LEVEL = 95
# Forms whose spread is left out: those it simulates or has no exact formula for.
NO_SPREAD = {"MAA", "MNM", "MAM"}


def series(kind, period, n):
    """Level, slope and season that wander, additive or as factors."""
    level, slope = 100.0 * (1 + rng.random()), {"flat": 0.0}.get(kind, rng.normal(0.6, 0.6))
    wave = np.sin(2 * np.pi * np.arange(period) / max(period, 2) + rng.random())
    season = np.zeros(period) if period == 1 else 12 * (wave + rng.normal(0, 0.4, period))
    season -= season.mean()
    noise = 10 ** rng.uniform(-0.3, 0.9)
    out = []
    for t in range(n):
        error = rng.normal(0, noise)
        if kind == "factors":
            out.append(max(level * (1 + season[t % period] / 60) * (1 + error / 100), 1.0))
        else:
            out.append(level + season[t % period] + error)
        level += slope + 0.4 * error
        slope = 0.95 * slope + 0.02 * error if kind == "damped" else slope + 0.01 * error
        level = max(level, 20.0)
        season[t % period] += 0.1 * error
    shift = 150.0 if kind == "negative" else 0.0
    return np.round(np.array(out) - shift, 3)


def numbers(values):
    return [None if np.isnan(v) else float(v) for v in values]


cases = []
for period, lengths in ((1, (12, 18, 30, 60)), (4, (11, 24, 44, 70)), (12, (30, 70, 115))):
    for kind in ("flat", "trend", "damped", "factors", "negative"):
        for n in lengths:
            y = series(kind, period, n)
            auto = AutoETS(season_length=period).fit(y).model_
            positive = y.min() > 0
            fits = []
            for error in "AM":
                for trend in ("N", "A", "Ad"):
                    for season in "NAM" if period > 1 else "N":
                        if (error == "A" and season == "M") or (
                            not positive and "M" in (error, season)
                        ):
                            continue
                        name = error + trend[0] + season
                        fit = AutoETS(season_length=period, model=name, damped=trend == "Ad")
                        try:
                            found = fit.fit(y).model_
                        except Exception:
                            continue
                        if not np.isfinite(found.get("loglik", np.nan)):
                            continue
                        entry = {
                            "form": f"ETS({error},{trend},{season})",
                            "log_likelihood": float(found["loglik"]),
                        }
                        if (len(cases) + len(fits)) % 5 == 0:
                            entry["parameters"] = numbers(found["par"])
                            said = fit.predict(HORIZON, level=[LEVEL])
                            entry["forecast"] = numbers(said["mean"])
                            if name not in NO_SPREAD:
                                wide = said[f"hi-{LEVEL}"] - said[f"lo-{LEVEL}"]
                                spread = wide / 2 / norm.ppf(0.5 + LEVEL / 200)
                                entry["spread"] = numbers(spread)
                        fits.append(entry)
            cases.append(
                {
                    "period": period,
                    "values": y.tolist(),
                    "chosen": auto["method"],
                    "aicc": float(auto["aicc"]),
                    "fits": fits,
                }
            )
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(cases) + "\n", encoding="utf-8")
