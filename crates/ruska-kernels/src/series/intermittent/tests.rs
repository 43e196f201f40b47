#![allow(clippy::unwrap_used)]

use super::*;
use crate::series::made::{gaussian, reference};
use crate::{Silent, StopAfter};

const TSB: Method = Method::Tsb { size: 0.2, probability: 0.15 };
const ALL: [Method; 6] =
    [Method::Croston, Method::Optimised, Method::Sba, TSB, Method::Adida, Method::Imapa];

/// Demand about once in `every` steps.
fn made(n: usize, every: f64, seed: u64) -> Vec<f64> {
    let sizes = gaussian(n, seed);
    let chances = gaussian(n, seed + 1000);
    let rare = |i: usize| (chances[i] * 977.0).rem_euclid(1.0) * every < 1.0;
    (0..n).map(|i| if rare(i) { (5.0 + 2.0 * sizes[i]).round().max(1.0) } else { 0.0 }).collect()
}

#[test]
fn equal_another_implementation() {
    for case in reference()["intermittent"].as_array().unwrap() {
        let values: Vec<f64> = serde_json::from_value(case["values"].clone()).unwrap();
        for (name, method) in [
            ("croston", Method::Croston),
            ("optimised", Method::Optimised),
            ("sba", Method::Sba),
            ("tsb", TSB),
            ("adida", Method::Adida),
            ("imapa", Method::Imapa),
        ] {
            let got = Intermittent::fit(&values, method, &Silent).unwrap().forecast(2)[1];
            let expected = case[name].as_f64().unwrap();
            assert!(
                (got - expected).abs() < 1e-8 * expected.abs().max(1.0),
                "{name} of {values:?}: {got} {expected}"
            );
        }
    }
}

#[test]
fn an_update_is_a_run_over_all() {
    for every in [1.0, 2.5, 9.0] {
        let values = made(230, every, 4);
        for method in ALL {
            let mut fitted = Intermittent::fit(&values[..150], method, &Silent).unwrap();
            let mut whole = fitted.clone();
            fitted.update(&values[150..187]);
            fitted.update(&values[187..]);
            assert_eq!(fitted.observations(), 230);
            whole.update(&values[150..]);
            assert_eq!(fitted, whole);
            let ends = Intermittent::fit(&values, method, &Silent).unwrap();
            let (a, b) = (fitted.forecast(1)[0], ends.forecast(1)[0]);
            assert!((a - b).abs() < 0.35 * b, "{method:?} {a} {b}");
            if matches!(method, Method::Croston | Method::Sba | Method::Tsb { .. }) {
                assert_eq!(a, b);
            }
        }
    }
}

#[test]
fn rates_and_spreads_are_those_of_the_demand() {
    let values = made(3000, 4.0, 2);
    let mean = values.iter().sum::<f64>() / 3000.0;
    let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 3000.0;
    for method in ALL {
        let fitted = Intermittent::fit(&values, method, &Silent).unwrap();
        let rate = fitted.forecast(3);
        assert!(rate.iter().all(|r| (r - mean).abs() < 0.9), "{method:?} {rate:?} {mean}");
        let spread = fitted.spread(2)[1];
        assert!((spread / square.sqrt() - 1.0).abs() < 0.15, "{method:?} {spread} {square}");
    }
}

#[test]
fn obsolete_items_fade_by_tsb_alone() {
    let values = [made(100, 2.0, 5), vec![0.0; 60]].concat();
    let rate = |method| Intermittent::fit(&values, method, &Silent).unwrap().forecast(1)[0];
    assert!(rate(TSB) < 0.01 && rate(Method::Croston) > 1.0);
}

#[test]
fn any_series_has_finite_forecasts() {
    let numbers = [0.0, 1.0, -3.0, 1e-300, 1e12, f64::MAX, -f64::MAX];
    let mut all: Vec<Vec<f64>> = numbers.iter().map(|v| vec![*v]).collect();
    all.push(vec![0.0; 50]);
    all.push(numbers.to_vec());
    all.push([vec![0.0; 3000], vec![2.0]].concat());
    all.push(vec![f64::MAX; 20]);
    all.push([vec![-1.0, 0.0, 0.0], vec![-f64::MAX, f64::MAX]].concat());
    for values in &all {
        for method in ALL {
            let mut fitted = Intermittent::fit(values, method, &Silent).unwrap();
            for _ in 0..2 {
                let seen = [fitted.forecast(2), fitted.spread(2)].concat();
                assert!(seen.iter().all(|v| v.is_finite()), "{method:?} {values:?} {seen:?}");
                fitted.update(&[0.0, f64::MAX, 0.0, -2.0]);
            }
        }
    }
    assert!(Intermittent::fit(&[], Method::Imapa, &Silent).unwrap().forecast(1)[0] == 0.0);
}

#[test]
fn stops_when_told_and_is_stored() {
    let values = made(200, 5.0, 1);
    assert!(Intermittent::fit(&values, Method::Imapa, &StopAfter::new(1)).is_err());
    for method in ALL {
        let fitted = Intermittent::fit(&values, method, &Silent).unwrap();
        let text = serde_json::to_string(&fitted).unwrap();
        assert_eq!(serde_json::from_str::<Intermittent>(&text).unwrap(), fitted);
    }
}
