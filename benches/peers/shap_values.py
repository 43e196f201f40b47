"""Explains rows by boosted trees with ruska's kernel and with the shap package, in turn, one thread each.

Arguments: the program of benches/shap.rs, a folder for trees and rows, the number of pairs. The trees are a
LightGBM model of 500 trees of 31 leaves on 20,000 rows of 30 columns, the rows explained 1,000 of these.
Prints the medians of the CPU seconds with their spread, the largest difference of values, and as the last line
the ratio of ruska's CPU seconds to shap's.
"""
import json
import os
import statistics
import subprocess
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import lightgbm
import numpy as np
import shap

ROWS, COLUMNS, EXPLAINED, TREES, LEAVES = 20_000, 30, 1_000, 500, 31


def flat(structure):
    """A tree as lists, children after their parent and side by side."""
    tree = dict(left=[], feature=[], threshold=[], missing_left=[], value=[], cover=[])

    def room():
        for name, nothing in [("left", -1), ("feature", -2), ("threshold", 0.0), ("missing_left", 0), ("value", 0.0), ("cover", 0.0)]:
            tree[name].append(nothing)
        return len(tree["left"]) - 1

    waiting = [(structure, room())]
    while waiting:
        node, at = waiting.pop(0)
        if "leaf_value" in node:
            tree["value"][at] = node["leaf_value"]
            tree["cover"][at] = node.get("leaf_count", ROWS)
            continue
        left, right = room(), room()
        tree["left"][at] = left
        tree["feature"][at] = node["split_feature"]
        tree["threshold"][at] = node["threshold"]
        tree["missing_left"][at] = int(node["default_left"])
        tree["cover"][at] = node["internal_count"]
        waiting += [(node["left_child"], left), (node["right_child"], right)]
    return tree


def peer(trees, x):
    named = []
    for tree in trees:
        left = np.array(tree["left"])
        right = np.where(left < 0, -1, left + 1)
        named.append(dict(
            children_left=left, children_right=right,
            children_default=np.where(np.array(tree["missing_left"]) > 0, left, right),
            features=np.array(tree["feature"]), thresholds=np.array(tree["threshold"], float),
            values=np.array(tree["value"], float)[:, None], node_sample_weight=np.array(tree["cover"], float)))
    explainer = shap.TreeExplainer(dict(trees=named), feature_perturbation="tree_path_dependent")
    start = time.process_time()
    values = explainer.shap_values(x, check_additivity=False)
    return time.process_time() - start, np.asarray(values).reshape(len(x), -1)


program, folder, pairs = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.makedirs(folder, exist_ok=True)
random = np.random.default_rng(0)
x = random.normal(size=(ROWS, COLUMNS))
y = np.sin(x[:, 0] * 2) + x[:, 1] * x[:, 2] + x[:, 3:10].sum(1) * 0.3 + random.normal(size=ROWS) * 0.3
params = dict(objective="regression", num_leaves=LEAVES, learning_rate=0.1, num_threads=1, verbosity=-1)
model = lightgbm.train(params, lightgbm.Dataset(x, y), TREES)
trees = [flat(t["tree_structure"]) for t in model.dump_model()["tree_info"]]
rows = x[:EXPLAINED]
with open(f"{folder}/trees.json", "w") as file:
    json.dump(dict(features=COLUMNS, trees=trees), file)
np.ascontiguousarray(rows.T).tofile(f"{folder}/rows.f64")
ours, prepared, theirs = [], [], []
for _ in range(pairs):
    said = subprocess.run([program, folder, f"{folder}/values.f64"], check=True, capture_output=True, text=True)
    told = json.loads(said.stdout)
    ours.append(told["cpu"])
    prepared.append(told["prepared"])
    seconds, values = peer(trees, rows)
    theirs.append(seconds)
    mine = np.fromfile(f"{folder}/values.f64").reshape(values.shape)
    print(f"pair: ruska {ours[-1]:.3f} s (and {prepared[-1]:.3f} s to prepare), shap {seconds:.3f} s, "
          f"largest difference {np.abs(mine - values).max():.1e}", flush=True)
ratio = (statistics.median(ours) + statistics.median(prepared)) / statistics.median(theirs)
print(json.dumps(dict(ruska=statistics.median(ours), prepared=statistics.median(prepared),
                      shap=statistics.median(theirs), ratio=ratio)))
