//! Classical decomposition: whether a series has a season, and what it is.
//!
//! The trend is the centred moving average over a period; what a value is to its trend, averaged over
//! the values of a phase, is the index of the phase. Indices stay the same over the whole series. Cost
//! O(n) for the indices, O(n·m) for the test of a period m.
//!
//! References: Hyndman and Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, 3.4;
//! the test: Makridakis, Spiliotis and Assimakopoulos, "The M4 competition: 100,000 time series and 61
//! forecasting methods", International Journal of Forecasting 36, 2020.

use super::correlation::autocorrelations;
use crate::Silent;
use serde::{Deserialize, Serialize};

/// Normal quantile of the 90 % two-sided test.
const QUANTILE: f64 = 1.645;
/// Least index to divide by; where one is smaller, indices are added.
const LEAST_INDEX: f64 = 0.01;

/// Whether the autocorrelation at lag `period` differs from that of a series without a season by the
/// 90 % test of Bartlett's formula: |r_m| > 1.645·√((1 + 2·Σ_{k<m} r_k²) / n). False for periods below
/// 2, for fewer than three periods of values and for a constant series.
pub fn is_seasonal(values: &[f64], period: usize) -> bool {
    let n = values.len();
    if period < 2 || n / 3 < period {
        return false;
    }
    let Ok(correlations) = autocorrelations(values, period, &Silent) else { return false };
    let before = correlations[..period - 1].iter().map(|r| r * r).sum::<f64>();
    correlations[period - 1].abs() > QUANTILE * ((1.0 + 2.0 * before) / n as f64).sqrt()
}

/// Indices of the phases, `period` of them, the first that of the first value: factors of mean 1 if
/// `multiplicative`, else summands of mean 0. Neutral (1 or 0) for a period below 2, with fewer than two
/// periods of values, and where factors have no meaning because their mean is not above 0.
pub fn indices(values: &[f64], period: usize, multiplicative: bool) -> Vec<f64> {
    let neutral = f64::from(u8::from(multiplicative));
    if period < 2 || values.len() / 2 < period {
        return vec![neutral; period];
    }
    let scale = size(values);
    let scaled: Vec<f64> = values.iter().map(|v| v / scale).collect();
    let mut sums = vec![0.0; period];
    let mut counts = vec![0.0; period];
    for (t, trend) in (period / 2..).zip(moving_averages(&scaled, period)) {
        let index = if multiplicative { scaled[t] / trend } else { scaled[t] - trend };
        sums[t % period] += if index.is_finite() { index } else { neutral };
        counts[t % period] += 1.0;
    }
    for (sum, count) in sums.iter_mut().zip(&counts) {
        *sum /= count;
    }
    let mean = sums.iter().sum::<f64>() / period as f64;
    for index in &mut sums {
        *index = match multiplicative {
            false => ((*index - mean) * scale).clamp(f64::MIN, f64::MAX),
            true if mean > 0.0 => *index / mean,
            true => neutral,
        };
    }
    sums
}

/// The indices of a series and how they are applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Season {
    multiplicative: bool,
    indices: Vec<f64>,
}

impl Season {
    /// Whether there are indices, all of them in range, as there are after a fit.
    pub fn is_sound(&self) -> bool {
        let fits = |index: &f64| index.is_finite() && (!self.multiplicative || *index > 0.0);
        !self.indices.is_empty() && self.indices.iter().all(fits)
    }

    /// The season that a series has by [the test](is_seasonal); none when it has none. Multiplicative
    /// where all values are above 0 and no index is below 0.01, else additive.
    pub fn tested(values: &[f64], period: usize) -> Option<Self> {
        is_seasonal(values, period).then(|| Self::of(values, period))
    }

    /// The season whether tested or not, for `period` ≥ 1.
    pub fn of(values: &[f64], period: usize) -> Self {
        if values.iter().all(|v| *v > 0.0) {
            let indices = indices(values, period, true);
            if indices.iter().all(|i| *i >= LEAST_INDEX) {
                return Self { multiplicative: true, indices };
            }
        }
        Self { multiplicative: false, indices: indices(values, period, false) }
    }

    /// Whether values are multiplied by their index; else it is added.
    pub fn multiplicative(&self) -> bool {
        self.multiplicative
    }

    /// One for each phase, the first that of the first value.
    pub fn indices(&self) -> &[f64] {
        &self.indices
    }

    /// A value at step `at`, counted from the first value, without its season.
    pub fn without(&self, value: f64, at: usize) -> f64 {
        let index = self.indices[at % self.indices.len()];
        if self.multiplicative { value / index } else { value - index }
    }

    /// A value without season at step `at` with its season.
    pub fn with(&self, value: f64, at: usize) -> f64 {
        let index = self.indices[at % self.indices.len()];
        if self.multiplicative { value * index } else { value + index }
    }

    /// What a deviation at step `at` becomes with its season.
    pub fn spread(&self, deviation: f64, at: usize) -> f64 {
        let index = self.indices[at % self.indices.len()];
        if self.multiplicative { deviation * index } else { deviation }
    }
}

/// The power of two at or below the largest size of the values, which divides them without rounding;
/// 1 where all are zero.
pub(super) fn size(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0f64, |most, v| most.max(v.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE)
}

/// Centred moving averages over a period, for every step that has half a period on both sides; those
/// of an even period are means of the two that lie half a step beside.
fn moving_averages(values: &[f64], period: usize) -> Vec<f64> {
    let mut means = moving_means(values, period);
    if period.is_multiple_of(2) {
        for t in 1..means.len() {
            means[t - 1] = 0.5 * means[t - 1] + 0.5 * means[t];
        }
        means.pop();
    }
    means
}

/// Means of every `period` values in a row. Summed anew once a period, so that rounding does not grow.
fn moving_means(values: &[f64], period: usize) -> Vec<f64> {
    let share = |v: &f64| v / period as f64;
    let mut mean = 0.0;
    (0..=values.len() - period)
        .map(|t| {
            if t % period == 0 {
                mean = values[t..t + period].iter().map(share).sum();
            } else {
                mean += share(&values[t + period - 1]) - share(&values[t - 1]);
            }
            mean
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERN: [f64; 4] = [1.3, 0.8, 1.1, 0.8];

    #[test]
    fn a_season_on_a_line_is_found_again() {
        let product = |t: usize| (100 + t) as f64 * PATTERN[t % 4];
        let values: Vec<f64> = (0..4000).map(product).collect();
        assert!(is_seasonal(&values, 4));
        for (found, true_) in indices(&values, 4, true).iter().zip(PATTERN) {
            assert!((found - true_).abs() < 2e-3, "{found} {true_}");
        }
        let sum = |t: usize| 0.5 * t as f64 - 30.0 + PATTERN[t % 4];
        let values: Vec<f64> = (0..40).map(sum).collect();
        for (found, true_) in indices(&values, 4, false).iter().zip(PATTERN) {
            assert!((found - true_ + 1.0).abs() < 1e-12, "{found} {true_}");
        }
    }

    #[test]
    fn a_season_of_an_odd_period_is_found_again() {
        let values: Vec<f64> = (0..20).map(|t| [2.0, -1.0, -1.0, 0.0, 0.0][t % 5]).collect();
        assert_eq!(indices(&values, 5, false), [2.0, -1.0, -1.0, 0.0, 0.0]);
        assert!(!Season::of(&values, 5).multiplicative());
    }

    #[test]
    fn three_periods_are_needed_to_see_one() {
        let values: Vec<f64> = (0..12).map(|t| [3.0, 0.0, 0.0, 0.0][t % 4]).collect();
        assert!(is_seasonal(&values, 4));
        assert!(!is_seasonal(&values[..11], 4));
        assert!(!is_seasonal(&values, 1) && !is_seasonal(&values, 0));
        assert!(!is_seasonal(&[3.0; 12], 4) && !is_seasonal(&[], 4));
    }

    #[test]
    fn without_two_periods_indices_are_neutral() {
        assert_eq!(indices(&[1.0, 2.0, 3.0], 2, true), [1.0; 2]);
        assert_eq!(indices(&[1.0, 2.0, 3.0], 2, false), [0.0; 2]);
        assert_eq!(indices(&[-1.0, -2.0, 1.0, 0.5, 0.2, 0.1], 2, true).len(), 2);
        assert!(indices(&[1.0], 0, true).is_empty());
    }
}
