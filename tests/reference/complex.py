"""Writes complex.json: complex exponential smoothing of made-up series by another implementation.

For each series the variant chosen, and for each variant the rates found, n·ln(sum of squared errors) and
the sum of squared errors.

Run: python tests/reference/complex.py   (statsforecast 2.1.1)
"""

import json
import warnings
from pathlib import Path

import numpy as np
from statsforecast.models import AutoCES

warnings.filterwarnings("ignore")
rng = np.random.default_rng(2022)


def series(period, n):
    """Level that wanders with a slight slope, a season that changes slowly, and noise."""
    level = 100.0
    season = 15 * np.sin(2 * np.pi * np.arange(period) / max(period, 2)) + rng.normal(0, 4, period)
    out = []
    for t in range(n):
        error = rng.normal(0, 3)
        out.append(level + (season[t % period] if period > 1 else 0.0) + error)
        level += 0.1 + 0.4 * error
        season[t % period] += 0.1 * error
    return np.round(np.array(out), 3)


cases = []
for period, lengths in ((1, (14, 40, 90)), (4, (17, 45, 80)), (12, (40, 72, 130))):
    for n in lengths:
        y = series(period, n)
        fits = {}
        for variant in "NSPF" if period > 1 else "N":
            model = AutoCES(season_length=period, model=variant).fit(y).model_
            rates = [model["par"][k] for k in ("alpha_0", "alpha_1", "beta_0", "beta_1")]
            fits[variant] = {
                "rates": [0.0 if np.isnan(r) else float(r) for r in rates],
                "likelihood": float(-2 * model["loglik"]),
                "squares": float(np.sum(model["residuals"] ** 2)),
            }
        chosen = AutoCES(season_length=period).fit(y).model_["seasontype"]
        cases.append({"period": period, "values": y.tolist(), "chosen": chosen, "fits": fits})

Path(__file__).with_name("complex.json").write_text(json.dumps(cases) + "\n")
