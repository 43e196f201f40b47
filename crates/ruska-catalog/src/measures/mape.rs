//! Mean absolute percentage error, as a share: 0.1 is ten percent.
//!
//! Comparable between series of different scale. It has no value for a row whose true value is 0, so
//! such rows are left out, and undefined where all are 0; near 0 it is huge (true values of less than
//! ε = 2⁻⁵² count as ε), and it is kinder to predictions that are too low. Cost O(n).
//!
//! Reference: Hyndman, Koehler, "Another look at measures of forecast accuracy", IJF 22, 2006.

use super::support::{Sum, ValueInput, collect, finite, undefined};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Mape;

static INFO: MeasureInfo = MeasureInfo {
    id: "mape",
    summary: "Mean absolute error relative to the true value, as a share",
    tasks: &[TaskKind::Regression, TaskKind::Forecasting],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.mean_absolute_percentage_error.html",
};

/// Absolute error of a row, relative to its true value; `None` where that is 0.
fn relative((truth, predicted): (f64, f64)) -> Option<f64> {
    (truth != 0.0).then(|| (truth - predicted).abs() / truth.abs().max(f64::EPSILON))
}

/// The mean over the rows that count, and their share of the weight.
fn mean(input: &ValueInput<'_>) -> Result<(f64, f64), MeasureError> {
    let [mut sum, mut counted, mut total] = [Sum::default(); 3];
    for (row, loss) in input.pairs().map(relative).enumerate() {
        let weight = input.weight(row);
        total.add(weight);
        if let Some(loss) = loss.filter(|_| weight > 0.0) {
            sum.add(weight * loss);
            counted.add(weight);
        }
    }
    let counted = counted.value();
    if counted <= 0.0 {
        return Err(undefined(&INFO, "all true values are 0"));
    }
    Ok((finite(&INFO, sum.value() / counted)?, counted / total.value()))
}

impl Measure for Mape {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        Ok(mean(&ValueInput::new(&INFO, truth, predictions, weights)?)?.0)
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ValueInput::new(&INFO, truth, predictions, weights).ok()?;
        let (mean, share) = mean(&input).ok()?;
        // A row that does not count pulls the mean nowhere.
        let loss = |of: Option<f64>| of.map_or(mean, |loss| mean + (loss - mean) / share);
        collect(input.pairs().map(relative).map(loss))
    }
}
