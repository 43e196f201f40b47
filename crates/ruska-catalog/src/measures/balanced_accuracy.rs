//! Balanced accuracy: mean over classes of the share of their rows labelled right.
//!
//! Every class counts the same, however rare. Chance level is 1 / number of classes. Classes without
//! rows are left out. Labels as in `accuracy`. Cost O(n k).
//!
//! Reference: Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010.

use super::support::{ClassInput, HitRate, Labels, collect};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct BalancedAccuracy;

static INFO: MeasureInfo = MeasureInfo {
    id: "balanced_accuracy",
    summary: "Mean over classes of the share of their rows labelled right",
    tasks: &[TaskKind::Classification],
    needs: Needs::Labels,
    multiclass: true,
    higher_is_better: true,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.balanced_accuracy_score.html",
};

impl Measure for BalancedAccuracy {
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
        Ok(labels.mean(HitRate::RECALL, &labels.present()))
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ClassInput::new(&INFO, truth, predictions, weights).ok()?;
        let labels = Labels::count(&input);
        collect(labels.row_losses(&input, HitRate::RECALL, &labels.present()).into_iter())
    }
}
