//! Wasserstein distance in standard deviations of the reference, `wasserstein/evidently`: the area
//! between the two empirical distribution functions over the population standard deviation of the
//! reference, or 0.001 where that is less.
//!
//! A shift of all values by a deviation is a distance of 1. Cost O(m + n) of sorted samples.
//!
//! Reference: Vallender, "Calculation of the Wasserstein distance between probability distributions
//! on the line", Theory Prob. Appl. 18, 1974.

use super::merge::walk;

/// The least deviation that distances are told in.
const LEAST: f64 = 0.001;

/// The distance of two ascending samples that are not empty, in units of their values.
pub(super) fn area(reference: &[f64], current: &[f64]) -> f64 {
    let (m, n) = (reference.len() as f64, current.len() as f64);
    let mut sum = 0.0;
    let mut before: Option<(f64, f64)> = None;
    walk(reference, current, |value, i, j| {
        if let Some((last, gap)) = before {
            sum += gap * (value - last);
        }
        before = Some((value, (i as f64 / m - j as f64 / n).abs()));
    });
    sum
}

/// What distances are told in: the reference's population standard deviation, at least 0.001.
pub(super) fn unit(deviation: f64) -> f64 {
    deviation.max(LEAST)
}

/// Population standard deviation (divided by n), in two passes; 0 of nothing.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// The mean distance between equal quantiles, evenly spaced ones, in units of the values: of the
/// first to the last but the two ends, since how far out the farthest values are depends on how many
/// rows there are.
pub(super) fn between_quantiles(reference: &[f64], current: &[f64]) -> f64 {
    let gaps: Vec<f64> = reference.iter().zip(current).map(|(a, b)| b - a).collect();
    let Some(inner) = gaps.len().checked_sub(1).and_then(|last| gaps.get(1..last)) else {
        return 0.0;
    };
    // Between two quantiles the gap goes evenly from one to the other.
    let step = |pair: &[f64]| {
        let (a, b) = (pair[0], pair[1]);
        let sum = a.abs() + b.abs();
        if a * b >= 0.0 { sum / 2.0 } else { (a * a + b * b) / (2.0 * sum) }
    };
    inner.windows(2).map(step).sum::<f64>() / (gaps.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_its_length() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let shifted: Vec<f64> = values.iter().map(|v| v + 7.5).collect();
        assert!((area(&values, &shifted) - 7.5).abs() < 1e-12);
        assert!((area(&shifted, &values) - 7.5).abs() < 1e-12);
        // (n² − 1) / 12 is the variance of 0, …, n − 1.
        assert!((deviation(&values).powi(2) - 9999.0 / 12.0).abs() < 1e-9);
        assert_eq!((unit(0.0), unit(2.0)), (0.001, 2.0));
    }

    #[test]
    fn samples_of_other_sizes_are_compared_by_shares() {
        assert!((area(&[0.0, 1.0], &[0.0, 0.0, 1.0, 1.0])).abs() < 1e-15);
        assert!((area(&[0.0], &[0.0, 3.0]) - 1.5).abs() < 1e-15);
    }

    #[test]
    fn quantiles_leave_the_ends_out() {
        let quantiles: Vec<f64> = (0..=64).map(f64::from).collect();
        let mut far = quantiles.clone();
        far[64] = 1e9;
        assert_eq!(between_quantiles(&quantiles, &far), 0.0);
        let shifted: Vec<f64> = quantiles.iter().map(|v| v + 2.0).collect();
        assert!((between_quantiles(&quantiles, &shifted) - 2.0 * 62.0 / 64.0).abs() < 1e-12);
    }
}
