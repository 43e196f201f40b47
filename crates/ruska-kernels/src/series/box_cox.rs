//! Powers and logarithms that make a series' swings alike at all levels.
//!
//! ```text
//! λ = 0: ln y      else: (y^λ − 1) / λ          λ: where σ / μ^(1−λ) of the cycles varies least
//! ```
//!
//! References: Box and Cox, "An analysis of transformations", Journal of the Royal Statistical Society
//! B 26, 1964; Guerrero, "Time-series analysis supported by power transformations", Journal of
//! Forecasting 12, 1993.

use serde::{Deserialize, Serialize};

/// Powers nearer to 0 than this are the logarithm.
const LOGARITHM: f64 = 1e-6;
/// Powers tried before the best of them is refined.
const TRIED: u32 = 30;

/// A transformation of values above zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoxCox {
    /// The power λ: 1 leaves all but the level, 0 is the logarithm.
    pub lambda: f64,
}

impl BoxCox {
    /// The natural logarithm.
    pub const LOG: Self = Self { lambda: 0.0 };

    /// The power in `lower`..`upper` after which the cycles of `period` values (2 at least), counted
    /// back from the last value, vary alike whatever their level. None where a value is not above
    /// zero, there are fewer than two cycles, or they do not vary at all.
    pub fn guerrero(values: &[f64], period: usize, lower: f64, upper: f64) -> Option<Self> {
        let width = period.max(2);
        if values.iter().any(|v| *v <= 0.0) || values.len() < 2 * width {
            return None;
        }
        let cycles = values[values.len() % width..].chunks_exact(width);
        // Logarithms of the means and of the deviations.
        let spread = |cycle: &[f64]| {
            let most = cycle.iter().fold(0.0f64, |m, v| m.max(*v));
            let mean = cycle.iter().map(|v| v / most).sum::<f64>() / width as f64;
            let square = cycle.iter().map(|v| (v / most - mean).powi(2)).sum::<f64>();
            let deviation = (square / (width - 1) as f64).sqrt();
            (mean.ln() + most.ln(), deviation.ln() + most.ln())
        };
        let cycles: Vec<(f64, f64)> = cycles.map(spread).collect();
        let greatest = cycles.iter().fold(f64::NEG_INFINITY, |m, c| m.max(c.1));
        if !greatest.is_finite() {
            return None;
        }
        let variation = |lambda: f64| {
            let ratio = |c: &(f64, f64)| c.1 - (1.0 - lambda) * c.0;
            let most = cycles.iter().map(ratio).fold(f64::NEG_INFINITY, f64::max);
            let ratios = || cycles.iter().map(|c| (ratio(c) - most).exp());
            let mean = ratios().sum::<f64>() / cycles.len() as f64;
            let square: f64 = ratios().map(|r| (r - mean) * (r - mean)).sum();
            (square / (cycles.len() - 1) as f64).sqrt() / mean
        };
        Some(Self { lambda: least(variation, lower, upper.max(lower)) })
    }

    /// The transformed values, which are to be above zero.
    pub fn transform(&self, values: &[f64]) -> Vec<f64> {
        let lambda = self.lambda;
        let one = |v: &f64| {
            let log = v.max(f64::MIN_POSITIVE).ln();
            let power =
                if lambda.abs() < LOGARITHM { log } else { (lambda * log).exp_m1() / lambda };
            power.clamp(f64::MIN, f64::MAX)
        };
        values.iter().map(one).collect()
    }

    /// Values whose transforms these are; finite and not below zero. Transforms that no value has give
    /// the nearest value.
    pub fn back(&self, transformed: &[f64]) -> Vec<f64> {
        let lambda = self.lambda;
        let one = |t: &f64| {
            let value = if lambda.abs() < LOGARITHM {
                t.exp()
            } else {
                ((lambda * t).max(-1.0).ln_1p() / lambda).exp()
            };
            value.min(f64::MAX)
        };
        transformed.iter().map(one).collect()
    }
}

/// Where a function is least: the best of some places, and then by the golden section around it.
fn least(of: impl Fn(f64) -> f64, lower: f64, upper: f64) -> f64 {
    let step = (upper - lower) / f64::from(TRIED);
    let places = (0..=TRIED).map(|i| lower + step * f64::from(i));
    let best = places.min_by(|a, b| of(*a).total_cmp(&of(*b))).unwrap_or(lower);
    let (mut a, mut b) = ((best - step).max(lower), (best + step).min(upper));
    let part = 2.0 / (1.0 + 5f64.sqrt());
    while b - a > 1e-7 * (1.0 + best.abs()) {
        let (c, d) = (b - part * (b - a), a + part * (b - a));
        if of(c) <= of(d) { b = d } else { a = c }
    }
    f64::midpoint(a, b)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::series::made::{gaussian, reference};

    #[test]
    fn the_power_equals_another_implementation() {
        for case in reference()["guerrero"].as_array().unwrap() {
            let values: Vec<f64> = serde_json::from_value(case["values"].clone()).unwrap();
            let period = case["period"].as_u64().unwrap() as usize;
            let got = BoxCox::guerrero(&values, period, -0.9, 2.0).unwrap().lambda;
            let expected = case["lambda"].as_f64().unwrap();
            assert!((got - expected).abs() < 1e-3, "{got} {expected}");
        }
    }

    #[test]
    fn back_is_what_it_was() {
        let values = [1e-9, 0.3, 1.0, 7.0, 1e9];
        for lambda in [-0.5, 0.0, 1e-9, 0.3, 1.0, 2.0] {
            let power = BoxCox { lambda };
            for (a, b) in power.back(&power.transform(&values)).iter().zip(values) {
                assert!(lambda > 0.0 && b < 0.1 || (a / b - 1.0).abs() < 1e-4, "{lambda} {a} {b}");
            }
            let ends = power.back(&[f64::MIN, -5.0, 5.0, 1e5, f64::MAX]);
            assert!(ends.iter().all(|v| v.is_finite() && *v >= 0.0), "{lambda} {ends:?}");
            assert!(power.transform(&[0.0, f64::MAX]).iter().all(|v| v.is_finite()));
        }
    }

    #[test]
    fn growing_swings_take_the_logarithm_and_even_ones_none() {
        let noise = gaussian(240, 3);
        let season = |i: usize| (i as f64 * std::f64::consts::TAU / 12.0).sin();
        let growing: Vec<f64> = (0..240)
            .map(|i| (5.0 + 0.01 * i as f64 + 0.3 * season(i) + 0.02 * noise[i]).exp())
            .collect();
        let even: Vec<f64> =
            (0..240).map(|i| 100.0 + i as f64 + 9.0 * season(i) + noise[i]).collect();
        let lambda = |v: &[f64]| BoxCox::guerrero(v, 12, 0.0, 1.0).unwrap().lambda;
        assert!(lambda(&growing) < 0.1 && lambda(&even) > 0.8);
    }

    #[test]
    fn some_series_have_no_power() {
        let none = |v: &[f64]| BoxCox::guerrero(v, 2, 0.0, 1.0).is_none();
        assert!(none(&[1.0, 2.0, 0.0, 1.0]) && none(&[1.0, 2.0, 3.0]) && none(&[3.0; 8]));
        let extreme = [1e300, 2e300, 1e-300, 3e-300, 5.0, 5.0];
        assert!(BoxCox::guerrero(&extreme, 2, 0.0, 1.0).unwrap().lambda.is_finite());
    }
}
