"""What well-known systems reach on these tables; the bands in `datasets.toml` are around it.

Needs scikit-learn, LightGBM and pandas: `python3 reference_scores.py`.
"""

import pathlib

import lightgbm
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import generate

HERE = pathlib.Path(__file__).parent


def show(what, scores):
    print(f"{what}: {np.mean(scores):.4f} ± {np.std(scores):.4f}")


def booster(kind, text, **params):
    """LightGBM on ordinal codes, with words of the text column as counts."""
    split = make_column_transformer(
        (TfidfVectorizer(min_df=5), text), remainder="passthrough", sparse_threshold=0
    )
    return make_pipeline(
        split, kind(n_estimators=params.pop("trees"), verbose=-1, random_state=0, n_jobs=2, **params)
    )


def linear(model, text, numbers, levels):
    return make_pipeline(
        make_column_transformer(
            (TfidfVectorizer(min_df=5), text),
            (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore", min_frequency=5), levels),
        ),
        model,
    )


def codes(frame, text):
    frame = frame.copy()
    for name in frame.columns:
        if name != text and not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype("category").cat.codes
    return frame


def churn():
    x = pd.read_csv(HERE / "churn.csv", parse_dates=["signup_date"])
    y = (x.pop("churned") == "yes").astype(int)
    x["signup_date"] = x["signup_date"].astype("int64")
    x["last_ticket"] = x["last_ticket"].fillna("")
    leak = x.pop("cancellation_fee_eur")
    x = x.drop(columns=["customer_id", "currency"])
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    numbers = [c for c in x if pd.api.types.is_numeric_dtype(x[c])]
    levels = [c for c in x if c not in numbers and c != "last_ticket"]
    model = linear(LogisticRegression(max_iter=2000), "last_ticket", numbers, levels)
    show("churn auc, logistic regression", cross_val_score(model, x, y, cv=folds, scoring="roc_auc"))
    model = booster(
        lightgbm.LGBMClassifier,
        "last_ticket",
        trees=150,
        learning_rate=0.04,
        num_leaves=7,
        min_child_samples=20,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.6,
    )
    x = codes(x, "last_ticket")
    show("churn auc, LightGBM", cross_val_score(model, x, y, cv=folds, scoring="roc_auc"))
    x["fee"] = leak
    show("churn auc, LightGBM with the leak", cross_val_score(model, x, y, cv=folds, scoring="roc_auc"))


def car_prices():
    x = pd.read_csv(HERE / "car_prices.csv").drop_duplicates().drop(columns="listing_id")
    y = x.pop("price_eur")
    x["first_registration"] = pd.to_datetime(x["first_registration"], format="%d.%m.%Y").astype("int64")
    x["description"] = x["description"].fillna("")
    folds = KFold(5, shuffle=True, random_state=0)

    def rmse(model, x):
        return -cross_val_score(model, x, y, cv=folds, scoring="neg_root_mean_squared_error")

    print(f"car_prices rmse, mean of the target: {y.std():.1f}")
    numbers = [c for c in x if pd.api.types.is_numeric_dtype(x[c])]
    levels = [c for c in x if c not in numbers and c != "description"]
    show("car_prices rmse, ridge", rmse(linear(Ridge(), "description", numbers, levels), x))
    model = booster(
        lightgbm.LGBMRegressor,
        "description",
        trees=800,
        learning_rate=0.05,
        num_leaves=15,
        min_child_samples=10,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.5,
    )
    show("car_prices rmse, LightGBM", rmse(model, codes(x, "description")))
    show("car_prices r2, LightGBM", cross_val_score(model, codes(x, "description"), y, cv=folds, scoring="r2"))


def customers():
    x = pd.read_csv(HERE / "customers.csv", sep=";", decimal=",")
    hidden = [group for group, _ in generate.grouped_customers()]
    logs = np.log(x[["recency_days", "orders_per_year", "basket_eur"]])
    shares = x[["online_share", "returns_share"]].clip(0.005, 0.995)
    parts = [logs, np.log(shares / (1 - shares)), x[["age"]].fillna(x["age"].mean())]
    plain = x.drop(columns=["customer_no", "region", "newsletter"]).fillna(x["age"].mean())
    for name, part in [("standardised", plain), ("logs and logits", pd.concat(parts, axis=1))]:
        z = StandardScaler().fit_transform(part)
        for model in [KMeans(4, n_init=10, random_state=0), GaussianMixture(4, n_init=5, random_state=0)]:
            found = model.fit_predict(z)
            rand, width = adjusted_rand_score(hidden, found), silhouette_score(z, found)
            print(f"customers {name}, {type(model).__name__}: adjusted Rand {rand:.3f}, silhouette {width:.3f}")


def orders(horizon=12):
    """MASE over the last year: absolute error over that of the seasonal naive within the past."""
    x = pd.read_csv(HERE / "orders.csv", parse_dates=["month"])
    grid = pd.MultiIndex.from_product([x["month"].unique(), x["product"].unique()], names=["month", "product"])
    wide = x.set_index(["month", "product"]).reindex(grid)
    errors = {"seasonal naive": [], "ridge on logs with season and trend": []}
    for product, series in wide.groupby("product"):
        y = series["orders"].droplevel("product").sort_index()
        y = y.loc[y.first_valid_index():].ffill()
        past, future = y.iloc[:-horizon], y.iloc[-horizon:]
        scale = past.diff(12).abs().mean()
        known = series.droplevel("product").sort_index().loc[y.index]
        t = np.arange(len(y)) / 12
        months = np.asarray(y.index.month)[:, None] == np.arange(1, 13)
        promotion = (known["promotion"] == "yes").to_numpy(float)
        price = np.log(known["price_eur"].ffill().bfill().to_numpy())
        z = np.column_stack([t, months, promotion, price])
        model = Ridge(0.1).fit(z[:-horizon], np.log1p(past))
        forecast = np.expm1(model.predict(z[-horizon:]))
        errors["seasonal naive"].append(np.mean(np.abs(past.iloc[-12:].to_numpy() - future)) / scale)
        errors["ridge on logs with season and trend"].append(np.mean(np.abs(forecast - future)) / scale)
    for name, values in errors.items():
        show(f"orders mase, {name}", values)


churn()
car_prices()
customers()
orders()
