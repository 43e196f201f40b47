//! Mixtures: rows are drawn from one of some components, nobody saw which.
//!
//! ```text
//! partition ─▶ shares ─ maximise ─▶ weights, means, covariances, frequencies of levels
//!                ▲                          │
//!                └───────── expect ─────────┘
//! ```
//!
//! A component is a normal distribution of the numbers of a row, times the frequency of each of its
//! levels; given the component, levels depend on nothing. A level that is missing, or that no row of
//! the fit has, says nothing.
//! Expectation–maximisation: a row belongs to each component by the share that it has of the row's
//! density; components then become what their shares of the rows are. The likelihood falls only
//! where a variance is near its floor, a level is rare or a component dies. Densities are added by
//! their logarithms, less the greatest, so none vanishes. A floor is added to the variances, so that
//! no component shrinks to a point, and each level of each component counts a fifth of a row more
//! than it has.
//!
//! Memory: 8·k·d² bytes a thread and as much again twice for k full covariances of d columns, and
//! 8·k for each row.
//!
//! Sources: Dempster, Laird, Rubin, "Maximum likelihood from incomplete data via the EM algorithm",
//! J. R. Stat. Soc. B 39, 1977; McLachlan, Peel, "Finite mixture models", 2000; Hunt, Jorgensen,
//! "Mixture model clustering using the MULTIMIX program", Aust. N. Z. J. Stat. 41, 1999 (levels).

mod criteria;
mod density;
mod expect;
mod levels;
mod shape;
mod steps;
#[cfg(test)]
mod tests;

pub use shape::{Covariance, Floor};
pub use steps::mixture;

use super::mixed::Mixed;
use crate::trees::parallel::within;
use crate::{Progress, Stopped};
use density::Density;
use expect::Rows;
use levels::Places;
use serde::{Deserialize, Serialize};

/// How a mixture is sought.
#[derive(Clone, Copy, Debug)]
pub struct MixtureParams<'a> {
    /// Which covariances components may have.
    pub covariance: Covariance,
    /// What is added to a component's variance of each column of numbers.
    pub floors: &'a [Floor],
    /// Most steps of a start, ≥ 1.
    pub max_steps: usize,
    /// A start ends when a step adds less to the mean log-likelihood of a row, in nats.
    pub tolerance: f64,
    /// Threads. The result does not depend on them.
    pub threads: usize,
}

impl Default for MixtureParams<'_> {
    fn default() -> Self {
        Self {
            covariance: Covariance::Full,
            floors: &[],
            max_steps: 100,
            tolerance: 1e-4,
            threads: 1,
        }
    }
}

/// A weighted sum of densities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mixture {
    /// Numbers of a row; may be 0.
    pub dims: usize,
    /// The kind of `covariances`.
    pub covariance: Covariance,
    /// One a component, > 0, of sum 1.
    pub weights: Vec<f64>,
    /// `dims` coordinates of the first component, of the second, and so on.
    pub means: Vec<f64>,
    /// Of each component `dims`² numbers (full), `dims` variances (diagonal) or one (spherical); of
    /// all together `dims`² (tied); none without columns of numbers.
    pub covariances: Vec<f64>,
    /// How many levels each column of them has, which are coded 0, 1, ….
    pub levels: Vec<u32>,
    /// Of the first component the frequency, > 0, of each level of the first column, which add up to
    /// 1, of the second, and so on; then those of the second component.
    pub frequencies: Vec<f64>,
}

/// A mixture and the rows it was fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Components in the order of [`in_order`](super::in_order) of the labels; those that are no
    /// row's come last.
    pub mixture: Mixture,
    /// The component with the largest share of each row.
    pub labels: Vec<i32>,
    /// Weighted mean of the rows' log densities, in nats.
    pub log_likelihood: f64,
    /// The weight of all rows, which is their number where they have none.
    pub weight: f64,
    /// Weighted sum of −ln of each row's largest share, ≥ 0: how unsure it is where rows belong.
    pub doubt: f64,
    /// How much components overlap, in 0..1: the median over them of the greatest share of one that
    /// lies in rows of another, either way; 0 for one component (Hennig, "Methods for merging
    /// Gaussian mixture components", Adv. Data Anal. Classif. 4, 2010).
    pub adjoining: f64,
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

    /// Numbers that a fit may choose: weights, means, covariances and frequencies.
    pub fn parameters(&self) -> usize {
        let (k, d) = (self.components(), self.dims);
        let covariances = match self.covariance {
            Covariance::Full => k * d * (d + 1) / 2,
            Covariance::Tied => d * (d + 1) / 2,
            Covariance::Diagonal => k * d,
            Covariance::Spherical => k * usize::from(d > 0),
        };
        let levels: usize = self.levels.iter().map(|&l| (l as usize).saturating_sub(1)).sum();
        (k + k * d + covariances + k * levels).saturating_sub(1)
    }

    /// What is wrong with it as a state, if anything.
    pub fn validate(&self) -> Result<(), String> {
        let (k, d) = (self.components(), self.dims);
        let each = self.covariance.numbers(d);
        let all = match self.covariance {
            Covariance::Tied => Some(each),
            _ => each.checked_mul(k),
        };
        let levels = self.levels.iter().try_fold(0usize, |sum, &l| sum.checked_add(l as usize));
        let whole = k > 0
            && k.checked_mul(d) == Some(self.means.len())
            && all == Some(self.covariances.len())
            && levels.and_then(|l| l.checked_mul(k)) == Some(self.frequencies.len());
        if !whole {
            return Err("numbers of components are missing".to_owned());
        }
        if self.weights.iter().chain(&self.frequencies).any(|w| !(*w > 0.0 && *w <= 1.0)) {
            return Err("a component has no weight, or a level no frequency".to_owned());
        }
        if self.means.iter().chain(&self.covariances).any(|v| !v.is_finite()) {
            return Err("a component is not finite".to_owned());
        }
        let stride = if self.covariance.crossed() { d + 1 } else { 1 };
        let matrices = self.covariances.chunks_exact(each.max(1));
        if matrices.flat_map(|m| m.iter().step_by(stride)).any(|v| *v <= 0.0) {
            return Err("a component has no variance".to_owned());
        }
        Ok(())
    }

    /// Schwarz's criterion of so many rows of this mean log-likelihood; less is better.
    ///
    /// Source: Schwarz, "Estimating the dimension of a model", Ann. Stat. 6, 1978.
    pub fn bic(&self, log_likelihood: f64, rows: f64) -> f64 {
        self.parameters() as f64 * rows.ln() - 2.0 * rows * log_likelihood
    }

    /// Densities of rows and the shares of the components.
    ///
    /// Panics unless rows have `dims` finite numbers and a code for each column of levels.
    pub fn shares(
        &self,
        rows: &Mixed<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Shares, Stopped> {
        rows.check();
        let like = rows.dims == self.dims && rows.width == self.levels.len();
        assert!(like, "rows have the mixture's columns");
        let places = Places::new(&self.levels);
        let density = Density::new(self, &places, progress)?;
        let origin = vec![0.0; self.dims];
        let rows = Rows { mixed: *rows, weights: None, origin: &origin, places: &places, threads };
        within(threads, || rows.shares(&density, progress))
    }
}

impl Fitted {
    /// Schwarz's criterion; less is better.
    pub fn bic(&self) -> f64 {
        self.mixture.bic(self.log_likelihood, self.weight)
    }

    /// The same and twice the doubt: components that overlap count against it. Less is better.
    ///
    /// Source: Biernacki, Celeux, Govaert, "Assessing a mixture model for clustering with the
    /// integrated completed likelihood", IEEE PAMI 22, 2000.
    pub fn icl(&self) -> f64 {
        self.bic() + 2.0 * self.doubt
    }
}
