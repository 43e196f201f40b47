"""Writes arima.json: likelihoods and forecasts of ARIMA models of generated series.

Run: python tests/reference/arima.py   (statsforecast 2.1.1)
"""

import json
from pathlib import Path

import numpy as np
from statsforecast.arima import ArimaMethod, arima, predict_arima

rng = np.random.default_rng(11)


def process(n, ar=(), ma=(), sar=(), sma=(), m=1):
    def polynomial(regular, seasonal, sign):
        a = np.r_[1, sign * np.array(regular, dtype=float)]
        b = np.zeros(m * len(seasonal) + 1)
        b[0] = 1
        b[m :: m] = sign * np.array(seasonal, dtype=float) if len(seasonal) else []
        return np.convolve(a, b)

    phi, theta = polynomial(ar, sar, -1), polynomial(ma, sma, 1)
    e, x = rng.normal(size=n + 200), np.zeros(n + 200)
    for t in range(max(len(phi), len(theta)), n + 200):
        past = phi[1:] @ x[t - 1 : t - len(phi) : -1] if len(phi) > 1 else 0
        x[t] = theta @ e[t : t - len(theta) : -1] - past
    return x[200:]


def integrated(x, lag):
    y = np.array(x)
    for t in range(lag, len(y)):
        y[t] += y[t - lag]
    return y


def case(name, values, order, seasonal, period, constant, horizon=8):
    values = np.round(values, 4)
    n = len(values)
    differences = order[1] + seasonal[1]
    drift = constant and differences == 1
    table = np.arange(1.0, n + horizon + 1)[:, None] if drift else None
    fit = arima(
        values,
        order=order,
        seasonal={"order": seasonal, "period": period},
        xreg=None if table is None else table[:n],
        include_mean=constant and differences == 0,
        method=ArimaMethod.CSS_ML,
    )
    ahead = None if table is None else table[n:]
    forecast, errors = predict_arima(fit, horizon, newxreg=ahead, se_fit=True)
    return {
        "name": name,
        "values": values.tolist(),
        "order": [*order, *seasonal, period, constant],
        "log_likelihood": float(fit["loglik"]),
        "sigma2": float(fit["sigma2"]),
        "forecast": np.asarray(forecast, dtype=float).tolist(),
        "errors": np.asarray(errors, dtype=float).tolist(),
    }


none = (0, 0, 0)
season = integrated(integrated(process(120, ma=[-0.4], sma=[-0.5], m=12), 12), 1)
cases = [
    case("AR(1) with a mean", 10 + process(90, ar=[0.7]), (1, 0, 0), none, 1, True),
    case("AR(2)", process(120, ar=[0.5, 0.3]), (2, 0, 0), none, 1, False),
    case("MA(1)", process(80, ma=[0.6]), (0, 0, 1), none, 1, False),
    case("ARMA(2,1) with a mean", 5 + process(150, ar=[1.1, -0.4], ma=[0.4]), (2, 0, 1), none, 1, True),
    case("walk with drift", 0.3 * np.arange(100) + process(100).cumsum(), (0, 1, 1), none, 1, True),
    case("two differences", process(90, ma=[-0.5]).cumsum().cumsum(), (0, 2, 1), none, 1, False),
    case("airline", season, (0, 1, 1), (0, 1, 1), 12, False),
    case("seasonal terms", process(140, ar=[0.5], sar=[0.6], m=4), (1, 0, 0), (1, 0, 0), 4, False),
    case("mixed seasons", process(160, ar=[0.4], ma=[0.5], sar=[0.7], sma=[-0.3], m=4), (1, 0, 1), (1, 0, 1), 4, True),
]
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(cases) + "\n", encoding="utf-8")
