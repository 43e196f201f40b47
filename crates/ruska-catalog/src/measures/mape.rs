//! Mean absolute percentage error, as a share: 0.1 is ten percent.
//!
//! Comparable between series of different scale. Useless where true values are near 0 (a true 0
//! divides by ε = 2⁻⁵²), and kinder to predictions that are too low. Cost O(n).
//!
//! Reference: Hyndman, Koehler, "Another look at measures of forecast accuracy", IJF 22, 2006.

use super::support::{ValueInput, collect};
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

/// Absolute error of each row, relative to its true value.
fn losses(input: &ValueInput<'_>) -> impl Iterator<Item = f64> {
    input.pairs().map(|(y, p)| (y - p).abs() / y.abs().max(f64::EPSILON))
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
        let input = ValueInput::new(&INFO, truth, predictions, weights)?;
        input.mean(losses(&input))
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ValueInput::new(&INFO, truth, predictions, weights).ok()?;
        collect(losses(&input))
    }
}
