//! How alike a series is to itself some steps before.
//!
//! ```text
//! rₖ = Σ (y[t] − ȳ)·(y[t+k] − ȳ) / Σ (y[t] − ȳ)²
//! ```
//!
//! Direct sums, O(n · lags), sixteen lags at once.
//!
//! Reference: Box and Jenkins, "Time series analysis: forecasting and control", 1970, chapters 2, 3.

use super::convolve::convolve;
use crate::{Progress, Stopped};

/// Products between two questions to the progress.
const UNASKED: usize = 1 << 22;

/// The autocorrelations at the lags 1 to `lags`, in −1..1. They are 0 for lags that the series is too
/// short for, and for a constant series.
pub fn autocorrelations(
    values: &[f64],
    lags: usize,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let n = values.len();
    let known = lags.min(n.saturating_sub(1));
    let mut correlations = vec![0.0; lags];
    let Some(mut centred) = centred(values) else { return Ok(correlations) };
    // Places beyond the series count nothing.
    centred.resize(n + known, 0.0);
    let (taps, square) = (&centred[..n], centred.iter().map(|v| v * v).sum::<f64>());
    let chunk = (UNASKED / n).next_multiple_of(16).max(16);
    for (i, sums) in correlations[..known].chunks_mut(chunk).enumerate() {
        if !progress.proceed() {
            return Err(Stopped);
        }
        convolve(taps, &centred[1 + i * chunk..], sums);
        sums.iter_mut().for_each(|s| *s /= square);
    }
    Ok(correlations)
}

/// Differences from the mean in units of the greatest value; none where they are but rounding.
fn centred(values: &[f64]) -> Option<Vec<f64>> {
    let most = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if most == 0.0 {
        return None;
    }
    let mean = values.iter().map(|v| v / most).sum::<f64>() / values.len() as f64;
    let mut centred: Vec<f64> = values.iter().map(|v| v / most - mean).collect();
    let farthest = centred.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    centred.iter_mut().for_each(|v| *v /= farthest);
    (farthest > 1e-14).then_some(centred)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::series::made::{gaussian, reference};
    use crate::{Silent, StopAfter};

    #[test]
    fn equal_another_implementation() {
        for case in reference()["correlations"].as_array().unwrap() {
            let numbers =
                |name: &str| -> Vec<f64> { serde_json::from_value(case[name].clone()).unwrap() };
            let expected = numbers("autocorrelations");
            let got = autocorrelations(&numbers("values"), expected.len(), &Silent).unwrap();
            for (a, b) in got.iter().zip(expected) {
                assert!((a - b).abs() < 1e-10, "{a} {b}");
            }
        }
    }

    #[test]
    fn constant_and_short_series_are_like_nothing() {
        for values in [&[][..], &[3.0], &[7e11; 30], &[0.0; 5], &[1e-300; 4]] {
            assert_eq!(autocorrelations(values, 4, &Silent).unwrap(), [0.0; 4]);
        }
        let two = autocorrelations(&[f64::MAX, -f64::MAX], 3, &Silent).unwrap();
        assert_eq!(two, [-0.5, 0.0, 0.0]);
    }

    #[test]
    fn stops_when_told() {
        let values = gaussian(3000, 1);
        assert!(autocorrelations(&values, 2000, &StopAfter::new(1)).is_err());
    }
}
