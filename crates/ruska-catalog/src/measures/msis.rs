//! Mean scaled interval score of the 95 % interval: its width, and 40 times by how much it was missed.
//!
//! Per series over the mean absolute difference of values a season apart, as in `mase`. The interval is that
//! of a normal error around the forecast. Cost O(n).
//!
//! Reference: Gneiting, Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102, 2007; Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition", IJF 36, 2020.

use super::support::{AheadInput, ForecastMeasure, Found, seasonal_difference};
use ruska_core::{MeasureInfo, Needs, TaskKind};

/// See the module.
pub(crate) struct Msis;

static INFO: MeasureInfo = MeasureInfo {
    id: "msis",
    summary: "Mean scaled interval score of the 95 % interval",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: false,
    reference: "https://github.com/Mcompetitions/M4-methods",
};

/// Standard deviations on either side that 95 % of normal errors lie within.
const WIDTH: f64 = 1.959_963_984_540_054;

impl ForecastMeasure for Msis {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let scales = input
            .of_series("seasonal_difference", |known| seasonal_difference(known, input.season()));
        let score = |row: usize| {
            let (low, high) = (input.at(row, -WIDTH), input.at(row, WIDTH));
            let truth = input.truth[row];
            (high - low) + 40.0 * ((low - truth).max(0.0) + (truth - high).max(0.0))
        };
        Ok(input.mean_of_series(&scales, score))
    }
}
