//! Two-sample Kolmogorov–Smirnov test, `ks/evidently`: SciPy's `ks_2samp`.
//!
//! The distance is the largest difference of the empirical distribution functions, from 0 to 1. It
//! sees changes of any shape, does not depend on the scale, and few values far out do not move it.
//! Cost O(m + n) of sorted samples, the exact p-value of at most 10,000 rows a band of m × n.
//!
//! Reference: Smirnov, "Table for estimating the goodness of fit of empirical distributions",
//! Annals of Mathematical Statistics 19, 1948; Massey, JASA 46, 1951.

use super::kolmogorov::two_samples;
use super::merge::walk;

/// The distance of two ascending samples, in [0, 1]; 0 where one is empty.
pub(super) fn distance(reference: &[f64], current: &[f64]) -> f64 {
    if reference.is_empty() || current.is_empty() {
        return 0.0;
    }
    let (m, n) = (reference.len() as f64, current.len() as f64);
    let mut most = 0.0f64;
    walk(reference, current, |_, i, j| most = most.max((i as f64 / m - j as f64 / n).abs()));
    most
}

/// The probability of at least such a distance between samples of one distribution.
pub(super) fn p_value(m: usize, n: usize, distance: f64) -> f64 {
    two_samples(m, n, distance)
}

/// A distance that certainly is between a sample and a distribution of which evenly spaced
/// quantiles are known: where its distribution function could be anything between two steps, it is
/// taken as near as can be.
pub(super) fn distance_to_quantiles(quantiles: &[f64], current: &[f64]) -> f64 {
    let (Some(last), n) = (quantiles.len().checked_sub(1), current.len() as f64) else {
        return 0.0;
    };
    if current.is_empty() || last == 0 {
        return 0.0;
    }
    let step = |i: usize| (i as f64 / last as f64).clamp(0.0, 1.0);
    let apart = |share: f64, low: f64, high: f64| (low - share).max(share - high).max(0.0);
    let mut most = 0.0f64;
    for run in quantiles.chunk_by(|a, b| a == b) {
        let first = quantiles.partition_point(|q| *q < run[0]);
        let until = first + run.len() - 1;
        let below = current.partition_point(|v| *v < run[0]) as f64 / n;
        let upto = current.partition_point(|v| *v <= run[0]) as f64 / n;
        // F is at least what the last of equal quantiles says, and below what the next one does.
        let next = if until == last { 1.0 } else { step(until + 1) };
        most = most.max(apart(upto, step(until), next));
        let before = if first == 0 { 0.0 } else { step(first - 1) };
        most = most.max(apart(below, before, step(first)));
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_the_largest_gap() {
        assert_eq!(distance(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0]), 0.0);
        assert_eq!(distance(&[1.0, 2.0], &[3.0]), 1.0);
        assert_eq!(distance(&[1.0, 1.0, 2.0, 2.0], &[1.0, 2.0, 2.0, 2.0]), 0.25);
        assert_eq!(distance(&[], &[3.0]), 0.0);
    }

    #[test]
    fn quantiles_tell_no_more_than_is_certain() {
        let quantiles: Vec<f64> = (0..=64).map(f64::from).collect();
        let same: Vec<f64> = (0..640).map(|i| f64::from(i) / 10.0).collect();
        assert!(distance_to_quantiles(&quantiles, &same) < 1e-12);
        let far: Vec<f64> = same.iter().map(|v| v + 32.0).collect();
        let got = distance_to_quantiles(&quantiles, &far);
        assert!((0.48..=0.5).contains(&got), "{got}");
        // Of a column of few values nobody knows more than to a step of the quantiles.
        let lumps: Vec<f64> = (0..=64).map(|i| f64::from(i / 33)).collect();
        let even: Vec<f64> = (0..100).map(|i| f64::from(i / 50)).collect();
        assert!(distance_to_quantiles(&lumps, &even) < 1e-12);
        let all = [1.0; 50];
        let got = distance_to_quantiles(&lumps, &all);
        assert!((0.5..0.52).contains(&got), "{got}");
    }
}
