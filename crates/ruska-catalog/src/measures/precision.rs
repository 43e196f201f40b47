//! Precision: share of the rows labelled as the class that are of the class.
//!
//! For the case where a false alarm costs; says nothing about misses.
//! Two classes: of the positive class. More: the mean over the classes that occur in the truth or in
//! the predictions (macro). Labels as in `accuracy`. Cost O(n k).
//! 0 where nothing is labelled as the class.
//!
//! Reference: van Rijsbergen, "Information Retrieval", 1979, ch. 7.

use super::support::{ClassInput, HitRate, Labels, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Precision;

static INFO: MeasureInfo = MeasureInfo {
    id: "precision",
    summary: "Share of rows labelled positive that are; several classes: mean over classes",
    tasks: &[TaskKind::Classification],
    needs: Needs::Labels,
    multiclass: true,
    higher_is_better: true,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.precision_score.html",
};

impl Measure for Precision {
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
        let labels = Labels::count(&input);
        Ok(labels.mean(HitRate::PRECISION, &labels.scored()))
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ClassInput::new(&INFO, truth, predictions, weights).ok()?;
        let labels = Labels::count(&input);
        collect(labels.row_losses(&input, HitRate::PRECISION, &labels.scored()).into_iter())
    }
}
