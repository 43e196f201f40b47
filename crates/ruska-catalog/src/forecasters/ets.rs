//! ETS: exponential smoothing of the form of error, trend and season that the corrected Akaike criterion
//! prefers.
//!
//! The all-rounder of business series. Has seasons up to 24 in its equations; longer ones, and several, are
//! taken out by MSTL and put back. Cost O(n) with a large constant: fifteen forms.
//!
//! Reference: Hyndman, Koehler, Ord, Snyder, Forecasting with Exponential Smoothing, Springer 2008.

use super::support::{History, OneSeries, Preparation, Prepared, with_log, with_seasons};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, Geometry, LearnerInfo, Space, TaskKind, TaskMeta};
use ruska_kernels::series::smoothing::{Choice, Smoothing};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ets;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EtsParams {
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
    /// Whether seasons are taken out by MSTL and put back; those that the model cannot have always are.
    take_seasons: bool,
}

impl OneSeries for Ets {
    type Params = EtsParams;
    type Model = Prepared<Smoothing>;

    const INFO: LearnerInfo = LearnerInfo {
        id: "ets",
        summary: "Exponential smoothing in the form that suits best",
        tasks: &[TaskKind::Forecasting],
        needs: &[],
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 20,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Hyndman, Koehler, Ord, Snyder, Forecasting with Exponential Smoothing, Springer 2008",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        with_seasons(with_log(Space::new(), meta), meta)
    }

    fn work(&self, _: &EtsParams, values: f64, meta: &TaskMeta) -> f64 {
        let forms = if meta.seasons.is_empty() { 1.0 } else { 5.0 };
        10_000.0 * forms * values
    }

    fn fit(
        &self,
        params: &EtsParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let how = Preparation { log: params.log, take_seasons: params.take_seasons };
        Prepared::fit(how, history, watch, |values, season| {
            let fitted = Smoothing::choose(values, season, &Choice::default(), watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
