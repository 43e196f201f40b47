//! First states by rule: seasons by decomposition, level and slope by a line through the first values.
//!
//! Reference: Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing, 2008, 2.6.1.

use super::form::{Component, Trend};
use super::step::Line;

/// Factors of a season start no lower.
const LEAST_FACTOR: f64 = 1e-2;

/// A season's first states and the values without it.
#[derive(Clone, Debug)]
pub(super) struct Adjusted {
    /// One state for each step of the season, that of the first value first; empty without.
    pub(super) season: Vec<f64>,
    values: Vec<f64>,
    period: usize,
}

impl Adjusted {
    /// Takes the season out of `values`, more than a season of them: by classical decomposition from
    /// three seasons on, by what is left beside a line and a wave where there is less.
    pub(super) fn new(values: &[f64], period: usize, season: Option<Component>) -> Self {
        let Some(kind) = season else {
            return Self { season: Vec::new(), values: values.to_vec(), period: 1 };
        };
        let mut states = if values.len() < 3 * period {
            beside_a_wave(values, period, kind)
        } else {
            decomposed(values, period, kind)
        };
        let apart = |(t, y): (usize, &f64)| match kind {
            Component::Additive => y - states[t % states.len()],
            Component::Multiplicative => y / states[t % states.len()].max(LEAST_FACTOR),
        };
        let values = values.iter().enumerate().map(apart).collect();
        states.truncate(period);
        centre(&mut states, kind);
        Self { season: states, values, period }
    }

    /// First level and slope, from the first ten values or two seasons.
    pub(super) fn line(&self, trend: Trend) -> Line {
        let take = self.values.len().min(10.max(2 * self.period));
        let head = &self.values[..take];
        let count = take as f64;
        let mean = head.iter().sum::<f64>() / count;
        if trend == Trend::None || take < 2 {
            return Line { level: mean, slope: 0.0 };
        }
        let middle = f64::midpoint(count, 1.0);
        let (mut up, mut down) = (0.0, 0.0);
        for (i, y) in head.iter().enumerate() {
            let t = (i + 1) as f64 - middle;
            up += t * (y - mean);
            down += t * t;
        }
        let slope = up / down;
        Line { level: mean - slope * middle, slope }
    }
}

/// Makes seasons sum to zero, or average to one and stay above zero.
fn centre(season: &mut [f64], kind: Component) {
    match kind {
        Component::Additive => season[0] = -season[1..].iter().sum::<f64>(),
        Component::Multiplicative => {
            for s in season.iter_mut() {
                *s = s.max(LEAST_FACTOR);
            }
            let mean = season.iter().sum::<f64>() / season.len() as f64;
            for s in season.iter_mut() {
                *s /= mean;
            }
        }
    }
}

/// Means of what differs from a moving average, by step of the season.
fn decomposed(values: &[f64], period: usize, kind: Component) -> Vec<f64> {
    let half = period / 2;
    let (mut sums, mut counts) = (vec![0.0; period], vec![0.0; period]);
    for t in half..values.len() - half {
        let window = &values[t - half..=t + half];
        let mut sum: f64 = window.iter().sum();
        if period.is_multiple_of(2) {
            sum -= 0.5 * (window[0] + window[period]);
        }
        let level = sum / period as f64;
        let apart = match kind {
            Component::Additive => values[t] - level,
            Component::Multiplicative => values[t] / level,
        };
        sums[t % period] += apart;
        counts[t % period] += 1.0;
    }
    for (s, c) in sums.iter_mut().zip(&counts) {
        *s /= c;
    }
    let mean = sums.iter().sum::<f64>() / period as f64;
    for s in &mut sums {
        match kind {
            Component::Additive => *s -= mean,
            Component::Multiplicative => *s /= mean,
        }
    }
    sums
}

/// What is left beside the line of a regression on a line and one wave, for each value.
fn beside_a_wave(values: &[f64], period: usize, kind: Component) -> Vec<f64> {
    let row = |t: usize| {
        let angle = std::f64::consts::TAU * (t + 1) as f64 / period as f64;
        [1.0, (t + 1) as f64, angle.cos(), if period > 2 { angle.sin() } else { 0.0 }]
    };
    let [level, slope] = line_beside(values, row);
    let line = |t: usize| level + slope * (t + 1) as f64;
    let apart = |(t, y): (usize, &f64)| match kind {
        Component::Additive => y - line(t),
        Component::Multiplicative => y / line(t),
    };
    values.iter().enumerate().map(apart).collect()
}

/// Least squares by Gram and Schmidt; the coefficients of the first two columns.
fn line_beside(values: &[f64], row: impl Fn(usize) -> [f64; 4]) -> [f64; 2] {
    let n = values.len();
    // Columns in the order wave, then line: the line's coefficients are found last and first known.
    let mut columns: Vec<Vec<f64>> =
        [2, 3, 1, 0].iter().map(|&j| (0..n).map(|t| row(t)[j]).collect()).collect();
    let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut factors = [[0.0; 4]; 4];
    let mut coefficients = [0.0; 4];
    let mut rest = values.to_vec();
    for j in 0..4 {
        let (before, after) = columns.split_at_mut(j);
        let column = &mut after[0];
        let whole = inner(column, column);
        for (i, other) in before.iter().enumerate() {
            let size = inner(other, other);
            if size > 0.0 {
                factors[i][j] = inner(other, column) / size;
                column.iter_mut().zip(other).for_each(|(c, o)| *c -= factors[i][j] * o);
            }
        }
        let size = inner(column, column);
        if size <= 1e-12 * whole {
            column.fill(0.0);
            continue;
        }
        coefficients[j] = inner(column, &rest) / size;
        rest.iter_mut().zip(&*column).for_each(|(r, c)| *r -= coefficients[j] * c);
    }
    let slope = coefficients[2] - factors[2][3] * coefficients[3];
    [coefficients[3], slope]
}
