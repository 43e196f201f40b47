"""How honest the score is that a search expects of new rows: it is compared with that of rows kept away.

Arguments: the program ruska, a folder with tables and their manifest.csv (name, file, task, target), a file for
the results, seconds a fit, and optionally names of tables and `folds=N` for the first N of five folds (three
unless told). Every fold is fitted on the other four and evaluated on its rows. With the expected score e, its
standard error s, the score t of the fold's rows and its standard error from the interval of `ruska evaluate`,
z = (e − t) / √(s² + s_t²), with the sign that makes too good an estimate positive. Results that the file holds
are not made again. Prints a line for every table, then the mean of z and how many lie within ±1.64, where nine
in ten belong.
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

FIELDS = ["name", "fold", "metric", "expected", "error", "test", "test_error", "z"]
LOWER = {"logloss", "rmse"}


def ruska(program, *words):
    done = subprocess.run([program, *words, "--json", "-q"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)


def measured(program, folder, m, fold, seconds):
    """A line of results; None where the search gave no estimate."""
    data = pd.read_csv(f"{folder}/{m['file']}", dtype=str, keep_default_na=False)
    data = data[data[m["target"]] != ""]
    kind = KFold if m["task"] == "regression" else StratifiedKFold
    splits = kind(5, shuffle=True, random_state=42).split(data, data[m["target"]])
    train, test = list(splits)[fold]
    with tempfile.TemporaryDirectory() as place:
        paths = [f"{place}/{name}" for name in ("train.csv", "test.csv", "model.ruska", "store")]
        data.iloc[train].to_csv(paths[0], index=False)
        data.iloc[test].to_csv(paths[1], index=False)
        fit = ruska(program, "fit", paths[0], "--target", m["target"], "--time", f"{seconds}s",
                    "--output", paths[2], "--store", paths[3])
        manifest = fit["manifest"]
        metric = manifest["metric"]
        told = manifest.get("corrected") or {"score": manifest["scores"][metric],
                                             "standard_error": manifest["standard_error"]}
        scores = ruska(program, "evaluate", paths[2], paths[1])["scores"]
        score = next(s for s in scores if s["metric"] == metric)
    if told["standard_error"] is None or score.get("low") is None:
        return None
    error = (score["high"] - score["low"]) / (2 * 1.96)
    sign = -1 if metric in LOWER else 1
    both = math.hypot(told["standard_error"], error)
    z = sign * (told["score"] - score["value"]) / both if both > 0 else 0.0
    return dict(name=m["name"], fold=fold, metric=metric, expected=told["score"], error=told["standard_error"],
                test=score["value"], test_error=error, z=z)


def main(program, folder, path, seconds, *words):
    folds = int(next((w[6:] for w in words if w.startswith("folds=")), 3))
    names = [w for w in words if "=" not in w]
    with open(f"{folder}/manifest.csv", newline="") as file:
        tables = [m for m in csv.DictReader(file) if m["task"] in ("binary", "multiclass", "regression")]
    done = set()
    if os.path.exists(path):
        with open(path, newline="") as file:
            done = {(r["name"], int(r["fold"])) for r in csv.DictReader(file)}
    with open(path, "a", newline="") as file:
        out = csv.DictWriter(file, FIELDS)
        if not done:
            out.writeheader()
        for m in tables:
            for fold in range(folds):
                if (not names or m["name"] in names) and (m["name"], fold) not in done:
                    line = measured(program, folder, m, fold, seconds)
                    out.writerow(line or dict(name=m["name"], fold=fold))
                    file.flush()
    results = pd.read_csv(path)
    print("| table | z by fold |\n|---|---|")
    for name, of in results.groupby("name", sort=False):
        print(f"| {name} | {', '.join('–' if z != z else f'{z:.2f}' for z in of['z'])} |")
    z = results["z"].dropna()
    within = (z.abs() <= 1.64).mean()
    print(f"\nmean z {z.mean():.2f}; {100 * within:.0f} % of {len(z)} within ±1.64; {results['z'].isna().sum()} "
          "without an estimate")


if __name__ == "__main__":
    main(*sys.argv[1:])
