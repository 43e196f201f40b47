//! Weighted absolute percentage error: the sum of all absolute errors over that of all absolute true values.
//!
//! As a share, 0.1 is ten percent. Large series count as much as they are large. Undefined where all true
//! values are 0. Cost O(n).
//!
//! Reference: Kolassa, Schütz, "Advantages of the MAD/mean ratio over the MAPE", Foresight 6, 2007.

use super::support::{AheadInput, ForecastMeasure, Found};
use ruska_core::{MeasureInfo, Needs, TaskKind};

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

impl ForecastMeasure for Wape {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let error = |row: usize| (input.truth[row] - input.point(row)).abs();
        input.ratio(error, |row| input.truth[row].abs())
    }
}
