//! Classical decomposition: whether a series has a season, and what it is.
//!
//! The trend is the centred moving average over a period; what a value is to its trend, averaged over
//! the values of a phase, is the index of the phase. Indices stay the same over the whole series and
//! need two periods of values. Cost O(n) for the indices, O(n·m) for the test of a period m.
//!
//! Reference: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, 3.4;
//! the test: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, "Models for optimising the theta
//! method and their relationship to state space models", International Journal of Forecasting 32, 2016.

use serde::{Deserialize, Serialize};

/// Normal quantile of the 90 % two-sided test.
const QUANTILE: f64 = 1.645;
/// Least index to divide by; where one is smaller, indices are added.
const LEAST_INDEX: f64 = 0.01;
/// Partial sums of an inner product.
const LANES: usize = 8;

/// How a season comes upon the trend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Added; indices have mean 0.
    Additive,
    /// Multiplied; indices have mean 1.
    Multiplicative,
}

/// Whether the autocorrelation at lag `period` differs from that of a series without a season by the
/// 90 % test of Bartlett's formula. False for periods below 2, for fewer than two periods of values
/// and for a constant series.
pub fn seasonal_by_test(values: &[f64], period: usize) -> bool {
    let n = values.len();
    if period < 2 || n / 2 < period {
        return false;
    }
    let scale = size(values);
    let mean = values.iter().map(|v| v / scale).sum::<f64>() / n as f64;
    let apart: Vec<f64> = values.iter().map(|v| v / scale - mean).collect();
    let total = inner(&apart, &apart);
    if total <= n as f64 * f64::EPSILON * f64::EPSILON {
        return false;
    }
    let correlation = |lag: usize| inner(&apart[lag..], &apart[..n - lag]) / total;
    let seen = correlation(period) / QUANTILE;
    let allowed = seen * seen * n as f64;
    let mut variance = 1.0;
    for lag in 1..period {
        // The variance only grows.
        if variance >= allowed {
            return false;
        }
        variance += 2.0 * correlation(lag).powi(2);
    }
    variance < allowed
}

/// Indices of the phases, `period` ≥ 1 of them; the first belongs to the first value. Neutral (0 or 1)
/// with fewer than two periods of values or where a multiplicative index has no meaning.
pub fn indices(values: &[f64], period: usize, kind: Kind) -> Vec<f64> {
    let neutral = match kind {
        Kind::Additive => 0.0,
        Kind::Multiplicative => 1.0,
    };
    if period < 2 || values.len() / 2 < period {
        return vec![neutral; period];
    }
    let half = period / 2;
    let mut sums = vec![0.0; period];
    let mut counts = vec![0.0; period];
    for (t, trend) in (half..).zip(moving_averages(values, period)) {
        let index = match kind {
            Kind::Additive => values[t] - trend,
            Kind::Multiplicative => values[t] / trend,
        };
        sums[t % period] += if index.is_finite() { index } else { neutral };
        counts[t % period] += 1.0;
    }
    for (sum, count) in sums.iter_mut().zip(&counts) {
        *sum /= count;
    }
    let mean = sums.iter().sum::<f64>() / period as f64;
    for index in &mut sums {
        *index = match kind {
            Kind::Additive => *index - mean,
            Kind::Multiplicative if mean > 0.0 => *index / mean,
            Kind::Multiplicative => neutral,
        };
    }
    sums
}

/// The indices of a series and how they are applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Season {
    kind: Kind,
    indices: Vec<f64>,
}

impl Season {
    /// The season that a series has by the test; none when it has none. Multiplicative where all values
    /// are > 0 and no index is small, else additive.
    pub fn tested(values: &[f64], period: usize) -> Option<Self> {
        seasonal_by_test(values, period).then(|| Self::of(values, period))
    }

    /// The season whether tested or not, for `period` ≥ 1.
    pub fn of(values: &[f64], period: usize) -> Self {
        if values.iter().all(|v| *v > 0.0) {
            let indices = indices(values, period, Kind::Multiplicative);
            if indices.iter().all(|i| *i >= LEAST_INDEX) {
                return Self { kind: Kind::Multiplicative, indices };
            }
        }
        Self { kind: Kind::Additive, indices: indices(values, period, Kind::Additive) }
    }

    /// How it is applied.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Values of a phase each.
    pub fn indices(&self) -> &[f64] {
        &self.indices
    }

    /// Whether there are indices, all of them in range, as there are after a fit.
    pub fn is_sound(&self) -> bool {
        let fits = |index: &f64| match self.kind {
            Kind::Additive => index.is_finite(),
            Kind::Multiplicative => index.is_finite() && *index > 0.0,
        };
        !self.indices.is_empty() && self.indices.iter().all(fits)
    }

    /// Steps until it comes again, ≥ 1.
    pub fn period(&self) -> usize {
        self.indices.len()
    }

    /// A value at step `at`, counted from the first value, without its season.
    pub fn without(&self, value: f64, at: usize) -> f64 {
        let index = self.indices[at % self.indices.len()];
        match self.kind {
            Kind::Additive => value - index,
            Kind::Multiplicative => value / index,
        }
    }

    /// A value without season at step `at` with its season.
    pub fn with(&self, value: f64, at: usize) -> f64 {
        let index = self.indices[at % self.indices.len()];
        match self.kind {
            Kind::Additive => value + index,
            Kind::Multiplicative => value * index,
        }
    }

    /// What a deviation at step `at` becomes with its season.
    pub fn spread(&self, deviation: f64, at: usize) -> f64 {
        match self.kind {
            Kind::Additive => deviation,
            Kind::Multiplicative => deviation * self.indices[at % self.indices.len()],
        }
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
    if period % 2 == 0 {
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

fn inner(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}
