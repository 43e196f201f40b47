//! Mean Poisson deviance: 2 (y ln(y / p) − y + p) of a true count y and a predicted mean p.
//!
//! For counts, whose spread grows with their mean; it asks for the mean, as squared error does, but does
//! not let the largest counts decide. Undefined where a true value is negative, or a prediction is not
//! above 0 and the true value is not 0 with it. Cost O(n).
//!
//! Reference: the definition of scikit-learn's `mean_poisson_deviance`.

use super::support::{ValueInput, beyond_log, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct PoissonDeviance;

static INFO: MeasureInfo = MeasureInfo {
    id: "poisson_deviance",
    summary: "Mean Poisson deviance, for counts",
    tasks: &[TaskKind::Regression],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.mean_poisson_deviance.html",
};

fn undefined_at(y: f64, p: f64) -> bool {
    y < 0.0 || p < 0.0 || p == 0.0 && y > 0.0
}

/// Deviance of each row; NaN where it is undefined.
fn losses(input: &ValueInput<'_>) -> impl Iterator<Item = f64> {
    input.pairs().map(|(y, p)| {
        if undefined_at(y, p) {
            return f64::NAN;
        }
        // y ln(y / p) − y + p without its cancellation.
        if y == 0.0 { 2.0 * p } else { 2.0 * y * beyond_log((p - y) / y) }
    })
}

impl Measure for PoissonDeviance {
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
        input.expect_defined(
            undefined_at,
            "a true value is negative, or a predicted one not above 0",
        )?;
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
