//! Median absolute error, in the unit of the target.
//!
//! Untouched by the worse half of the errors: robust, and blind to them. The mean of the two middle
//! errors where the middle falls between two; with weights, the averaged inverted distribution
//! function at one half, as in scikit-learn. Cost O(n), with weights O(n log n).
//!
//! Reference: Hyndman, Fan, "Sample quantiles in statistical packages", American Statistician 50, 1996.

use super::support::{Sum, ValueInput, finite};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct MedianAe;

static INFO: MeasureInfo = MeasureInfo {
    id: "median_ae",
    summary: "Median absolute error, in the unit of the target",
    tasks: &[TaskKind::Regression],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.median_absolute_error.html",
};

impl Measure for MedianAe {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let input = ValueInput::new(&INFO, truth, predictions, weights)?;
        let errors = input.pairs().map(|(y, p)| (y - p).abs());
        let median = if input.weighted() {
            let rows = errors.enumerate().map(|(row, error)| (error, input.weight(row)));
            weighted_median(rows.filter(|&(_, weight)| weight > 0.0).collect())
        } else {
            median(errors.collect())
        };
        finite(&INFO, median)
    }
}

/// Median of at least one value.
fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if !even {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::MIN, f64::max);
    lower / 2.0 + upper / 2.0
}

/// Median of (value, weight > 0), at least one: the value at which the running weight passes one
/// half of the total, or the mean of it and the next where it meets the half exactly. Meeting is
/// judged up to rounding, so that neither the order of equal values nor the scale of the weights
/// matters.
fn weighted_median(mut rows: Vec<(f64, f64)>) -> f64 {
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total = rows.iter().map(|r| r.1).collect::<Sum>().value();
    let slack = 2.0 * f64::EPSILON * total;
    let mut running = Sum::default();
    for (i, &(value, weight)) in rows.iter().enumerate() {
        running.add(weight);
        let above = running.value() - total / 2.0;
        if above > slack {
            return value;
        }
        if above >= -slack {
            let next = rows.get(i + 1).map_or(value, |r| r.0);
            return value / 2.0 + next / 2.0;
        }
    }
    rows.last().map_or(0.0, |r| r.0)
}
