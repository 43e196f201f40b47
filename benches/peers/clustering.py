"""What scikit-learn's clusterers reach where the silhouette chooses their parameter.

    clustering.py FOLDER [PATTERN]

FOLDER is one that clustering_data.py has written; PATTERN, such as "far_*,iris", names tables of it. Every method sees
all rows; numbers are standardised, categories of at most 20 levels one-hot, gaps filled with medians. k-means (10
starts), Gaussian mixtures (full covariances) and Ward's linkage get the k of 2 to 15 with the greatest silhouette,
HDBSCAN the smallest cluster (5, 10, 20 or 50 rows).
FOLDER/scikit-learn.csv gets a line for every table and method: table, digest, kind, method, rows, true and found number
of clusters, adjusted Rand index, silhouette and CPU seconds. What it holds is not made again. Noise counts as one more
cluster of silhouette and index, not of their number. Where a table holds no clusters, the index is 1 if one is found,
else 0.
"""
import csv
import hashlib
import os
import sys
import time
import warnings
from fnmatch import fnmatch

import numpy as np
import pandas as pd
from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.mixture import GaussianMixture

from clustering_data import EMPTY

KS = range(2, 16)
METHODS = ["kmeans", "mixture", "ward", "hdbscan"]
FIELDS = ["table", "digest", "kind", "method", "rows", "clusters", "found", "ari", "silhouette", "seconds"]


class Results:
    """Lines of a CSV file, each of which is on disk as soon as it is there."""

    def __init__(self, path, fields):
        self.path, self.fields, self.lines = path, fields, []
        if os.path.exists(path):
            with open(path, newline="") as file:
                self.lines = list(csv.DictReader(file))

    def find(self, **facts):
        """The lines with these facts."""
        return [line for line in self.lines if all(line[k] == str(v) for k, v in facts.items())]

    def add(self, line):
        """Keeps a line, numbers rounded."""
        line = {k: f"{v:.5g}" if isinstance(v, float) else str(v) for k, v in line.items()}
        with open(self.path, "a", newline="") as file:
            out = csv.DictWriter(file, self.fields, lineterminator="\n")
            if file.tell() == 0:
                out.writeheader()
            out.writerow(line)
        self.lines.append(line)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:12]


def tables(folder, rows=None, pattern="*"):
    """(name, kind, features, labels) of the tables of a folder, of each at most so many rows."""
    for m in pd.read_csv(f"{folder}/manifest.csv").itertuples():
        if not any(fnmatch(word, p) for p in pattern.split(",") for word in (m.name, m.kind)):
            continue
        x, y = pd.read_csv(f"{folder}/{m.file}"), pd.read_csv(f"{folder}/{m.labels}")["cluster"]
        if rows and len(x) > rows:
            x = x.sample(rows, random_state=0)
        yield m.name, m.kind, x.reset_index(drop=True), y[x.index].to_numpy()


def agreement(kind, y, labels):
    """Number of clusters found, and the adjusted Rand index."""
    k = max(1, len(set(labels[labels >= 0])))
    return k, float(k == 1) if kind in EMPTY else float(adjusted_rand_score(y, labels))


def parts(x):
    """The columns that are numbers, gaps filled with the median, and the categories of at most 20 levels, one-hot."""
    numbers = x.select_dtypes("number")
    numbers = numbers.loc[:, numbers.nunique() > 1]
    others = x.drop(columns=x.select_dtypes("number").columns).astype("string").fillna("missing")
    others = others.loc[:, (others.nunique() > 1) & (others.nunique() <= 20)]
    hot = pd.get_dummies(others) if others.shape[1] else pd.DataFrame(index=x.index)
    return numbers.fillna(numbers.median()).to_numpy(float), hot.to_numpy(float)


def standard(x):
    numbers, hot = parts(x)
    if numbers.size:
        numbers = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
    return np.column_stack([numbers, hot])


def widths(distances, labels):
    """The silhouette of every row; those of single members and of noise are 0."""
    found, codes = np.unique(labels[labels >= 0], return_inverse=True)
    rows, hot = np.flatnonzero(labels >= 0), np.zeros((len(labels), len(found)), distances.dtype)
    out = np.zeros(len(labels))
    if len(found) < 2:
        return out
    hot[rows, codes] = 1
    sums, counts = (distances @ hot)[rows], hot.sum(axis=0)
    own = counts[codes]
    inner = sums[np.arange(len(rows)), codes] / np.maximum(own - 1, 1)
    means = sums / counts
    means[np.arange(len(rows)), codes] = np.inf
    outer = means.min(axis=1)
    out[rows] = np.where(own > 1, (outer - inner) / np.maximum(np.maximum(inner, outer), 1e-300), 0)
    return out


def fits(z):
    """Every method's fits, method by method: (method, labels, seconds)."""
    makers = {
        "kmeans": [KMeans(k, n_init=10, random_state=0) for k in KS],
        "mixture": [GaussianMixture(k, random_state=0, reg_covar=1e-6) for k in KS],
        "ward": [AgglomerativeClustering(k) for k in KS],
        "hdbscan": [HDBSCAN(min_cluster_size=m, copy=True) for m in (5, 10, 20, 50)],
    }
    for method, models in makers.items():
        for model in models:
            start = time.process_time()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                labels = model.fit_predict(z)
            yield method, labels, time.process_time() - start


def best(z):
    """By method: (silhouette, labels, seconds of all fits)."""
    distances, found, spent = euclidean_distances(z), {}, {}
    for method, labels, seconds in fits(z):
        groups = labels - labels.min()
        value = widths(distances, groups).mean() if groups.any() else -1
        spent[method] = spent.get(method, 0) + seconds
        if method not in found or value > found[method][0]:
            found[method] = value, labels
    return {method: (*found[method], spent[method]) for method in found}


def fitted(folder, pattern="*"):
    """The results of the tables of a folder, those that are missing made first."""
    results, found = Results(f"{folder}/scikit-learn.csv", FIELDS), []
    for name, kind, x, y in tables(folder, pattern=pattern):
        key = dict(table=name, digest=digest(f"{folder}/{name}.csv"))
        if len(results.find(**key)) < len(METHODS):
            for method, (value, labels, seconds) in best(standard(x)).items():
                k, ari = agreement(kind, y, labels)
                results.add(dict(key, kind=kind, method=method, rows=len(y), clusters=len(set(y)), found=k, ari=ari,
                                 silhouette=float(value), seconds=seconds))
            print(name, *(f"{line['method']} {line['ari']}" for line in results.find(**key)), flush=True)
        found += results.find(**key)[-len(METHODS):]
    return pd.DataFrame(found, columns=FIELDS)


if __name__ == "__main__":
    fitted(*sys.argv[1:])
