//! Steps from a partition to the nearest maximum of the likelihood.

use super::criteria::Criteria;
use super::density::Density;
use super::expect::Rows;
use super::levels::Places;
use super::{Covariance, Fitted, Mixture, MixtureParams};
use crate::clusters::mixed::Mixed;
use crate::clusters::moments::{Moments, weight_of};
use crate::clusters::points::in_order;
use crate::trees::parallel::within;
use crate::{Progress, Stopped};

/// A mixture of at least one row. Codes of levels are 0, 1, …. `weights` are finite and ≥ 0, one a
/// row, and not all 0; a row of weight 0 does not count, but has a label. `starts` are partitions, a
/// label ≥ 0 for each row, or −1 if it is nobody's; of their components the most likely count. There
/// are as many as labels, less those without rows and those that die.
///
/// Panics unless there are rows of some weight, a start, a label and a weight for each row and a floor
/// for each column of numbers.
pub fn mixture(
    rows: &Mixed<'_>,
    weights: Option<&[f64]>,
    starts: &[Vec<i32>],
    params: &MixtureParams<'_>,
    progress: &dyn Progress,
) -> Result<Fitted, Stopped> {
    rows.check();
    assert!(weights.is_none_or(|w| w.len() == rows.rows), "a weight for each row");
    assert!(starts.iter().all(|labels| labels.len() == rows.rows), "a label for each row");
    assert!((0..rows.rows).any(|i| weight_of(weights, i) > 0.0), "a row has weight");
    assert_eq!(params.floors.len(), rows.dims, "a floor for each column of numbers");
    let origin = match rows.dims {
        0 => vec![],
        _ => Moments::of(rows.points(), weights, progress)?.mean,
    };
    let places = Places::of(rows, weights, progress)?;
    let rows =
        Rows { mixed: *rows, weights, origin: &origin, places: &places, threads: params.threads };
    within(params.threads, || {
        let mut best: Option<Start> = None;
        for labels in starts {
            let found = rows.climb(labels, params, progress)?;
            if best.as_ref().is_none_or(|best| found.log_likelihood > best.log_likelihood) {
                best = Some(found);
            }
        }
        finished(best.expect("there is a start"), &rows, progress)
    })
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
        params: &MixtureParams<'_>,
        progress: &dyn Progress,
    ) -> Result<Start, Stopped> {
        let kind = params.covariance;
        let floors = params.floors.iter().zip(self.origin).map(|(f, o)| f.around(*o));
        let floors = &floors.collect::<Vec<_>>()[..];
        let k = labels.iter().max().map_or(0, |&l| (l + 1) as usize);
        let centre = vec![0.0; k * self.mixed.dims];
        let means =
            self.count(labels, (&centre, k), Covariance::Diagonal, progress)?.means(&centre);
        let counted = self.count(labels, (&means, k), kind, progress)?;
        let mut mixture = counted.mixture(&means, floors, self.places, progress)?;
        let mut last = f64::NEG_INFINITY;
        let mut steps = 0;
        loop {
            let density = Density::new(&mixture, self.places, progress)?;
            let sums = self.expect(&density, progress)?;
            let log_likelihood = sums.log_likelihood();
            let converged = log_likelihood - last < params.tolerance;
            if converged || steps >= params.max_steps.max(1) {
                return Ok(Start { mixture, log_likelihood, steps, converged });
            }
            last = log_likelihood;
            mixture = sums.mixture(&mixture.means, floors, self.places, progress)?;
            steps += 1;
        }
    }
}

/// Labels the rows, and numbers the components by them.
fn finished(start: Start, rows: &Rows<'_>, progress: &dyn Progress) -> Result<Fitted, Stopped> {
    let Start { mut mixture, steps, converged, .. } = start;
    for mean in mixture.means.chunks_exact_mut(mixture.dims.max(1)) {
        mean.iter_mut().zip(rows.origin).for_each(|(m, o)| *m += o);
    }
    let k = mixture.components();
    let shares = mixture.shares(&rows.mixed, rows.threads, progress)?;
    let criteria = Criteria::of(&shares, k, rows.weights, progress)?;
    let (given, mut labels) = (shares.labels.clone(), shares.labels);
    let used = in_order(&mut labels, rows.weights);
    let mut order = vec![usize::MAX; used];
    given.iter().zip(&labels).for_each(|(&old, &new)| order[new as usize] = old as usize);
    let mut idle: Vec<usize> = (0..k).filter(|c| !order.contains(c)).collect();
    idle.sort_by(|&a, &b| mixture.weights[b].total_cmp(&mixture.weights[a]));
    order.append(&mut idle);
    let Criteria { log_likelihood, weight, doubt, adjoining } = criteria;
    let mixture = mixture.reordered(&order);
    Ok(Fitted { mixture, labels, log_likelihood, weight, doubt, adjoining, steps, converged })
}

impl Mixture {
    fn reordered(self, order: &[usize]) -> Self {
        let of = |values: &[f64]| -> Vec<f64> {
            let size = values.len() / order.len();
            order.iter().flat_map(|&c| &values[c * size..(c + 1) * size]).copied().collect()
        };
        let covariances = match self.covariance {
            Covariance::Tied => self.covariances,
            _ => of(&self.covariances),
        };
        let (weights, means) = (of(&self.weights), of(&self.means));
        Self { weights, means, covariances, frequencies: of(&self.frequencies), ..self }
    }
}
