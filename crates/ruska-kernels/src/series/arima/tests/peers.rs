//! Beside another implementation: tests/reference/arima.py.

use super::super::{Arima, Degrees, Order};
use crate::Silent;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    values: Vec<f64>,
    order: (usize, usize, usize, usize, usize, usize, usize, bool),
    log_likelihood: f64,
    forecast: Vec<f64>,
    errors: Vec<f64>,
}

#[test]
fn models_equal_those_of_another_implementation() {
    let text = include_str!("../../../../../../tests/reference/arima.json");
    let cases: Vec<Case> = serde_json::from_str(text).unwrap();
    for case in cases {
        let (p, d, q, sp, sd, sq, period, constant) = case.order;
        let (regular, seasonal) = (Degrees::new(p, d, q), Degrees::new(sp, sd, sq));
        let order = Order { regular, seasonal, period, constant };
        let model = Arima::fit(&case.values, &order, &Silent).unwrap();
        assert_eq!(model.order, order);
        // Theirs has a wide distribution of the first values, which drifts act on.
        let off = (model.log_likelihood - case.log_likelihood) / case.log_likelihood.abs();
        assert!(off.abs() < 0.005, "{}: {off} {}", case.name, model.log_likelihood);
        let horizon = case.forecast.len();
        let (ahead, spread) = (model.forecast(horizon), model.spread(horizon));
        for h in 0..horizon {
            let off = (ahead[h] - case.forecast[h]) / case.errors[h];
            assert!(off.abs() < 0.1, "{}, {h}: {off}", case.name);
            let wider = spread[h] / case.errors[h];
            assert!((wider - 1.0).abs() < 0.05, "{}, {h}: {wider}", case.name);
        }
    }
}
