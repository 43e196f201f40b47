#![allow(clippy::unwrap_used)]

use super::*;
use crate::clusters::tests::{blobs, odd_tables, points, reference, table};
use crate::simd::plain::plainly;
use crate::{Silent, StopAfter};
use std::f64::consts::TAU;

const KINDS: [Covariance; 4] =
    [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical];

fn params(components: usize, covariance: Covariance) -> MixtureParams {
    MixtureParams { components, covariance, ..MixtureParams::default() }
}

fn fit(points: Points<'_>, weights: Option<&[f64]>, params: &MixtureParams) -> Fitted {
    mixture(points, weights, params, &Silent).unwrap()
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

#[test]
fn rows_are_as_likely_as_scikit_learn_makes_them() {
    let r = reference();
    for case in r["mixtures"].as_array().unwrap() {
        let table = table(&r, case);
        let kind = match case["kind"].as_str().unwrap() {
            "full" => Covariance::Full,
            "tied" => Covariance::Tied,
            "diag" => Covariance::Diagonal,
            _ => Covariance::Spherical,
        };
        let of = |name: &str| case[name].as_f64().unwrap();
        let components = case["components"].as_u64().unwrap() as usize;
        let base = params(components, kind);
        let params = MixtureParams { starts: 60, tolerance: 1e-7, max_steps: 2000, ..base };
        let got = fit(points(&table), None, &params);
        let (n, log) = (points(&table).len() as f64, got.log_likelihood);
        let expected = of("log_likelihood");
        assert!(log > expected - 1e-3, "{} {kind:?}: {log} {expected}", case["table"]);
        assert!((got.mixture.bic(expected, n) - of("bic")).abs() < 1e-5);
        assert!((got.mixture.aic(expected, n) - of("aic")).abs() < 1e-5);
    }
}

#[test]
fn densities_are_those_of_the_definition() {
    let table = (blobs(200, 3, 4), 3);
    for kind in KINDS {
        let Fitted { mixture, labels, log_likelihood, .. } =
            fit(points(&table), None, &params(4, kind));
        let shares = mixture.shares(points(&table), 1, &Silent).unwrap();
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
    let got = fit(rows, None, &MixtureParams { floor: 1e-12, ..params(1, Covariance::Full) });
    for i in 0..3 {
        let mean = |j: usize| (0..300).map(|r| rows.row(r)[j]).sum::<f64>() / 300.0;
        assert!((got.mixture.means[i] - mean(i)).abs() < 1e-9);
        for j in 0..3 {
            let product = |r: usize| (rows.row(r)[i] - mean(i)) * (rows.row(r)[j] - mean(j));
            let expected = (0..300).map(product).sum::<f64>() / 300.0;
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
            let params = MixtureParams { max_steps, tolerance: 0.0, ..params(3, kind) };
            let log = fit(points(&table), None, &params).log_likelihood;
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
        let params = MixtureParams { starts: 4, tolerance: 1e-9, ..params(3, kind) };
        let a = fit(points(&table), Some(&weights), &params);
        let b = fit(points(&many), None, &params);
        assert!((a.log_likelihood - b.log_likelihood).abs() < 1e-6);
    }
}

#[test]
fn scale_of_columns_moves_the_likelihood_by_its_logarithm() {
    let table = (blobs(300, 2, 3), 2);
    for kind in [Covariance::Full, Covariance::Tied, Covariance::Diagonal] {
        let plain = fit(points(&table), None, &params(3, kind));
        for by in [1e12, 1e-12] {
            let scaled = |(i, v): (usize, &f64)| if i % 2 == 0 { v * by } else { v + 1e6 };
            let moved = (table.0.iter().enumerate().map(scaled).collect::<Vec<_>>(), 2);
            let got = fit(points(&moved), None, &params(3, kind));
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
                let got = fit(points(table), None, &params(components, kind));
                let Mixture { weights, means, covariances, .. } = &got.mixture;
                let finite = |v: &[f64]| v.iter().all(|v| v.is_finite());
                assert!(finite(weights) && finite(means) && finite(covariances));
                assert!(got.log_likelihood.is_finite());
                let k = weights.len() as i32;
                assert!(k >= 1 && got.labels.iter().all(|l| (0..k).contains(l)));
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                let far = vec![1e200; table.1];
                let shares = got.mixture.shares(Points { values: &far, dims: table.1 }, 1, &Silent);
                let shares = shares.unwrap();
                assert!(finite(&shares.log_density) && finite(&shares.responsibilities));
            }
        }
    }
}

#[test]
fn equal_bits_for_any_threads_and_processor() {
    let table = (blobs(5000, 3, 4), 3);
    for kind in KINDS {
        let base = MixtureParams { starts: 2, ..params(4, kind) };
        let alone = fit(points(&table), None, &base);
        assert_eq!(alone, fit(points(&table), None, &MixtureParams { threads: 3, ..base }));
        assert_eq!(alone, plainly(|| fit(points(&table), None, &base)));
    }
}

#[test]
fn components_without_rows_are_dropped() {
    let table = (blobs(90, 2, 3), 2);
    let labels: Vec<i32> = (0..90).map(|i| [0, 3, 4][i % 3]).collect();
    let rows = Rows { points: points(&table), weights: None, origin: &[0.0; 2], threads: 1 };
    for kind in KINDS {
        let sums = rows.count(&labels, &[0.0; 10], kind, &Silent).unwrap();
        let got = sums.mixture(&[0.0; 10], &[1e-6; 2]);
        assert_eq!(got.weights, [1.0 / 3.0; 3]);
        let mean = (0..30).map(|i| points(&table).row(3 * i + 1)[0]).sum::<f64>() / 30.0;
        assert!((got.means[2] - mean).abs() < 1e-9);
        let (shares, k) = (got.shares(points(&table), 1, &Silent).unwrap(), got.components());
        assert_eq!((shares.labels[1], k), (1, 3));
    }
}

#[test]
fn a_told_stop_is_heard() {
    let table = (blobs(2000, 3, 4), 3);
    for calls in [1, 30, 100] {
        let stop = StopAfter::new(calls - 1);
        let params = params(4, Covariance::Full);
        assert_eq!(mixture(points(&table), None, &params, &stop), Err(Stopped));
    }
}
