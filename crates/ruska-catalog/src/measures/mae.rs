//! Mean absolute error, in the unit of the target.
//!
//! Its optimum is the median; single large errors weigh less than in `rmse`. Cost O(n).
//!
//! Reference: Hyndman, Koehler, "Another look at measures of forecast accuracy", IJF 22, 2006.

use super::support::{ValueInput, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Mae;

static INFO: MeasureInfo = MeasureInfo {
    id: "mae",
    summary: "Mean absolute error, in the unit of the target",
    tasks: &[TaskKind::Regression, TaskKind::Forecasting],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.mean_absolute_error.html",
};

/// Absolute error of each row.
fn losses(input: &ValueInput<'_>) -> impl Iterator<Item = f64> {
    input.pairs().map(|(y, p)| (y - p).abs())
}

impl Measure for Mae {
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
