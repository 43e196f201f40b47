"""Writes dip.json: Hartigan's dip of small samples, for the tests of the dip statistic.

Run: python tests/reference/dip.py   (diptest 0.12.0)
"""

import json
from pathlib import Path

import diptest
import numpy as np

rng = np.random.default_rng(45)


def sample(kind, n):
    match kind:
        case "uniform":
            return rng.random(n)
        case "normal":
            return rng.normal(size=n)
        case "exponential":
            return rng.exponential(size=n)
        case "two":
            return rng.normal(size=n) + 4 * (rng.random(n) < 0.4)
        case "three":
            return rng.normal(size=n) + 6 * rng.integers(0, 3, n)


cases = []
for kind in ("uniform", "normal", "exponential", "two", "three"):
    for n in (3, 4, 5, 8, 15, 40, 41, 120, 250):
        values = np.sort(np.round(sample(kind, n), 6))
        assert len(np.unique(values)) == n
        cases.append({"values": values.tolist(), "dip": float(diptest.dipstat(values))})
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(cases) + "\n", encoding="utf-8")
