//! Mean absolute scaled error: below 1 is better than the seasonal naive forecast is within what was known.
//!
//! The mean over series of the mean absolute error over the mean absolute difference of values a season
//! apart, before the forecast. Comparable between series; series that never changed are left out. Cost O(n).
//!
//! Reference: Hyndman, Koehler, "Another look at measures of forecast accuracy", IJF 22, 2006.

use super::support::{AheadInput, Found, rows_told, seasonal_difference, told};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct Mase;

static INFO: MeasureInfo = MeasureInfo {
    id: "mase",
    summary: "Mean absolute error over that of the seasonal naive forecast before",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: false,
    reference: "https://doi.org/10.1016/j.ijforecast.2006.03.001",
};

fn parts(input: &AheadInput<'_>) -> Found {
    let scales =
        input.of_series("seasonal_difference", |known| seasonal_difference(known, input.season()));
    Ok(input.mean_of_series(&scales, |row| (input.truth[row] - input.point(row)).abs()))
}

impl Measure for Mase {
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
