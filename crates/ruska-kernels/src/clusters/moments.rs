//! Means and variances of columns.

use super::Points;
use crate::{Progress, Stopped};

/// Numbers between questions whether to go on.
const NUMBERS: usize = 1 << 20;

/// Weighted moments of columns.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    /// Of each column.
    pub(super) mean: Vec<f64>,
    /// Of each column, ≥ 0, divided by all weight.
    pub(super) variance: Vec<f64>,
    /// All weight.
    pub(super) weight: f64,
}

impl Moments {
    /// Of finite points with weights ≥ 0, or of weight 1 each. Zeros if there is no weight.
    pub(super) fn of(
        points: Points<'_>,
        weights: Option<&[f64]>,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let d = points.dims;
        let (mut mean, mut variance) = (vec![0.0; d], vec![0.0; d]);
        let weight = (0..points.len()).map(|i| weight_of(weights, i)).sum::<f64>();
        if weight <= 0.0 {
            return Ok(Self { mean, variance, weight: 0.0 });
        }
        let origin = points.row(0);
        each_row(points, progress, |i, row| {
            let w = weight_of(weights, i);
            mean.iter_mut().zip(row).zip(origin).for_each(|((m, v), o)| *m += w * (v - o));
        })?;
        mean.iter_mut().zip(origin).for_each(|(m, o)| *m = o + *m / weight);
        each_row(points, progress, |i, row| {
            let w = weight_of(weights, i);
            for ((s, v), m) in variance.iter_mut().zip(row).zip(&mean) {
                *s += w * (v - m) * (v - m);
            }
        })?;
        variance.iter_mut().for_each(|v| *v /= weight);
        Ok(Self { mean, variance, weight })
    }

    /// A row less the means.
    pub(super) fn centred(&self, row: &[f64]) -> Vec<f64> {
        row.iter().zip(&self.mean).map(|(v, m)| v - m).collect()
    }
}

/// Calls with each row and its number.
fn each_row(
    points: Points<'_>,
    progress: &dyn Progress,
    mut f: impl FnMut(usize, &[f64]),
) -> Result<(), Stopped> {
    let often = (NUMBERS / points.dims).max(1);
    for (i, row) in points.values.chunks_exact(points.dims).enumerate() {
        if i % often == often - 1 && !progress.proceed() {
            return Err(Stopped);
        }
        f(i, row);
    }
    Ok(())
}

/// The weight of a row: 1 where none are given.
pub(super) fn weight_of(weights: Option<&[f64]>, row: usize) -> f64 {
    weights.map_or(1.0, |w| w[row])
}
