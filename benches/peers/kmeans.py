"""Runs ruska's k-means and scikit-learn's on the same rows, in turn, one thread each.

Arguments: the program of benches/kmeans.rs, a folder for tables, the number of pairs. Both begin with the
same centres, which are rows drawn at random, and take the same number of Lloyd's steps at most; they end
earlier where no row changes its centre. Prints the least CPU seconds of each, their steps and inertia, and
ruska's CPU seconds over scikit-learn's.
"""
import json
import os
import subprocess
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

# Rows, columns, groups that are there, centres, steps.
TABLES = {
    "1,000,000 x 10, 10 heaps, k 10": (1_000_000, 10, 10, 10, 50),
    "200,000 x 10, noise, k 20": (200_000, 10, 0, 20, 50),
    "100,000 x 30, 50 heaps, k 50": (100_000, 30, 50, 50, 50),
    "20,000 x 5, 8 heaps, k 8": (20_000, 5, 8, 8, 100),
}


def made(rows, columns, heaps, k):
    rng = np.random.default_rng(11)
    x = rng.normal(size=(rows, columns))
    if heaps:
        x += (3.0 * rng.normal(size=(heaps, columns)))[rng.integers(heaps, size=rows)]
    return x, x[rng.choice(rows, k, replace=False)]


def theirs(x, start, steps):
    with threadpool_limits(1):
        model = KMeans(len(start), init=start, n_init=1, max_iter=steps, tol=0, algorithm="lloyd")
        before = time.process_time()
        model.fit(x)
        return {"cpu": time.process_time() - before, "steps": model.n_iter_, "inertia": model.inertia_}


def main():
    program, folder, pairs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    print("| table | ruska s | scikit-learn s | ratio | steps | inertia over scikit-learn's |")
    print("|---|---|---|---|---|---|")
    for name, (rows, columns, heaps, k, steps) in TABLES.items():
        x, start = made(rows, columns, heaps, k)
        files = [f"{folder}/{part}" for part in ("rows", "centres")]
        x.tofile(files[0])
        start.tofile(files[1])
        ours, peers = [], []
        for _ in range(pairs):
            words = [program, *files, str(columns), str(steps)]
            ours.append(json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout))
            peers.append(theirs(x, start, steps))
        (us, them) = (min(runs, key=lambda run: run["cpu"]) for runs in (ours, peers))
        print(f"| {name} | {us['cpu']:.3f} | {them['cpu']:.3f} | {us['cpu'] / them['cpu']:.2f} | "
              f"{us['steps']}, {them['steps']} | {us['inertia'] / them['inertia']:.6f} |", flush=True)
        for file in files:
            os.remove(file)


if __name__ == "__main__":
    main()
