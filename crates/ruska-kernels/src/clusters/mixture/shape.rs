//! The covariances that components may have.

use super::{Mixture, Sums};
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
            Self::Full | Self::Tied => dims * dims,
            Self::Diagonal => dims,
            Self::Spherical => 1,
        }
    }
}

impl Sums {
    /// The most likely components of these rows, which were added up around some means. `floors` is
    /// added to the variances. Components without rows are dropped.
    pub(super) fn mixture(&self, means: &[f64], floors: &[f64]) -> Mixture {
        let (kind, d) = (self.kind, floors.len());
        let total: f64 = self.weights.iter().sum();
        let least = LEAST_ROWS * total / self.rows as f64;
        let alive: Vec<usize> =
            (0..self.weights.len()).filter(|&c| self.weights[c] > least).collect();
        let living: f64 = alive.iter().map(|&c| self.weights[c]).sum();
        let mut mixture = Mixture {
            dims: d,
            covariance: kind,
            weights: alive.iter().map(|&c| self.weights[c] / living).collect(),
            means: vec![],
            covariances: vec![],
        };
        let mut tied = vec![0.0; d * d];
        for &c in &alive {
            let shift: Vec<f64> =
                self.shifts[c * d..(c + 1) * d].iter().map(|s| s / self.weights[c]).collect();
            mixture.means.extend(means[c * d..(c + 1) * d].iter().zip(&shift).map(|(m, s)| m + s));
            let spread = self.spread(c, &shift);
            let covariances = &mut mixture.covariances;
            match kind {
                Covariance::Full => covariances.extend(floored(spread, floors)),
                Covariance::Tied => {
                    let share = self.weights[c] / living;
                    tied.iter_mut().zip(&spread).for_each(|(t, s)| *t += share * s);
                }
                Covariance::Diagonal => {
                    covariances.extend(spread.iter().zip(floors).map(|(s, f)| s + f));
                }
                Covariance::Spherical => {
                    let sum: f64 = spread.iter().zip(floors).map(|(s, f)| s + f).sum();
                    covariances.push(sum / d as f64);
                }
            }
        }
        if kind == Covariance::Tied {
            mixture.covariances = floored(tied, floors);
        }
        mixture
    }

    /// A component's covariances, or variances alone, around its mean, which is a shift from where
    /// they were added up.
    fn spread(&self, c: usize, shift: &[f64]) -> Vec<f64> {
        let d = shift.len();
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
