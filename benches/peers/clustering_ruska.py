"""Clusters that ruska finds beside those of scikit-learn, labels hidden.

    clustering_ruska.py FOLDER --ruska PROGRAM [--time 20s] [--tables PATTERN] [--made SEED] [--real DIR]
    clustering_ruska.py FOLDER --ruska PROGRAM --honest [SEEDS] [--time 2s]
    clustering_ruska.py FOLDER --ruska PROGRAM --big [ROWS] [--time 60s]

The first form takes the 100 tables that clustering_data.py draws from SEED (0) and the labelled ones of DIR
(../shared/data/tabular) without their targets; a PATTERN such as "far,iris,nested_*" names kinds and tables. Both
systems get the same rows. The peers are those of clustering.py, noise and tables without clusters count as there;
where ruska fails, its index is 0. Prints both side by side, table by table and by kind, the difference to the best
single method with its interval (95 %, bootstrap over tables), and how often the number of clusters is right.

--honest asks how often clusters are seen in uniform noise and in one Gaussian, and how often two Gaussians are told
apart, from 2 to 8 standard deviations between their means; SEEDS tables of each, 200 to 2000 rows, 2 to 10 columns.
--big takes 1,000,000 rows of 10 columns in 10 clusters.

Everything is kept below FOLDER. Results of the same program, options and table are not made again.
"""
import argparse
import contextlib
import json
import os
import subprocess
import tempfile
import time

import numpy as np
import pandas as pd

from clustering import METHODS, Results, agreement, digest, fitted, tables
from clustering_data import EMPTY, blobs, made, pick, real, shape, sizes

FACTS = ["rows", "clusters", "found", "ari", "noise", "wall", "predict", "memory", "learner", "failure"]
KEY = ["table", "digest", "program", "time"]


def descendants(pid):
    """A process and all that come from it."""
    found = [pid]
    for one in found:
        try:
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children") as file:
                    found += map(int, file.read().split())
        except OSError:
            pass
    return found


def megabytes(pid, field):
    try:
        with open(f"/proc/{pid}/status") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(field)) / 1024
    except OSError:
        return 0.0


def run(words, limit):
    """Output, seconds, and peak memory in MB, children included; a RuntimeError says why a program failed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start, peak = time.monotonic(), 0.0
        child = subprocess.Popen(words, stdout=out, stderr=err)
        try:
            while child.returncode is None:
                peak = max(peak, sum(megabytes(p, "VmRSS") for p in descendants(child.pid)))
                peak = max(peak, megabytes(child.pid, "VmHWM"))
                if time.monotonic() - start > limit:
                    raise RuntimeError(f"did not end within {limit:.0f} s")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(0.05)
        finally:
            child.kill()
            child.wait()
        seconds = time.monotonic() - start
        out.seek(0), err.seek(0)
        if child.returncode:
            raise RuntimeError((err.read().strip().splitlines() or [f"exit code {child.returncode}"])[0])
        return out.read(), seconds, peak


def seconds(text):
    return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


def found_by(program, path, kind, y, budget):
    """What a search and its model say about a table."""
    facts = dict(rows=len(y), clusters=len(set(y)), found=0, ari=0.0, noise=0.0, wall=0.0, predict=0.0, memory=0.0,
                 learner="", failure="")
    limit = 2 * seconds(budget) + 60
    with tempfile.TemporaryDirectory() as place:
        model, predicted = f"{place}/model.ruska", f"{place}/predicted.csv"
        try:
            told, facts["wall"], facts["memory"] = run(
                [program, "fit", path, "--task", "clustering", "--time", budget, "--seed", "0", "--output", model,
                 "--store", f"{place}/store", "--json", "--quiet"], limit)
            facts["learner"] = json.loads(told)["manifest"]["candidate"]["learner"]
            _, facts["predict"], _ = run([program, "predict", model, path, "--output", predicted, "--quiet"], limit)
            labels = pd.read_csv(predicted)["cluster"].to_numpy()
            facts["found"], facts["ari"] = agreement(kind, y, labels)
            facts["noise"] = float((labels < 0).mean())
        except (RuntimeError, ValueError, KeyError) as why:
            facts["failure"] = str(why) or type(why).__name__
    return facts


def searched(args, folder):
    """The results of the tables of a folder, those that are missing made first."""
    results, found = Results(f"{folder}/ruska.csv", [*KEY, "kind", *FACTS]), []
    for name, kind, _, y in tables(folder, pattern=args.tables):
        path = f"{folder}/{name}.csv"
        key = dict(table=name, digest=digest(path), program=args.program, time=args.time)
        if not results.find(**key):
            results.add(dict(key, kind=kind, **found_by(args.ruska, path, kind, y, args.time)))
            line = results.lines[-1]
            print(name, f"{line['found']} of {line['clusters']}, ari {line['ari']}", line["failure"], flush=True)
        found += results.find(**key)
    return pd.DataFrame(found, columns=[*KEY, "kind", *FACTS])


def numbers(lines):
    """Columns that hold numbers as such."""
    names = ["rows", "clusters", "found", "ari", "silhouette", "seconds", "noise", "wall", "predict", "memory"]
    return lines.assign(**{name: pd.to_numeric(lines[name]) for name in names if name in lines})


def markdown(head, rows):
    print("|", " | ".join(head), "|\n|" + "---|" * len(head))
    for row in rows:
        print("|", " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row), "|")
    print()


def share(right):
    return f"{right.sum()} of {len(right)} ({100 * right.mean():.0f} %)"


def side_by_side(ruska, peers):
    """Prints the results of both."""
    ari = peers.pivot(index="table", columns="method", values="ari")[METHODS]
    k = peers.pivot(index="table", columns="method", values="found")[METHODS]
    ruska = ruska.set_index("table")
    systems = ["ruska", *METHODS]
    ari = ari.reindex(ruska.index).assign(ruska=ruska.ari)[systems]
    k = k.reindex(ruska.index).assign(ruska=ruska.found)[systems]
    head = ["table", "rows", "clusters", "found", "noise", "seconds", "MB", "learner", *systems]
    facts = ruska.assign(wall=ruska.wall.map("{:.1f}".format), memory=ruska.memory.round().astype(int))
    facts = facts[["rows", "clusters", "found", "noise", "wall", "memory", "learner"]]
    markdown(head, ([name, *facts.loc[name], *ari.loc[name]] for name in ruska.index))

    empty, real_ones = ruska.kind.isin(EMPTY), ruska.kind == "real"
    groups = {kind: ruska.kind == kind for kind in ruska.kind.unique()}
    groups.update({"generated with clusters": ~empty & ~real_ones, "all with clusters": ~empty, "without": empty,
                   "all": empty | True})
    exact = k.eq(ruska.clusters, axis=0)
    markdown(["mean ARI", "tables", *systems, "k right, ruska"],
             ([name, of.sum(), *ari[of].mean(), share(exact.ruska[of])] for name, of in groups.items() if of.any()))

    for name in ["generated with clusters", "all with clusters", "all"]:
        of = groups[name]
        if of.any():
            peer = ari.loc[of, METHODS].mean().idxmax()
            apart = (ari.ruska - ari[peer])[of].to_numpy()
            draws = np.random.default_rng(0).choice(apart, (10_000, len(apart))).mean(axis=1)
            print(f"{name}: {apart.mean():+.3f} to {peer}, the best single method "
                  f"({np.quantile(draws, 0.025):+.3f} to {np.quantile(draws, 0.975):+.3f})")
    for name, of in [("generated with clusters", groups["generated with clusters"]), ("without", empty)]:
        if of.any():
            print(f"{name}: k right by", ", ".join(f"{s} {share(exact[s][of])}" for s in systems))
    print(f"longest fit {ruska.wall.max():.2f} s, most memory {ruska.memory.max():.0f} MB")
    failed = ruska[ruska.failure != ""]
    print("failures:", "; ".join(f"{name}: {why}" for name, why in failed.failure.items()) or "none")


def compare(args):
    folders = [f"{args.folder}/made-{args.made}", f"{args.folder}/real"]
    made(folders[0], args.made)
    real(folders[1], args.real)
    peers = pd.concat(fitted(folder, args.tables) for folder in folders)
    ruska = pd.concat(searched(args, folder) for folder in folders)
    side_by_side(numbers(ruska), numbers(peers))


def honest(args):
    def heaps(r, apart):
        n, _, d = pick(r, n=(200, 2000), d=(2, 10))
        if apart is None:
            return r.random((n, d)), np.zeros(n, int)
        if apart == 0:
            return r.normal(size=(n, d)) @ shape(r, d, r.uniform(1, 6)).T, np.zeros(n, int)
        way = r.normal(size=d)
        y = np.repeat([0, 1], sizes(r, n, 2))
        return r.normal(size=(n, d)) + np.outer(y, way / np.linalg.norm(way) * apart), y

    results = Results(f"{args.folder}/honest.csv", [*KEY, "kind", *FACTS])
    cases = {"uniform": None, "one Gaussian": 0, **{f"two, {s} apart": s for s in (2, 3, 4, 5, 6, 8)}}
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for case, apart in cases.items():
            lines = []
            for seed in range(args.honest):
                x, y = heaps(np.random.default_rng(seed), apart)
                path = f"{place}/table.csv"
                pd.DataFrame(x).add_prefix("x").to_csv(path, index=False, float_format="%.6g")
                key = dict(table=f"{case} {seed}", digest=digest(path), program=args.program, time=args.time)
                if not results.find(**key):
                    kind = "far" if y.any() else "uniform"
                    results.add(dict(key, kind=case, **found_by(args.ruska, path, kind, y, args.time)))
                lines += results.find(**key)
            lines = numbers(pd.DataFrame(lines))
            rows.append([case, share(lines.found == 1), share(lines.found == 2), lines.ari.mean(), lines.wall.max(),
                         (lines.failure != "").sum()])
            print(*rows[-1], flush=True)
    markdown(["heaps", "one found", "two found", "mean ARI", "longest fit, s", "failures"], rows)


def big(args):
    path = f"{args.folder}/big.csv"
    x, y = blobs(np.random.default_rng(0), args.big, 10, 10, 8)
    order = np.random.default_rng(1).permutation(len(y))
    pd.DataFrame(x[order]).add_prefix("x").to_csv(path, index=False, float_format="%.5g")
    facts = found_by(args.ruska, path, "far", y[order], args.time)
    markdown(facts, [facts.values()])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--ruska", required=True)
    parser.add_argument("--time")
    parser.add_argument("--tables", default="*")
    parser.add_argument("--made", default="0")
    parser.add_argument("--real", default="../shared/data/tabular")
    parser.add_argument("--honest", type=int, nargs="?", const=100)
    parser.add_argument("--big", type=int, nargs="?", const=1_000_000)
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    way, budget = (honest, "2s") if args.honest else (big, "60s") if args.big else (compare, "20s")
    args.time, args.program = args.time or budget, digest(args.ruska)
    way(args)


if __name__ == "__main__":
    main()
