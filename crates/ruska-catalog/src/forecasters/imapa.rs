//! IMAPA: the mean of smoothed sums over longer and longer stretches.
//!
//! For demand that is 0 often. Cost O(n).
//!
//! Reference: Petropoulos, Kourentzes, "Forecast combinations for intermittent demand", JORS 66, 2015.

use super::support::{History, OneSeries, declared};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, TaskMeta};
use ruska_kernels::series::intermittent::{Intermittent, Method};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Imapa;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImapaParams {}

impl OneSeries for Imapa {
    type Params = ImapaParams;
    type Model = Intermittent;

    const INFO: LearnerInfo = declared(
        ("imapa", 16),
        "The mean of smoothed sums over longer and longer stretches",
        "Petropoulos, Kourentzes, Forecast combinations for intermittent demand, JORS 66, 2015",
    );

    fn work(&self, _: &ImapaParams, values: f64, _: &TaskMeta) -> f64 {
        100.0 * values
    }

    fn fit(
        &self,
        _: &ImapaParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let fitted = Intermittent::fit(history.values, Method::Imapa, watch);
        fitted.map_err(|s| stopped(watch.0, s))
    }
}
