//! A level and a slope that fades.
//!
//! Hard to beat far ahead. Seasons are taken out by MSTL and put back. Cost O(n).
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.2.

use super::support::{History, Logarithms, OneSeries, Prepared, declared, with_log};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use ruska_kernels::series::smoothing::Smoothing;

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DampedTrend;

impl OneSeries for DampedTrend {
    type Params = Logarithms;
    type Model = Prepared<Smoothing>;

    const INFO: LearnerInfo = declared(
        ("damped_trend", 12),
        "A level and a slope that fades",
        "Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.2",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        with_log(Space::new(), meta)
    }

    fn work(&self, _: &Logarithms, values: f64, _: &TaskMeta) -> f64 {
        3000.0 * values
    }

    fn fit(
        &self,
        params: &Logarithms,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        Prepared::fit(params.preparation(), history, watch, |values, _| {
            let fitted = Smoothing::damped(values, watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
