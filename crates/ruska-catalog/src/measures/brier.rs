//! Brier score: mean squared distance of the probabilities from what happened.
//!
//! A proper scoring rule like the log loss, but bounded and so less driven by single rows.
//! Two classes: (y − p)² of the positive class, 0..=1. More: summed over all classes, 0..=2
//! (scikit-learn's `scale_by_half="auto"`). Cost O(n k).
//!
//! Reference: Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather
//! Review 78, 1950.

use super::support::{ClassInput, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Brier;

static INFO: MeasureInfo = MeasureInfo {
    id: "brier",
    summary: "Mean squared error of the probabilities",
    tasks: &[TaskKind::Classification],
    needs: Needs::Probabilities,
    multiclass: true,
    higher_is_better: false,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.brier_score_loss.html",
};

/// Squared distance of each row's probabilities from certainty about its class.
fn losses(input: &ClassInput<'_>) -> impl Iterator<Item = f64> {
    let columns = match input.n_classes {
        2 => input.positive..input.positive + 1,
        n => 0..n,
    };
    let rows = input.codes.iter().enumerate();
    rows.map(move |(row, &class)| {
        let p = input.predictions.row(row);
        let miss = |k: usize| if k == class as usize { 1.0 - p[k] } else { p[k] };
        columns.clone().map(|k| miss(k).powi(2)).sum()
    })
}

impl Measure for Brier {
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
