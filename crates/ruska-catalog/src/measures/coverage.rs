//! Share of the true values within the 80 % interval, which should be 0.8.
//!
//! To be read rather than sought: an interval wide enough has them all. The interval is that of a normal
//! error around the forecast. Cost O(n).
//!
//! Reference: Gneiting, Balabdaoui, Raftery, "Probabilistic forecasts, calibration and sharpness", JRSS B 69, 2007.

use super::support::{AheadInput, Found, rows_told, told};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

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

/// Standard deviations on either side that 80 % of normal errors lie within.
const WIDTH: f64 = 1.281_551_565_544_600_4;

fn parts(input: &AheadInput<'_>) -> Found {
    let outside = |row: usize| {
        let error = (input.truth[row] - input.point(row)).abs();
        f64::from(u8::from(error > input.at(row, WIDTH) - input.point(row)))
    };
    input.ratio(outside, |_| 1.0)
}

impl Measure for Coverage {
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
