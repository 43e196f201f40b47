//! Croston's rate less its bias, after Syntetos and Boylan.
//!
//! For demand that is 0 most of the time. Cost O(n).
//!
//! Reference: Syntetos, Boylan, "The accuracy of intermittent demand estimates", IJF 21, 2005.

use super::support::{History, OneSeries, declared};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, TaskMeta};
use ruska_kernels::series::intermittent::{Intermittent, Method};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sba;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SbaParams {}

impl OneSeries for Sba {
    type Params = SbaParams;
    type Model = Intermittent;

    const INFO: LearnerInfo = declared(
        ("sba", 15),
        "Croston's rate less its bias",
        "Syntetos, Boylan, The accuracy of intermittent demand estimates, IJF 21, 2005",
    );

    fn work(&self, _: &SbaParams, values: f64, _: &TaskMeta) -> f64 {
        100.0 * values
    }

    fn fit(
        &self,
        _: &SbaParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let fitted = Intermittent::fit(history.values, Method::Sba, watch);
        fitted.map_err(|s| stopped(watch.0, s))
    }
}
