//! All measures beside Evidently's on 200 pairs of columns, see tests/reference/drift.py.
#![allow(clippy::unwrap_used)]

use super::compare::{Asked, Compared, DISTANCE, Pair, compare};
use super::levels::Levels;
use super::numbers::Numbers;
use super::{bins, chi_square, jensen_shannon, ks, merge, psi, wasserstein};
use serde_json::Value;

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../../tests/reference/drift.json")).unwrap()
}

/// The next state and a number in [0, 1).
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

fn base(family: &str, levels: f64, state: &mut u64) -> f64 {
    if family == "normal" {
        return (0..12).fold(0.0, |sum, _| sum + uniform(state)) - 6.0;
    }
    let u = uniform(state);
    match family {
        "skewed" => u * u * u * 10.0,
        "heavy" => u / (1.0 - u),
        _ => (u * u * levels).floor(),
    }
}

/// The values of one side of a pair, as the script draws them.
fn column(case: &Value, side: &str) -> Vec<f64> {
    let number = |key: &str| case[side][key].as_f64().unwrap();
    let mut state = case[side]["seed"].as_u64().unwrap();
    let (family, levels) = (case["family"].as_str().unwrap(), case["levels"].as_f64().unwrap());
    let infinite = case[side]["infinite"].as_bool().unwrap();
    let value = |i: u64| {
        let v = base(family, levels, &mut state) * number("scale") + number("shift");
        let far = infinite && i % 97 == 5;
        if uniform(&mut state) < number("missing") {
            f64::NAN
        } else if far {
            if i % 2 == 1 { f64::INFINITY } else { f64::NEG_INFINITY }
        } else {
            v
        }
    };
    (0..case[side]["rows"].as_u64().unwrap()).map(value).collect()
}

#[track_caller]
fn close(place: usize, measure: &str, got: f64, case: &Value) {
    let Some(expected) = case["evidently"][measure].as_f64() else { return };
    assert!((got - expected).abs() <= 1e-9, "pair {place}, {measure}: {got} and {expected}");
}

#[test]
fn measures_equal_evidentlys() {
    let cases = cases();
    assert_eq!(cases.len(), 200);
    for (place, case) in cases.iter().enumerate() {
        let [left, right] = ["reference", "current"].map(|side| column(case, side));
        let (left, right) = (Numbers::new(left.into_iter()), Numbers::new(right.into_iter()));
        let (m, n) = (left.sorted.len(), right.sorted.len());
        let by_value = bins::by_value(&left.sorted, &right.sorted);
        let levels = case["family"].as_str().unwrap().starts_with("level");
        let counts = if levels {
            by_value.clone()
        } else {
            bins::of_numbers(&left.sorted, &right.sorted).unwrap()
        };
        close(place, "psi", psi::psi(&counts), case);
        close(place, "jensenshannon", jensen_shannon::distance(&counts), case);
        let distance = ks::distance(&left.sorted, &right.sorted);
        close(place, "ks", ks::p_value(m, n, distance), case);
        let unit = wasserstein::unit(wasserstein::deviation(&left.sorted));
        close(place, "wasserstein", wasserstein::area(&left.sorted, &right.sorted) / unit, case);
        close(place, "chisquare", chi_square::p_value(&by_value).unwrap(), case);
        let few = merge::distinct_of_both(&left.sorted, &right.sorted) <= 2;
        if few {
            close(place, "z", chi_square::z_p_value(&by_value).unwrap(), case);
        }
    }
}

/// The whole path: numbers and levels of columns, Evidently's choice of test, its score and verdict.
#[test]
fn choices_equal_evidentlys() {
    let asked = Asked { a: 0.001, distance: DISTANCE, distribution: true, missing: true };
    for (place, case) in cases().iter().enumerate() {
        let [left, right] = ["reference", "current"].map(|side| column(case, side));
        let pair = if case["family"].as_str().unwrap().starts_with("level") {
            let levels = |values: Vec<f64>| {
                let missing = values.iter().filter(|v| v.is_nan()).count() as u64;
                let mut levels = Levels { missing, ..Levels::default() };
                let named = values.iter().filter(|v| !v.is_nan()).map(|v| format!("level {v}"));
                named.for_each(|level| levels.add(level, 1));
                levels
            };
            Pair::Levels(levels(left), levels(right))
        } else {
            Pair::Numbers(Numbers::new(left.into_iter()), Numbers::new(right.into_iter()))
        };
        let Compared { evidently, .. } = compare(&pair, asked);
        let (got, expected) = (evidently.unwrap(), &case["evidently"]["default"]);
        assert_eq!(got.stattest, expected[0].as_str().unwrap(), "pair {place}");
        let score = expected[1].as_f64().unwrap();
        assert!((got.score - score).abs() <= 1e-9, "pair {place}: {} and {score}", got.score);
        assert_eq!(got.drift, expected[2].as_bool().unwrap(), "pair {place}");
    }
}
