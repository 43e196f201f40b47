//! Holt's linear trend: a level and a slope that follow the values.
//!
//! Wins on steady trends; far ahead it goes too far. Seasons are taken out by MSTL and put back. Cost O(n).
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.2.

use super::support::{History, OneSeries, Preparation, Prepared, with_log};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, Geometry, LearnerInfo, Space, TaskKind, TaskMeta};
use ruska_kernels::series::smoothing::Smoothing;
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holt;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HoltParams {
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
}

impl OneSeries for Holt {
    type Params = HoltParams;
    type Model = Prepared<Smoothing>;

    const INFO: LearnerInfo = LearnerInfo {
        id: "holt",
        summary: "A level and a slope that follow the values",
        tasks: &[TaskKind::Forecasting],
        needs: &[],
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 11,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.2",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        with_log(Space::new(), meta)
    }

    fn work(&self, _: &HoltParams, values: f64, _: &TaskMeta) -> f64 {
        3000.0 * values
    }

    fn fit(
        &self,
        params: &HoltParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let how = Preparation { log: params.log, take_seasons: true };
        Prepared::fit(how, history, watch, |values, _| {
            let fitted = Smoothing::holt(values, watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
