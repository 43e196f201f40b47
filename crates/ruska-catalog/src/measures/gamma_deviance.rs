//! Mean gamma deviance: 2 (y / p − 1 − ln(y / p)) of a true amount y and a predicted mean p.
//!
//! For amounts whose spread is proportional to their mean, such as the cost of a claim: only the ratio of
//! truth and prediction matters. Undefined where one of them is not above 0. Cost O(n).
//!
//! Reference: the definition of scikit-learn's `mean_gamma_deviance`.

use super::support::{ValueInput, beyond_log, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct GammaDeviance;

static INFO: MeasureInfo = MeasureInfo {
    id: "gamma_deviance",
    summary: "Mean gamma deviance, for positive amounts",
    tasks: &[TaskKind::Regression],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.mean_gamma_deviance.html",
};

fn undefined_at(y: f64, p: f64) -> bool {
    y <= 0.0 || p <= 0.0
}

/// Deviance of each row; NaN where it is undefined.
fn losses(input: &ValueInput<'_>) -> impl Iterator<Item = f64> {
    input.pairs().map(|(y, p)| {
        if undefined_at(y, p) {
            return f64::NAN;
        }
        2.0 * beyond_log((y - p) / p)
    })
}

impl Measure for GammaDeviance {
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
        input.expect_defined(undefined_at, "a true or predicted value is not above 0")?;
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
