//! Area under the ROC curve: the chance that a row of the class scores above one of another.
//!
//! Good for comparing rankings, whatever the threshold; blind to calibration, and flattering where
//! the positive class is rare (see `average_precision`). Equal scores count one half (mid-ranks).
//! Two classes: the scores of the positive class. More: the mean over the classes that have rows,
//! each against all others. Undefined where the rows hold one class only. Any finite scores will do.
//! Cost O(k n log n). Weights count as repeated rows.
//!
//! Row losses come from DeLong's structural components: a row's placement is the share of the rows of
//! the other side that its score is on the right side of, equal scores counting one half. The mean
//! placement of either side is the area, and the variance of the area is that of the mean placement
//! of one side plus that of the other. Weighing each side as all rows puts both into one mean.
//!
//! References: Hanley, McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982;
//! DeLong, DeLong, Clarke-Pearson, "Comparing the areas under two or more correlated receiver
//! operating characteristic curves", Biometrics 44, 1988; Sun, Xu, "Fast implementation of DeLong's
//! algorithm for comparing the areas under correlated ROC curves", IEEE SPL 21, 2014.

use super::support::{ClassInput, Ranking, Sum, collect, one_vs_rest, rankings};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Auc;

static INFO: MeasureInfo = MeasureInfo {
    id: "auc",
    summary: "Area under the ROC curve; several classes: mean of one against the rest",
    tasks: &[TaskKind::Classification],
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

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ClassInput::new(&INFO, truth, predictions, weights).ok()?;
        let rankings = rankings(&INFO, &input).ok()?;
        let n = rankings.len() as f64;
        let mut losses = vec![0.0; input.codes.len()];
        for ranking in rankings {
            add_losses(&ranking, &input, &mut losses);
        }
        collect(losses.into_iter().map(|sum| sum / n))
    }
}

/// Adds to each row its loss in a ranking: that of the area, and what its placement is short of the
/// area, as many times as its side goes into all rows.
fn add_losses(ranking: &Ranking, input: &ClassInput<'_>, losses: &mut [f64]) {
    let Ranking { inside, outside, .. } = *ranking;
    let mut above = (Sum::default(), Sum::default());
    let placements: Vec<(f64, f64)> = ranking
        .steps
        .iter()
        .map(|step| {
            let beaten = outside - above.1.value() - step.1 / 2.0;
            let beaten_by = above.0.value() + step.0 / 2.0;
            above.0.add(step.0);
            above.1.add(step.1);
            (beaten / outside, beaten_by / inside)
        })
        .collect();
    let area = area(ranking);
    for &(row, step) in &ranking.places {
        let (of_class, of_others) = placements[step];
        let (placement, side) = if input.codes[row] as usize == ranking.class {
            (of_class, inside)
        } else {
            (of_others, outside)
        };
        losses[row] += 1.0 - area + (area - placement) * ((inside + outside) / side);
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
