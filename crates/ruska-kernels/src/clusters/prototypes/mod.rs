//! k-prototypes: k-means for rows of numbers and of levels.
//!
//! A prototype has a number for each column of numbers, the mean of its rows, and a level for each
//! column of levels, the most frequent one. The dissimilarity of a row from it is the sum of
//! squared differences of numbers plus gamma times the number of levels that differ. A level that
//! is missing differs from every level. The sum of dissimilarities from the nearest prototypes, the
//! cost, does not rise from step to step. Numbers count as they are: columns of unlike scales are
//! to be scaled before.
//!
//! Sources: Huang, "Extensions to the k-means algorithm for clustering large data sets with
//! categorical values", Data Min. Knowl. Discov. 2, 1998; seeds as in Arthur, Vassilvitskii,
//! "k-means++", SODA 2007, with this dissimilarity.

mod fit;
mod seeds;
#[cfg(test)]
mod tests;

pub use fit::prototypes;

use super::mixed::{MISSING, Mixed};
use super::parts::{PART, for_each_part};
use super::points::squared;
use crate::trees::parallel::within;
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// How prototypes are sought.
#[derive(Clone, Copy, Debug)]
pub struct PrototypeParams {
    /// Prototypes, ≥ 1. There are fewer where there are fewer distinct rows, or one loses all rows.
    pub clusters: usize,
    /// What a level that differs counts, > 0. None takes half the mean deviation of the columns of
    /// numbers, or 1 if they have none, which is meant for columns of a deviation of about 1.
    pub gamma: Option<f64>,
    /// Starts, ≥ 1, of which the one of least cost is kept.
    pub restarts: usize,
    /// Most steps of a start, ≥ 1.
    pub max_steps: usize,
    /// Decides the starts.
    pub seed: u64,
    /// Threads. The result does not depend on them.
    pub threads: usize,
}

impl Default for PrototypeParams {
    fn default() -> Self {
        Self { clusters: 8, gamma: None, restarts: 10, max_steps: 100, seed: 0, threads: 1 }
    }
}

/// Prototypes of clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prototypes {
    /// Numbers of a row.
    pub dims: usize,
    /// Codes of a row.
    pub width: usize,
    /// What a level that differs counts.
    pub gamma: f64,
    /// Numbers of the first prototype, of the second, and so on.
    pub numbers: Vec<f64>,
    /// Their codes; [`MISSING`] where no row has one.
    pub codes: Vec<u32>,
    /// How many there are.
    pub clusters: usize,
}

/// Prototypes and the rows they were fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedPrototypes {
    /// In the order of [`in_order`](super::in_order) of the labels.
    pub prototypes: Prototypes,
    /// The nearest prototype of each row. All −1 if no row has weight.
    pub labels: Vec<i32>,
    /// Sum over rows of weight times dissimilarity from the nearest prototype.
    pub cost: f64,
    /// Steps of the start that was kept.
    pub steps: usize,
}

/// Where rows belong.
#[derive(Clone, Debug, PartialEq)]
pub struct Like {
    /// The nearest prototype of each row, the lower of equally near ones; −1 if there is none.
    pub labels: Vec<i32>,
    /// The dissimilarity from it, ≥ 0; in squared units of the numbers.
    pub dissimilarities: Vec<f64>,
}

impl Prototypes {
    fn get(&self, c: usize) -> (&[f64], &[u32]) {
        let numbers = &self.numbers[c * self.dims..(c + 1) * self.dims];
        (numbers, &self.codes[c * self.width..(c + 1) * self.width])
    }

    /// The nearest prototype of each row.
    ///
    /// Panics unless rows have `dims` numbers and `width` codes.
    pub fn nearest(
        &self,
        rows: &Mixed<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Like, Stopped> {
        rows.check();
        assert_eq!((rows.dims, rows.width), (self.dims, self.width), "rows are like prototypes");
        let mut labels = vec![-1; rows.rows];
        let mut dissimilarities = vec![0.0; rows.rows];
        if self.clusters == 0 {
            return Ok(Like { labels, dissimilarities });
        }
        within(threads, || {
            for_each_part(threads, &mut labels, &mut dissimilarities, |(part, (labels, out))| {
                if !progress.proceed() {
                    return Err(Stopped);
                }
                for (i, (label, out)) in labels.iter_mut().zip(out).enumerate() {
                    (*label, *out) = self.closest(rows.row(part * PART + i));
                }
                Ok(())
            })
        })?;
        Ok(Like { labels, dissimilarities })
    }

    fn closest(&self, row: (&[f64], &[u32])) -> (i32, f64) {
        let mut best = (0, f64::INFINITY);
        for c in 0..self.clusters {
            let d = dissimilarity(row, self.get(c), self.gamma);
            if d < best.1 {
                best = (c as i32, d);
            }
        }
        best
    }
}

/// How unlike two rows are.
fn dissimilarity(a: (&[f64], &[u32]), b: (&[f64], &[u32]), gamma: f64) -> f64 {
    let differ = |(x, y): &(&u32, &u32)| x != y || **x == MISSING;
    squared(a.0, b.0) + gamma * a.1.iter().zip(b.1).filter(differ).count() as f64
}
