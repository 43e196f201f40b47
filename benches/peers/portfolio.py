"""Learns the portfolio of the search from trials on real tables.

    portfolio.py try PROGRAM DIR LOG [ROWS] [TABLES]   fits many settings on the tables of DIR/manifest.csv and
                                                       keeps losses, seconds and predictions in the folder LOG;
                                                       settings that are there already, the first ones, are not
                                                       fitted again
    portfolio.py learn LOG FILE [TABLE]                writes the lists to FILE, without what TABLE told

PROGRAM is that of benches/portfolio.rs. Of a table at most ROWS rows (6000) are used: two thirds to fit on where
there are more, three folds where there are not. Settings are every learner's defaults, points known to be strong,
and random points of wide ranges.

Learning is greedy: the list of a kind of task and size is built one setting after the other, each time with the one
that lowers the mean regret of the tables most for the time it takes (Streeter and Golovin, "An online algorithm for
maximizing submodular functions", 2008). Regret is half that of the best setting of the list, half that of a blend
of the list that grows greedily with it; both are the loss above the least that any setting or blend reached, in parts
of what the least gains over the constant, at most 1. Tables of another kind or size count less.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

LENGTH = 24
# Rows from which there is a list of its own.
SIZES = [0, 2000, 15000]
# Learners that take part only where they are named.
OPT_IN = ["huber"]
KINDS = ["binary", "multiclass", "regression"]
# What a table of another kind, or of a neighbouring size, counts.
OTHER_KIND, OTHER_SIZE = 0.15, 0.4


def settings():
    """Every learner's defaults, strong points, and random ones."""
    rng = np.random.default_rng(7)
    found = []

    def add(learner, steps=(), **params):
        found.append(dict(learner=learner, params=params, steps=list(steps)))

    def log(low, high):
        return float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.3g}")

    def flat(low, high):
        return float(f"{rng.uniform(low, high):.2g}")

    def some(*steps):
        return [s for s in steps if rng.random() < 0.25]

    for learner in ["naive_bayes", "tree", "linear", "lda", "glm", "elastic_net", "huber", "knn", "svm", "gbdt",
                    "gbdt_symmetric", "extra_trees", "random_forest", "gam"]:
        add(learner)
    for steps in [["quantile_normal"], ["yeo_johnson"], ["arithmetic"], ["target_encode", "one_hot"], ["robust_scale"],
                  ["transform_target"], ["arithmetic", "quantile_normal", "transform_target"]]:
        add("linear", steps)
    for steps in [["quantile_normal"], ["yeo_johnson"], ["select_important"]]:
        add("knn", steps)
        add("svm", steps)
    add("svm", c=10.0, gamma=0.3)
    add("svm", c=10.0)
    add("svm", c=3.0, gamma=0.3, steps=["quantile_normal"])
    for steps in [["arithmetic"], ["transform_target"], ["frequency_encode"], ["ordinal"], ["group_means"],
                  ["select_important"]]:
        add("gbdt", steps)
        add("gbdt_symmetric", steps)
        add("extra_trees", steps)
    for rate, leaves, leaf, columns, rows, l2 in [
            (0.019, 64, 28, 0.55, 0.99, 1.9), (0.018, 39, 3, 0.46, 0.88, 0.36), (0.03, 128, 3, 0.9, 1.0, 1.0),
            (0.02, 180, 12, 0.4, 0.95, 1.6), (0.04, 16, 1, 0.58, 0.96, 1.0), (0.02, 8, 15, 0.43, 0.72, 0.26),
            (0.05, 32, 1, 0.5, 0.99, 1.2), (0.04, 64, 1, 0.67, 0.93, 0.72), (0.03, 5, 12, 0.73, 0.85, 0.3),
            (0.013, 20, 2, 0.43, 0.71, 0.51), (0.1, 63, 5, 0.6, 0.9, 1.0), (0.1, 127, 2, 0.5, 0.9, 1.0),
            (0.2, 255, 2, 0.4, 0.9, 1.0), (0.05, 31, 20, 0.7, 1.0, 1.0), (0.1, 4, 20, 0.5, 0.8, 1.0)]:
        add("gbdt", some("arithmetic", "transform_target", "frequency_encode"), learning_rate=rate, max_leaves=leaves,
            min_leaf=leaf, column_share=columns, row_share=rows, l2=l2)
    for _ in range(12):
        add("gbdt", some("arithmetic", "transform_target", "frequency_encode", "ordinal"),
            learning_rate=log(0.015, 0.2), max_leaves=int(log(4, 255)), min_leaf=int(log(1, 60)),
            column_share=flat(0.3, 1), row_share=flat(0.6, 1), l2=log(0.01, 30))
    for depth, rate in [(4, 0.05), (8, 0.05), (8, 0.1), (6, 0.15), (5, 0.03), (3, 0.1)]:
        add("gbdt_symmetric", some("arithmetic", "transform_target"), depth=depth, learning_rate=rate)
    for _ in range(6):
        add("gbdt_symmetric", some("arithmetic", "transform_target", "frequency_encode"), depth=int(rng.integers(4, 9)),
            learning_rate=log(0.03, 0.2), l2=log(0.3, 30), column_share=flat(0.4, 1), row_share=flat(0.6, 1))
    for learner in ["extra_trees", "random_forest"]:
        for leaf, share in [(1, 0.75), (1, 0.3), (1, 1.0), (5, 0.5)]:
            add(learner, some("arithmetic", "transform_target"), min_leaf=leaf, column_share=share, trees=200)
    add("extra_trees", min_leaf=1, column_share=0.5, trees=300)
    add("gam", max_leaves=3, learning_rate=0.1)
    for steps, params in [
            ([], {}), (["transform_target"], {}), (["group_means"], {}),
            ([], dict(width=192, members=2, learning_rate=0.01)),
            ([], dict(layers=3, width=128, dropout=0.2)),
            ([], dict(norm=True, embedding=16)),
            ([], dict(width=256, dropout=0.3, learning_rate=0.01)),
            ([], dict(width=64, members=2)),
            ([], dict(members=8, embedding=16, dropout=0.2)),
            ([], dict(layers=1, knots=48, width=128)),
            (["arithmetic"], dict(activation="relu", width=128, learning_rate=0.01)),
            ([], dict(layers=3, width=192, members=2, learning_rate=0.005, decay=0.1))]:
        add("mlp", steps, **params)
    return found


def tables(folder):
    with open(f"{folder}/manifest.csv") as file:
        return [m for m in csv.DictReader(file) if m["task"] != "clustering"]


def parts(y, classes):
    """Two thirds and one third, or three folds, classes spread evenly."""
    order = np.random.default_rng(0).permutation(len(y))
    if classes:
        order = order[np.argsort(y.iloc[order], kind="stable")]
    fold = np.empty(len(y), int)
    fold[order] = np.arange(len(y)) % 3
    return [(np.flatnonzero(fold != k).tolist(), np.flatnonzero(fold == k).tolist()) for k in range(3)]


def attempt(program, folder, log, rows=6000, *names):
    rows, every = int(rows), settings()
    os.makedirs(log, exist_ok=True)
    for m in tables(folder):
        place = f"{log}/{m['name']}-{rows}"
        record = dict(name=m["name"], task=m["task"], metric=m["metric"], settings=0, lines=[])
        if os.path.exists(f"{place}.json"):
            with open(f"{place}.json") as file:
                record = json.load(file)
        known = record["settings"]
        if known >= len(every) or (names and m["name"] not in names):
            continue
        data = pd.read_csv(f"{folder}/{m['file']}", dtype=str, keep_default_na=False)
        data = data[data[m["target"]] != ""]
        if len(data) < 0.75 * rows and rows > 6000:
            continue
        few = len(data) <= rows
        data = (data if few else data.sample(rows, random_state=0)).reset_index(drop=True)
        if m["task"] != "regression":
            counts = data[m["target"]].map(data[m["target"]].value_counts())
            data = data[counts >= 3].reset_index(drop=True)
        split = parts(data[m["target"]], m["task"] != "regression")
        split = split if few else split[:1]
        with tempfile.TemporaryDirectory() as t:
            data.to_csv(f"{t}/t.csv", index=False)
            for name, content in [("parts", split), ("settings", every[known:])]:
                with open(f"{t}/{name}.json", "w") as file:
                    json.dump(content, file)
            out = subprocess.run([program, f"{t}/t.csv", m["target"], m["task"], m["metric"], f"{t}/parts.json",
                                  f"{t}/settings.json", f"{t}/p.f32"], capture_output=True, text=True, check=True)
            with open(f"{t}/p.f32", "rb") as file:
                new = file.read()
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        # What a run that was cut off has left is behind what the record tells of.
        whole = len(new) // max(len(lines), 1) * len(record["lines"])
        with open(f"{place}.f32", "ab") as file:
            file.truncate(whole)
            file.write(new)
        record["lines"] += [dict(line, setting=line["setting"] + known) for line in lines]
        test = np.concatenate([part[1] for part in split])
        y = data[m["target"]].iloc[test]
        y = y.astype(float) if m["task"] == "regression" else y.astype("category").cat.codes
        record.update(rows=len(split[0][0]), settings=len(every), y=y.tolist())
        with open(f"{place}.part", "w") as file:
            json.dump(record, file)
        os.replace(f"{place}.part", f"{place}.json")
        print(m["name"], len(lines), round(sum(line["seconds"] for line in lines)), flush=True)


class Table:
    """What was tried on a table, losses in parts of what the least of them gains over the constant."""

    def __init__(self, log, record):
        self.name, self.task, self.metric, self.rows = (record[k] for k in ["name", "task", "metric", "rows"])
        self.y = np.array(record["y"])
        self.width = int(self.y.max()) + 1 if self.task != "regression" else 1
        shape = (len(record["lines"]), len(self.y), self.width)
        self.p = np.fromfile(log.replace(".json", ".f32"), "<f4").reshape(shape)
        self.at = {line["setting"]: i for i, line in enumerate(record["lines"])}
        self.seconds = {line["setting"]: line["seconds"] for line in record["lines"]}
        if self.task == "binary":
            self.p = self.p[:, :, 1]
        if self.task == "multiclass":
            # A mean of predictions is measured by what they give the true class.
            self.p = np.take_along_axis(self.p, self.y[None, :, None], 2)[:, :, 0]
        if self.task == "regression":
            self.p = self.p[:, :, 0]
        single = {s: self.loss(self.p[i]) for s, i in self.at.items()}
        self.constant = self.loss(self.mean())
        self.least = min(single.values())
        self.single = {s: self.regret(loss) for s, loss in single.items()}
        self.least = min(self.least, self.loss(self.blended()))
        self.single = {s: self.regret(loss) for s, loss in single.items()}
        # Costs are relative to the usual one; what takes next to nothing still takes a while.
        self.cost = {s: max(v, 0.02) / np.median([*self.seconds.values()]) for s, v in self.seconds.items()}
        self.known = {}

    def mean(self):
        if self.task == "regression":
            return np.full(len(self.y), self.y.mean())
        if self.task == "binary":
            return np.full(len(self.y), 0.5)
        return (np.bincount(self.y) / len(self.y))[self.y]

    def loss(self, p):
        if self.task == "binary":
            zeros, ones = np.sort(p[self.y == 0]), p[self.y == 1]
            below = np.searchsorted(zeros, ones, "left") + np.searchsorted(zeros, ones, "right")
            return 1 - below.sum() / (2 * len(zeros) * len(ones))
        if self.task == "regression":
            return np.sqrt(np.mean((p - self.y) ** 2))
        return -np.log(np.clip(p, 1e-15, 1)).mean()

    def regret(self, loss):
        return min(1, (loss - self.least) / (self.constant - self.least))

    def blended(self):
        """A greedy blend of all settings, the best that could be had."""
        best = min(self.single, key=self.single.get)
        p = self.p[self.at[best]].astype(float)
        for step in range(2, 12):
            means = {s: self.loss((p * (step - 1) + self.p[i]) / step) for s, i in self.at.items()}
            best = min(means, key=means.get)
            p = (p * (step - 1) + self.p[self.at[best]]) / step
        return p

    def value(self, chosen):
        """The regret of a list: half of its best setting, half of its blend. The blend grows with the list:
        a setting enters with the weight of 0, 1/4 or 1/2 that serves best."""
        chosen = tuple(s for s in chosen if s in self.at)
        if chosen not in self.known:
            if not chosen:
                self.known[chosen] = (1.0, None, 1.0, 1.0)
            else:
                self.value(chosen[:-1])
                _, p, blend, best = self.known[chosen[:-1]]
                new = self.p[self.at[chosen[-1]]]
                ways = [(blend, p)] if p is not None else [(self.regret(self.loss(new)), new.astype(float))]
                if p is not None:
                    ways += [(self.regret(self.loss(q)), q) for q in ((1 - w) * p + w * new for w in (0.25, 0.5))]
                blend, p = min(ways, key=lambda way: way[0])
                best = min(best, self.single[chosen[-1]])
                self.known[chosen] = ((blend + best) / 2, p, blend, best)
        return self.known[chosen][0]


def size(rows):
    return max(i for i, least in enumerate(SIZES) if rows >= least)


def learned(found, kind, least):
    """A list for a kind of task and a size of table."""
    def weight(t):
        return (1 if t.task == kind else OTHER_KIND) * OTHER_SIZE ** abs(size(t.rows) - size(least))

    found = [t for t in found if weight(t) >= 0.1]
    weights = np.array([weight(t) for t in found])
    weights /= weights.sum()
    chosen, every = [], settings()
    while len(chosen) < LENGTH:
        now = np.array([t.value(chosen) for t in found])

        def gain(s):
            after = np.array([t.value([*chosen, s]) for t in found])
            cost = sum(w * t.cost.get(s, 1) for w, t in zip(weights, found))
            return weights @ (now - after) / np.sqrt(cost)

        left = [s for s in range(len(every)) if s not in chosen and every[s]["learner"] not in OPT_IN]
        if chosen:  # Families interleave.
            left = [s for s in left if every[s]["learner"] != every[chosen[-1]]["learner"]] or left
        gains = {s: gain(s) for s in left}
        best = max(gains, key=gains.get)
        if gains[best] <= 0:
            break
        chosen.append(best)
    return [dict((k, v) for k, v in every[s].items() if v) for s in chosen]


def learn(log, path, *without):
    found = []
    for place in sorted(os.listdir(log)):
        if place.endswith(".json"):
            with open(f"{log}/{place}") as file:
                record = json.load(file)
            if record["name"] not in without:
                found.append(Table(f"{log}/{place}", record))
    lists = [dict(kind=kind, rows=rows, settings=learned(found, kind, rows)) for kind in KINDS for rows in SIZES]
    with open(path, "w") as file:
        file.write('{"lists": [\n')
        texts = []
        for one in lists:
            rows = ",\n".join("    " + json.dumps(s) for s in one["settings"])
            texts.append(f'  {{"kind": "{one["kind"]}", "rows": {one["rows"]}, "settings": [\n{rows}]}}')
        file.write(",\n".join(texts) + "\n]}\n")


if __name__ == "__main__":
    {"try": attempt, "learn": learn}[sys.argv[1]](*sys.argv[2:])
