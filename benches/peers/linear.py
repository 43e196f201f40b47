"""Fits ruska's `linear` and scikit-learn's linear models on the same rows, in turn, one thread each.

Arguments: the program of benches/linear.rs, a folder for tables, the number of pairs. Prints the least
CPU seconds of each and the score of its predictions, and as the last line one JSON object: ruska's
CPU seconds over scikit-learn's. The tables are synthetic and seeded: `dense` 40k x 20 and `sparse`
10k x 5,000 with 40 values a row, each with two classes, five classes and a number as the target.
Both sides stop at a gradient of 1e-4 a row unless the line says otherwise.
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import warnings

import numpy as np

TOLERANCE = 1e-4
TARGETS = {"two": 2, "five": 5, "value": 0}
# Name: ruska's parameters, the peer, the targets it is for, the tables.
BOTH, DENSE = ("dense", "sparse"), ("dense",)
JOBS = {
    "L2 lbfgs": ({"penalty": 1.0}, "lbfgs", ("two", "five"), BOTH),
    "L2 saga": ({"penalty": 1.0}, "saga", ("two",), BOTH),
    "L1 saga": ({"penalty": 10.0, "l1_ratio": 1.0}, "saga l1", ("two", "five"), BOTH),
    "L1 liblinear": ({"penalty": 10.0, "l1_ratio": 1.0}, "liblinear l1", ("two",), BOTH),
    "path LogisticRegressionCV": ({}, "cv", ("two", "five"), BOTH),
    "ridge": ({"penalty": 1.0}, "ridge", ("value",), BOTH),
    "path RidgeCV": ({}, "ridge cv", ("value",), DENSE),
    "path ElasticNetCV": ({"l1_ratio": 1.0}, "elastic cv", ("value",), DENSE),
}


def make(folder):
    import scipy.sparse as sp
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(7)
    n, test = 40_000, 20_000
    mix = rng.normal(size=(20, 20)) * 0.4 + np.eye(20)
    x = rng.normal(size=(n + test, 20)) @ mix
    x /= x.std(0)
    save(folder, "dense", x, n, rng, x @ rng.normal(size=(20, 5)) * 0.5)
    n, test, p = 10_000, 5_000, 5_000
    share = 1 / (np.arange(p) + 20.0)
    words = rng.choice(p, size=(n + test, 40), p=share / share.sum())
    rows = np.repeat(np.arange(n + test), 40)
    x = sp.csr_matrix((np.ones(words.size), (rows, words.ravel())), (n + test, p))
    x.sum_duplicates()
    x.data = np.log1p(x.data)
    effects = rng.normal(size=(p, 5)) * (rng.random((p, 1)) < 0.1)
    save(folder, "sparse", x, n, rng, x @ effects)


def save(folder, name, x, n, rng, z):
    import scipy.sparse as sp
    rows = z.shape[0]
    noisy = z + rng.gumbel(size=z.shape)
    targets = {"two": z[:, 0] + rng.logistic(size=rows) > 0, "five": noisy.argmax(1),
               "value": z[:, 0] + rng.normal(size=rows)}
    for target, y in targets.items():
        path = f"{folder}/{name}-{target}"
        for part, chosen in (("", slice(None, n)), ("t", slice(n, None))):
            np.asarray(y[chosen], float).tofile(f"{path}.y{part}")
            if sp.issparse(x):
                block = x[chosen]
                for what, v in (("offsets", block.indptr), ("indices", block.indices),
                                ("values", block.data)):
                    np.asarray(v, float).tofile(f"{path}.X{part}.{what}")
            else:
                np.ascontiguousarray(x[chosen].T).tofile(f"{path}.X{part}")
        meta = dict(rows=n, test_rows=rows - n, columns=x.shape[1], classes=TARGETS[target],
                    sparse=bool(sp.issparse(x)))
        with open(f"{path}.json", "w") as file:
            json.dump(meta, file)


def load(path):
    import scipy.sparse as sp
    with open(f"{path}.json") as file:
        meta = json.load(file)

    def x(part, rows):
        if not meta["sparse"]:
            return np.ascontiguousarray(np.fromfile(f"{path}.{part}").reshape(-1, rows).T)
        read = lambda what, kind: np.fromfile(f"{path}.{part}.{what}").astype(kind)
        return sp.csr_matrix((read("values", float), read("indices", np.int32),
                              read("offsets", np.int32)), (rows, meta["columns"]))

    y = np.fromfile(f"{path}.y")
    y = y.astype(int) if meta["classes"] else y
    return meta, x("X", meta["rows"]), y, x("Xt", meta["test_rows"])


def peer(path, which, output):
    """Runs in a process of its own."""
    from sklearn import linear_model as lm
    meta, x, y, xt = load(path)
    logistic = dict(tol=TOLERANCE, max_iter=10_000)
    model = {
        "lbfgs": lambda: lm.LogisticRegression(**logistic),
        "saga": lambda: lm.LogisticRegression(solver="saga", **logistic),
        "saga l1": lambda: lm.LogisticRegression(solver="saga", l1_ratio=1, C=0.1, **logistic),
        "liblinear l1": lambda: lm.LogisticRegression(solver="liblinear", l1_ratio=1, C=0.1,
                                                      **logistic),
        "cv": lambda: lm.LogisticRegressionCV(scoring="neg_log_loss", l1_ratios=(0,),
                                              use_legacy_attributes=False, **logistic),
        "ridge": lambda: lm.Ridge(tol=TOLERANCE),
        "ridge cv": lambda: lm.RidgeCV(alphas=np.logspace(-4, 4, 10)),
        "elastic cv": lambda: lm.ElasticNetCV(l1_ratio=1.0, tol=TOLERANCE),
    }[which]()
    warnings.simplefilter("ignore")
    start = resource.getrusage(resource.RUSAGE_SELF)
    model.fit(x, y)
    end = resource.getrusage(resource.RUSAGE_SELF)
    p = model.predict_proba(xt) if meta["classes"] else model.predict(xt)
    np.asarray(p, float).tofile(output)
    cpu = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    print(json.dumps({"cpu": cpu}))


def score(path, p):
    """Log loss, or root mean squared error."""
    with open(f"{path}.json") as file:
        meta = json.load(file)
    y = np.fromfile(f"{path}.yt")
    if not meta["classes"]:
        return float(np.sqrt(np.mean((y - p) ** 2)))
    p = p.reshape(len(y), -1)
    return float(-np.log(np.maximum(p[np.arange(len(y)), y.astype(int)], 1e-15)).mean())


def run(command, path):
    with tempfile.NamedTemporaryFile() as output:
        threads = dict(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        line = subprocess.run([*command, output.name], check=True, stdout=subprocess.PIPE,
                              env=dict(os.environ, **threads)).stdout
        return json.loads(line.splitlines()[-1])["cpu"], score(path, np.fromfile(output.name))


def main(program, folder, pairs):
    if not os.path.exists(f"{folder}/sparse-value.json"):
        make(folder)
    ratios = {}
    for job, (params, which, targets, tables) in JOBS.items():
        for path in [f"{folder}/{table}-{target}" for table in tables for target in targets]:
            sides = {"ruska": [program, json.dumps(dict(params, tolerance=TOLERANCE)), path],
                     which: [sys.executable, __file__, "--peer", path, which]}
            results = {name: [] for name in sides}
            for pair in range(pairs):
                for name in sorted(sides, reverse=pair % 2 == 1):
                    results[name].append(run(sides[name], path))
            cpu = {name: min(r[0] for r in rs) for name, rs in results.items()}
            name = f"{job} {os.path.basename(path)}"
            ratios[name] = round(cpu["ruska"] / cpu[which], 3)
            text = "  ".join(f"{side} {cpu[side]:.4f} s score {rs[0][1]:.6f}"
                             for side, rs in results.items())
            print(f"{name:42} {text}  ratio {ratios[name]}", flush=True)
    print(json.dumps(ratios))


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(*sys.argv[2:5])
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
