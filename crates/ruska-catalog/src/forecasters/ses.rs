//! Simple exponential smoothing: a level that follows the values.
//!
//! Wins on series without a trend. Seasons are taken out by MSTL and put back. Cost O(n).
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.1.

use super::support::{History, OneSeries, Preparation, Prepared, with_log};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, Geometry, LearnerInfo, Space, TaskKind, TaskMeta};
use ruska_kernels::series::smoothing::Smoothing;
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ses;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SesParams {
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
}

impl OneSeries for Ses {
    type Params = SesParams;
    type Model = Prepared<Smoothing>;

    const INFO: LearnerInfo = LearnerInfo {
        id: "ses",
        summary: "A level that follows the values",
        tasks: &[TaskKind::Forecasting],
        needs: &[],
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 10,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.1",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        with_log(Space::new(), meta)
    }

    fn work(&self, _: &SesParams, values: f64, _: &TaskMeta) -> f64 {
        3000.0 * values
    }

    fn fit(
        &self,
        params: &SesParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let how = Preparation { log: params.log, take_seasons: true };
        Prepared::fit(how, history, watch, |values, _| {
            let fitted = Smoothing::ses(values, watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
