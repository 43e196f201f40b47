//! Distributions of changes.

use super::report::{Quantile, Relative, Spread};
use super::scored::Scored;
use crate::compare::bootstrap::percentile;

/// Shares whose quantiles are told.
const SHARES: [f64; 9] = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0];

/// The distribution of finite changes, of which there is at least one.
pub(super) fn spread(change: &[f64]) -> Spread {
    let rows = change.len() as f64;
    let sorted = sorted(change.to_vec());
    // The first of equals, so that a row is told whatever else changes alike.
    let farther = |best: usize, row: usize| change[row].abs() > change[best].abs();
    let largest =
        (1..change.len()).fold(0, |best, row| if farther(best, row) { row } else { best });
    let quantile = |share| Quantile { share, value: percentile(&sorted, share) };
    Spread {
        mean: change.iter().sum::<f64>() / rows,
        mean_absolute: change.iter().map(|c| c.abs()).sum::<f64>() / rows,
        quantiles: SHARES.map(quantile).to_vec(),
        largest: change[largest],
        largest_row: largest + 1,
    }
}

/// The size of changes against that of the old predictions, for regression.
pub(super) fn relative(scored: &Scored, change: &[f64]) -> Option<Relative> {
    if !scored.shared.classes.is_empty() {
        return None;
    }
    let of = |(row, change): (usize, &f64)| {
        let old = scored.old.row(row)[0];
        (old != 0.0).then(|| (change / old).abs())
    };
    let sizes = sorted(change.iter().enumerate().filter_map(of).collect());
    (!sizes.is_empty()).then(|| Relative {
        rows: sizes.len(),
        median: percentile(&sizes, 0.5),
        most: percentile(&sizes, 0.95),
    })
}

pub(super) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}
