"""Counts false alarms of drift: a model of one random half of a table, and the other half, which has not drifted.

Arguments: the program ruska, a folder with tables and their manifest.csv (name, file, target), optionally
the number of seeds (3), the most rows of a table (8000) and options of `fit` (--time 1s). Of each half
of each table both answers are asked for: drift from the half itself and from what the model keeps.
Prints the alarms and how near the predictions came to one; the verdict may be wrong for one table in a
hundred.
"""
import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile


def halves(path, rows, seed, folder):
    with open(path, encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    random.Random(seed).shuffle(lines)
    for name, part in (("one", lines[:rows:2]), ("other", lines[1:rows:2])):
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *part])


def run(command, codes):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in codes:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def told(verdict):
    """Names of what drifted, and the largest effect on a prediction beside its limit."""
    judged = verdict["columns"] + verdict["predictions"] + [c for c in [verdict["target"]] if c]
    effects = [e for p in verdict["predictions"] for e in p["effects"]]
    near = [e["value"] / max(e["threshold"], e["by_chance"]) for e in effects]
    return [c["name"] for c in judged if c["verdict"] == "drift"], max(near, default=0.0)


def main():
    program, tables = sys.argv[1], pathlib.Path(sys.argv[2])
    seeds, rows = (int(sys.argv[i]) if len(sys.argv) > i else other for i, other in ((3, 3), (4, 8000)))
    options = sys.argv[5:] or ["--time", "1s"]
    alarms, runs, nearest = {"table": 0, "model": 0}, 0, 0.0
    with open(tables / "manifest.csv", encoding="utf-8", newline="") as file:
        manifest = list(csv.DictReader(file))
    for line in manifest:
        for seed in range(seeds):
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                halves(tables / line["file"], rows, seed, folder)
                one, other, model = folder / "one.csv", folder / "other.csv", folder / "m.ruska"
                fit = [program, "fit", one, "--target", line["target"], "--output", model, "--store", folder / "s"]
                run([*fit, "--quiet", *options], [0])
                runs += 1
                for kind, reference in (("table", [one, other, "--model", model]), ("model", [model, other])):
                    names, near = told(json.loads(run([program, "drift", *reference, "--json"], [0, 3])))
                    alarms[kind] += bool(names)
                    nearest = max(nearest, near)
                    if names:
                        print(f"{line['name']} {seed}, from the {kind}: {', '.join(names)}", flush=True)
    print(f"{runs} halves: {alarms['table']} alarms from tables, {alarms['model']} from models")
    print(f"predictions came to {nearest:.2f} of the limit")


if __name__ == "__main__":
    main()
