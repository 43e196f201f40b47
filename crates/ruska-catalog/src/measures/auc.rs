//! Area under the ROC curve: the chance that a row of the class scores above one of another.
//!
//! Good for comparing rankings, whatever the threshold; blind to calibration, and flattering where
//! the positive class is rare (see `average_precision`). Equal scores count one half (mid-ranks).
//! Two classes: the scores of the positive class. More: the mean over the classes that have rows,
//! each against all others. Undefined where the rows hold one class only. Any finite scores will do.
//! Cost O(k n log n). Weights count as repeated rows.
//!
//! Reference: Hanley, McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982.

use super::support::{ClassInput, Ranking, Sum, one_vs_rest};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Auc;

static INFO: MeasureInfo = MeasureInfo {
    id: "auc",
    summary: "Area under the ROC curve; several classes: mean of one against the rest",
    task: TaskKind::Classification,
    needs: Needs::Probabilities,
    multiclass: true,
    higher_is_better: true,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.roc_auc_score.html",
};

impl Measure for Auc {
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
        one_vs_rest(&INFO, &input, area)
    }
}

/// Share of (class, other) pairs in the right order, equal scores counting one half.
fn area(ranking: &Ranking) -> f64 {
    let (mut above, mut pairs) = (Sum::default(), Sum::default());
    for &(inside, outside) in &ranking.steps {
        pairs.add(outside * (above.value() + inside / 2.0));
        above.add(inside);
    }
    pairs.value() / (ranking.inside * ranking.outside)
}
