//! Root mean squared logarithmic error: RMSE of ln(1 + value).
//!
//! For counts and prices, where a factor matters rather than a difference. Undefined where a true or
//! predicted value is −1 or less. Row losses are the squared errors of the logarithms. Cost O(n).
//!
//! Reference: the definition of scikit-learn's `root_mean_squared_log_error`.

use super::support::{ValueInput, collect, roots};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Rmsle;

static INFO: MeasureInfo = MeasureInfo {
    id: "rmsle",
    summary: "Root mean squared error of ln(1 + value)",
    tasks: &[TaskKind::Regression],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.root_mean_squared_log_error.html",
};

/// Squared error of each row's logarithms.
fn losses(input: &ValueInput<'_>) -> impl Iterator<Item = f64> {
    input.pairs().map(|(y, p)| (y.ln_1p() - p.ln_1p()).powi(2))
}

impl Measure for Rmsle {
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
        let below = |y, p| y <= -1.0 || p <= -1.0;
        input.expect_defined(below, "a true or predicted value is -1 or less")?;
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
