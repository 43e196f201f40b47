//! Weighted absolute percentage error: the sum of all absolute errors over that of all absolute true values.
//!
//! As a share, 0.1 is ten percent. Large series count as much as they are large. Undefined where all true
//! values are 0. Cost O(n).
//!
//! Reference: Kolassa, Schütz, "Advantages of the MAD/mean ratio over the MAPE", Foresight 6, 2007.

use super::support::{AheadInput, Found, rows_told, told};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Wape;

static INFO: MeasureInfo = MeasureInfo {
    id: "wape",
    summary: "Sum of absolute errors over the sum of absolute true values",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: false,
    reference: "https://otexts.com/fpp3/accuracy.html",
};

fn parts(input: &AheadInput<'_>) -> Found {
    let error = |row: usize| (input.truth[row] - input.point(row)).abs();
    input.ratio(error, |row| input.truth[row].abs())
}

impl Measure for Wape {
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
