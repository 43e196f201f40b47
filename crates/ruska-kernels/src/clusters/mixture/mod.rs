//! Gaussian mixtures: rows are drawn from one of some normal distributions, nobody saw which.
//!
//! ```text
//! rows ─ k-means ─▶ shares ─ maximise ─▶ weights, means, covariances
//!                     ▲                          │
//!                     └───────── expect ─────────┘
//! ```
//!
//! Expectation–maximisation: a row belongs to each component by the share that it has of the row's
//! density; components then become what their shares of the rows are. The likelihood falls only
//! where a variance is at its floor or a component dies.
//! Densities are added by their logarithms, less the greatest, so none vanishes. A component adds a
//! share of every column's variance to its own, so that none shrinks to a point; a column without
//! variance counts as one of variance 1.
//!
//! Sources: Dempster, Laird, Rubin, "Maximum likelihood from incomplete data via the EM algorithm",
//! J. R. Stat. Soc. B 39, 1977; McLachlan, Peel, "Finite mixture models", 2000; Schwarz,
//! "Estimating the dimension of a model", Ann. Stat. 6, 1978.

mod density;
mod expect;
mod shape;
#[cfg(test)]
mod tests;

pub use shape::Covariance;

use super::kmeans::{KMeansParams, kmeans};
use super::moments::{Moments, weight_of};
use super::points::{Points, in_order};
use crate::trees::parallel::within;
use crate::trees::random::mix;
use crate::{Progress, Stopped};
use density::Density;
use expect::{Rows, Sums};
use serde::{Deserialize, Serialize};

/// How a mixture is sought.
#[derive(Clone, Copy, Debug)]
pub struct MixtureParams {
    /// Components, ≥ 1. There are fewer where there are fewer distinct rows, or one dies.
    pub components: usize,
    /// Which covariances components may have.
    pub covariance: Covariance,
    /// Starts, ≥ 1, of which the most likely is kept. Each begins with a k-means of its own, so
    /// that they differ: of columns of variance 1, after two starts of columns as they are, and so
    /// on (always as they are where components are balls); every second one is ended after a step.
    pub starts: usize,
    /// Most steps of a start, ≥ 1.
    pub max_steps: usize,
    /// A start ends when a step changes the mean log-likelihood of a row by less.
    pub tolerance: f64,
    /// What is added to a component's variances, as a share of the columns'; > 0.
    pub floor: f64,
    /// Decides the starts.
    pub seed: u64,
    /// Threads. The result does not depend on them.
    pub threads: usize,
}

impl Default for MixtureParams {
    fn default() -> Self {
        Self {
            components: 1,
            covariance: Covariance::Full,
            starts: 1,
            max_steps: 200,
            tolerance: 1e-4,
            floor: 1e-6,
            seed: 0,
            threads: 1,
        }
    }
}

/// A weighted sum of normal densities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mixture {
    /// Coordinates of a point.
    pub dims: usize,
    /// The kind of `covariances`.
    pub covariance: Covariance,
    /// One a component, > 0, of sum 1.
    pub weights: Vec<f64>,
    /// `dims` coordinates of the first component, of the second, and so on.
    pub means: Vec<f64>,
    /// Of each component `dims`² numbers (full), `dims` variances (diagonal) or one (spherical); of
    /// all together `dims`² (tied).
    pub covariances: Vec<f64>,
}

/// A mixture and the rows it was fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Components in the order of [`in_order`] of the labels; those that are no row's come last.
    pub mixture: Mixture,
    /// The component with the largest share of each row.
    pub labels: Vec<i32>,
    /// Weighted mean of the rows' log densities, in nats.
    pub log_likelihood: f64,
    /// Steps of the start that was kept.
    pub steps: usize,
    /// Whether it ended before its most steps.
    pub converged: bool,
}

/// What a mixture says of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// The component with the largest share, the first of equal ones.
    pub labels: Vec<i32>,
    /// Logarithm of each row's density, in nats.
    pub log_density: Vec<f64>,
    /// Shares of each component in the first row, ≥ 0 and of sum 1, in the second, and so on.
    pub responsibilities: Vec<f64>,
}

impl Mixture {
    /// Number of components.
    pub fn components(&self) -> usize {
        self.weights.len()
    }

    /// Numbers that a fit may choose: weights, means and covariances.
    pub fn parameters(&self) -> usize {
        let (k, d) = (self.components(), self.dims);
        let covariances = match self.covariance {
            Covariance::Full => k * d * (d + 1) / 2,
            Covariance::Tied => d * (d + 1) / 2,
            Covariance::Diagonal => k * d,
            Covariance::Spherical => k,
        };
        (k + k * d + covariances).saturating_sub(1)
    }

    /// What is wrong with it as a state, if anything.
    pub fn validate(&self) -> Result<(), String> {
        let (k, d) = (self.components(), self.dims);
        let each = match self.covariance {
            Covariance::Full => k.saturating_mul(d * d),
            Covariance::Tied => d * d,
            Covariance::Diagonal => k.saturating_mul(d),
            Covariance::Spherical => k,
        };
        if k == 0
            || d == 0
            || self.means.len() != k.saturating_mul(d)
            || self.covariances.len() != each
        {
            return Err("numbers of components are missing".to_owned());
        }
        if self.weights.iter().any(|w| !(*w > 0.0 && *w <= 1.0)) {
            return Err("a component has no weight".to_owned());
        }
        if self.means.iter().chain(&self.covariances).any(|v| !v.is_finite()) {
            return Err("a component is not finite".to_owned());
        }
        Ok(())
    }

    /// Schwarz's criterion of so many rows of this mean log-likelihood; less is better.
    pub fn bic(&self, log_likelihood: f64, rows: f64) -> f64 {
        self.parameters() as f64 * rows.ln() - 2.0 * rows * log_likelihood
    }

    /// Akaike's criterion of so many rows of this mean log-likelihood; less is better.
    pub fn aic(&self, log_likelihood: f64, rows: f64) -> f64 {
        2.0 * self.parameters() as f64 - 2.0 * rows * log_likelihood
    }

    /// Densities of finite points and the shares of the components.
    ///
    /// Panics unless points have `dims` coordinates, and there is a component.
    pub fn shares(
        &self,
        points: Points<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Shares, Stopped> {
        assert_eq!(points.dims, self.dims, "points have the mixture's coordinates");
        let density = Density::new(self, progress)?;
        let origin = vec![0.0; self.dims];
        let rows = Rows { points, weights: None, origin: &origin, threads };
        within(threads, || rows.shares(&density, progress))
    }
}

/// A mixture of at least one finite point. `weights` are finite and ≥ 0, one a row, and not all 0;
/// a row of weight 0 does not count, but has a label.
///
/// Panics unless there is a row of some weight, and a weight for each row.
pub fn mixture(
    points: Points<'_>,
    weights: Option<&[f64]>,
    params: &MixtureParams,
    progress: &dyn Progress,
) -> Result<Fitted, Stopped> {
    assert!(weights.is_none_or(|w| w.len() == points.len()), "a weight for each row");
    let moments = Moments::of(points, weights);
    assert!(moments.weight > 0.0, "a row has weight");
    let floors: Vec<f64> = moments.variance.iter().map(|v| params.floor * unit(*v)).collect();
    within(params.threads, || {
        let rows = Rows { points, weights, origin: &moments.mean, threads: params.threads };
        let spherical = params.covariance == Covariance::Spherical;
        let scaled = if spherical { vec![] } else { scaled(points, &moments) };
        let mut best: Option<Start> = None;
        for start in 0..params.starts.max(1) as u64 {
            let k_means = KMeansParams {
                clusters: params.components,
                restarts: 1,
                max_steps: if start % 2 == 1 { 1 } else { 100 },
                seed: mix(params.seed ^ mix(start)),
                threads: params.threads,
                ..KMeansParams::default()
            };
            let plain = spherical || start % 4 >= 2;
            let values = if plain { points.values } else { &scaled };
            let begin = Points { values, dims: points.dims };
            let labels = kmeans(begin, weights, None, &k_means, progress)?.labels;
            let found = rows.climb(&labels, &floors, params, progress)?;
            if best.as_ref().is_none_or(|best| found.log_likelihood > best.log_likelihood) {
                best = Some(found);
            }
        }
        let best = best.expect("there is a start");
        finished(best, &rows, progress)
    })
}

/// A variance, or 1 for a column without.
fn unit(variance: f64) -> f64 {
    if variance > 0.0 { variance } else { 1.0 }
}

/// Points with columns of mean 0 and variance 1.
fn scaled(points: Points<'_>, moments: &Moments) -> Vec<f64> {
    let scales: Vec<f64> = moments.variance.iter().map(|v| 1.0 / unit(*v).sqrt()).collect();
    let of = |(v, (m, s)): (&f64, (&f64, &f64))| (v - m) * s;
    let columns = || moments.mean.iter().zip(&scales);
    points.values.chunks_exact(points.dims).flat_map(|r| r.iter().zip(columns()).map(of)).collect()
}

/// Where a start ended. Means are less the rows' origin.
struct Start {
    mixture: Mixture,
    log_likelihood: f64,
    steps: usize,
    converged: bool,
}

impl Rows<'_> {
    /// Goes from a partition to the nearest maximum of the likelihood.
    fn climb(
        &self,
        labels: &[i32],
        floors: &[f64],
        params: &MixtureParams,
        progress: &dyn Progress,
    ) -> Result<Start, Stopped> {
        let kind = params.covariance;
        let k = labels.iter().max().map_or(0, |&l| l as usize + 1);
        let centre = vec![0.0; k * self.points.dims];
        let means = self.count(labels, &centre, kind, progress)?.mixture(&centre, floors).means;
        let mut mixture = self.count(labels, &means, kind, progress)?.mixture(&means, floors);
        let mut last = f64::NEG_INFINITY;
        let mut steps = 0;
        loop {
            let density = Density::new(&mixture, progress)?;
            let sums = self.expect(&density, kind, progress)?;
            let log_likelihood = sums.log_likelihood();
            let converged = (log_likelihood - last).abs() < params.tolerance;
            if converged || steps >= params.max_steps.max(1) {
                return Ok(Start { mixture, log_likelihood, steps, converged });
            }
            last = log_likelihood;
            mixture = sums.mixture(&mixture.means, floors);
            steps += 1;
        }
    }
}

/// Labels the rows, and numbers the components by them.
fn finished(start: Start, rows: &Rows<'_>, progress: &dyn Progress) -> Result<Fitted, Stopped> {
    let Start { mut mixture, steps, converged, .. } = start;
    for mean in mixture.means.chunks_exact_mut(mixture.dims) {
        mean.iter_mut().zip(rows.origin).for_each(|(m, o)| *m += o);
    }
    let Shares { mut labels, log_density, .. } =
        mixture.shares(rows.points, rows.threads, progress)?;
    let given = labels.clone();
    let used = in_order(&mut labels, rows.weights);
    let mut order = vec![usize::MAX; used];
    given.iter().zip(&labels).for_each(|(&old, &new)| order[new as usize] = old as usize);
    let mut idle: Vec<usize> = (0..mixture.components()).filter(|c| !order.contains(c)).collect();
    idle.sort_by(|&a, &b| mixture.weights[b].total_cmp(&mixture.weights[a]));
    order.append(&mut idle);
    let (mut sum, mut total) = (0.0, 0.0);
    for (i, log) in log_density.iter().enumerate() {
        let weight = weight_of(rows.weights, i);
        sum += weight * log;
        total += weight;
    }
    let mixture = mixture.reordered(&order);
    Ok(Fitted { mixture, labels, log_likelihood: sum / total, steps, converged })
}

impl Mixture {
    fn reordered(self, order: &[usize]) -> Self {
        let of = |values: &[f64], size: usize| -> Vec<f64> {
            order.iter().flat_map(|&c| &values[c * size..(c + 1) * size]).copied().collect()
        };
        let covariances = match self.covariance {
            Covariance::Tied => self.covariances,
            kind => of(&self.covariances, kind.numbers(self.dims)),
        };
        let (weights, means) = (of(&self.weights, 1), of(&self.means, self.dims));
        Self { weights, means, covariances, ..self }
    }
}
