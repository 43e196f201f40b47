//! Log loss: minus the mean logarithm of the probability given to the true class.
//!
//! Rewards honest probabilities (a proper scoring rule) and punishes certainty in error without
//! bound; probabilities are therefore clipped to [ε, 1 − ε] with ε = 2⁻⁵², as scikit-learn does.
//! Classes without rows have their column all the same. Rows are not rescaled to sum to one.
//! Cost O(n).
//!
//! Reference: Good, "Rational Decisions", JRSS B 14, 1952.

use super::support::{ClassInput, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Logloss;

static INFO: MeasureInfo = MeasureInfo {
    id: "logloss",
    summary: "Minus the mean logarithm of the probability of the true class",
    tasks: &[TaskKind::Classification],
    needs: Needs::Probabilities,
    multiclass: true,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.log_loss.html",
};

/// Minus the logarithm of the clipped probability of each row's class.
fn losses(input: &ClassInput<'_>) -> impl Iterator<Item = f64> {
    let rows = input.codes.iter().enumerate();
    rows.map(|(row, &class)| {
        let p = input.predictions.row(row)[class as usize];
        -p.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    })
}

impl Measure for Logloss {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let input = ClassInput::probabilities(&INFO, truth, predictions, weights)?;
        input.mean(losses(&input))
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ClassInput::probabilities(&INFO, truth, predictions, weights).ok()?;
        collect(losses(&input))
    }
}
