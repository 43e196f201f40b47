//! k-means: k centres with the least sum of squared distances of rows from the nearest one.
//!
//! ```text
//! rows ─ seeding ─▶ centres ─ lloyd ─▶ centres ─ nearest ─▶ labels, distances
//!        greedy ++            or batches
//! ```
//!
//! The sum is called inertia. Several starts are made, and the one with the least inertia is kept.
//! Two of three keep most centres of the best so far, and draw the others again.
//! The search takes distances as sums of squared differences of numbers less their columns' means, so
//! that neither an offset nor clusters far from each other cost it digits; the last distances and the
//! inertia are those of the numbers as they are.
//!
//! Sources: Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28, 1982; Arthur,
//! Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007; Hamerly, "Making
//! k-means even faster", SDM 2010 (bounds); Fränti, "Efficiency of random swap clustering", J. Big
//! Data 5, 2018 (later starts); Sculley, "Web-scale k-means clustering", WWW 2010 (batches).

mod batches;
mod lloyd;
mod nearest;
mod seeding;
mod starts;
#[cfg(test)]
mod tests;

pub use nearest::{Found, nearest};

use super::moments::{Moments, weight_of};
use super::points::{Points, in_order};
use crate::trees::parallel::within;
use crate::trees::random::mix;
use crate::{Progress, Stopped};

/// One start in so many keeps nothing of earlier ones, as does the first.
const FRESH: u64 = 3;
/// Share of the inertia by which a start must be less than the best to bring something better.
const GAIN: f64 = 1e-4;

/// How centres are sought.
#[derive(Clone, Copy, Debug)]
pub struct KMeansParams {
    /// Centres, ≥ 1. There are fewer where there are fewer distinct rows of some weight.
    pub clusters: usize,
    /// The best start is kept, and the search ends when so many in a row, ≥ 1, bring nothing
    /// better. With 1 there is one start; one from given centres is the only one, too.
    pub restarts: usize,
    /// Most steps of a start, ≥ 1: each meets all rows once.
    pub max_steps: usize,
    /// A start ends when the squared moves of all centres come to no more than this times the mean
    /// variance of a column. With 0 it ends when no row changes its centre.
    pub tolerance: f64,
    /// Rows of a batch, ≥ 1, for tables of which some passes over all rows are too many. A start
    /// then ends when batches have not become better for long.
    pub batch: Option<usize>,
    /// Decides the starts and batches.
    pub seed: u64,
    /// Threads. The result does not depend on them.
    pub threads: usize,
}

impl Default for KMeansParams {
    fn default() -> Self {
        Self {
            clusters: 8,
            restarts: 20,
            max_steps: 300,
            tolerance: 1e-4,
            batch: None,
            seed: 0,
            threads: 1,
        }
    }
}

/// Centres and the rows around them.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    /// Coordinates of the first centre, of the second, and so on. Each is the nearest of some row.
    pub centers: Vec<f64>,
    /// The number of each row's nearest centre, in the order of [`in_order`]. All −1 if there is no
    /// centre, as no row has weight.
    pub labels: Vec<i32>,
    /// Sum over rows of weight times squared distance from the nearest centre.
    pub inertia: f64,
    /// Steps of the start that was kept. A step of batches is one batch.
    pub steps: usize,
}

/// The rows, and what all starts need of them.
struct Table<'a> {
    points: Points<'a>,
    weights: Option<&'a [f64]>,
    moments: Moments,
    threads: usize,
}

impl Table<'_> {
    fn weight(&self, row: usize) -> f64 {
        weight_of(self.weights, row)
    }
}

/// Centres less the columns' means, row after row, and the steps that led there. One that is
/// infinite is not in use.
struct Centres {
    values: Vec<f64>,
    steps: usize,
}

/// k-means of finite points. `weights` are finite and ≥ 0, one a row; a row of weight 0 does not
/// count, but has a label. `start` holds centres to begin with, whose number then counts.
///
/// Panics unless there is a weight for each row, and where `start` has no centre or other coordinates.
pub fn kmeans(
    points: Points<'_>,
    weights: Option<&[f64]>,
    start: Option<Points<'_>>,
    params: &KMeansParams,
    progress: &dyn Progress,
) -> Result<KMeans, Stopped> {
    assert!(weights.is_none_or(|w| w.len() == points.len()), "a weight for each row");
    let fits = |s: Points<'_>| s.dims == points.dims && !s.is_empty();
    assert!(start.is_none_or(fits), "centres of the coordinates of points");
    let moments = Moments::of(points, weights, progress)?;
    if moments.weight <= 0.0 {
        let labels = vec![-1; points.len()];
        return Ok(KMeans { centers: vec![], labels, inertia: 0.0, steps: 0 });
    }
    let table = Table { points, weights, moments, threads: params.threads };
    within(params.threads, || {
        if let Some(start) = start {
            let rows = start.values.chunks_exact(start.dims);
            let centres = rows.flat_map(|row| table.moments.centred(row)).collect();
            return table.run(centres, params, progress);
        }
        let seeds = seeding::Seeds::new(&table, params.seed);
        if params.batch.is_some() {
            return table.run(seeds.best(params, progress)?, params, progress);
        }
        let mut best: Option<KMeans> = None;
        let (mut start, mut last) = (0, params.restarts.max(1) as u64);
        while start < last {
            let seed = mix(params.seed ^ mix(start));
            let kept = match &best {
                Some(best) if start % FRESH > 0 => table.kept(best, seed),
                _ => vec![],
            };
            start += 1;
            let centres = seeds.draw(&kept, params.clusters, seed, progress)?;
            let found = table.run(centres, params, progress)?;
            let least = best.as_ref().map_or(f64::INFINITY, |best| best.inertia);
            if found.inertia < (1.0 - GAIN) * least {
                last = last.max(start + params.restarts as u64 - 1);
            }
            if found.inertia < least || best.is_none() {
                best = Some(found);
            }
        }
        Ok(best.expect("there is a start"))
    })
}

impl Table<'_> {
    /// Improves centres, and gives the rows to them.
    fn run(
        &self,
        centres: Vec<f64>,
        params: &KMeansParams,
        progress: &dyn Progress,
    ) -> Result<KMeans, Stopped> {
        let Centres { values, steps } = match params.batch {
            Some(batch) => batches::improve(self, centres, batch.max(1), params, progress)?,
            None => lloyd::improve(self, centres, params, progress)?,
        };
        let dims = self.points.dims;
        let used = values.chunks_exact(dims).filter(|c| c[0].is_finite());
        let back = |c: &[f64]| -> Vec<f64> {
            c.iter().zip(&self.moments.mean).map(|(v, m)| v + m).collect()
        };
        let centres: Vec<f64> = used.flat_map(back).collect();
        let Found { mut labels, distances } =
            nearest(self.points, Points { values: &centres, dims }, self.threads, progress)?;
        let inertia = distances.iter().enumerate().map(|(i, d)| self.weight(i) * d * d).sum();
        let given = labels.clone();
        let mut centers = vec![0.0; in_order(&mut labels, self.weights) * dims];
        for (&old, &new) in given.iter().zip(&labels) {
            let (old, new) = (old as usize * dims, new as usize * dims);
            centers[new..new + dims].copy_from_slice(&centres[old..old + dims]);
        }
        Ok(KMeans { centers, labels, inertia, steps })
    }
}
