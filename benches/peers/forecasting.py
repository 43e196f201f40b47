"""Forecasts of ruska beside those of statsforecast, on values held out.

    forecasting.py DIR --ruska PROGRAM [--panels PATTERN] [--series N] [--time SECONDS|peer] [--intervals]
    forecasting.py DIR --ruska PROGRAM --covariates [--time SECONDS]
    forecasting.py DIR --ruska PROGRAM --big [--time SECONDS]

The first form takes the panels of DIR/manifest.csv without covariates; a PATTERN such as "nn5_daily,m3_*" names some,
N asks for so many series of each, evenly spaced. The horizon of a panel at the end of each series is held out. The
peers are the seasonal naive forecast, dynamic optimised theta, AutoETS (MSTL with ETS for seasons above 24), AutoCES
and the mean of the last three, the ensemble, one thread each. ruska has one worker, and for a panel as many seconds as
the ensemble took there, at least 5, or what --time says. Gaps are interpolated for the peers and left to ruska; a gap
among the values held out does not count.

Scores are means over series by the definitions of the M4 and M5 competitions: sMAPE, MASE, OWA against Naive2, RMSSE
from the first value that is not zero; a series whose scale is zero has no MASE and no RMSSE. Intervals of 80 and 95 %
are those that each system tells, scored by their coverage and their mean scaled interval score (MSIS). The mean of
three models has none: --intervals makes them for it from what it got wrong in the last two horizons of the training
part, by step, in units of the scale of MASE; that takes the time of two more ensembles, which is not counted. Where
ruska fails, it is not better.

--covariates asks what columns known ahead bring: rented bikes by the hour, the last 8 weeks one after the other, each
told with and without them from a fit of 30 s. The weather counts as known, as it came true.
--big takes 10,000 series of 100 values and one series of 100,000, both made, with two workers and 60 s: seconds,
memory, and MASE beside the seasonal naive forecast.
"""
import argparse
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from fnmatch import fnmatch

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import MSTL, AutoCES, AutoETS, DynamicOptimizedTheta, SeasonalNaive

LEVELS = [80, 95]
PEERS = ["seasonal naive", "theta", "ets", "ces", "ensemble"]
MEMBERS = ["theta", "ets", "ces"]
MEASURES = ["OWA", "MASE", "sMAPE", "RMSSE", "coverage 80", "coverage 95", "MSIS 80", "MSIS 95"]
KNOWN = ["holiday", "workingday", "weather", "temp", "atemp", "hum", "windspeed"]


@dataclass
class Panel:
    """Series cut into what is learned from and what is held out: tables of series, time and value."""

    name: str
    freq: str
    season: int
    horizon: int
    metric: str
    train: pd.DataFrame
    test: pd.DataFrame

    def __post_init__(self):
        whole = self.train.groupby("series").value.transform(lambda v: v.interpolate(limit_direction="both"))
        self.filled = self.train.assign(value=whole)
        self.scale = self.of_series(lambda v: np.abs(v[self.season:] - v[:-self.season]))
        self.step = self.of_series(lambda v: np.diff(v[np.argmax(v != 0):]) ** 2)

    def of_series(self, differences):
        """The mean by series of differences, where it is not zero."""
        found = {}
        for series, values in self.filled.groupby("series").value:
            apart = differences(values.to_numpy(float))
            found[series] = apart.mean() if apart.any() else np.nan
        return pd.Series(found)


def cut(data, horizon):
    """What is learned from, and the last values of each series."""
    ahead = data.groupby("series").cumcount(ascending=False) < horizon
    return data[~ahead], data[ahead]


def panels(args):
    for line in pd.read_csv(f"{args.folder}/manifest.csv").itertuples():
        if "covariates" in line.name or not any(fnmatch(line.name, p) for p in args.panels.split(",")):
            continue
        data = pd.read_csv(f"{args.folder}/{line.file}", dtype={"series": str}, parse_dates=["time"])
        names = data.series.unique()
        if args.series and args.series < len(names):
            names = names[np.linspace(0, len(names) - 1, args.series).astype(int)]
        data = data[data.series.isin(names)]
        yield Panel(line.name, line.freq, line.season, line.horizon, line.metric, *cut(data, line.horizon))


def has_season(y, m):
    """Whether the autocorrelation at a season is beyond 90 % of what the shorter ones explain."""
    apart = y - y.mean()
    total = apart @ apart
    if len(y) < 3 * m or total == 0:
        return False
    at = np.array([apart[lag:] @ apart[:-lag] for lag in range(1, m + 1)]) / total
    return abs(at[-1]) > 1.645 * np.sqrt((1 + 2 * (at[:-1] ** 2).sum()) / len(y))


def season_of(y, m):
    """Factors of a classical multiplicative decomposition; ones without a season or where a value is not positive."""
    if m == 1 or y.min() <= 0 or not has_season(y, m):
        return np.ones(m)
    weights = np.full(m, 1 / m) if m % 2 else np.r_[0.5, np.ones(m - 1), 0.5] / m
    trend = np.convolve(y, weights, "valid")
    first = len(weights) // 2
    ratios = y[first:first + len(trend)] / trend
    place = np.arange(first, first + len(trend)) % m
    factors = np.bincount(place, ratios) / np.bincount(place)
    return factors / factors.mean()


def naive2(panel):
    """The last value again, seasons taken out before and put back."""
    told = panel.test[["series", "time"]].copy()
    values = {series: v.to_numpy(float) for series, v in panel.filled.groupby("series").value}
    for series, rows in told.groupby("series").groups.items():
        y = values[series]
        factors = season_of(y, panel.season)
        ahead = np.arange(len(y), len(y) + len(rows)) % panel.season
        told.loc[rows, "prediction"] = y[-1] / factors[(len(y) - 1) % panel.season] * factors[ahead]
    return told


def scores(panel, told):
    """The measures of forecasts, OWA aside; those of intervals where there are any."""
    rows = panel.test.dropna(subset="value").merge(told, "left", ["series", "time"], validate="1:1")
    if rows.prediction.isna().any():
        raise RuntimeError(f"{rows.prediction.isna().sum()} of {len(rows)} steps are not told")
    y, error = rows.value, (rows.value - rows.prediction).abs()

    def by_series(losses):
        return losses.groupby(rows.series).mean()

    relative = (200 * error / (y.abs() + rows.prediction.abs())).fillna(0)
    found = {
        "sMAPE": by_series(relative).mean(),
        "MASE": (by_series(error) / panel.scale).mean(),
        "RMSSE": np.sqrt(by_series(error ** 2) / panel.step).mean(),
    }
    for level in LEVELS:
        if f"lower_{level}" in rows:
            low, high = rows[f"lower_{level}"], rows[f"upper_{level}"]
            beyond = (low - y).clip(lower=0) + (y - high).clip(lower=0)
            loss = high - low + 2 / (1 - level / 100) * beyond
            found[f"coverage {level}"] = by_series(y.between(low, high)).mean()
            found[f"MSIS {level}"] = (by_series(loss) / panel.scale).mean()
    return found


def told_by(model, panel, train):
    """Forecasts of a statsforecast model from the end of a table on, and the seconds they took."""
    start = time.perf_counter()
    engine = StatsForecast([model], panel.freq, n_jobs=1, fallback_model=SeasonalNaive(panel.season))
    train = train.rename(columns={"series": "unique_id", "time": "ds", "value": "y"})
    told = engine.forecast(df=train, h=panel.horizon, level=LEVELS)
    names = {"unique_id": "series", "ds": "time", str(model): "prediction"}
    for level in LEVELS:
        names |= {f"{model}-lo-{level}": f"lower_{level}", f"{model}-hi-{level}": f"upper_{level}"}
    return told.rename(columns=names)[list(names.values())], time.perf_counter() - start


def peers(panel, train):
    """By peer: its forecasts and seconds."""
    m = panel.season
    ets = AutoETS(m) if m <= 24 else MSTL(m, trend_forecaster=AutoETS(model="ZZN"))
    models = {"seasonal naive": SeasonalNaive(m), "theta": DynamicOptimizedTheta(m), "ets": ets, "ces": AutoCES(m)}
    found = {name: told_by(model, panel, train) for name, model in models.items()}
    mean = sum(found[name][0].prediction for name in MEMBERS) / len(MEMBERS)
    told = found["theta"][0][["series", "time"]].assign(prediction=mean)
    return found | {"ensemble": (told, sum(found[name][1] for name in MEMBERS))}


def reached(errors, level):
    """What a level of errors to come is expected not to exceed."""
    rank = int(np.ceil((len(errors) + 1) * level / 100))
    return np.sort(errors)[min(rank, len(errors)) - 1]


def with_intervals(panel, told):
    """Forecasts of the ensemble, with bounds by what it got wrong in the last two horizons of the training part."""
    errors, train = [], panel.filled
    for _ in range(2):
        train = cut(train, panel.horizon)[0]
        train = train[train.groupby("series").value.transform("size") >= 2 * panel.season + 4]
        if train.empty:
            break
        past = peers(panel, train)["ensemble"][0]
        past["step"] = past.groupby("series").cumcount()
        rows = past.merge(panel.train.dropna(subset="value"), on=["series", "time"])
        errors.append(rows.assign(error=(rows.value - rows.prediction).abs() / rows.series.map(panel.scale)))
    if not errors:
        return told
    errors = pd.concat(errors).dropna(subset="error").groupby("step").error
    step, scale = told.groupby("series").cumcount(), told.series.map(panel.scale).fillna(0)
    for level in LEVELS:
        width = step.map(errors.apply(reached, level)) * scale
        told = told.assign(**{f"lower_{level}": told.prediction - width, f"upper_{level}": told.prediction + width})
    return told


def run(words):
    """Seconds and peak memory in MB of a program; a RuntimeError says why it failed."""
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise RuntimeError((said.read().strip().splitlines() or [f"exit code {child.returncode}"])[0])
        return seconds, usage.ru_maxrss / 1024


def searched(args, panel, seconds, workers, known=()):
    """Forecasts of a search of so many seconds, and the seconds and MB of its fit and its prediction."""
    with tempfile.TemporaryDirectory() as place:
        table, model, future, told = (f"{place}/{name}" for name in ("table.csv", "m.ruska", "future.csv", "told.csv"))
        panel.train[["series", "time", "value", *known]].to_csv(table, index=False)
        fit = [args.ruska, "fit", table, "--task", "forecasting", "--target", "value", "--time-column", "time",
               "--series", "series", "--horizon", str(panel.horizon), "--metric", panel.metric, "--seed", "0",
               "--time", f"{seconds:.1f}s", "--workers", str(workers), "--output", model, "--store", f"{place}/store",
               "--quiet"]
        predict = [args.ruska, "predict", model, "--interval", ",".join(str(level / 100) for level in LEVELS),
                   "--output", told, "--quiet"]
        if known:
            panel.test[["series", "time", *known]].to_csv(future, index=False)
            fit += ["--known", ",".join(known)]
            predict += ["--future", future]
        facts = {}
        facts["fit, s"], facts["fit, MB"] = run(fit)
        facts["predict, s"], facts["predict, MB"] = run(predict)
        facts["model, MB"] = os.path.getsize(model) / 2 ** 20
        return pd.read_csv(told, dtype={"series": str}, parse_dates=["time"]), facts


def text(value):
    return value if isinstance(value, str) else "–" if pd.isna(value) else f"{value:.3f}"


def markdown(head, rows):
    print("|", " | ".join(head), "|\n|" + "---|" * len(head))
    for row in rows:
        print("|", " | ".join(map(text, row)), "|")
    print(flush=True)


def loss(measure, values):
    """How far values are from the best that there is."""
    kind, _, level = measure.partition(" ")
    return (values - float(level) / 100).abs() if kind == "coverage" else values


def one_panel(args, panel):
    """A line of scores and seconds for each system, and why ruska failed."""
    benchmark = scores(panel, naive2(panel))

    def line(system, told, seconds):
        found = scores(panel, told)
        found["OWA"] = (found["sMAPE"] / benchmark["sMAPE"] + found["MASE"] / benchmark["MASE"]) / 2
        print(panel.name, system, *(f"{name} {text(found.get(name))}" for name in MEASURES), f"{seconds:.1f} s",
              flush=True)
        return dict(found, panel=panel.name, system=system, seconds=seconds)

    found = peers(panel, panel.filled)
    budget = max(5, found["ensemble"][1]) if args.time == "peer" else float(args.time.rstrip("s"))
    if args.intervals:
        told, seconds = found["ensemble"]
        found["ensemble"] = with_intervals(panel, told), seconds
    lines = [line(system, told, seconds) for system, (told, seconds) in found.items()]
    try:
        told, facts = searched(args, panel, budget, 1)
        return lines + [line("ruska", told, facts["fit, s"] + facts["predict, s"])], None
    except RuntimeError as why:
        return lines, f"{panel.name}: {why}"


def compare(args):
    lines, failures, series = [], [], {}
    for panel in panels(args):
        found, failure = one_panel(args, panel)
        lines += found
        failures += [failure] if failure else []
        series[panel.name] = str(panel.test.series.nunique())
    lines, systems = pd.DataFrame(lines), ["ruska", *PEERS]
    better = []
    for measure in [*MEASURES, "seconds"]:
        values = lines.pivot(index="panel", columns="system", values=measure).reindex(series, columns=systems)
        far = loss(measure, values)
        best = far.eq(far.min(axis=1), axis=0) & (measure != "seconds")
        cells = values.map(text).where(~best, "**" + values.map(text) + "**")
        markdown([measure, "series", *systems], ([name, series[name], *cells.loc[name]] for name in series))
        if measure != "seconds":
            wins = {peer: far.ruska.lt(far[peer]).sum() for peer in PEERS}
            better.append([measure, *(f"{wins[peer]} of {far[peer].count()}" for peer in PEERS)])
    markdown(["ruska is better by", *PEERS], better)
    print("failures:", "; ".join(failures) or "none")


def covariates(args):
    manifest = pd.read_csv(f"{args.folder}/manifest.csv").set_index("name")
    of = manifest.loc["bike_hourly_covariates"]
    data = pd.read_csv(f"{args.folder}/{of.file}", parse_dates=["date_time"])
    data = data.rename(columns={"date_time": "time", "users": "value"}).assign(series="users")
    found = []
    for week in range(8):
        past = data[:len(data) - (7 - week) * of.horizon]
        panel = Panel(of.name, of.freq, of.season, of.horizon, of.metric, *cut(past, of.horizon))
        mase = [scores(panel, searched(args, panel, float(args.time.rstrip("s")), 1, known)[0])["MASE"]
                for known in ((), KNOWN)]
        found.append(mase)
        print(panel.test.time.iloc[0], *map(text, mase), flush=True)
    found = np.array(found)
    without, known = found.mean(axis=0)
    rows = [[str(week + 1), *mase, f"{100 * (1 - mase[1] / mase[0]):.1f}"] for week, mase in enumerate(found)]
    rows.append(["mean", without, known, f"{100 * (1 - known / without):.1f}"])
    markdown(["week", "MASE without", "MASE with", "gain, %"], rows)
    print("better in", (found[:, 1] < found[:, 0]).sum(), "of 8 weeks")


def made(series, length, freq, seasons, horizon):
    """Series of a level, a trend, seasons, a walk and noise, the horizon held out."""
    r, steps = np.random.default_rng(0), np.arange(length + horizon)
    values = r.uniform(-0.5, 1, (series, 1)) * steps / len(steps)
    values = values + r.normal(0, 0.2 / np.sqrt(length), (series, len(steps))).cumsum(axis=1)
    values += r.normal(0, 0.05, values.shape)
    for season in seasons:
        values += r.normal(0, 0.1, (series, season))[:, steps % season]
    values = np.exp(r.normal(5, 1, (series, 1)) + values)
    data = pd.DataFrame({
        "series": np.repeat([f"s{n}" for n in range(series)], len(steps)),
        "time": np.tile(pd.date_range("2000-01-01", periods=len(steps), freq=freq), series),
        "value": values.ravel().round(3),
    })
    return Panel(f"{series:,} series of {length:,} values", freq, seasons[0], horizon, "mase", *cut(data, horizon))


def big(args):
    rows = []
    for panel in (made(10_000, 100, "MS", [12], 12), made(1, 100_000, "h", [24, 168], 168)):
        naive = scores(panel, told_by(SeasonalNaive(panel.season), panel, panel.filled)[0])["MASE"]
        told, facts = searched(args, panel, float(args.time.rstrip("s")), 2)
        rows.append([panel.name, *facts.values(), scores(panel, told)["MASE"], naive])
    markdown(["made", *facts, "MASE", "seasonal naive"], rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--ruska", required=True)
    parser.add_argument("--panels", default="*")
    parser.add_argument("--series", type=int)
    parser.add_argument("--time")
    parser.add_argument("--intervals", action="store_true")
    parser.add_argument("--covariates", action="store_true")
    parser.add_argument("--big", action="store_true")
    args = parser.parse_args()
    way, budget = (covariates, "30") if args.covariates else (big, "60") if args.big else (compare, "peer")
    args.time = args.time or budget
    way(args)


if __name__ == "__main__":
    main()
