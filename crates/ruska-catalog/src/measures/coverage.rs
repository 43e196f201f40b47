//! Share of the true values within the 80 % interval, which should be 0.8.
//!
//! To be read rather than sought: an interval wide enough has them all. The interval is that of a normal
//! error around the forecast. Cost O(n).
//!
//! Reference: Gneiting, Balabdaoui, Raftery, "Probabilistic forecasts, calibration and sharpness", JRSS B 69, 2007.

use super::support::{AheadInput, ForecastMeasure, Found, NORMAL_DECILES};
use ruska_core::{MeasureInfo, Needs, TaskKind};

/// See the module.
pub(crate) struct Coverage;

static INFO: MeasureInfo = MeasureInfo {
    id: "coverage",
    summary: "Share of true values within the 80 % interval; 0.8 is right",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: true,
    reference: "https://doi.org/10.1111/j.1467-9868.2007.00587.x",
};

impl ForecastMeasure for Coverage {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let upper = NORMAL_DECILES[8];
        let outside = |row: usize| {
            let error = (input.truth[row] - input.point(row)).abs();
            f64::from(u8::from(error > input.at(row, upper) - input.point(row)))
        };
        input.ratio(outside, |_| 1.0)
    }
}
