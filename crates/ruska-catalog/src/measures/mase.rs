//! Mean absolute scaled error: below 1 is better than the seasonal naive forecast is within what was known.
//!
//! The mean over series of the mean absolute error over the mean absolute difference of values a season
//! apart, before the forecast. Comparable between series; series that never changed are left out. Cost O(n).
//!
//! Reference: Hyndman, Koehler, "Another look at measures of forecast accuracy", IJF 22, 2006.

use super::support::{AheadInput, ForecastMeasure, Found, seasonal_difference};
use ruska_core::{MeasureInfo, Needs, TaskKind};

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

impl ForecastMeasure for Mase {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let scales = input
            .of_series("seasonal_difference", |known| seasonal_difference(known, input.season()));
        Ok(input.mean_of_series(&scales, |row| (input.truth[row] - input.point(row)).abs()))
    }
}
