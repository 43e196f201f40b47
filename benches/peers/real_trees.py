"""Fits ruska's boosted trees and their peers on real tables, five folds, one thread each.

Arguments: the program of benches/trees.rs, a folder with tables and their manifest.csv (name, file,
task, target, metric), a file for the results, and optionally names of tables. Every system gets the same
rows and columns, sets the same 15 % of the training rows aside, and stops when the loss on them has
not improved for a while: ruska and LightGBM by the same adaptive rule, CatBoost after 50 rounds.
ruska runs with its defaults, LightGBM with 31 leaves and learning rate 0.1, CatBoost with its own.
Results that the file holds are not made again. Prints a line for every table, then the shares.
"""
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold

FOLDS = 5
SYSTEMS = ["ruska gbdt", "lightgbm", "ruska gbdt_symmetric", "catboost"]
MOST_ROUNDS = 2000


def table(folder, m):
    """Features as numbers, the places of the categorical ones, and the truth as numbers."""
    data = pd.read_csv(f"{folder}/{m['file']}", low_memory=False)
    data = data[data[m["target"]].notna()]
    y = data.pop(m["target"])
    x, categorical = {}, []
    for name, column in data.items():
        if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
            x[name] = column.astype(float)
        elif column.nunique() > 0.5 * column.count():
            continue
        else:
            categorical.append(len(x))
            x[name] = column.astype("category").cat.codes.replace(-1, np.nan).astype(float)
    if m["task"] != "regression":
        y = y.astype(str).astype("category").cat.codes
    return np.asarray(pd.DataFrame(x), np.float32), categorical, np.asarray(y, np.float32)


def used():
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


class Patience:
    """Stops LightGBM as ruska stops: after 20 rounds and 0.3 of the best one."""

    order = 30

    def __init__(self):
        self.best, self.at = np.inf, 0

    def __call__(self, env):
        import lightgbm as lgb
        loss = env.evaluation_result_list[0][2]
        if loss < self.best:
            self.best, self.at = loss, env.iteration
        if env.iteration - self.at >= 20 + int(0.3 * self.at):
            raise lgb.callback.EarlyStopException(self.at, env.evaluation_result_list)


def lightgbm(x, y, v, z, categorical, classes):
    import lightgbm as lgb
    kind = {0: "regression", 2: "binary"}.get(classes, "multiclass")
    params = dict(objective=kind, num_threads=1, verbosity=-1, learning_rate=0.1, num_leaves=31)
    if kind == "multiclass":
        params["num_class"] = classes
    data = lgb.Dataset(x, y, params=params, categorical_feature=categorical)
    valid = lgb.Dataset(v[0], v[1], reference=data)
    model = lgb.train(params, data, MOST_ROUNDS, valid_sets=[valid], callbacks=[Patience()])
    return model.predict(z, num_threads=1)


def catboost(x, y, v, z, categorical, classes):
    import catboost as cb

    def frame(part):
        frame = pd.DataFrame(part)
        return frame.assign(**{str(c): frame[c].fillna(-1).astype(int) for c in categorical})[
            [str(c) if c in categorical else c for c in frame]]

    kind = cb.CatBoostClassifier if classes else cb.CatBoostRegressor
    model = kind(thread_count=1, verbose=0, allow_writing_files=False, cat_features=[str(c) for c in categorical],
                 od_type="Iter", od_wait=50)
    model.fit(frame(x), y, eval_set=(frame(v[0]), v[1]))
    return model.predict_proba(frame(z)) if classes else model.predict(frame(z))


def ruska(program, learner, x, y, z, categorical, classes):
    """Predictions and CPU seconds; with the learner `split` the rows that are set aside."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/t"
        for name, part in [("X", x), ("Xt", z)]:
            np.ascontiguousarray(part.T).tofile(f"{path}.{name}.f32")
        y.tofile(f"{path}.y.f32")
        meta = dict(rows=len(x), test_rows=len(z), classes=classes, categorical=categorical)
        with open(f"{path}.json", "w") as file:
            json.dump(meta, file)
        line = subprocess.run([program, learner, "{}", path, f"{folder}/p"], check=True,
                              stdout=subprocess.PIPE).stdout
        if learner == "split":
            with open(f"{folder}/p") as file:
                return json.load(file)
        p = np.fromfile(f"{folder}/p").reshape(len(z), -1)
        return p[:, 0] if p.shape[1] == 1 else p, json.loads(line.splitlines()[-1])["cpu"]


def loss(metric, y, p):
    if metric == "auc":
        return 1 - roc_auc_score(y, p if p.ndim == 1 else p[:, 1])
    if metric == "rmse":
        return float(np.sqrt(np.mean((y - p) ** 2)))
    return log_loss(y, np.clip(p, 1e-9, 1), labels=np.arange(p.shape[1]))


def constant(metric, learn, y):
    if metric == "auc":
        return 0.5
    if metric == "rmse":
        return loss(metric, y, np.full(len(y), learn.mean()))
    return loss(metric, y, np.tile(np.bincount(learn.astype(int)) / len(learn), (len(y), 1)))


def measure(program, folder, m, out, done):
    x, categorical, y = table(folder, m)
    classes = 0 if m["task"] == "regression" else int(y.max()) + 1
    kind = StratifiedKFold if classes else KFold
    folds = kind(FOLDS, shuffle=True, random_state=42).split(x, y if classes else None)
    for fold, (train, test) in enumerate(folds):
        for system in SYSTEMS:
            if (m["name"], str(fold), system) in done:
                continue
            if system.startswith("ruska"):
                p, cpu = ruska(program, system.split()[1], x[train], y[train], x[test],
                               categorical, classes)
            else:
                b = train[ruska(program, "split", x[train], y[train], x[test], categorical, classes)]
                a = np.setdiff1d(train, b)
                start = used()
                fit = lightgbm if system == "lightgbm" else catboost
                p = fit(x[a], y[a], (x[b], y[b]), x[test], categorical, classes)
                cpu = used() - start
            row = [m["name"], fold, system, loss(m["metric"], y[test], p), cpu,
                   constant(m["metric"], y[train], y[test])]
            out.writerow(row)
            yield row


def pairs(results):
    """For each table and pair: means, whether ours is better, by how much of the range beyond noise."""
    wins = {}
    for name, of_table in results.groupby("name", sort=False):
        by = of_table.pivot(index="fold", columns="system", values="loss").mean()
        cpu = of_table.pivot(index="fold", columns="system", values="cpu").sum()
        scale = of_table.constant.mean() - by.min()
        line = f"{name:20}"
        for ours, peer in [SYSTEMS[:2], SYSTEMS[2:]]:
            wide = of_table.pivot(index="fold", columns="system", values="loss")
            apart = (wide[ours] - wide[peer]) / scale
            noise = 2 * apart.std() / np.sqrt(len(apart))
            worse = apart.mean() > 0.01 + noise
            wins.setdefault(peer, []).append((apart.mean() <= 0, worse, cpu[ours] / cpu[peer]))
            line += (f"  {by[ours]:11.5f} {by[peer]:11.5f} {100 * apart.mean():+6.2f} % ± "
                     f"{100 * noise:5.2f}{'*' if worse else ' '} cpu {cpu[ours] / cpu[peer]:5.2f}")
        print(line)
    for peer, rows in wins.items():
        better, worse, ratio = zip(*rows)
        print(f"against {peer}: better or equal on {sum(better)} of {len(rows)}, worse beyond noise on "
              f"{sum(worse)}, median CPU ratio {np.median(ratio):.2f}")


def main(program, folder, path, *names):
    fields = ["name", "fold", "system", "loss", "cpu", "constant"]
    done = set()
    if os.path.exists(path):
        with open(path) as file:
            done = {(r["name"], r["fold"], r["system"]) for r in csv.DictReader(file)}
    with open(f"{folder}/manifest.csv") as file:
        tables = [m for m in csv.DictReader(file) if m["task"] != "clustering" and m["name"] != "sms_spam"]
    with open(path, "a", newline="") as file:
        out = csv.writer(file)
        if not done:
            out.writerow(fields)
        for m in tables:
            if names and m["name"] not in names:
                continue
            for row in measure(program, folder, m, out, done):
                file.flush()
    pairs(pd.read_csv(path))


if __name__ == "__main__":
    main(*sys.argv[1:])
