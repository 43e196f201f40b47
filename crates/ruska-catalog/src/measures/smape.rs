//! Symmetric mean absolute percentage error, 0 to 200, as the M4 competition has it.
//!
//! The mean over series of the mean of 200 |y − f| / (|y| + |f|), where 0 over 0 is 0. Comparable between
//! series; wild near 0. Cost O(n).
//!
//! Reference: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition", IJF 36, 2020.

use super::support::{AheadInput, Found, rows_told, symmetric, told};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Smape;

static INFO: MeasureInfo = MeasureInfo {
    id: "smape",
    summary: "Symmetric mean absolute percentage error, 0 to 200",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: false,
    reference: "https://github.com/Mcompetitions/M4-methods",
};

fn parts(input: &AheadInput<'_>) -> Found {
    let scales = input.of_series("one", |_| Some(1.0));
    Ok(input.mean_of_series(&scales, |row| symmetric(input.truth[row], input.point(row))))
}

impl Measure for Smape {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        told(&INFO, (truth, predictions, weights), parts)
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        rows_told(&INFO, (truth, predictions, weights), parts)
    }
}
