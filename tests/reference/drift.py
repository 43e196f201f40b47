"""Writes drift.json: what Evidently says of 200 pairs of columns, for crates/ruska-ops/src/drift/reference_tests.rs.

Run: DO_NOT_TRACK=1 python tests/reference/drift.py   (evidently 0.7.23, pandas 2.3.3, scipy 1.17.1, numpy 2.4.6)

The columns themselves are not kept: both sides draw them from a linear congruential generator by additions,
multiplications, divisions and roundings down, which give the same bits everywhere. Infinite values and missing ones are
dropped first, as Evidently's column drift does.
"""

import json
import os
import pathlib

os.environ["DO_NOT_TRACK"] = "1"

import numpy as np
import pandas as pd
from evidently.legacy.calculations.stattests import get_stattest
from evidently.legacy.core import ColumnType

MASK = (1 << 64) - 1


def uniform(state):
    state = (state * 6364136223846793005 + 1442695040888963407) & MASK
    return state, (state >> 11) / 2.0**53


def base(family, levels, state):
    """One value of a family: of any scale, positive and skewed, far out, or one of some whole numbers."""
    if family == "normal":
        total = 0.0
        for _ in range(12):
            state, u = uniform(state)
            total += u
        return state, total - 6.0
    state, u = uniform(state)
    if family == "skewed":
        return state, u * u * u * 10.0
    if family == "heavy":
        return state, u / (1.0 - u)
    return state, float(np.floor(u * u * levels))


def column(side, family, levels):
    """The values of one side of a pair; NaN for missing."""
    state, values = side["seed"], []
    for i in range(side["rows"]):
        state, v = base(family, levels, state)
        state, u = uniform(state)
        v = v * side["scale"] + side["shift"]
        if u < side["missing"]:
            v = float("nan")
        elif side["infinite"] and i % 97 == 5:
            v = float("inf") if i % 2 else float("-inf")
        values.append(v)
    return pd.Series(values, dtype="float64")


def pairs():
    rng = np.random.default_rng(20)
    families = ["normal", "skewed", "heavy", "whole", "few", "two", "level", "level_few", "level_two"]
    sizes = [20, 37, 64, 150, 300, 500, 999, 1000, 1001, 1500, 2500]
    for i in range(200):
        family = families[i % len(families)]
        levels = {"whole": int(rng.integers(8, 400)), "few": int(rng.integers(3, 6)), "two": 2, "level": int(rng.integers(6, 60)),
                  "level_few": int(rng.integers(3, 6)), "level_two": 2}.get(family, 0)
        m, n = (int(rng.choice(sizes)) for _ in range(2))
        if i % 5 == 0:
            n = m
        if i in (9, 18, 27):
            m, n = [(12000, 3000), (4000, 11000), (10000, 9000)][i // 9 - 1]
        numeric = family in ("normal", "skewed", "heavy")
        moved = i % 3 != 0
        shift = float(np.round(rng.normal() * 0.4, 3)) if numeric and moved else float(rng.integers(0, 2)) if moved else 0.0
        scale = float(np.round(1.0 + rng.random() * 0.5, 3)) if numeric and i % 4 == 1 else 1.0
        whole = lambda: int(rng.integers(1, 1 << 40))
        missing = lambda: float(np.round(rng.random() * 0.3, 2)) if i % 4 == 2 else 0.0
        reference = {"seed": whole(), "rows": m, "scale": 1.0, "shift": 0.0, "missing": missing(), "infinite": False}
        current = {"seed": whole(), "rows": n, "scale": scale, "shift": shift, "missing": missing(), "infinite": numeric and i % 7 == 3}
        yield {"family": family, "levels": levels, "reference": reference, "current": current}


def told(pair):
    kept = [column(pair[s], pair["family"], pair["levels"]) for s in ("reference", "current")]
    kept = [s.replace([-np.inf, np.inf], np.nan).dropna() for s in kept]
    kind = ColumnType.Categorical if pair["family"].startswith("level") else ColumnType.Numerical
    if kind == ColumnType.Categorical:
        kept = [s.map(lambda v: f"level {v:.0f}") for s in kept]
    reference, current = kept
    values = pd.concat(kept).nunique()

    def score(name):
        feature = ColumnType.Categorical if name in ("chisquare", "z") else kind
        result = get_stattest(reference, current, feature, name)(reference, current, feature, None if name != "chisquare" and name != "z" else 0.05)
        return float(result.drift_score)

    default = get_stattest(reference, current, kind, None)
    result = default(reference, current, kind, None)
    out = {"psi": score("psi"), "jensenshannon": score("jensenshannon")}
    if kind == ColumnType.Numerical:
        out |= {"ks": score("ks"), "wasserstein": score("wasserstein")}
    if 1 < values <= 60:
        out["chisquare"] = score("chisquare")
    if values <= 2:
        out["z"] = score("z")
    return out | {"default": [default.name, float(result.drift_score), bool(result.drifted)]}


if __name__ == "__main__":
    np.seterr(divide="ignore")
    cases = [pair | {"evidently": told(pair)} for pair in pairs()]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
