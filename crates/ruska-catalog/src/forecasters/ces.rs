//! CES: exponential smoothing with complex numbers, of the form that the corrected Akaike criterion prefers.
//!
//! Between level and trend without deciding for either, so it errs otherwise than others and is good company.
//! Cost O(n).
//!
//! Reference: Svetunkov, Kourentzes, Ord, "Complex exponential smoothing", Nav. Res. Logist. 69, 2022.

use super::support::{History, OneSeries, Preparation, Prepared, with_log, with_seasons};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, Geometry, LearnerInfo, Space, TaskKind, TaskMeta};
use ruska_kernels::series::complex::Complex;
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ces;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CesParams {
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
    /// Whether seasons are taken out by MSTL and put back; those that the model cannot have always are.
    take_seasons: bool,
}

impl OneSeries for Ces {
    type Params = CesParams;
    type Model = Prepared<Complex>;

    const INFO: LearnerInfo = LearnerInfo {
        id: "ces",
        summary: "Exponential smoothing with complex numbers",
        tasks: &[TaskKind::Forecasting],
        needs: &[],
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 19,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Svetunkov, Kourentzes, Ord, Complex exponential smoothing, Nav. Res. Logist. 69, 2022",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        with_seasons(with_log(Space::new(), meta), meta)
    }

    fn work(&self, _: &CesParams, values: f64, _: &TaskMeta) -> f64 {
        6000.0 * values
    }

    fn fit(
        &self,
        params: &CesParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let how = Preparation { log: params.log, take_seasons: params.take_seasons };
        Prepared::fit(how, history, watch, |values, season| {
            Complex::choose(values, season, watch).map_err(|s| stopped(watch.0, s))
        })
    }
}
