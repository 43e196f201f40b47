//! Exponential smoothing of a level.

use serde::{Deserialize, Serialize};

/// Least and greatest smoothing that is sought.
const LEAST: f64 = 0.1;
const GREATEST: f64 = 0.3;
/// How exactly it is sought from nothing, and from a value near it.
const EXACT: f64 = 1e-12;
const ENOUGH: f64 = 1e-6;

/// A level that follows values by a part of the distance; the first value is the first level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Smoothing {
    pub(super) alpha: f64,
    pub(super) level: Option<f64>,
}

impl Smoothing {
    pub(super) fn new(alpha: f64) -> Self {
        Self { alpha, level: None }
    }

    /// With the smoothing that foretells the values best; its level has seen none of them.
    pub(super) fn optimised(values: &[f64]) -> Self {
        Self::new(golden_section(values, LEAST, GREATEST, EXACT))
    }

    /// The same, sought near the present.
    pub(super) fn near(&self, values: &[f64]) -> Self {
        let lower = (self.alpha - 0.02).max(LEAST);
        let upper = (self.alpha + 0.02).min(GREATEST);
        Self::new(golden_section(values, lower, upper, ENOUGH))
    }

    pub(super) fn step(&mut self, value: f64) {
        let alpha = self.alpha;
        self.level = Some(self.level.map_or(value, |level| alpha * value + (1.0 - alpha) * level));
    }
}

/// The smoothing with the least sum of squared errors in a range, found by the golden section.
fn golden_section(values: &[f64], lower: f64, upper: f64, tolerance: f64) -> f64 {
    let ratio = f64::midpoint(5f64.sqrt(), 1.0);
    let (mut a, mut b) = (lower, upper);
    let (mut c, mut d) = (b - (b - a) / ratio, a + (b - a) / ratio);
    let [mut at_c, mut at_d] = squared_errors(values, [c, d]);
    while (b - a).abs() >= tolerance {
        if at_c < at_d {
            (b, d, at_d) = (d, c, at_c);
            c = b - (b - a) / ratio;
            [at_c] = squared_errors(values, [c]);
        } else if at_d < at_c {
            (a, c, at_c) = (c, d, at_d);
            d = a + (b - a) / ratio;
            [at_d] = squared_errors(values, [d]);
        } else {
            break;
        }
    }
    f64::midpoint(a, b)
}

/// The sums of squared errors of one step, for some smoothings at once.
fn squared_errors<const N: usize>(values: &[f64], alphas: [f64; N]) -> [f64; N] {
    let Some(first) = values.first() else { return [0.0; N] };
    let (mut levels, mut sums) = ([*first; N], [0.0; N]);
    for pair in values.windows(2) {
        for l in 0..N {
            levels[l] = alphas[l] * pair[0] + (1.0 - alphas[l]) * levels[l];
            let error = pair[1] - levels[l];
            sums[l] += error * error;
        }
    }
    sums
}
