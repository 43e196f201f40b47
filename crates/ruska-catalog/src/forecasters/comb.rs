//! Comb: the mean of a level, a linear and a damped trend.
//!
//! A benchmark of the M4 competition, and strong for its cost. Seasons are taken out by MSTL and put back.
//! Cost O(n).
//!
//! Reference: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition", IJF 36, 2020.

use super::support::{History, OneSeries, Preparation, Prepared, with_log};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, Geometry, LearnerInfo, Space, TaskKind, TaskMeta};
use ruska_kernels::series::smoothing::Comb as Fitted;
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comb;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CombParams {
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
}

impl OneSeries for Comb {
    type Params = CombParams;
    type Model = Prepared<Fitted>;

    const INFO: LearnerInfo = LearnerInfo {
        id: "comb",
        summary: "The mean of a level, a linear and a damped trend",
        tasks: &[TaskKind::Forecasting],
        needs: &[],
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 13,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Makridakis, Spiliotis, Assimakopoulos, The M4 Competition, IJF 36, 2020",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        with_log(Space::new(), meta)
    }

    fn work(&self, _: &CombParams, values: f64, _: &TaskMeta) -> f64 {
        9000.0 * values
    }

    fn fit(
        &self,
        params: &CombParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let how = Preparation { log: params.log, take_seasons: true };
        Prepared::fit(how, history, watch, |values, _| {
            let fitted = Fitted::fit(values, watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
