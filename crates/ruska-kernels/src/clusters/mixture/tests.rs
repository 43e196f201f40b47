#![allow(clippy::unwrap_used)]

use super::*;
use crate::clusters::Points;
use crate::clusters::kmeans::{KMeansParams, kmeans};
use crate::clusters::mixed::MISSING;
use crate::clusters::moments::Moments;
use crate::clusters::tests::{blobs, numbers, odd_tables, points, reference, rows, table};
use crate::simd::plain::plainly;
use crate::trees::random::mix;
use crate::{Silent, StopAfter};
use serde_json::Value;
use std::f64::consts::TAU;
use std::slice::from_ref;

const KINDS: [Covariance; 4] =
    [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical];

/// What is added to the variance of each of a few columns.
const FLOORS: [Floor; 8] = [Floor { least: 1e-6, rounding: 0.0, decay: 0.0 }; 8];

fn params(dims: usize, covariance: Covariance) -> MixtureParams<'static> {
    MixtureParams { covariance, floors: &FLOORS[..dims], max_steps: 200, ..Default::default() }
}

/// Partitions by k-means of columns of variance 1 and of points as they are, two of either in turn;
/// every second one is ended after a step.
fn partitions(
    points: Points<'_>,
    weights: Option<&[f64]>,
    clusters: usize,
    starts: u64,
) -> Vec<Vec<i32>> {
    let moments = Moments::of(points, weights, &Silent).unwrap();
    let unit = |v: f64| if v > 0.0 { v.sqrt() } else { 1.0 };
    let cell = |(at, v): (usize, &f64)| v / unit(moments.variance[at % points.dims]);
    let scaled: Vec<f64> = points.values.iter().enumerate().map(cell).collect();
    let start = |seed: u64| {
        let max_steps = if seed % 2 == 1 { 1 } else { 100 };
        let values = if seed % 4 >= 2 { points.values } else { &scaled };
        let seed = mix(mix(seed));
        let params =
            KMeansParams { clusters, restarts: 1, max_steps, seed, ..KMeansParams::default() };
        let points = Points { values, dims: points.dims };
        kmeans(points, weights, None, &params, &Silent).unwrap().labels
    };
    (0..starts).map(start).collect()
}

/// The best mixture of points from some starts.
fn fit(
    points: Points<'_>,
    weights: Option<&[f64]>,
    (components, starts): (usize, u64),
    params: &MixtureParams<'_>,
) -> Fitted {
    let starts = partitions(points, weights, components, starts);
    mixture(&Mixed::numbers(points), weights, &starts, params, &Silent).unwrap()
}

/// Component `c`'s covariances in full.
fn covariance(mixture: &Mixture, c: usize) -> Vec<f64> {
    let d = mixture.dims;
    let at = |i: usize, j: usize| match mixture.covariance {
        Covariance::Full => mixture.covariances[c * d * d + i * d + j],
        Covariance::Tied => mixture.covariances[i * d + j],
        Covariance::Diagonal if i == j => mixture.covariances[c * d + i],
        Covariance::Spherical if i == j => mixture.covariances[c],
        _ => 0.0,
    };
    (0..d * d).map(|ij| at(ij / d, ij % d)).collect()
}

/// A normal density by Gauss's elimination: quadratic form and determinant.
fn log_normal(gap: &[f64], covariance: &[f64]) -> f64 {
    let d = gap.len();
    let (mut a, mut b) = (covariance.to_vec(), gap.to_vec());
    let mut log_determinant = 0.0;
    for i in 0..d {
        log_determinant += a[i * d + i].ln();
        for r in i + 1..d {
            let by = a[r * d + i] / a[i * d + i];
            (i..d).for_each(|c| a[r * d + c] -= by * a[i * d + c]);
            b[r] -= by * b[i];
        }
    }
    let form: f64 = (0..d).map(|i| b[i] * b[i] / a[i * d + i]).sum();
    -0.5 * (form + log_determinant + d as f64 * TAU.ln())
}

fn kind(case: &Value) -> Covariance {
    match case["kind"].as_str().unwrap() {
        "full" => Covariance::Full,
        "tied" => Covariance::Tied,
        "diag" => Covariance::Diagonal,
        _ => Covariance::Spherical,
    }
}

#[test]
fn rows_are_as_likely_as_scikit_learn_makes_them() {
    let r = reference();
    for case in r["mixtures"].as_array().unwrap() {
        let (table, kind) = (table(&r, case), kind(case));
        let of = |name: &str| case[name].as_f64().unwrap();
        let components = case["components"].as_u64().unwrap() as usize;
        let base = params(table.1, kind);
        let params = MixtureParams { tolerance: 1e-7, max_steps: 2000, ..base };
        let got = fit(points(&table), None, (components, 60), &params);
        let (n, log) = (points(&table).len() as f64, got.log_likelihood);
        let expected = of("log_likelihood");
        assert!(log > expected - 1e-3, "{} {kind:?}: {log} {expected}", case["table"]);
        assert!((got.mixture.bic(expected, n) - of("bic")).abs() < 1e-5);
    }
}

#[test]
fn criteria_are_those_of_the_reference() {
    let r = reference();
    for case in r["mixed"].as_array().unwrap() {
        let whole = |v: &Value| -> Vec<i32> { numbers(v).iter().map(|v| *v as i32).collect() };
        let start = whole(&case["start"]);
        let weights = (!case["weights"].is_null()).then(|| numbers(&case["weights"]));
        let floors: Vec<Floor> =
            numbers(&case["floors"]).into_iter().map(Floor::constant).collect();
        let (values, codes) = (rows(&case["numbers"]), rows(&case["codes"]));
        let code = |c: &f64| if *c < 0.0 { MISSING } else { *c as u32 };
        let mixed = Mixed {
            rows: start.len(),
            numbers: &values.0,
            dims: values.1,
            codes: &codes.0.iter().map(code).collect::<Vec<_>>(),
            width: codes.1,
        };
        let params = MixtureParams {
            covariance: kind(case),
            floors: &floors,
            max_steps: 1000,
            tolerance: 1e-9,
            ..Default::default()
        };
        let got = mixture(&mixed, weights.as_deref(), &[start], &params, &Silent).unwrap();
        let near = |name: &str, got: f64| {
            let expected = case[name].as_f64().unwrap();
            let close = (got - expected).abs() < 1e-5 * (1.0 + expected.abs());
            assert!(close, "{name} of {}: {got} {expected}", case["name"]);
        };
        near("log_likelihood", got.log_likelihood);
        near("parameters", got.mixture.parameters() as f64);
        near("bic", got.bic());
        near("icl", got.icl());
        near("adjoining", got.adjoining);
    }
}

/// Levels of `n` rows in two columns, of 3 and 5 levels; some are missing.
fn codes(n: usize) -> Vec<u32> {
    let code = |at: usize| match mix(at as u64) % 8 {
        0 => MISSING,
        r => (r % [3, 5][at % 2]) as u32,
    };
    (0..2 * n).map(code).collect()
}

#[test]
fn levels_alone_have_the_frequencies_that_are_counted() {
    let codes = codes(100);
    let mixed = Mixed { rows: 100, numbers: &[], dims: 0, codes: &codes, width: 2 };
    let labels: Vec<i32> = vec![0; 100];
    for covariance in KINDS {
        let got =
            mixture(&mixed, None, from_ref(&labels), &params(0, covariance), &Silent).unwrap();
        assert_eq!(got.mixture.levels, [3, 5]);
        let (mut log, mut at) = (0.0, 0);
        for (column, levels) in [(0, 3u32), (1, 5)] {
            let of = |code: u32| (0..100).filter(|i| codes[2 * i + column] == code).count() as f64;
            let whole: f64 = (0..levels).map(of).sum();
            for code in 0..levels {
                let expected = (of(code) + 0.2) / (whole + 0.2 * f64::from(levels));
                assert!((got.mixture.frequencies[at] - expected).abs() < 1e-12);
                log += of(code) * expected.ln();
                at += 1;
            }
        }
        assert!((got.log_likelihood - log / 100.0).abs() < 1e-12);
        assert_eq!((got.mixture.parameters(), got.doubt, got.adjoining), (6, 0.0, 0.0));
        assert!((got.icl() - (6.0 * 100f64.ln() - 2.0 * log)).abs() < 1e-9);
        assert_eq!(got.mixture.validate(), Ok(()));
    }
    let nothing = Mixed { codes: &[], width: 0, ..mixed };
    let got = mixture(&nothing, None, &[labels], &params(0, Covariance::Full), &Silent).unwrap();
    assert_eq!((got.log_likelihood, got.mixture.parameters()), (0.0, 0));
}

#[test]
fn a_level_that_is_missing_or_new_says_nothing() {
    let (values, codes) = (blobs(60, 3, 3), codes(60));
    let start: Vec<i32> = (0..60).map(|i| i % 3).collect();
    let params = params(3, Covariance::Full);
    let rows = mixed(&values, &codes);
    let got = mixture(&rows, None, &[start], &params, &Silent).unwrap().mixture;
    let shares = |codes: &[u32]| got.shares(&mixed(&values, codes), 1, &Silent).unwrap();
    assert_eq!(shares(&[MISSING; 120]), shares(&[70; 120]));
    let plain = Mixture { levels: vec![], frequencies: vec![], ..got.clone() };
    let points = Points { values: &values, dims: 3 };
    let plain = plain.shares(&Mixed::numbers(points), 1, &Silent).unwrap();
    assert_eq!(shares(&[MISSING; 120]), plain);
}

#[test]
fn groups_are_told_apart_by_levels_alone() {
    // Two halves with other levels in each of four columns, one in ten by chance.
    let code = |at: usize| match mix(at as u64) % 10 {
        0 => (mix(at as u64 + 999) % 3) as u32,
        _ => (at / 4 % 2) as u32,
    };
    let codes: Vec<u32> = (0..1600).map(code).collect();
    let mixed = Mixed { rows: 400, numbers: &[], dims: 0, codes: &codes, width: 4 };
    let start: Vec<i32> = (0..400).map(|i| codes[4 * i] as i32 % 2).collect();
    let params = params(0, Covariance::Full);
    let got = mixture(&mixed, None, &[start], &params, &Silent).unwrap();
    let right = (0..400).filter(|&i| got.labels[i] == got.labels[i % 2]).count();
    assert!(right >= 395, "{right}");
    let one = mixture(&mixed, None, &[vec![0; 400]], &params, &Silent).unwrap();
    assert!(got.icl() < one.icl() && got.adjoining < 0.02);
}

#[test]
fn far_blobs_do_not_adjoin_and_halves_of_one_do() {
    let table = (blobs(400, 2, 2), 2);
    let params = params(2, Covariance::Full);
    let far = fit(points(&table), None, (2, 2), &params);
    assert!(far.adjoining < 1e-6 && far.doubt < 1e-3);
    let one = (blobs(400, 2, 1), 2);
    let split = fit(points(&one), None, (2, 2), &params);
    assert!(split.adjoining > 0.1);
    assert!(split.icl() > fit(points(&one), None, (1, 1), &params).icl());
}

#[test]
fn densities_are_those_of_the_definition() {
    let table = (blobs(200, 3, 4), 3);
    for kind in KINDS {
        let Fitted { mixture, labels, log_likelihood, .. } =
            fit(points(&table), None, (4, 1), &params(3, kind));
        let shares = mixture.shares(&Mixed::numbers(points(&table)), 1, &Silent).unwrap();
        assert_eq!(shares.labels, labels);
        let covariances: Vec<Vec<f64>> = (0..4).map(|c| covariance(&mixture, c)).collect();
        for i in 0..200 {
            let term = |c: usize| {
                let mean = &mixture.means[3 * c..3 * c + 3];
                let gap: Vec<f64> =
                    points(&table).row(i).iter().zip(mean).map(|(x, m)| x - m).collect();
                mixture.weights[c] * log_normal(&gap, &covariances[c]).exp()
            };
            let terms: Vec<f64> = (0..4).map(term).collect();
            let density: f64 = terms.iter().sum();
            assert!((shares.log_density[i] - density.ln()).abs() < 1e-9);
            let of_row = &shares.responsibilities[4 * i..4 * i + 4];
            of_row.iter().zip(&terms).for_each(|(s, t)| assert!((s - t / density).abs() < 1e-9));
            assert!(of_row.iter().all(|s| *s <= of_row[labels[i] as usize]));
        }
        let mean = shares.log_density.iter().sum::<f64>() / 200.0;
        assert!((mean - log_likelihood).abs() < 1e-12);
    }
}

#[test]
fn one_component_has_the_moments_of_the_rows() {
    let table = (blobs(300, 3, 2), 3);
    let rows = points(&table);
    let got = fit(rows, None, (1, 1), &params(3, Covariance::Full));
    for i in 0..3 {
        let mean = |j: usize| (0..300).map(|r| rows.row(r)[j]).sum::<f64>() / 300.0;
        assert!((got.mixture.means[i] - mean(i)).abs() < 1e-9);
        for j in 0..3 {
            let product = |r: usize| (rows.row(r)[i] - mean(i)) * (rows.row(r)[j] - mean(j));
            let floor = if i == j { 1e-6 } else { 0.0 };
            let expected = (0..300).map(product).sum::<f64>() / 300.0 + floor;
            let covariance = got.mixture.covariances[3 * i + j];
            assert!((covariance - expected).abs() < 1e-8 * (1.0 + expected.abs()));
        }
    }
}

#[test]
fn likelihood_does_not_fall_by_steps() {
    let table = (blobs(400, 2, 5), 2);
    for kind in KINDS {
        let mut last = f64::NEG_INFINITY;
        for max_steps in 1..15 {
            let params = MixtureParams { max_steps, tolerance: -1.0, ..params(2, kind) };
            let log = fit(points(&table), None, (3, 1), &params).log_likelihood;
            assert!(log > last - 1e-6, "{kind:?} {max_steps}: {log} {last}");
            last = log;
        }
    }
}

#[test]
fn weight_is_repetition() {
    let table = (blobs(200, 2, 3), 2);
    let weights: Vec<f64> = (0..200).map(|i| f64::from(i % 3)).collect();
    let repeated = |i: usize| table.0[2 * i..2 * i + 2].repeat(i % 3);
    let many = ((0..200).flat_map(repeated).collect::<Vec<_>>(), 2);
    for kind in KINDS {
        let params = MixtureParams { tolerance: 1e-9, ..params(2, kind) };
        let a = fit(points(&table), Some(&weights), (3, 4), &params);
        let b = fit(points(&many), None, (3, 4), &params);
        let alike = |a: f64, b: f64| assert!((a - b).abs() < 1e-6 * (1.0 + b.abs()));
        alike(a.log_likelihood, b.log_likelihood);
        alike(a.icl(), b.icl());
        alike(a.adjoining, b.adjoining);
    }
}

#[test]
fn scale_of_columns_moves_the_likelihood_by_its_logarithm() {
    let table = (blobs(300, 2, 3), 2);
    let start = partitions(points(&table), None, 3, 1);
    for kind in [Covariance::Full, Covariance::Tied, Covariance::Diagonal] {
        let of = |table: &(Vec<f64>, usize), floors: [f64; 2]| {
            let floors = &floors.map(Floor::constant);
            let params = MixtureParams { floors, ..params(2, kind) };
            mixture(&Mixed::numbers(points(table)), None, &start, &params, &Silent).unwrap()
        };
        let plain = of(&table, [1e-6; 2]);
        for by in [1e12, 1e-12] {
            let scaled = |(i, v): (usize, &f64)| if i % 2 == 0 { v * by } else { v + 1e6 };
            let moved = (table.0.iter().enumerate().map(scaled).collect::<Vec<_>>(), 2);
            let got = of(&moved, [1e-6 * by * by, 1e-6]);
            assert_eq!(got.labels, plain.labels);
            assert!((got.log_likelihood + f64::ln(by) - plain.log_likelihood).abs() < 1e-6);
        }
    }
}

#[test]
fn odd_tables_have_finite_results() {
    for table in &odd_tables() {
        for kind in KINDS {
            for components in [1, 2, 6] {
                let got = fit(points(table), None, (components, 1), &params(table.1, kind));
                let Mixture { weights, means, covariances, .. } = &got.mixture;
                let finite = |v: &[f64]| v.iter().all(|v| v.is_finite());
                assert!(finite(weights) && finite(means) && finite(covariances));
                assert!(got.icl().is_finite() && (0.0..=1.0).contains(&got.adjoining));
                assert_eq!(got.mixture.validate(), Ok(()));
                let k = weights.len() as i32;
                assert!(k >= 1 && got.labels.iter().all(|l| (0..k).contains(l)));
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                let far = vec![1e200; table.1];
                let far = Mixed::numbers(Points { values: &far, dims: table.1 });
                let shares = got.mixture.shares(&far, 1, &Silent).unwrap();
                assert!(finite(&shares.log_density) && finite(&shares.responsibilities));
            }
        }
    }
}

/// Three columns of numbers and two of levels.
fn mixed<'a>(values: &'a [f64], codes: &'a [u32]) -> Mixed<'a> {
    Mixed { rows: values.len() / 3, numbers: values, dims: 3, codes, width: 2 }
}

#[test]
fn equal_bits_for_any_threads_and_processor() {
    let (values, codes) = (blobs(5000, 3, 4), codes(5000));
    let starts = partitions(Points { values: &values, dims: 3 }, None, 4, 2);
    for kind in KINDS {
        let base = params(3, kind);
        let fit = |params: &MixtureParams<'_>| {
            mixture(&mixed(&values, &codes), None, &starts, params, &Silent).unwrap()
        };
        let alone = fit(&base);
        assert_eq!(alone, fit(&MixtureParams { threads: 3, ..base }));
        assert_eq!(alone, plainly(|| fit(&base)));
    }
}

#[test]
fn components_without_rows_are_dropped() {
    let table = (blobs(90, 2, 3), 2);
    let labels: Vec<i32> = (0..90).map(|i| [0, 3, 4][i % 3]).collect();
    for kind in KINDS {
        let params = MixtureParams { max_steps: 1, ..params(2, kind) };
        let mixed = Mixed::numbers(points(&table));
        let got = mixture(&mixed, None, from_ref(&labels), &params, &Silent).unwrap();
        assert_eq!(got.mixture.components(), 3);
        assert!((0..90).all(|i| got.labels[i] == got.labels[i % 3]));
        got.mixture.weights.iter().for_each(|w| assert!((w - 1.0 / 3.0).abs() < 1e-3));
    }
}

#[test]
fn a_told_stop_is_heard() {
    let (values, codes) = (blobs(2000, 3, 4), codes(2000));
    let start = vec![(0..2000).map(|i| i % 4).collect()];
    for calls in [1, 30, 100] {
        let stop = StopAfter::new(calls - 1);
        let params = params(3, Covariance::Full);
        assert_eq!(mixture(&mixed(&values, &codes), None, &start, &params, &stop), Err(Stopped));
    }
}

#[test]
fn a_broken_state_is_told() {
    let table = (blobs(60, 2, 2), 2);
    let whole = fit(points(&table), None, (2, 1), &params(2, Covariance::Full)).mixture;
    let broken = |change: &dyn Fn(&mut Mixture)| {
        let mut state = whole.clone();
        change(&mut state);
        state.validate().is_err()
    };
    assert_eq!(whole.validate(), Ok(()));
    assert!(broken(&|m| m.weights[0] = 0.0));
    assert!(broken(&|m| m.means[0] = f64::NAN));
    assert!(broken(&|m| m.covariances[3] = 0.0));
    assert!(broken(&|m| m.dims = usize::MAX));
    assert!(broken(&|m| m.levels = vec![u32::MAX; 4]));
    assert!(broken(&|m| m.covariance = Covariance::Tied));
}

#[test]
fn rounding_is_wider_where_logarithms_are_less() {
    // Two components, all rows of each equal: what is added is their variance.
    let values = [[0.0; 9], [3.0; 9]].concat();
    let start = vec![[vec![0; 9], vec![1; 9]].concat()];
    let floors = [Floor { least: 0.02, rounding: 0.5, decay: 2.0 }];
    for kind in KINDS {
        let params = MixtureParams { floors: &floors, ..params(1, kind) };
        let rows = Mixed::numbers(Points { values: &values, dims: 1 });
        let got = mixture(&rows, None, &start, &params, &Silent).unwrap().mixture;
        let expected = if kind == Covariance::Tied { vec![0.26] } else { vec![0.5, 0.02] };
        for (a, b) in got.covariances.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-3, "{kind:?}: {:?}", got.covariances);
        }
    }
}
