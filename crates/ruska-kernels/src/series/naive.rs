//! Naive2, the benchmark of the M4 competition: the last value again, with the season where there is one.
//!
//! ```text
//! values ─▶ test for a season ─▶ ÷ indices ─▶ the last one ─▶ × indices of the steps ahead
//! ```
//!
//! There is a season where at least three periods of values, all above 0, pass the 90 % test. Its
//! indices are those of the classical multiplicative decomposition. Cost O(n·m) for a period m.
//!
//! Reference: Makridakis, Spiliotis and Assimakopoulos, "The M4 Competition: 100,000 time series and 61
//! forecasting methods", International Journal of Forecasting 36, 2020.

use super::classical::{indices, is_seasonal};

/// The next `horizon` values of a series with seasons of `period` steps, 0 or 1 for none; finite. 0 where
/// no value is given.
pub fn naive2(values: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let n = values.len();
    let last = values.last().copied().unwrap_or(0.0);
    if !seasonal(values, period) {
        return vec![last; horizon];
    }
    let indices = indices(values, period, true);
    let index = indices[(n - 1) % period];
    let ahead = indices.iter().cycle().skip(n % period).take(horizon);
    let told: Vec<f64> = ahead.map(|next| last / index * next).collect();
    if told.iter().all(|v| v.is_finite()) { told } else { vec![last; horizon] }
}

/// Whether the season is taken out.
fn seasonal(values: &[f64], period: usize) -> bool {
    let long = period > 1 && values.len() / period >= 3;
    long && values.iter().all(|v| *v > 0.0) && is_seasonal(values, period)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        period: usize,
        values: Vec<f64>,
        seasonal: bool,
        forecast: Vec<f64>,
    }

    #[test]
    fn as_by_plain_formulas() {
        let text = include_str!("../../../../tests/reference/naive.json");
        let cases: Vec<Case> = serde_json::from_str(text).unwrap();
        for case in &cases {
            let told = naive2(&case.values, case.period, case.forecast.len());
            assert_eq!(seasonal(&case.values, case.period), case.seasonal, "{}", case.name);
            for (got, expected) in told.iter().zip(&case.forecast) {
                let near = (got - expected).abs() <= 1e-12 * expected.abs();
                assert!(near, "{}: {got} is not {expected}", case.name);
            }
        }
        let seasonal = cases.iter().filter(|c| c.seasonal).count();
        assert!(seasonal > 5 && cases.len() - seasonal > 5);
    }

    #[test]
    fn never_fails() {
        assert_eq!(naive2(&[], 4, 2), [0.0; 2]);
        assert_eq!(naive2(&[-2.0], 0, 2), [-2.0; 2]);
        assert_eq!(naive2(&[0.0; 12], 4, 0), [0.0; 0]);
        for size in [1e-300, 1e-12, 1e12, 1e300] {
            // A season of values that are next to nothing in one phase.
            let values: Vec<f64> =
                (0..40).map(|t| if t % 4 == 3 { 1e-300 } else { size + f64::from(t) }).collect();
            for n in 1..40 {
                let told = naive2(&values[..n], 4, 9);
                assert!(told.iter().all(|v| v.is_finite()), "{size} {n} {told:?}");
            }
        }
    }
}
