//! TSB: how likely something is asked for, and how much then.
//!
//! For demand that may end: the rate falls while nothing is asked for. Cost O(n).
//!
//! Reference: Teunter, Syntetos, Babai, "Intermittent demand: linking forecasting to inventory obsolescence", EJOR 214, 2011.

use super::support::{History, OneSeries, declared};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, TaskMeta};
use ruska_kernels::series::intermittent::{Intermittent, Method};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tsb;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TsbParams {}

impl OneSeries for Tsb {
    type Params = TsbParams;
    type Model = Intermittent;

    const INFO: LearnerInfo = declared(
        ("tsb", 15),
        "How likely demand is, times how much: falls while there is none",
        "Teunter, Syntetos, Babai, Intermittent demand: linking forecasting to inventory obsolescence, EJOR 214, 2011",
    );

    fn work(&self, _: &TsbParams, values: f64, _: &TaskMeta) -> f64 {
        100.0 * values
    }

    fn fit(
        &self,
        _: &TsbParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let fitted =
            Intermittent::fit(history.values, Method::Tsb { size: 0.2, probability: 0.2 }, watch);
        fitted.map_err(|s| stopped(watch.0, s))
    }
}
