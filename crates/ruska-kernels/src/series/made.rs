//! Series and numbers that the tests of the forecasting kernels share.
#![allow(clippy::unwrap_used)]

use crate::trees::random::{mix, normal};

/// What other implementations make of some series.
pub(super) fn reference() -> serde_json::Value {
    let text = include_str!("../../../../tests/reference/seasonal.json");
    serde_json::from_str(text).unwrap()
}

/// Independent numbers that are about normal, with mean 0 and deviation 1.
pub(super) fn gaussian(n: usize, seed: u64) -> Vec<f64> {
    let at = |i: u64, k: u64| normal(mix(seed) ^ mix((i << 2) | k));
    (0..n as u64).map(|i| (at(i, 0) + at(i, 1) + at(i, 2)) / 3f64.sqrt()).collect()
}
