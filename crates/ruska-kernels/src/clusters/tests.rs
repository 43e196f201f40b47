//! What the tests of several clusterers need.
#![allow(clippy::unwrap_used)]

use super::Points;
use crate::trees::random::{mix, normal};
use serde_json::Value;

/// What scikit-learn makes of some tables.
pub(super) fn reference() -> Value {
    serde_json::from_str(include_str!("../../../../tests/reference/centres.json")).unwrap()
}

pub(super) fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Rows of numbers, and how many a row has.
pub(super) fn rows(v: &Value) -> (Vec<f64>, usize) {
    let rows: Vec<Vec<f64>> = v.as_array().unwrap().iter().map(numbers).collect();
    (rows.concat(), rows[0].len())
}

/// The table that a case names.
pub(super) fn table(reference: &Value, case: &Value) -> (Vec<f64>, usize) {
    rows(&reference["tables"][case["table"].as_str().unwrap()])
}

/// `n` rows around `k` places, in turn; places are about ten deviations apart.
pub(super) fn blobs(n: usize, dims: usize, k: usize) -> Vec<f64> {
    let place = |c: usize, j: usize| 10.0 * normal(mix((c * dims + j) as u64));
    let value = |i: usize, j: usize| place(i % k, j) + normal(((i * dims + j) as u64) << 20);
    (0..n).flat_map(|i| (0..dims).map(move |j| value(i, j))).collect()
}

/// Tables on which clusterers stumble, with their widths.
pub(super) fn odd_tables() -> Vec<(Vec<f64>, usize)> {
    let some = blobs(60, 2, 3);
    let times = |by: f64| some.iter().map(|v| v * by).collect::<Vec<_>>();
    let mut constant = some.clone();
    constant.iter_mut().step_by(2).for_each(|v| *v = 7.0);
    vec![
        (vec![3.0], 1),
        (vec![3.0, -1.0, 5.0], 3),
        (vec![0.1; 50], 2),
        ((0..90).map(|i| [0.1, 0.7, 0.3][i % 3]).collect(), 1),
        (times(1e12), 2),
        (times(1e-12), 2),
        (some.iter().map(|v| v + 1e9).collect(), 2),
        (constant, 2),
        ([&some[..], &[1e12, -1e12]].concat(), 2),
        (vec![1.0, 2.0], 1),
    ]
}

pub(super) fn points(values: &(Vec<f64>, usize)) -> Points<'_> {
    Points { values: &values.0, dims: values.1 }
}
