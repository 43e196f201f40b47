//! What a mixture's shares of the rows it was fitted to tell of it.

use super::Shares;
use crate::clusters::moments::weight_of;
use crate::{Progress, Stopped};

/// Shares between questions whether to go on.
const SHARES: usize = 1 << 20;

/// What rows add up to.
pub(super) struct Criteria {
    /// Weighted mean of log densities.
    pub(super) log_likelihood: f64,
    /// All weight.
    pub(super) weight: f64,
    /// See [`Fitted`](super::Fitted).
    pub(super) doubt: f64,
    /// See [`Fitted`](super::Fitted).
    pub(super) adjoining: f64,
}

impl Criteria {
    /// Of rows of some weight; `k` components have shares of each.
    pub(super) fn of(
        shares: &Shares,
        k: usize,
        weights: Option<&[f64]>,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let (mut sum, mut weight, mut doubt) = (0.0, 0.0, 0.0);
        // What each component has of the rows of each, row after row.
        let mut taken = vec![0.0; k * k];
        let often = (SHARES / k).max(1);
        for (i, of_row) in shares.responsibilities.chunks_exact(k).enumerate() {
            if i % often == often - 1 && !progress.proceed() {
                return Err(Stopped);
            }
            let (own, w) = (shares.labels[i] as usize, weight_of(weights, i));
            weight += w;
            sum += w * shares.log_density[i];
            doubt -= w * of_row[own].ln();
            taken[own..].iter_mut().step_by(k).zip(of_row).for_each(|(t, s)| *t += w * s);
        }
        let adjoining = adjoining(&taken, k);
        Ok(Self { log_likelihood: sum / weight, weight, doubt, adjoining })
    }
}

/// The median over components of the greatest share that lies in rows of another one, either way.
fn adjoining(taken: &[f64], k: usize) -> f64 {
    let whole: Vec<f64> = taken.chunks_exact(k).map(|row| row.iter().sum()).collect();
    let share = |i: usize, j: usize| taken[i * k + j] / whole[i].max(f64::MIN_POSITIVE);
    let confused = |i: usize, j: usize| share(i, j).max(share(j, i));
    let most = |i: usize| (0..k).filter(|&j| j != i).map(|j| confused(i, j)).fold(0.0, f64::max);
    let mut most: Vec<f64> = (0..k).map(most).collect();
    most.sort_by(f64::total_cmp);
    0.5 * (most[(k - 1) / 2] + most[k / 2])
}
