//! Average precision: the precision at each threshold, weighted by the gain in recall.
//!
//! The measure for rare positive classes; its value depends on how rare they are, so it compares
//! models on the same rows only. Steps, no interpolation; rows of equal score enter together.
//! Two classes: the positive class. More: the mean over the classes that have rows, each against all
//! others. Undefined where the rows hold one class only. Any finite scores will do.
//! Cost O(k n log n). Weights count as repeated rows.
//!
//! Reference: Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, ch. 8.

use super::support::{ClassInput, Ranking, Sum, one_vs_rest};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct AveragePrecision;

static INFO: MeasureInfo = MeasureInfo {
    id: "average_precision",
    summary: "Average precision of the positive class; several classes: mean over classes",
    tasks: &[TaskKind::Classification],
    needs: Needs::Probabilities,
    multiclass: true,
    higher_is_better: true,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.average_precision_score.html",
};

impl Measure for AveragePrecision {
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
        one_vs_rest(&INFO, &input, precision)
    }
}

fn precision(ranking: &Ranking) -> f64 {
    let (mut hits, mut misses, mut sum) = (Sum::default(), Sum::default(), Sum::default());
    for &(inside, outside) in &ranking.steps {
        hits.add(inside);
        misses.add(outside);
        sum.add(inside * hits.value() / (hits.value() + misses.value()));
    }
    sum.value() / ranking.inside
}
