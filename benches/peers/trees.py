"""Fits ruska's tree learners and their peers on the same rows, in turn, one thread each.

Arguments: the program of benches/trees.rs, a folder for tables, the number of pairs, and
optionally the letters of the tables. Prints the medians with their spread, the growth of the fit
time with rows, and as the last line one JSON object: ruska's CPU seconds over LightGBM's by table.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import trees_data

ROUNDS = 200
BOOST = {"learning_rate": 0.1, "max_leaves": 31, "min_leaf": 20, "l2": 0.0, "column_share": 1.0,
         "max_rounds": ROUNDS, "early_stop": False}
SYMMETRIC = {"learning_rate": 0.1, "depth": 6, "max_rounds": ROUNDS, "early_stop": False}
FOREST = {"trees": 100, "min_leaf": 5}
TWEEDIE = dict(BOOST, loss="tweedie", power=1.5)


def load(folder, name):
    with open(f"{folder}/{name}.json") as file:
        meta = json.load(file)

    def part(which, rows):
        values = np.fromfile(f"{folder}/{name}.{which}.f32", np.float32)
        return values if which[0] == "y" else np.ascontiguousarray(values.reshape(-1, rows).T)

    x, y = part("X", meta["rows"]), part("y", meta["rows"])
    return meta, x, y, part("Xt", meta["test_rows"]), part("yt", meta["test_rows"])


def lightgbm(meta, x, y, **more):
    import lightgbm as lgb
    kind = {0: "regression", 2: "binary"}.get(meta["classes"], "multiclass")
    params = dict(objective=kind, num_leaves=31, learning_rate=0.1, max_bin=255,
                  min_data_in_leaf=20, num_threads=1, verbosity=-1)
    if kind == "multiclass":
        params["num_class"] = meta["classes"]
    params.update(more)
    data = lgb.Dataset(x, y, params=params, categorical_feature=meta["categorical"])
    model = lgb.train(params, data, ROUNDS)
    return lambda z: model.predict(z, num_threads=1)


def lightgbm_two_threads(meta, x, y):
    return lightgbm(meta, x, y, num_threads=2)


def lightgbm_tweedie(meta, x, y):
    return lightgbm(meta, x, y, objective="tweedie", tweedie_variance_power=1.5)


def catboost(meta, x, y):
    import catboost as cb
    import pandas as pd

    def frame(z):
        if not meta["categorical"]:
            return z
        z = pd.DataFrame(z)
        return z.astype({c: np.int32 for c in meta["categorical"]})

    model = (cb.CatBoostClassifier if meta["classes"] else cb.CatBoostRegressor)(
        iterations=ROUNDS, depth=6, learning_rate=0.1, border_count=254, thread_count=1, verbose=0,
        allow_writing_files=False, cat_features=meta["categorical"]).fit(frame(x), y)
    if not meta["classes"]:
        return lambda z: model.predict(frame(z), thread_count=1)
    return lambda z: model.predict_proba(frame(z), thread_count=1)


def xgboost(meta, x, y):
    import xgboost as xgb
    kind = {0: "reg:squarederror", 2: "binary:logistic"}.get(meta["classes"], "multi:softprob")
    params = dict(objective=kind, learning_rate=0.1, max_bin=256, tree_method="hist", nthread=1,
                  grow_policy="lossguide", max_leaves=31, max_depth=0)
    if meta["classes"] > 2:
        params["num_class"] = meta["classes"]
    types = ["c" if c in meta["categorical"] else "q" for c in range(x.shape[1])]
    as_data = lambda z, *y: xgb.DMatrix(z, *y, feature_types=types, enable_categorical=True,
                                        nthread=1)
    model = xgb.train(params, as_data(x, y), ROUNDS)
    return lambda z: model.predict(as_data(z))


def sklearn_forest(kind):
    def fit(meta, x, y):
        from sklearn import ensemble
        name = kind + ("Classifier" if meta["classes"] else "Regressor")
        model = getattr(ensemble, name)(n_estimators=100, min_samples_leaf=5, n_jobs=1,
                                        random_state=0).fit(x, y)
        return model.predict_proba if meta["classes"] else model.predict
    return fit


PEERS = {"lightgbm": lightgbm, "lightgbm tweedie": lightgbm_tweedie,
         "lightgbm two threads": lightgbm_two_threads, "catboost": catboost,
         "xgboost": xgboost, "sklearn RandomForest": sklearn_forest("RandomForest"),
         "sklearn ExtraTrees": sklearn_forest("ExtraTrees")}


def status(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith(name))


def peer(folder, name, which, output):
    """Runs in a process of its own."""
    meta, x, y, xt, _ = load(folder, name)
    warm = np.arange(min(600, len(x)))
    global ROUNDS
    rounds, ROUNDS = ROUNDS, 2
    if not which.startswith("sklearn"):
        PEERS[which](meta, x[warm], y[warm])(x[:8])
    ROUNDS = rounds
    before = status("VmRSS")
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    used = lambda: sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    start, clock = used(), time.perf_counter()
    predict = PEERS[which](meta, x, y)
    cpu, wall, peak = used() - start, time.perf_counter() - clock, status("VmHWM") - before
    start = used()
    p = predict(xt)
    batch = (used() - start) / len(xt) * 1e6
    np.asarray(p, np.float64).tofile(output)
    print(json.dumps(dict(cpu=cpu, wall=wall, rss_mb=peak, batch_us=batch)))


def score(meta, y, p):
    from sklearn.metrics import log_loss, roc_auc_score
    if meta["classes"] == 0:
        return float(np.sqrt(np.mean((y - p) ** 2)))
    if meta["classes"] == 2:
        return float(roc_auc_score(y, p if p.ndim == 1 else p[:, 1]))
    return float(log_loss(y, np.clip(p, 1e-9, 1)))


def deviance(y, p, power=1.5):
    p = np.maximum(p, 1e-9)
    rest = np.where(y > 0, y ** (2 - power) / ((1 - power) * (2 - power)), 0)
    return float(np.mean(2 * (rest - y * p ** (1 - power) / (1 - power) + p ** (2 - power) / (2 - power))))


def run(command, meta, yt, measure, more=()):
    with tempfile.NamedTemporaryFile() as output:
        line = subprocess.run([*command, output.name, *more], check=True, stdout=subprocess.PIPE,
                              env=dict(os.environ, OMP_NUM_THREADS="1")).stdout
        p = np.fromfile(output.name)
    result = json.loads(line.splitlines()[-1])
    p = p.reshape(len(yt), -1)
    result["score"] = measure(yt, p[:, 0] if p.shape[1] == 1 else p)
    return result


def compare(program, folder, table, learner, params, peers, pairs, key="cpu", threads=1):
    """Median seconds (CPU, or wall) of a learner and its peers, fitted in turn."""
    meta, *_, yt = load(folder, table)
    measure = lambda y, p: score(meta, y, p)
    if "tweedie" in str(params):
        measure = deviance
    jobs = {f"ruska {learner}": [program, learner, json.dumps(params), f"{folder}/{table}"]}
    for which in peers:
        jobs[which] = [sys.executable, __file__, "--peer", folder, table, which]
    results = {name: [] for name in jobs}
    for pair in range(pairs):
        order = list(jobs) if pair % 2 == 0 else list(reversed(jobs))
        for name in order:
            more = [str(threads)] if name.startswith("ruska") else []
            results[name].append(run(jobs[name], meta, yt, measure, more))
    for name, all_runs in results.items():
        middle = lambda key: statistics.median(r.get(key, float("nan")) for r in all_runs)
        seconds = sorted(r[key] for r in all_runs)
        print(f"{table:8} {name:22} {key} {middle(key):9.3f} s ({seconds[0]:.3f} to {seconds[-1]:.3f})"
              f"  score {middle('score'):.5f}  {middle('rss_mb'):7.1f} MB"
              f"  {middle('batch_us'):7.2f} µs/row  alone {middle('row_us'):6.1f} µs", flush=True)
    return {name: statistics.median(r[key] for r in rs) for name, rs in results.items()}


def main(program, folder, pairs, tables="ABCDEFG"):
    if not os.path.exists(f"{folder}/columns200.json"):
        trees_data.main(folder)
    ratios = {}
    for table in tables:
        cpu = compare(program, folder, table, "gbdt", BOOST, ["lightgbm"], pairs)
        if table != "G":
            ratios[table] = round(cpu["ruska gbdt"] / cpu["lightgbm"], 3)
        if table == "G":
            compare(program, folder, "G", "gbdt", TWEEDIE, ["lightgbm tweedie"], 1)
        else:
            compare(program, folder, table, "gbdt_symmetric", SYMMETRIC, ["catboost", "xgboost"], 1)
        if table == "B":
            wall = compare(program, folder, "B", "gbdt", BOOST, ["lightgbm two threads"], pairs,
                           "wall", 2)
            print(f"B with two threads: {wall['ruska gbdt'] / wall['lightgbm two threads']:.3f}")
        if table == "A":
            compare(program, folder, "A", "random_forest", FOREST, ["sklearn RandomForest"], 1)
            compare(program, folder, "A", "extra_trees", FOREST, ["sklearn ExtraTrees"], 1)
    growth(program, folder)
    print(json.dumps(ratios))


def growth(program, folder):
    """Fit seconds against rows and columns, and the exponents between the ends."""
    for what, sizes in [("rows", [10**k for k in range(4, 7)]), ("columns", [20, 63, 200])]:
        cpu = []
        for n in sizes:
            meta, *_, yt = load(folder, f"{what}{n}")
            command = [program, "gbdt", json.dumps(BOOST), f"{folder}/{what}{n}"]
            cpu.append(min(run(command, meta, yt, lambda y, p: 0.0)["cpu"] for _ in range(3)))
        slope = np.log(cpu[-1] / cpu[0]) / np.log(sizes[-1] / sizes[0])
        steps = ", ".join(f"{n} {what} {c:.2f} s" for n, c in zip(sizes, cpu))
        print(f"growth: {steps}; exponent {slope:.2f}")


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(*sys.argv[2:6])
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:5])
