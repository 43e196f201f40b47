//! ARIMA of the order that the corrected Akaike criterion prefers among neighbours.
//!
//! Wins where values depend on those just before beyond level and trend. Has seasons up to 24 in its
//! equations; longer ones, and several, are taken out by MSTL and put back. The costliest of all.
//!
//! Reference: Hyndman, Khandakar, "Automatic time series forecasting: the forecast package for R", J. Stat. Softw.
//! 27, 2008.

use super::support::{History, OneSeries, Preparation, Prepared, with_log, with_seasons};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, Geometry, LearnerInfo, Space, TaskKind, TaskMeta};
use ruska_kernels::series::arima::{Arima, Search};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArimaSearch;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ArimaSearchParams {
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
    /// Whether seasons are taken out by MSTL and put back; those that the model cannot have always are.
    take_seasons: bool,
}

impl OneSeries for ArimaSearch {
    type Params = ArimaSearchParams;
    type Model = Prepared<Arima>;

    const INFO: LearnerInfo = LearnerInfo {
        id: "arima",
        summary: "Autoregression and moving average of the order that suits best",
        tasks: &[TaskKind::Forecasting],
        needs: &[],
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 25,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Hyndman, Khandakar, Automatic time series forecasting: the forecast package for R, J. Stat. Softw. 27, 2008",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        with_seasons(with_log(Space::new(), meta), meta)
    }

    fn work(&self, _: &ArimaSearchParams, values: f64, meta: &TaskMeta) -> f64 {
        let seasonal = if meta.seasons.is_empty() { 1.0 } else { 4.0 };
        100_000.0 * seasonal * values
    }

    fn fit(
        &self,
        params: &ArimaSearchParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let how = Preparation { log: params.log, take_seasons: params.take_seasons };
        Prepared::fit(how, history, watch, |values, season| {
            let fitted = Search { period: season, ..Search::default() }.fit(values, &[], watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
