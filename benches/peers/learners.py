"""Scores every learner with its defaults on real tables, beside scikit-learn's counterpart.

Arguments: the program of benches/learners.rs, a folder with tables and their manifest.csv (name, file, task,
target, metric), a file for the results, and optionally names of tables, `learner=ID` for single learners and
`folds=N` for the first N of five folds instead of one. A learner is fitted on one thread, with its defaults and
the steps it needs. The counterparts get the same rows with the preprocessing that scikit-learn's users write for
them: medians, one-hot of at most 100 levels, the standard scale; TF-IDF of words for columns of text, parts for
dates. The EBM reads numbers and levels as they are. They get two minutes, the EBM ten, and are left out where
ruska's learner declares a table too large for it.
Results that the file holds are not made again. Prints the table as Markdown: means over the folds, and how often
ours is equal or better, and how often not worse by more than twice the standard error of the difference between
the folds (Nadeau and Bengio, "Inference for the generalization error", 2003).
"""
import csv
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pandas as pd
from sklearn import compose, ensemble, impute, linear_model, naive_bayes, neighbors, pipeline
from sklearn import neural_network, preprocessing, svm, tree
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold

warnings.filterwarnings("ignore")
LIMIT = 60
FIELDS = ["name", "fold", "system", "learner", "score", "fit", "predict", "declared", "bytes", "why"]


def ebm(classes):
    from interpret.glassbox import ExplainableBoostingClassifier as C, ExplainableBoostingRegressor as R
    return (C if classes else R)(n_jobs=1, random_state=0)


def either(classifier, regressor):
    return lambda classes: (classifier if classes else regressor)()


PEERS = {
    "linear": either(lambda: linear_model.LogisticRegressionCV(n_jobs=1, max_iter=500),
                     lambda: linear_model.RidgeCV(np.logspace(-3, 3, 13))),
    "elastic_net": either(None, lambda: linear_model.ElasticNetCV(n_jobs=1, random_state=0)),
    "glm": either(None, lambda: linear_model.PoissonRegressor(alpha=1e-3, max_iter=500)),
    "huber": either(None, lambda: linear_model.HuberRegressor(max_iter=500)),
    "quantile_linear": either(None, lambda: linear_model.QuantileRegressor(alpha=1e-3, solver="highs")),
    "knn": either(lambda: neighbors.KNeighborsClassifier(n_neighbors=15, n_jobs=1),
                  lambda: neighbors.KNeighborsRegressor(n_neighbors=15, n_jobs=1)),
    "naive_bayes": either(naive_bayes.GaussianNB, None),
    "lda": either(lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"), None),
    "svm": either(lambda: svm.SVC(probability=True, random_state=0), svm.SVR),
    "gam": ebm,
    "mlp": either(lambda: neural_network.MLPClassifier(random_state=0), lambda: compose.TransformedTargetRegressor(
        neural_network.MLPRegressor(random_state=0), transformer=preprocessing.StandardScaler())),
    "tree": either(lambda: tree.DecisionTreeClassifier(min_samples_leaf=20, random_state=0),
                   lambda: tree.DecisionTreeRegressor(min_samples_leaf=20, random_state=0)),
    "random_forest": either(lambda: ensemble.RandomForestClassifier(n_jobs=1, random_state=0),
                            lambda: ensemble.RandomForestRegressor(n_jobs=1, random_state=0)),
    "extra_trees": either(lambda: ensemble.ExtraTreesClassifier(n_jobs=1, random_state=0),
                          lambda: ensemble.ExtraTreesRegressor(n_jobs=1, random_state=0)),
    "gbdt": either(lambda: ensemble.HistGradientBoostingClassifier(random_state=0),
                   lambda: ensemble.HistGradientBoostingRegressor(random_state=0)),
}
DENSE = ["naive_bayes", "lda", "gbdt", "svm", "tree"]
# Seconds that a counterpart may take.
SECONDS = {"gam": 10 * LIMIT}


def kinds(x):
    """Columns by kind: numbers, levels, text, dates."""
    found = {"number": [], "level": [], "text": [], "date": []}
    for name, column in x.items():
        known = column.dropna()
        if pd.api.types.is_numeric_dtype(column):
            found["number"].append(name)
        elif len(known) and pd.to_datetime(known.head(50), errors="coerce", format="mixed").notna().all():
            found["date"].append(name)
        elif known.astype(str).str.split().str.len().mean() > 4 and known.nunique() > 100:
            found["text"].append(name)
        elif known.nunique() < 0.9 * len(known) or known.nunique() < 50:
            found["level"].append(name)
    return found


def prepared(x, dense, native):
    """The usual preprocessing of scikit-learn's users; for a learner that reads levels, none but parts of dates."""
    found = kinds(x)
    for name in found["date"]:
        when = pd.to_datetime(x[name], errors="coerce", format="mixed")
        for part in ["year", "month", "day", "dayofweek", "hour"]:
            x[f"{name}.{part}"] = getattr(when.dt, part).astype(float)
            found["number"].append(f"{name}.{part}")
    for name in found["text"]:
        x[name] = x[name].fillna("").astype(str)
    for name in found["level"]:
        x[name] = x[name].astype(object).where(x[name].notna(), "missing").astype(str)
    if native:
        return x[found["number"] + found["level"]], "passthrough"
    parts = [("number", pipeline.make_pipeline(impute.SimpleImputer(strategy="median", add_indicator=True),
                                               preprocessing.StandardScaler()), found["number"]),
             ("level", preprocessing.OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=100),
              found["level"])]
    parts += [(name, TfidfVectorizer(min_df=2), name) for name in found["text"]]
    return x, compose.ColumnTransformer(parts, sparse_threshold=0 if dense else 0.3)


def score(metric, y, p):
    if metric == "auc":
        return roc_auc_score(y, p[:, 1])
    if metric == "rmse":
        return float(np.sqrt(np.mean((y - p) ** 2)))
    return log_loss(y, np.clip(p, 1e-15, 1), labels=np.arange(p.shape[1]))


def used():
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def peer(path, target, task, metric, test, learner):
    """In a process of its own: fits a counterpart and prints what it scores."""
    x = pd.read_csv(path, low_memory=False)
    y = x.pop(target)
    y = np.asarray(y, float) if task == "regression" else y.astype(str).astype("category").cat.codes.values
    classes = 0 if task == "regression" else int(y.max()) + 1
    if PEERS[learner](classes) is None:
        return
    with open(test) as file:
        test = json.load(file)
    train = np.setdiff1d(np.arange(len(y)), test)
    x, prepare = prepared(x, learner in DENSE, learner == "gam")
    start = used()
    model = pipeline.make_pipeline(prepare, PEERS[learner](classes)).fit(x.iloc[train], y[train])
    fit, start = used() - start, used()
    p = (model.predict_proba if classes else model.predict)(x.iloc[test])
    print(json.dumps(dict(score=score(metric, y[test], p), fit=fit, predict=used() - start)))


def lines(command, seconds=None):
    """The lines of JSON that a program prints in time; what it says of its failure otherwise."""
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           env=dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"))
    try:
        out, error = run.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        run.send_signal(signal.SIGKILL)
        run.communicate()
        return [dict(why=f"did not end in {seconds} s")]
    found = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    if run.returncode:
        last = (error.strip().splitlines() or ["failed"])[-1]
        found.append(dict(why=last[:80]))
    return found


def measure(program, folder, m, learners, folds, out, done):
    data = pd.read_csv(f"{folder}/{m['file']}", dtype=str, keep_default_na=False)
    data = data[data[m["target"]] != ""].reset_index(drop=True)
    kind = KFold if m["task"] == "regression" else StratifiedKFold
    with tempfile.TemporaryDirectory() as place:
        path, rows = f"{place}/t.csv", f"{place}/rows.json"
        data.to_csv(path, index=False)
        splits = kind(5, shuffle=True, random_state=42).split(data, data[m["target"]])
        for fold, (_, test) in zip(map(str, range(folds)), splits):
            with open(rows, "w") as file:
                json.dump(np.sort(test).tolist(), file)
            args = [path, m["target"], m["task"], m["metric"], rows]
            ours = [i for i in ["baseline", *(learners or [*PEERS, "gbdt_symmetric", "linfa_tree"])]
                    if (m["name"], fold, "ruska", i) not in done]
            for line in lines([program, *args, *ours]) if ours else []:
                out.writerow(dict(line, name=m["name"], fold=fold, system="ruska"))
                done[m["name"], fold, "ruska", line.get("learner")] = line.get("score")
            for learner in learners or PEERS:
                fitted = done.get((m["name"], fold, "ruska", learner)) not in (None, "")
                if fitted and (m["name"], fold, "peer", learner) not in done and learner in PEERS:
                    seconds = SECONDS.get(learner, 2 * LIMIT)
                    for line in lines([sys.executable, __file__, "--peer", *args, learner], seconds):
                        out.writerow(dict(line, name=m["name"], fold=fold, system="peer", learner=learner))


def gain(ours, peers, base, high):
    """How much better ours are than the peer's, as a part of its gain over a constant, and whether they are not
    worse beyond noise."""
    gain = (ours - peers if high else peers - ours).dropna()
    if gain.empty:
        return None
    error = np.sqrt(gain.var() * (1 / len(gain) + 1 / 4)) if len(gain) > 1 else np.nan
    part = gain.mean() / abs((base - peers).mean())
    return part, gain.mean() >= -2 * error if np.isfinite(error) else gain.mean() >= 0


def page(results, tables):
    """Scores by table, ruska's before the counterpart's, the better one in bold."""
    learners = [i for i in PEERS if i in set(results.learner)]
    results["score"] = pd.to_numeric(results["score"], errors="coerce")
    scores = results.pivot_table("score", "fold", ["name", "system", "learner"])
    found = {i: [] for i in learners}
    print("| table | metric | constant | " + " | ".join(learners) + " |")
    print("|---" * (len(learners) + 3) + "|")
    for m in tables:
        of = {key: scores.get((m["name"], *key), pd.Series(dtype=float))
              for key in [("ruska", "baseline"), *((s, i) for s in ["ruska", "peer"] for i in learners)]}
        base, high = of["ruska", "baseline"], m["metric"] == "auc"
        cells = []
        for i in learners:
            a, b = (of[s, i] for s in ["ruska", "peer"])
            both = gain(a, b, base, high)
            shown = [f"{v.mean():.4g}" if len(v.dropna()) else "–" for v in [a, b]]
            if both:
                best = int(both[0] < 0)
                shown[best] = f"**{shown[best]}**"
                found[i].append(both)
            cells.append(" / ".join(shown) if shown != ["–", "–"] else "")
        print(f"| {m['name']} | {m['metric']} | {base.mean():.4g} | " + " | ".join(cells) + " |")
    for i, of in found.items():
        if of:
            better, sound = sum(g >= 0 for g, _ in of), sum(ok for _, ok in of)
            near = sum(g >= -0.01 for g, _ in of)
            print(f"{i}: equal or better on {better} of {len(of)}, within 1 % of the gain on {near}, "
                  f"not worse beyond noise on {sound}")


def main(program, folder, path, *words):
    names = [w for w in words if "=" not in w]
    learners = [w.split("=")[1] for w in words if w.startswith("learner=")]
    folds = min(5, max([1, *(int(w.split("=")[1]) for w in words if w.startswith("folds="))]))
    done = {}
    if os.path.exists(path):
        with open(path) as file:
            done = {(r["name"], r["fold"], r["system"], r["learner"]): r["score"] for r in csv.DictReader(file)}
    with open(f"{folder}/manifest.csv") as file:
        tables = [m for m in csv.DictReader(file) if m["task"] != "clustering"]
    with open(path, "a", newline="") as file:
        out = csv.DictWriter(file, FIELDS, extrasaction="ignore")
        if not done:
            out.writeheader()
        for m in tables:
            if not names or m["name"] in names:
                measure(program, folder, m, learners, folds, out, done)
                file.flush()
    page(pd.read_csv(path), tables)


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        peer(*sys.argv[2:8])
    else:
        main(*sys.argv[1:])
