//! Holt's linear trend: a level and a slope that follow the values.
//!
//! Wins on steady trends; far ahead it goes too far. Seasons are taken out by MSTL and put back. Cost O(n).
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.2.

use super::support::{History, Logarithms, OneSeries, Prepared, declared, with_log};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use ruska_kernels::series::smoothing::Smoothing;

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holt;

impl OneSeries for Holt {
    type Params = Logarithms;
    type Model = Prepared<Smoothing>;

    const INFO: LearnerInfo = declared(
        ("holt", 11),
        "A level and a slope that follow the values",
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
            let fitted = Smoothing::holt(values, watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
