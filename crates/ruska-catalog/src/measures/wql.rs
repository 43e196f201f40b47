//! Weighted quantile loss: how good the quantiles 0.1, 0.2, …, 0.9 are, over the sum of absolute true values.
//!
//! Twice the pinball loss, averaged over the levels, so that the median's part is the absolute error. The
//! quantiles are those of a normal error around the forecast. Undefined where all true values are 0. Cost
//! O(n).
//!
//! Reference: Alexandrov et al., "GluonTS: probabilistic and neural time series modeling in Python", JMLR 21, 2020.

use super::support::{AheadInput, ForecastMeasure, Found, NORMAL_DECILES};
use ruska_core::{MeasureInfo, Needs, TaskKind};

/// See the module.
pub(crate) struct Wql;

static INFO: MeasureInfo = MeasureInfo {
    id: "wql",
    summary: "Weighted quantile loss of the quantiles 0.1 to 0.9",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: false,
    reference: "https://auto.gluon.ai/stable/tutorials/timeseries/forecasting-metrics.html",
};

impl ForecastMeasure for Wql {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let loss = |row: usize| {
            let levels = NORMAL_DECILES.iter().zip(1..10).map(|(z, tenth)| {
                let error = input.truth[row] - input.at(row, *z);
                let level = f64::from(tenth) / 10.0;
                2.0 * (error * level).max(error * (level - 1.0))
            });
            levels.sum::<f64>() / 9.0
        };
        input.ratio(loss, |row| input.truth[row].abs())
    }
}
