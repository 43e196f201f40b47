//! Croston: how much is asked for when something is, over how long that takes.
//!
//! For demand that is 0 most of the time; tells its rate. Cost O(n).
//!
//! Reference: Croston, "Forecasting and stock control for intermittent demands", Oper. Res. Q. 23, 1972.

use super::support::{History, OneSeries, declared};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, TaskMeta};
use ruska_kernels::series::intermittent::{Intermittent, Method};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Croston;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrostonParams {}

impl OneSeries for Croston {
    type Params = CrostonParams;
    type Model = Intermittent;

    const INFO: LearnerInfo = declared(
        ("croston", 14),
        "Demand that is mostly 0: its size over the time between",
        "Croston, Forecasting and stock control for intermittent demands, Oper. Res. Q. 23, 1972",
    );

    fn work(&self, _: &CrostonParams, values: f64, _: &TaskMeta) -> f64 {
        100.0 * values
    }

    fn fit(
        &self,
        _: &CrostonParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let fitted = Intermittent::fit(history.values, Method::Optimised, watch);
        fitted.map_err(|s| stopped(watch.0, s))
    }
}
