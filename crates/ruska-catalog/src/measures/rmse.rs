//! Root mean squared error, in the unit of the target.
//!
//! Its optimum is the mean; large errors dominate. Cost O(n).
//!
//! Reference: Hyndman, Koehler, "Another look at measures of forecast accuracy", IJF 22, 2006.

use super::support::{ValueInput, collect, roots};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Rmse;

static INFO: MeasureInfo = MeasureInfo {
    id: "rmse",
    summary: "Root mean squared error, in the unit of the target",
    tasks: &[TaskKind::Regression, TaskKind::Forecasting],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.root_mean_squared_error.html",
};

/// Squared error of each row.
fn losses(input: &ValueInput<'_>) -> impl Iterator<Item = f64> {
    input.pairs().map(|(y, p)| (y - p).powi(2))
}

impl Measure for Rmse {
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
        Ok(input.mean(losses(&input))?.sqrt())
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ValueInput::new(&INFO, truth, predictions, weights).ok()?;
        let mean = input.mean(losses(&input)).ok()?;
        collect(roots(losses(&input), mean))
    }
}
