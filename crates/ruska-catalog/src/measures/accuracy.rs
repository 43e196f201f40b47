//! Accuracy: share of rows whose label is right.
//!
//! Easy to read; says little where one class dominates (see `balanced_accuracy`, `mcc`).
//! The label is the most probable class, the first of equals: with two classes the second one needs
//! more than one half. Cost O(n k).
//!
//! Reference: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 2009, ch. 7.

use super::support::{ClassInput, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Accuracy;

static INFO: MeasureInfo = MeasureInfo {
    id: "accuracy",
    summary: "Share of rows with the right label",
    tasks: &[TaskKind::Classification],
    needs: Needs::Labels,
    multiclass: true,
    higher_is_better: true,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.accuracy_score.html",
};

/// 0 for a right label, 1 for a wrong one.
fn losses(input: &ClassInput<'_>) -> impl Iterator<Item = f64> {
    let rows = input.codes.iter().enumerate();
    rows.map(|(row, &class)| f64::from(input.predictions.class(row) != class as usize))
}

impl Measure for Accuracy {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let input = ClassInput::new(&INFO, truth, predictions, weights)?;
        input.mean(losses(&input).map(|wrong| 1.0 - wrong))
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ClassInput::new(&INFO, truth, predictions, weights).ok()?;
        collect(losses(&input))
    }
}
