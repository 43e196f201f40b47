#![allow(clippy::unwrap_used)]

use super::*;
use crate::series::made::{gaussian, reference};
use crate::{Silent, StopAfter, Stopped};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn assert_near(got: &[f64], expected: &[f64], what: &str) {
    assert_eq!(got.len(), expected.len());
    for (i, (a, b)) in got.iter().zip(expected).enumerate() {
        assert!((a - b).abs() < 1e-8 * (1.0 + b.abs()), "{what} at {i}: {a} {b}");
    }
}

#[test]
fn stl_equals_another_implementation() {
    for case in reference()["stl"].as_array().unwrap() {
        let values = numbers(&case["values"]);
        let stl: Stl = serde_json::from_value(case["params"].clone()).unwrap();
        if case["advised"].as_bool().unwrap() {
            let advised = Stl::new(stl.period, stl.seasonal.window);
            assert_eq!(Stl { inner: stl.inner, outer: stl.outer, ..advised }, stl);
        }
        let parts = stl.decompose(&values, &Silent).unwrap();
        let what = format!("{stl:?}");
        assert_near(&parts.season, &numbers(&case["season"]), &what);
        assert_near(&parts.trend, &numbers(&case["trend"]), &what);
        assert_near(&parts.weights, &numbers(&case["weights"]), &what);
    }
}

#[test]
fn mstl_equals_another_implementation() {
    for case in reference()["mstl"].as_array().unwrap() {
        let values = numbers(&case["values"]);
        let periods: Vec<usize> = serde_json::from_value(case["periods"].clone()).unwrap();
        let every = case["every"].as_u64().unwrap() as usize;
        let thin = |v: &[f64]| -> Vec<f64> { v.iter().step_by(every).copied().collect() };
        let mstl = Mstl { inner: 5, ..Mstl::new(&periods) };
        let parts = mstl.decompose(&values, &Silent).unwrap();
        assert_near(&thin(&parts.trend), &numbers(&case["trend"]), "trend");
        for (season, expected) in parts.seasons.iter().zip(case["seasons"].as_array().unwrap()) {
            assert_near(&thin(&season.values), &numbers(expected), "season");
        }
        assert_sum(&values, &parts);
    }
}

fn assert_sum(values: &[f64], parts: &Decomposition) {
    for (i, v) in values.iter().enumerate() {
        let seasons: f64 = parts.seasons.iter().map(|s| s.values[i]).sum();
        let sum = parts.trend[i] + seasons + parts.remainder[i];
        assert!((v - sum).abs() <= 1e-9 * (v.abs() + parts.trend[i].abs()), "{v} {sum}");
    }
}

/// A day's and a week's pattern, a slow wave and noise.
fn hourly(n: usize) -> Vec<f64> {
    let noise = gaussian(n, 7);
    let at = |t: usize| {
        let (day, week) = (t as f64 / 24.0, t as f64 / 168.0);
        let turn = std::f64::consts::TAU;
        50.0 + (week / 9.0).sin() * 8.0
            + 6.0 * (turn * day).sin()
            + 2.0 * (2.0 * turn * day).cos()
            + 3.0 * (turn * week).cos()
            + noise[t]
    };
    (0..n).map(at).collect()
}

#[test]
fn skipping_places_changes_little() {
    let values = hourly(3000);
    let every = Mstl::new(&[24, 168]).decompose(&values, &Silent).unwrap();
    let mstl = Mstl { skip_above: 0, ..Mstl::new(&[168, 24, 24, 1, 5000]) };
    let some = mstl.decompose(&values, &Silent).unwrap();
    assert_eq!(some.seasons.iter().map(|s| s.period).collect::<Vec<_>>(), [24, 168]);
    let differs = |a: &[f64], b: &[f64]| {
        let square = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        (square / a.len() as f64).sqrt()
    };
    assert!(differs(&every.trend, &some.trend) < 0.05);
    assert!(differs(&every.seasons[0].values, &some.seasons[0].values) < 0.1);
    assert_sum(&values, &some);
}

#[test]
fn outliers_do_not_bend_a_robust_decomposition() {
    let values = hourly(500);
    let mut broken = values.clone();
    for i in [100, 101, 230, 377] {
        broken[i] += 200.0;
    }
    let stl = Stl::new(24, 11);
    let clean = stl.robust().decompose(&values, &Silent).unwrap();
    let robust = stl.robust().decompose(&broken, &Silent).unwrap();
    let plain = stl.decompose(&broken, &Silent).unwrap();
    let most = |a: &StlParts| {
        let differences = a.season.iter().zip(&clean.season).map(|(a, b)| (a - b).abs());
        differences.fold(0.0f64, f64::max)
    };
    assert!(most(&robust) < 2.0 && most(&plain) > 20.0, "{} {}", most(&robust), most(&plain));
    assert_eq!(robust.weights[100], 0.0);
}

#[test]
fn strengths_tell_what_there_is() {
    let strengths = |values: &[f64]| {
        let parts = Mstl::new(&[12]).decompose(values, &Silent).unwrap();
        (parts.trend_strength(), parts.season_strengths()[0].1)
    };
    let noise = gaussian(240, 3);
    let season: Vec<f64> = (0..240).map(|t| f64::from(t % 12) + 0.3 * noise[t as usize]).collect();
    let line: Vec<f64> = (0..240).map(|t| f64::from(t) + 0.3 * noise[t as usize]).collect();
    let (trend, seasonal) = strengths(&season);
    assert!(trend < 0.3 && seasonal > 0.95, "{trend} {seasonal}");
    let (trend, seasonal) = strengths(&line);
    assert!(trend > 0.95 && seasonal < 0.4, "{trend} {seasonal}");
    let (trend, seasonal) = strengths(&noise);
    assert!(trend < 0.3 && seasonal < 0.4, "{trend} {seasonal}");
    assert_eq!(strengths(&[5e11; 240]), (0.0, 0.0));
    assert_eq!(strengths(&[0.0; 240]), (0.0, 0.0));
}

#[test]
fn any_length_and_scale_has_finite_parts() {
    for n in (1..40).chain([61]) {
        for scale in [0.0, 1e-300, 1e-12, 1.0, -1e12, 1e300, f64::MAX / 4.0] {
            let values: Vec<f64> =
                gaussian(n, 5).iter().map(|v| scale * (v / 8.0).clamp(-1.0, 1.0)).collect();
            for outer in [0, 2] {
                let mstl = Mstl { outer, ..Mstl::new(&[7, 12, 4]) };
                let parts = mstl.decompose(&values, &Silent).unwrap();
                let seasons = parts.seasons.iter().flat_map(|s| &s.values);
                let mut all = parts.trend.iter().chain(&parts.remainder).chain(seasons);
                assert!(all.all(|v| v.is_finite()), "{n} {scale}");
                assert_sum(&values, &parts);
                assert!((0.0..=1.0).contains(&parts.trend_strength()));
            }
            let stl = Stl::new(5, 7).decompose(&values, &Silent).unwrap();
            assert!(scale.abs() > 1e100 || stl.trend.iter().all(|v| v.is_finite()));
        }
    }
    assert_eq!(Stl::new(5, 7).decompose(&[], &Silent).unwrap().trend, [0.0; 0]);
}

#[test]
fn stops_when_told() {
    let values = hourly(2000);
    let stopped = Mstl::new(&[24, 168]).decompose(&values, &StopAfter::new(3));
    assert_eq!(stopped, Err(Stopped));
}

#[test]
fn seasons_repeat_and_take_newer_values() {
    let values = hourly(1500);
    let fitted = Decomposed::fit(&values[..1400], &Mstl::new(&[168, 24]), &Silent).unwrap();
    let mut seasons = fitted.seasons.clone();
    assert_eq!(seasons.periods(), [24, 168]);
    assert!(seasons.season_strengths().iter().all(|s| *s > 0.5));
    let ahead = seasons.season_ahead(100);
    for (i, v) in fitted.values.iter().enumerate() {
        assert!(v.is_finite() && (i < 1232 || (v - 50.0).abs() < 14.0));
    }
    let left: Vec<f64> = values[1400..].iter().zip(&ahead).map(|(v, s)| v - s).collect();
    let mut stepwise = seasons.update(&values[1400..1437]);
    stepwise.extend(seasons.update(&values[1437..]));
    assert_eq!(stepwise, left);
    assert_eq!(seasons.observations(), 1500);
    assert_eq!(seasons.season_ahead(3), fitted.seasons.season_ahead(103)[100..]);
    let text = serde_json::to_string(&seasons).unwrap();
    assert_eq!(serde_json::from_str::<Decomposed>(&text).unwrap(), seasons);
}

#[test]
fn short_series_have_no_season_to_take_out() {
    let mstl = Mstl::new(&[12]);
    let fitted = Decomposed::fit(&[1.0, 2.0, 4.0], &mstl, &Silent).unwrap();
    assert_eq!(fitted.values, [1.0, 2.0, 4.0]);
    assert_eq!(fitted.seasons.season_ahead(2), [0.0, 0.0]);
}
