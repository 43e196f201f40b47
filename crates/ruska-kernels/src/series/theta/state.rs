//! The recursions of the theta models, and how errors spread through them.

use super::line::Line;
use serde::{Deserialize, Serialize};

/// What the recursions go by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rates {
    /// Rate of smoothing.
    pub alpha: f64,
    /// 1 − 1/θ.
    pub weight: f64,
}

/// Where a series stands after some values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    level: f64,
    line: Line,
    /// Whether the line goes on with the values.
    dynamic: bool,
    /// (1 − α) to the power of the number of values.
    power: f64,
}

type Vector = [f64; 3];

impl State {
    /// After the first value.
    pub(super) fn new(first: f64, shift: f64, line: Line, dynamic: bool, rates: &Rates) -> Self {
        let power = 1.0 - rates.alpha;
        Self { level: first + power * shift, line, dynamic, power }
    }

    /// Whether all its numbers are finite.
    pub(super) fn is_finite(&self) -> bool {
        let Line { count, mean, slope } = self.line;
        [self.level, self.power, count, mean, slope].iter().all(|v| v.is_finite())
    }

    /// The next value as the model has it.
    pub(super) fn expected(&self, rates: &Rates) -> f64 {
        let damped = self.line.slope * (1.0 - (1.0 - rates.alpha) * self.power) / rates.alpha;
        self.level + rates.weight * (self.line.intercept() * self.power + damped)
    }

    /// Takes the next value in.
    pub(super) fn step(&mut self, rates: &Rates, value: f64) {
        self.level += rates.alpha * (value - self.level);
        if self.dynamic {
            self.line.add(value);
        }
        self.power *= 1.0 - rates.alpha;
    }

    /// Variances of the errors of the next forecasts, where that of the first is 1.
    ///
    /// The recursions are linear in level, mean and slope: x′ = F·x + g·(y − c·x), y = c·x + ε, so that the
    /// covariance of x is carried on by P′ = F̄·P·F̄ᵗ + g·gᵗ with F̄ as the forecasts go, y = c·x.
    pub(super) fn variances(&self, rates: &Rates) -> impl Iterator<Item = f64> {
        let (rates, dynamic) = (*rates, self.dynamic);
        let (mut n, mut power) = (self.line.count, self.power);
        let mut covariance = [[0.0; 3]; 3];
        std::iter::repeat_with(move || {
            let q = 1.0 - rates.alpha;
            let damped = (1.0 - q * power) / rates.alpha;
            let bend = damped - power * (n + 1.0) / 2.0;
            let seen = [1.0, rates.weight * power, rates.weight * bend];
            let variance = 1.0 + inner(&seen, &covariance.map(|row| inner(&row, &seen)));
            let mut moves = [[q, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
            let mut gains = [rates.alpha, 0.0, 0.0];
            if dynamic {
                let tilt = 6.0 / ((n + 1.0) * (n + 2.0));
                moves[1][1] = n / (n + 1.0);
                moves[2] = [0.0, -tilt, (n - 1.0) / (n + 2.0)];
                gains = [rates.alpha, 1.0 / (n + 1.0), tilt];
                n += 1.0;
            }
            let carried: [Vector; 3] =
                std::array::from_fn(|i| std::array::from_fn(|j| moves[i][j] + gains[i] * seen[j]));
            let half = carried.map(|row| covariance.map(|column| inner(&row, &column)));
            covariance = std::array::from_fn(|i| {
                std::array::from_fn(|j| inner(&half[i], &carried[j]) + gains[i] * gains[j])
            });
            power *= q;
            variance
        })
    }
}

fn inner(a: &Vector, b: &Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
