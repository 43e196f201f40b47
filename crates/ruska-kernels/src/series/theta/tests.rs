#![allow(clippy::unwrap_used)]

use super::*;
use crate::series::classical::{indices, is_seasonal};
use crate::series::made::gaussian;
use crate::simd::plain::plainly;
use crate::{Silent, StopAfter};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case {
    name: String,
    period: usize,
    values: Vec<f64>,
    #[serde(default)]
    indices: BTreeMap<String, Vec<f64>>,
    seasonal: bool,
    forecasts: BTreeMap<String, Vec<f64>>,
    chosen: Vec<f64>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../../../../../tests/reference/theta.json")).unwrap()
}

/// Largest distance, as a part of the mean size of the values.
fn apart(a: &[f64], b: &[f64], values: &[f64]) -> f64 {
    let mean = values.iter().map(|v| v.abs()).sum::<f64>() / values.len() as f64;
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / mean
}

fn fit(values: &[f64], period: usize, variant: Variant) -> Theta {
    Theta::fit(values, period, variant, &Silent).unwrap()
}

/// A walk with a season of 4 steps.
fn walk(n: usize, seed: u64) -> Vec<f64> {
    let mut level = 50.0;
    let step = |(t, e): (usize, f64)| {
        level += e + 0.1;
        level * [1.2, 0.9, 1.0, 0.9][t % 4]
    };
    gaussian(n, seed).into_iter().enumerate().map(step).collect()
}

#[test]
fn seasons_are_those_of_other_implementations() {
    for case in cases() {
        assert_eq!(is_seasonal(&case.values, case.period), case.seasonal, "{}", case.name);
        for (kind, expected) in &case.indices {
            let found = indices(&case.values, case.period, kind == "multiplicative");
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{}", case.name);
            }
        }
    }
}

#[test]
fn forecasts_are_those_of_other_implementations() {
    for case in cases() {
        for variant in Variant::ALL {
            let found = fit(&case.values, case.period, variant).forecast(12);
            let off = apart(&found, &case.forecasts[&format!("{variant:?}")], &case.values);
            assert!(off < 6e-3, "{} {variant:?}: {off}", case.name);
        }
        let chosen = Theta::choose(&case.values, case.period, &Silent).unwrap();
        let off = apart(&chosen.forecast(12), &case.chosen, &case.values);
        assert!(off < 3e-3, "{} {:?}: {off}", case.name, chosen.variant());
    }
}

#[test]
fn the_state_follows_the_published_recursions() {
    let values = walk(40, 1);
    let rates = Rates { alpha: 0.3, weight: 1.0 - 1.0 / 2.7 };
    let start = 45.0;
    let shift = start - values[0];
    let mut state = State::new(values[0], shift, Line::first(values[0]), true, &rates);
    let mut level = rates.alpha * values[0] + 0.7 * start;
    for t in 2..=values.len() {
        let (intercept, slope) = least_squares(&values[..t - 1]);
        let steps = t as i32 - 1;
        let expected = level
            + rates.weight
                * (intercept * 0.7f64.powi(steps)
                    + slope * (1.0 - 0.7f64.powi(steps + 1)) / rates.alpha);
        let found = state.expected(&rates);
        assert!((found - expected).abs() < 1e-9 * expected.abs(), "{t}: {found} {expected}");
        state.step(&rates, values[t - 1]);
        level = rates.alpha * values[t - 1] + 0.7 * level;
    }
}

/// Of the line through values at 1, 2, …
fn least_squares(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let (mean, middle) = (values.iter().sum::<f64>() / n, f64::midpoint(n, 1.0));
    let at = |t: usize| t as f64 + 1.0 - middle;
    let across: f64 = values.iter().enumerate().map(|(t, v)| at(t) * (v - mean)).sum();
    let along: f64 = (0..values.len()).map(|t| at(t).powi(2)).sum();
    let slope = if along > 0.0 { across / along } else { 0.0 };
    (mean - slope * middle, slope)
}

#[test]
fn newer_values_run_through_the_recursions() {
    let values = walk(80, 1);
    for variant in Variant::ALL {
        let mut at_once = fit(&values[..60], 4, variant);
        let mut one_by_one = at_once.clone();
        at_once.update(&values[60..]);
        values[60..].iter().for_each(|v| one_by_one.update(&[*v]));
        assert_eq!(at_once, one_by_one);
        assert_eq!(at_once.count(), 80);
        let scored = apart(&at_once.forecast(4), &fit(&values, 4, variant).forecast(4), &values);
        assert!(scored < 0.05, "{variant:?}: {scored}");
    }
}

#[test]
fn spread_is_what_single_errors_add_up_to() {
    for variant in Variant::ALL {
        let model = fit(&walk(30, 2), 1, variant);
        let spread = model.spread(6);
        let plain = model.forecast(6);
        for (h, spread) in spread.iter().enumerate() {
            // What is forecast for step h after an error of 1 at step j.
            let squares: f64 = (0..h)
                .map(|j| {
                    let mut hit = model.clone();
                    hit.update(&plain[..j]);
                    hit.update(&[plain[j] + 1.0]);
                    (hit.forecast(h - j)[h - j - 1] - plain[h]).powi(2)
                })
                .sum();
            let expected = model.sigma() * (1.0 + squares).sqrt();
            assert!((spread - expected).abs() < 1e-8 * expected, "{variant:?} {h}");
        }
    }
}

#[test]
fn any_finite_series_has_finite_forecasts() {
    let series: Vec<Vec<f64>> = vec![
        vec![5.0],
        vec![0.0],
        vec![1.0, -2.0],
        vec![1.0, 2.0, 4.0],
        vec![7.0; 30],
        vec![0.0; 30],
        walk(31, 4).iter().map(|v| v * 1e12).collect(),
        walk(32, 5).iter().map(|v| v * -1e-12).collect(),
        walk(33, 6).iter().map(|v| v - 50.0).collect(),
        (0..24).map(|t| if t % 2 == 0 { f64::MAX } else { f64::MIN }).collect(),
        (0..24).map(|t| if t % 4 == 0 { f64::MAX } else { f64::MIN_POSITIVE }).collect(),
        (0..40).map(|t| if t < 39 { 0.0 } else { 1e-310 }).collect(),
    ];
    for values in &series {
        for (variant, period) in Variant::ALL.into_iter().flat_map(|v| [(v, 1), (v, 2), (v, 4)]) {
            let mut model = fit(values, period, variant);
            model.update(&[values[0], f64::MAX, f64::MIN, 0.0]);
            for model in [&fit(values, period, variant), &model] {
                let numbers = [model.forecast(9), model.spread(9)].concat();
                assert!(numbers.iter().all(|v| v.is_finite()), "{values:?} {variant:?} {model:?}");
                assert!(model.spread(9).iter().all(|v| *v >= 0.0));
            }
        }
        assert!(!Theta::choose(values, 4, &Silent).unwrap().forecast(1)[0].is_nan());
    }
    assert_eq!(fit(&[7.0; 30], 4, Variant::DynamicOptimised).forecast(3), [7.0; 3]);
}

#[test]
fn the_unit_of_the_values_makes_no_difference() {
    for shift in [0.0, 55.0] {
        let values: Vec<f64> = walk(60, 7).iter().map(|v| v - shift).collect();
        let large: Vec<f64> = values.iter().map(|v| v * 2f64.powi(30)).collect();
        for variant in Variant::ALL {
            let (small, large) = (fit(&values, 4, variant), fit(&large, 4, variant));
            let scaled: Vec<f64> = small.forecast(6).iter().map(|v| v * 2f64.powi(30)).collect();
            assert!(apart(&scaled, &large.forecast(6), &large.forecast(6)) < 1e-9);
        }
    }
}

#[test]
fn where_a_series_has_its_zero_makes_no_difference() {
    let values: Vec<f64> = walk(60, 11).iter().map(|v| (v * 1024.0).round() / 1024.0).collect();
    let far: Vec<f64> = values.iter().map(|v| v + 2f64.powi(30)).collect();
    for variant in Variant::ALL {
        let found = fit(&far, 1, variant).forecast(6);
        let near: Vec<f64> = found.iter().map(|v| v - 2f64.powi(30)).collect();
        assert!(apart(&near, &fit(&values, 1, variant).forecast(6), &values) < 1e-6);
    }
}

#[test]
fn stops_when_told() {
    let values = walk(100, 8);
    for allowed in 0..2 {
        let told = StopAfter::new(allowed);
        assert_eq!(Theta::choose(&values, 4, &told), Err(Stopped));
    }
}

#[test]
fn wide_registers_have_the_same_bits() {
    let values = walk(300, 9);
    let plain = plainly(|| fit(&values, 4, Variant::DynamicOptimised));
    assert_eq!(plain, fit(&values, 4, Variant::DynamicOptimised));
}

#[test]
fn is_kept_whole() {
    let model = fit(&walk(50, 10), 4, Variant::DynamicOptimised);
    let kept: Theta = rmp_serde::from_slice(&rmp_serde::to_vec(&model).unwrap()).unwrap();
    assert_eq!(kept, model);
}
