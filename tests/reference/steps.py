"""Writes steps.json: numbers of scikit-learn and the standard library for the steps' tests.

Run: python tests/reference/steps.py   (scikit-learn 1.9.1)
"""

import datetime as dt
import json
import math
import random
import re
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import f_classif
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    MinMaxScaler, OneHotEncoder, PowerTransformer, QuantileTransformer, RobustScaler, StandardScaler, TargetEncoder,
)

rng = np.random.default_rng(7)
TRAIN = 40  # the first rows are trained on
ROWS = 50


def column(values):
    return [None if isinstance(v, float) and math.isnan(v) else v for v in values]


def columns(matrix):
    return [column(row) for row in np.asarray(matrix, float).T.tolist()]


def levels(probabilities, unseen):
    names = [chr(ord("a") + i) for i in range(len(probabilities))]
    train = rng.choice(names, TRAIN, p=probabilities).tolist()
    return train + rng.choice(names + [unseen], ROWS - TRAIN).tolist()


def standard():
    x = np.column_stack([rng.normal(3, 2, ROWS), 1e12 + rng.normal(0, 1, ROWS), np.full(ROWS, 5.0)])
    w = rng.integers(1, 5, ROWS).astype(float)
    plain, weighted = StandardScaler().fit(x[:TRAIN]), StandardScaler().fit(x[:TRAIN], sample_weight=w[:TRAIN])
    return dict(x=columns(x), weights=w.tolist(), plain=columns(plain.transform(x)), weighted=columns(weighted.transform(x)))


def impute():
    x = rng.normal(size=(ROWS, 3)).round(1)
    x[rng.random(x.shape) < 0.3] = np.nan
    x[:TRAIN, 2] = np.where(np.isnan(x[:TRAIN, 2]), 0.5, x[:TRAIN, 2])
    out = dict(x=columns(x))
    for strategy in ("median", "mean", "most_frequent", "constant"):
        out[strategy] = columns(SimpleImputer(strategy=strategy, fill_value=-1.5).fit(x[:TRAIN]).transform(x))
    return out


def one_hot():
    x = levels([0.3, 0.25, 0.2, 0.15, 0.06, 0.04], "zebra")
    two = levels([0.6, 0.4], "a")
    fit = lambda values, **kw: columns(
        OneHotEncoder(sparse_output=False, **kw).fit([[v] for v in values[:TRAIN]]).transform([[v] for v in values])
    )
    return dict(
        x=x, two=two,
        all=fit(x, handle_unknown="ignore"),
        rare=fit(x, min_frequency=6, handle_unknown="infrequent_if_exist"),
        top=fit(x, max_categories=3, handle_unknown="infrequent_if_exist"),
        binary=fit(two, drop="if_binary"),
    )


def target():
    x = levels([0.3, 0.25, 0.2, 0.15, 0.06, 0.04], "zebra")
    value = rng.normal(size=ROWS)
    binary = rng.integers(0, 2, ROWS)
    classes = rng.integers(0, 4, ROWS)
    classes[:4] = range(4)

    def fit(y, kind):
        encoder = TargetEncoder(smooth=10.0, target_type=kind).fit([[v] for v in x[:TRAIN]], y[:TRAIN])
        return columns(encoder.transform([[v] for v in x]))

    return dict(
        x=x, value=value.tolist(), binary=binary.tolist(), classes=classes.tolist(),
        of_value=fit(value, "continuous"), of_binary=fit(binary, "binary"), of_classes=fit(classes, "multiclass"),
    )


def james_stein():
    """Levels of equal size: the codes follow from the F of one-way analysis of variance."""
    rows, names = 36, [c for c in "abcd" for _ in range(9)]
    value = (rng.normal(size=rows) + np.repeat([0.0, 0.7, -0.5, 0.2], 9)).round(3)
    labels = np.array([0, 1, 2] * 12)
    labels[:9], labels[20:27] = 0, 2

    def codes(y):
        f = f_classif(y.reshape(-1, 1), names)[0][0]
        means = np.repeat(y.reshape(4, 9).mean(axis=1), 9)
        return (y.mean() + max(0.0, 1 - 1 / f) * (means - y.mean())).tolist()

    return dict(
        x=names, value=value.tolist(), classes=labels.tolist(),
        of_value=[codes(value)], of_classes=[codes((labels == k).astype(float)) for k in range(2)],
    )


def tfidf():
    vocabulary = "red Green blue BLUE door 42 año straße free call now ok a I re-do".split()
    random.seed(4)
    texts = [" ".join(random.choices(vocabulary, k=random.randint(1, 12))) + random.choice(["!", "...", "  £9", ""]) for _ in range(20)]
    texts[3], texts[18] = "", "nothing known"
    train = 15
    ways = dict(
        words=dict(token_pattern=r"[^\W_]+"),
        pairs=dict(token_pattern=r"[^\W_]+", ngram_range=(1, 2)),
        chars=dict(analyzer="char_wb", ngram_range=(3, 5)),
    )
    out = dict(texts=texts, train=train)
    for name, way in ways.items():
        log = TfidfVectorizer(sublinear_tf=True, min_df=2, **way).fit(texts[:train])
        plain = TfidfVectorizer(**way).fit(texts[:train])
        no_idf = TfidfVectorizer(sublinear_tf=True, min_df=2, use_idf=False, **way).fit(texts[:train])
        out[name] = {k: v.transform(texts).toarray().tolist() for k, v in dict(log=log, plain=plain, no_idf=no_idf).items()}
    words = np.asarray(out["words"]["log"])
    svd = TruncatedSVD(3, algorithm="arpack", random_state=0).fit(words[:train])
    out["projected"] = svd.transform(words).T.tolist()
    return out


def word_hash(word):
    mask = (1 << 64) - 1
    h = 0xCBF29CE484222325
    for byte in word.encode():
        h = (h ^ byte) * 0x100000001B3 & mask
    z = (h + 0x9E3779B97F4A7C15) & mask
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
    return z ^ (z >> 31)


def words():
    vocabulary = "red Green blue BLUE door 42 año straße free call now ok".split()
    random.seed(3)
    texts = [" ".join(random.choices(vocabulary, k=random.randint(1, 8))) + random.choice(["!", "...", " £9", ""]) for _ in range(20)]
    train, bits = 15, 6
    sums = []
    for text in texts:
        row = {}
        for word in re.findall(r"[^\W_]+", text.lower()):
            h = word_hash(word)
            row[h % (1 << bits)] = row.get(h % (1 << bits), 0) + (1 if h >> 63 else -1)
        sums.append({b: math.copysign(math.log1p(abs(s)), s) for b, s in row.items() if s})
    df = [sum(b in row for row in sums[:train]) for b in range(1 << bits)]
    rows = []
    for row in sums:
        row = {b: w * (math.log((1 + train) / (1 + df[b])) + 1) for b, w in row.items()}
        norm = math.sqrt(sum(w * w for w in row.values()))
        rows.append([[b, w / norm] for b, w in sorted(row.items())])
    count = lambda test, text: sum(map(test, text)) / len(text)
    counts = [
        [len(t), len(re.findall(r"[^\W_]+", t)), count(str.isnumeric, t), count(str.isupper, t), count(lambda c: not c.isalnum() and not c.isspace(), t)]
        for t in texts
    ]
    return dict(texts=texts, train=train, bits=bits, rows=rows, counts=counts)


def dates():
    epoch = dt.datetime(1970, 1, 1)
    random.seed(5)
    times = [dt.datetime(*t) for t in [(1900, 2, 28, 23, 59), (1900, 3, 1), (1969, 12, 31, 23, 59), (2000, 2, 29, 12, 30), (2000, 12, 31), (2023, 12, 31), (2024, 12, 31, 6), (1600, 2, 29), (9999, 12, 31)]]
    times += [epoch + dt.timedelta(minutes=random.randrange(-10**8, 10**8)) for _ in range(40)]
    parts = [[t.year, t.month, t.day, t.timetuple().tm_yday, t.weekday(), t.hour, t.minute, (t - min(times)) / dt.timedelta(days=1)] for t in times]
    return dict(times=[(t - epoch) // dt.timedelta(milliseconds=1) for t in times], parts=parts)


def scales():
    """Skewed, negative, signed, off zero, and tied in the middle; a missing value in each, and ends that are no ties."""
    x = np.column_stack([
        np.exp(rng.normal(2, 1.2, ROWS)),
        -rng.gamma(2.0, 3.0, ROWS),
        rng.normal(0, 4, ROWS) ** 3 / 20,
        5 + rng.gamma(1.5, 8.0, ROWS),
        rng.normal(0, 2, ROWS).round(),
    ])
    x[:2, 4] = -9, 9
    x[range(41, 46), range(5)] = np.nan
    fit = lambda scaler: columns(scaler.fit(x[:TRAIN]).transform(x))
    power = PowerTransformer().fit(x[:TRAIN])
    return dict(
        x=columns(x),
        robust=fit(RobustScaler()),
        min_max=fit(MinMaxScaler((-1, 1))),
        normal=fit(QuantileTransformer(n_quantiles=TRAIN, output_distribution="normal")),
        power=columns(power.transform(x)), lambdas=power.lambdas_.tolist(),
    )


def components():
    x = rng.normal(size=(ROWS, 3)) @ rng.normal(size=(3, 6)) + 0.2 * rng.normal(size=(ROWS, 6))
    x = x * [1, 10, 0.1, 1, 5, 1] + [0, 3, -1, 100, 0, 1]
    scaler = StandardScaler().fit(x[:TRAIN])
    pca = PCA().fit(scaler.transform(x[:TRAIN]))
    return dict(
        x=columns(x), scores=columns(pca.transform(scaler.transform(x))),
        shares=pca.explained_variance_ratio_.tolist(),
    )


def target_scales():
    y = np.exp(rng.normal(8, 1, ROWS)).round(2)
    power = PowerTransformer().fit(y[:TRAIN, None])
    rank = QuantileTransformer(n_quantiles=TRAIN, output_distribution="normal").fit(y[:TRAIN, None])
    unit = np.median(y[:TRAIN])
    return dict(
        y=y.tolist(), log=np.log1p(y / unit).tolist(),
        yeo_johnson=power.transform(y[:, None])[:, 0].tolist(), quantile=rank.transform(y[:, None])[:, 0].tolist(),
    )


numbers = dict(
    train=TRAIN,
    standard=standard(),
    impute=impute(),
    one_hot=one_hot(),
    target=target(),
    words=words(),
    dates=dates(),
    scales=scales(),
    components=components(),
    target_scales=target_scales(),
    james_stein=james_stein(),
    tfidf=tfidf(),
)
Path(__file__).with_suffix(".json").write_text(json.dumps(numbers) + "\n")
