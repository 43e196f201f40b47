//! The covariances that components may have.

use super::Mixture;
use super::expect::Sums;
use super::levels::Places;
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// A component that has less than so many rows of mean weight is dropped.
const LEAST_ROWS: f64 = 1e-3;

/// Which covariances components may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covariance {
    /// Any, for each its own.
    Full,
    /// Any, the same for all.
    Tied,
    /// A variance for each column and component: axes of ellipsoids lie along columns.
    Diagonal,
    /// One variance a component: balls.
    Spherical,
}

impl Covariance {
    /// Whether there are covariances of two columns.
    pub(super) fn crossed(self) -> bool {
        matches!(self, Self::Full | Self::Tied)
    }

    /// Numbers of a covariance in so many dimensions.
    pub(super) fn numbers(self, dims: usize) -> usize {
        match self {
            Self::Full | Self::Tied => dims.saturating_mul(dims),
            Self::Diagonal => dims,
            Self::Spherical => usize::from(dims > 0),
        }
    }
}

/// The variance that rounding gives a column, which is added to that of each component: numbers that
/// are equal after rounding are no component of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// The least that is added, > 0.
    pub least: f64,
    /// What rounding adds where a component's mean is 0, ≥ 0.
    pub rounding: f64,
    /// By how much the logarithm of that falls as the mean grows by 1: 0 for numbers as they were
    /// rounded, 2 for their logarithms.
    pub decay: f64,
}

impl Floor {
    /// The same everywhere, > 0.
    pub fn constant(least: f64) -> Self {
        Self { least, rounding: 0.0, decay: 0.0 }
    }

    /// For components of this mean.
    fn at(self, mean: f64) -> f64 {
        let rounding = self.rounding * (-self.decay * mean).exp();
        if rounding.is_finite() { self.least.max(rounding) } else { self.least }
    }

    /// The same for means that are less by this.
    pub(super) fn around(self, origin: f64) -> Self {
        let rounding = self.rounding * (-self.decay * origin).exp();
        Self { rounding: if rounding.is_finite() { rounding } else { 0.0 }, ..self }
    }
}

impl Sums {
    /// The mean of each component, of rows that were added up around some means.
    pub(super) fn means(&self, around: &[f64]) -> Vec<f64> {
        let d = around.len() / self.weights.len();
        let mean = |(at, (mean, shift)): (usize, (&f64, &f64))| {
            let weight = self.weights[at / d];
            if weight > 0.0 { mean + shift / weight } else { *mean }
        };
        around.iter().zip(&self.shifts).enumerate().map(mean).collect()
    }

    /// The most likely components of these rows, which were added up around some means. `floors` is
    /// added to the variances. Components without rows are dropped.
    pub(super) fn mixture(
        &self,
        around: &[f64],
        floors: &[Floor],
        places: &Places,
        progress: &dyn Progress,
    ) -> Result<Mixture, Stopped> {
        let (kind, d) = (self.kind, floors.len());
        let total: f64 = self.weights.iter().sum();
        let least = LEAST_ROWS * total / self.rows as f64;
        let alive: Vec<usize> =
            (0..self.weights.len()).filter(|&c| self.weights[c] > least).collect();
        let living: f64 = alive.iter().map(|&c| self.weights[c]).sum();
        let means = self.means(around);
        let mut mixture = Mixture {
            dims: d,
            covariance: kind,
            weights: alive.iter().map(|&c| self.weights[c] / living).collect(),
            means: vec![],
            covariances: vec![],
            levels: places.levels().to_vec(),
            frequencies: vec![],
        };
        let mut tied = vec![0.0; if kind == Covariance::Tied { d * d } else { 0 }];
        let mut shared = vec![0.0; d];
        for &c in &alive {
            if !progress.proceed() {
                return Err(Stopped);
            }
            let mean = &means[c * d..(c + 1) * d];
            mixture.means.extend_from_slice(mean);
            let floors: Vec<f64> = floors.iter().zip(mean).map(|(f, m)| f.at(*m)).collect();
            let counts = &self.counts[c * places.len()..(c + 1) * places.len()];
            mixture.frequencies.extend(places.frequencies(counts));
            let spread = self.spread(c, d);
            let covariances = &mut mixture.covariances;
            match kind {
                Covariance::Full => covariances.extend(floored(spread, &floors)),
                Covariance::Tied => {
                    let share = self.weights[c] / living;
                    tied.iter_mut().zip(&spread).for_each(|(t, s)| *t += share * s);
                    shared.iter_mut().zip(&floors).for_each(|(t, f)| *t += share * f);
                }
                Covariance::Diagonal => {
                    covariances.extend(spread.iter().zip(&floors).map(|(s, f)| s + f));
                }
                Covariance::Spherical if d > 0 => {
                    let sum: f64 = spread.iter().zip(&floors).map(|(s, f)| s + f).sum();
                    covariances.push(sum / d as f64);
                }
                Covariance::Spherical => {}
            }
        }
        if kind == Covariance::Tied {
            mixture.covariances = floored(tied, &shared);
        }
        Ok(mixture)
    }

    /// A component's covariances, or variances alone, around its mean, which is a shift from where
    /// they were added up.
    fn spread(&self, c: usize, d: usize) -> Vec<f64> {
        let shifts = self.shifts[c * d..(c + 1) * d].iter();
        let shift: Vec<f64> = shifts.map(|s| s / self.weights[c]).collect();
        let size = if self.kind.crossed() { d * d } else { d };
        let squares = &self.squares[c * size..(c + 1) * size];
        let of = |at: usize| {
            // The lower triangle holds.
            let (i, j) = if self.kind.crossed() { (at / d, at % d) } else { (at, at) };
            let at = if self.kind.crossed() { i.max(j) * d + i.min(j) } else { at };
            let value = squares[at] / self.weights[c] - shift[i] * shift[j];
            if i == j { value.max(0.0) } else { value }
        };
        (0..size).map(of).collect()
    }
}

/// A matrix with something added to its diagonal.
fn floored(mut matrix: Vec<f64>, floors: &[f64]) -> Vec<f64> {
    for (i, floor) in floors.iter().enumerate() {
        matrix[i * floors.len() + i] += floor;
    }
    matrix
}
