#![allow(clippy::unwrap_used)]

use super::*;
use crate::clusters::kmeans::{KMeansParams, kmeans};
use crate::clusters::tests::{blobs, odd_tables, points};
use crate::trees::random::mix;
use crate::{Silent, StopAfter};

fn params(clusters: usize) -> PrototypeParams {
    PrototypeParams { clusters, ..PrototypeParams::default() }
}

fn fit(rows: &Mixed<'_>, weights: Option<&[f64]>, params: &PrototypeParams) -> FittedPrototypes {
    prototypes(rows, weights, params, &Silent).unwrap()
}

/// Two columns of numbers and three of levels of `n` rows, in four groups in turn; a third of the
/// levels is any, and some are missing.
fn table(n: usize) -> (Vec<f64>, Vec<u32>) {
    let code = |i: usize, j: usize| match mix((i * 3 + j) as u64) % 12 {
        0 => MISSING,
        1..4 => (mix((i * 7 + j) as u64) % 5) as u32,
        _ => ((i % 4 + j) % 5) as u32,
    };
    (blobs(n, 2, 4), (0..n).flat_map(|i| (0..3).map(move |j| code(i, j))).collect())
}

fn mixed(table: &(Vec<f64>, Vec<u32>), rows: usize) -> Mixed<'_> {
    Mixed { rows, numbers: &table.0, dims: 2, codes: &table.1, width: 3 }
}

#[test]
fn rows_are_with_the_nearest_and_prototypes_are_means_and_modes() {
    let table = table(400);
    let rows = mixed(&table, 400);
    let got = fit(&rows, None, &params(5));
    let Prototypes { numbers, codes, gamma, clusters, .. } = &got.prototypes;
    assert_eq!(*clusters, 5);
    let mut cost = 0.0;
    for i in 0..400 {
        let to = |c: usize| {
            let gap = |j: usize| table.0[2 * i + j] - numbers[2 * c + j];
            let unlike =
                |j: &usize| table.1[3 * i + j] != codes[3 * c + j] || table.1[3 * i + j] == MISSING;
            gap(0) * gap(0) + gap(1) * gap(1) + gamma * (0..3).filter(unlike).count() as f64
        };
        let all: Vec<f64> = (0..5).map(to).collect();
        let least = all.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((all[got.labels[i] as usize] - least).abs() < 1e-12);
        cost += least;
    }
    assert!((got.cost - cost).abs() < 1e-9);
    for c in 0..5 {
        let own: Vec<usize> = (0..400).filter(|&i| got.labels[i] == c as i32).collect();
        for j in 0..2 {
            let mean = own.iter().map(|i| table.0[2 * i + j]).sum::<f64>() / own.len() as f64;
            assert!((mean - numbers[2 * c + j]).abs() < 1e-9);
        }
        for j in 0..3 {
            let count = |code: u32| own.iter().filter(|&i| table.1[3 * i + j] == code).count();
            let most = (0..5).map(count).max().unwrap();
            assert_eq!(count(codes[3 * c + j]), most);
        }
    }
}

#[test]
fn groups_are_found_by_numbers_and_levels_together() {
    // Numbers tell halves apart, levels tell the parts of each half.
    let (n, noise) = (200, blobs(200, 1, 1));
    let numbers: Vec<f64> = (0..n).map(|i| (i % 2 * 10) as f64 + noise[i]).collect();
    let codes: Vec<u32> = (0..n as u32).flat_map(|i| [i / 2 % 2 * 9, i / 2 % 2]).collect();
    let rows = Mixed { rows: n, numbers: &numbers, dims: 1, codes: &codes, width: 2 };
    let got = fit(&rows, None, &PrototypeParams { gamma: Some(10.0), ..params(4) });
    for i in 0..n {
        assert_eq!(got.labels[i], got.labels[i % 4]);
    }
    assert_eq!(got.prototypes.clusters, 4);
}

#[test]
fn without_levels_it_is_k_means() {
    let table = (blobs(300, 3, 4), 3);
    let rows = Mixed { rows: 300, numbers: &table.0, dims: 3, codes: &[], width: 0 };
    let got = fit(&rows, None, &params(4));
    let k_means = KMeansParams { clusters: 4, tolerance: 0.0, ..KMeansParams::default() };
    let expected = kmeans(points(&table), None, None, &k_means, &Silent).unwrap();
    assert_eq!(got.labels, expected.labels);
    assert!((got.cost / expected.inertia - 1.0).abs() < 1e-9);
}

#[test]
fn without_numbers_codes_are_names() {
    let codes = [5, 1, 5, 1, 9, 7, 9, 7, 9, MISSING];
    let of = |codes: &[u32]| {
        let rows = Mixed { rows: 5, numbers: &[], dims: 0, codes, width: 2 };
        fit(&rows, None, &params(2))
    };
    let got = of(&codes);
    assert_eq!(got.labels, [1, 1, 0, 0, 0]);
    assert_eq!(got.prototypes.codes, [9, 7, 5, 1]);
    assert_eq!((got.prototypes.gamma, got.cost), (1.0, 1.0));
    let renamed = codes.map(|c| if c == MISSING { c } else { 4_000_000_000 - 3 * c });
    assert_eq!(of(&renamed).labels, got.labels);
}

#[test]
fn gamma_is_half_the_mean_deviation() {
    let rows = Mixed { rows: 2, numbers: &[1.0, 0.0, 3.0, 8.0], dims: 2, codes: &[], width: 0 };
    assert_eq!(fit(&rows, None, &params(1)).prototypes.gamma, 0.5 * (1.0 + 4.0) / 2.0);
}

#[test]
fn cost_does_not_rise_by_steps() {
    let table = table(500);
    let mut last = f64::INFINITY;
    for max_steps in 1..12 {
        let params = PrototypeParams { max_steps, restarts: 1, ..params(6) };
        let cost = fit(&mixed(&table, 500), None, &params).cost;
        assert!(cost <= last * (1.0 + 1e-12));
        last = cost;
    }
}

#[test]
fn weight_is_repetition() {
    let (numbers, codes) = table(120);
    let weights: Vec<f64> = (0..120).map(|i| f64::from(i % 3)).collect();
    let many: Vec<usize> = (0..120).flat_map(|i: usize| std::iter::repeat_n(i, i % 3)).collect();
    let repeated = (
        many.iter().flat_map(|&i| numbers[2 * i..2 * i + 2].to_vec()).collect(),
        many.iter().flat_map(|&i| codes[3 * i..3 * i + 3].to_vec()).collect(),
    );
    let table = (numbers, codes);
    let params = PrototypeParams { restarts: 30, gamma: Some(2.0), ..params(4) };
    let a = fit(&mixed(&table, 120), Some(&weights), &params);
    let b = fit(&mixed(&repeated, many.len()), None, &params);
    assert!((a.cost / b.cost - 1.0).abs() < 1e-9, "{} {}", a.cost, b.cost);
}

#[test]
fn odd_tables_have_finite_results() {
    for table in &odd_tables() {
        let rows = table.0.len() / table.1;
        let codes: Vec<u32> =
            (0..rows).map(|i| if i % 3 == 0 { MISSING } else { i as u32 % 2 }).collect();
        let mixed = Mixed { rows, numbers: &table.0, dims: table.1, codes: &codes, width: 1 };
        for clusters in [1, 2, 7] {
            let got = fit(&mixed, None, &params(clusters));
            let k = got.prototypes.clusters as i32;
            assert!(got.cost.is_finite() && k >= 1);
            assert!(got.labels.iter().all(|l| (0..k).contains(l)));
        }
        let none = fit(&mixed, Some(&vec![0.0; rows]), &params(3));
        assert!(none.prototypes.clusters == 0 && none.labels.iter().all(|l| *l == -1));
    }
    let empty = Mixed { rows: 0, numbers: &[], dims: 2, codes: &[], width: 1 };
    assert!(fit(&empty, None, &params(3)).labels.is_empty());
}

#[test]
fn equal_bits_for_any_threads() {
    let table = table(5000);
    let base = PrototypeParams { restarts: 2, ..params(6) };
    let alone = fit(&mixed(&table, 5000), None, &base);
    let threads = PrototypeParams { threads: 3, ..base };
    assert_eq!(alone, fit(&mixed(&table, 5000), None, &threads));
}

#[test]
fn a_told_stop_is_heard() {
    let table = table(3000);
    for calls in [1, 10, 60] {
        let stop = StopAfter::new(calls - 1);
        assert_eq!(prototypes(&mixed(&table, 3000), None, &params(5), &stop), Err(Stopped));
    }
}
