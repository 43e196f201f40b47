#![allow(clippy::unwrap_used)]

use super::rates::Admissible;
use super::*;
use crate::series::made::gaussian;
use crate::{Silent, StopAfter};

const NAMES: [(&str, Variant); 4] =
    [("N", Variant::None), ("S", Variant::Simple), ("P", Variant::Partial), ("F", Variant::Full)];

/// A level that wanders, a slope and a season.
fn made(n: usize, period: usize, slope: f64, seed: u64) -> Vec<f64> {
    let mut level = 100.0;
    let season = gaussian(period, seed + 1);
    let noise = gaussian(n, seed);
    let next = |t: usize| {
        level += slope + 0.5 * noise[t];
        level + 8.0 * season[t % period] + noise[t]
    };
    (0..n).map(next).collect()
}

fn each(values: &[f64], period: usize) -> impl Iterator<Item = Complex> {
    NAMES.map(|(_, v)| Complex::fit(values, period, v, &Silent).unwrap()).into_iter()
}

fn sound(fitted: &Complex, horizon: usize) {
    let (forecast, spread) = (fitted.forecast(horizon), fitted.spread(horizon));
    assert_eq!((forecast.len(), spread.len()), (horizon, horizon));
    assert!(forecast.iter().all(|v| v.is_finite()), "{fitted:?}");
    assert!(spread.iter().all(|v| v.is_finite() && *v >= 0.0), "{fitted:?}");
    assert!(spread.is_sorted(), "{spread:?}");
    assert!(fitted.sigma().is_finite() && !fitted.likelihood().is_nan());
}

#[test]
fn as_likely_as_another_implementation() {
    let text = include_str!("../../../../../tests/reference/complex.json");
    let cases: serde_json::Value = serde_json::from_str(text).unwrap();
    for case in cases.as_array().unwrap() {
        let values: Vec<f64> = serde_json::from_value(case["values"].clone()).unwrap();
        let period = usize::try_from(case["period"].as_u64().unwrap()).unwrap();
        for (name, variant) in NAMES {
            let theirs = &case["fits"][name];
            if theirs.is_null() {
                continue;
            }
            let fitted = Complex::fit(&values, period, variant, &Silent).unwrap();
            assert_eq!(fitted.variant(), variant);
            let at: [f64; 4] = serde_json::from_value(theirs["rates"].clone()).unwrap();
            let task = Task { values: &values, scale: 1.0, period, progress: &Silent };
            let (same, squares) =
                (task.at(variant, at).squares, theirs["squares"].as_f64().unwrap());
            assert!((same / squares - 1.0).abs() < 1e-4, "{name} {period} {same} {squares}");
            if !admissible(variant, period, at) {
                continue;
            }
            let (ours, theirs) = (fitted.likelihood(), theirs["likelihood"].as_f64().unwrap());
            assert!(ours < theirs + 0.002 * theirs.abs(), "{name} {period}: {ours} {theirs}");
        }
        let (name, variant) = *NAMES.iter().find(|(name, _)| *name == case["chosen"]).unwrap();
        let at: [f64; 4] = serde_json::from_value(case["fits"][name]["rates"].clone()).unwrap();
        if admissible(variant, period, at) {
            let chosen = Complex::choose(&values, period, &Silent).unwrap().variant();
            assert_eq!(chosen, variant, "{period} {}", values.len());
        }
    }
}

/// The other implementation also admits rates that do not forget errors.
fn admissible(variant: Variant, period: usize, at: [f64; 4]) -> bool {
    let admissible = Admissible::new(variant, period);
    let mut restricted = at;
    admissible.restrict(&mut restricted);
    restricted == at && admissible.stable(&at)
}

#[test]
fn an_update_is_a_run_over_all() {
    let values = made(130, 12, 0.2, 3);
    for fitted in each(&values[..100], 12) {
        let (mut once, mut twice) = (fitted.clone(), fitted);
        once.update(&values[100..]);
        twice.update(&values[100..117]);
        twice.update(&values[117..]);
        assert_eq!(once, twice);
        assert_eq!(once.observations(), 130);
        // The run goes on from where the fit began, so one over more values differs by its start alone.
        let task = Task { values: &values, scale: once.scale, period: 12, progress: &Silent };
        let scaled = scaled(task.values, once.scale);
        let whole = Task { values: &scaled, ..task }.at(once.variant, once.rates);
        for (a, b) in once.forecast(12).iter().zip(whole.forecast(12)) {
            assert!((a / b - 1.0).abs() < 0.02, "{:?} {a} {b}", once.variant());
        }
    }
}

#[test]
fn a_trend_goes_on_and_comes_to_rest() {
    let values: Vec<f64> = (0..40u8).map(|t| 100.0 * 1.03f64.powi(i32::from(t))).collect();
    let fitted = Complex::choose(&values, 1, &Silent).unwrap();
    let forecast = fitted.forecast(5000);
    assert!(forecast[0] > values[39] && forecast[9] > 1.15 * values[39], "{:?}", &forecast[..10]);
    assert!(forecast[4999] < 3.0 * values[39] && forecast.is_sorted());
    assert!((forecast[4999] / forecast[4000] - 1.0).abs() < 1e-9);
    let spread = fitted.spread(30);
    assert!(spread[29] > 2.0 * spread[0]);
}

#[test]
fn explosive_series_have_finite_forecasts() {
    let doubling: Vec<f64> = (0..60u8).map(|t| 2.0f64.powi(i32::from(t))).collect();
    let swinging: Vec<f64> =
        doubling.iter().zip([1.0, -1.0].iter().cycle()).map(|(v, s)| v * s).collect();
    for values in [doubling, swinging] {
        for period in [1, 2, 4, 12] {
            for fitted in each(&values, period) {
                sound(&fitted, 200);
                let most = fitted.forecast(200).iter().fold(0.0f64, |m, v| m.max(v.abs()));
                assert!(most < 1e3 * values[59].abs(), "{:?} {most}", fitted.variant());
            }
        }
    }
}

#[test]
fn any_finite_values_have_finite_forecasts() {
    let base = made(64, 12, 0.3, 5);
    for scale in [1.0, -1.0, 1e12, 1e-12, 1e300, 1e-300, 0.0] {
        for n in [1, 2, 3, 4, 5, 6, 9, 28, 29, 64] {
            let values: Vec<f64> = base[..n].iter().map(|v| v * scale).collect();
            for fitted in each(&values, 12) {
                sound(&fitted, 40);
                assert!(n > 28 || fitted.variant() == Variant::None);
            }
            let mut chosen = Complex::choose(&values, 12, &Silent).unwrap();
            chosen.update(&[f64::MAX, f64::MIN, 0.0, 5e-324]);
            sound(&chosen, 3);
        }
    }
    let extremes = [f64::MAX, f64::MIN, f64::MAX, 0.0, f64::MIN, 5e-324, 1.0, f64::MAX, 0.0, 2.0];
    for period in [0, 1, 2, 25, usize::MAX] {
        each(&extremes, period).for_each(|fitted| sound(&fitted, 5));
        sound(&Complex::choose(&[], period, &Silent).unwrap(), 5);
    }
}

#[test]
fn a_constant_stays() {
    for n in [1, 3, 8, 50] {
        let fitted = Complex::choose(&vec![7.0; n], 4, &Silent).unwrap();
        assert!(fitted.forecast(20).iter().all(|v| (v - 7.0).abs() < 1e-6), "{fitted:?}");
    }
}

#[test]
fn seasons_need_a_short_period_and_values_enough() {
    let variant = |n, period| {
        let values = made(n, period, 0.0, 1);
        Complex::fit(&values, period, Variant::Full, &Silent).unwrap().variant()
    };
    assert_eq!(variant(29, 12), Variant::Full);
    assert_eq!(variant(28, 12), Variant::None);
    assert_eq!(variant(200, 25), Variant::None);
    assert_eq!(variant(200, 1), Variant::None);
}

#[test]
fn stops_when_told_and_is_kept() {
    let values = made(80, 4, 0.1, 2);
    assert_eq!(Complex::choose(&values, 4, &StopAfter::new(3)), Err(Stopped));
    let fitted = Complex::choose(&values, 4, &Silent).unwrap();
    let kept: Complex = rmp_serde::from_slice(&rmp_serde::to_vec(&fitted).unwrap()).unwrap();
    assert_eq!(kept, fitted);
}
