//! Root mean squared scaled error: below 1 is better than the naive forecast is within what was known.
//!
//! The mean over series of the root of the mean squared error over the mean squared step from value to
//! value, from the first that is not 0 on. For demand that is often 0, where absolute errors reward
//! forecasts of 0. Series that never changed are left out. Cost O(n).
//!
//! Reference: Makridakis, Spiliotis, Assimakopoulos, "The M5 accuracy competition", IJF 38, 2022.

use super::support::{AheadInput, ForecastMeasure, Found, squared_step};
use ruska_core::{MeasureInfo, Needs, TaskKind};

/// See the module.
pub(crate) struct Rmsse;

static INFO: MeasureInfo = MeasureInfo {
    id: "rmsse",
    summary: "Root mean squared error over that of the naive forecast before",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: false,
    reference: "https://doi.org/10.1016/j.ijforecast.2021.11.013",
};

impl ForecastMeasure for Rmsse {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let scales = input.of_series("squared_step", |known| squared_step(known).map(f64::sqrt));
        let squared = |row: usize| (input.truth[row] - input.point(row)).powi(2);
        // Where the mean is 0 so is every term, and the slope does not matter.
        let root = |mean: f64| (mean.sqrt(), if mean > 0.0 { 0.5 / mean.sqrt() } else { 0.0 });
        Ok(input.over_series(&scales, squared, root))
    }
}
