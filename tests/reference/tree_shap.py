"""Values of shap 0.51.0's TreeExplainer on random trees, which the kernel must meet; writes tree_shap.json."""
import json
import numpy as np
import shap

random = np.random.default_rng(11)
FEATURES, OUTPUTS, ROWS = 7, 2, 12


def grow(leaves):
    """A random tree: a leaf at random is split again and again; weights are those of a random walk."""
    tree = dict(left=[-1], right=[-1], missing=[-1], feature=[-2], threshold=[0.0], value=[], weight=[1000.0])
    open_leaves = [0]
    for _ in range(leaves - 1):
        at = open_leaves.pop(int(random.integers(len(open_leaves))))
        children = [len(tree["left"]), len(tree["left"]) + 1]
        part = round(float(random.uniform(0.05, 0.95)), 3)
        tree["left"][at], tree["right"][at] = children
        tree["missing"][at] = int(random.choice(children))
        tree["feature"][at] = int(random.integers(FEATURES))
        tree["threshold"][at] = round(float(random.normal()), 2)
        for child, share in zip(children, [part, 1 - part]):
            tree["left"].append(-1)
            tree["right"].append(-1)
            tree["missing"].append(-1)
            tree["feature"].append(-2)
            tree["threshold"].append(0.0)
            tree["weight"].append(tree["weight"][at] * share)
            open_leaves.append(child)
    tree["value"] = random.normal(size=(len(tree["left"]), OUTPUTS)).round(3).tolist()
    return tree


trees = [grow(leaves) for leaves in [2, 3, 5, 8, 12, 20, 31, 31]]
x = random.normal(size=(ROWS, FEATURES)).round(2)
x[random.random(x.shape) < 0.12] = np.nan
named = dict(left="children_left", right="children_right", missing="children_default", feature="features",
             threshold="thresholds", value="values", weight="node_sample_weight")
explainer = shap.TreeExplainer(
    dict(trees=[{named[k]: np.array(v) for k, v in t.items()} for t in trees]),
    feature_perturbation="tree_path_dependent",
)
values = explainer.shap_values(x, check_additivity=False)
base = np.asarray(explainer.expected_value)
assert values.shape == (ROWS, FEATURES, OUTPUTS) and base.shape == (OUTPUTS,)
for tree in trees:
    tree["value"] = [v if f < 0 else [] for v, f in zip(tree["value"], tree["feature"])]
reference = dict(
    trees=trees,
    x=[[None if np.isnan(v) else float(v) for v in column] for column in x.T],
    base=base.tolist(),
    values=np.round(values, 12).tolist(),
)
with open("tree_shap.json", "w") as file:
    json.dump(reference, file, separators=(",", ":"))
    file.write("\n")
