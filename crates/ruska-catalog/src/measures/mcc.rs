//! Matthews correlation coefficient of true and predicted labels, −1..=1.
//!
//! High only where all four cells of the confusion matrix are good, so it stays honest under
//! imbalance. 0 is chance, and the value where the truth or the labels are of one class only.
//! Several classes: Gorodkin's R_K. Labels as in `accuracy`. Cost O(n k).
//!
//! References: Matthews, BBA 405, 1975; Gorodkin, "Comparing two K-category assignments by a
//! K-category correlation coefficient", Computational Biology and Chemistry 28, 2004.

use super::support::{ClassInput, Labels, Sum, finite};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Mcc;

static INFO: MeasureInfo = MeasureInfo {
    id: "mcc",
    summary: "Correlation of true and predicted labels",
    tasks: &[TaskKind::Classification],
    needs: Needs::Labels,
    multiclass: true,
    higher_is_better: true,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.matthews_corrcoef.html",
};

impl Measure for Mcc {
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
        let Labels { hits, truth, predicted, .. } = &Labels::count(&input);
        let rows = total(truth);
        let scale = spread(truth, rows).sqrt() * spread(predicted, rows).sqrt();
        if scale == 0.0 {
            return Ok(0.0);
        }
        let by_chance: Sum = truth.iter().zip(predicted).map(|(t, p)| t * p).collect();
        let covariance = total(hits) * rows - by_chance.value();
        Ok(finite(&INFO, covariance / scale)?.clamp(-1.0, 1.0))
    }
}

fn total(counts: &[f64]) -> f64 {
    counts.iter().copied().collect::<Sum>().value()
}

/// Number of pairs of rows with unlike labels; 0 where one label has all rows.
fn spread(counts: &[f64], rows: f64) -> f64 {
    if counts.iter().filter(|&&c| c > 0.0).count() < 2 {
        return 0.0;
    }
    counts.iter().map(|c| c * (rows - c)).collect::<Sum>().value()
}
