//! Symmetric mean absolute percentage error, 0 to 200, as the M4 competition has it.
//!
//! The mean over series of the mean of 200 |y − f| / (|y| + |f|), where 0 over 0 is 0. Comparable between
//! series; wild near 0. Cost O(n).
//!
//! Reference: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition", IJF 36, 2020.

use super::support::{AheadInput, ForecastMeasure, Found, symmetric};
use ruska_core::{MeasureInfo, Needs, TaskKind};

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

impl ForecastMeasure for Smape {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let scales = input.of_series("one", |_| Some(1.0));
        Ok(input.mean_of_series(&scales, |row| symmetric(input.truth[row], input.point(row))))
    }
}
