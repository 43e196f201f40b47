//! ARIMA of the order that the corrected Akaike criterion prefers among neighbours.
//!
//! Wins where values depend on those just before beyond level and trend. Has seasons up to 24 in its
//! equations; longer ones, and several, are taken out by MSTL and put back. The costliest of all.
//!
//! Reference: Hyndman, Khandakar, "Automatic time series forecasting: the forecast package for R", J. Stat. Softw.
//! 27, 2008.

use super::support::{
    Form, History, OneSeries, Preparation, Prepared, declared, with_known, with_log, with_seasons,
};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use ruska_kernels::series::arima::{Arima, Search};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArimaSearch;

impl OneSeries for ArimaSearch {
    type Params = Preparation;
    type Model = Prepared<Arima>;

    const INFO: LearnerInfo = declared(
        ("arima", 25),
        "Autoregression and moving average of the order that suits best",
        "Hyndman, Khandakar, Automatic time series forecasting: the forecast package for R, J. Stat. Softw. 27, 2008",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        with_known(with_seasons(with_log(Space::new(), meta), meta), meta)
    }

    fn effects(&self, params: &Preparation) -> Option<Form> {
        params.effects()
    }

    fn work(&self, _: &Preparation, values: f64, meta: &TaskMeta) -> f64 {
        let seasonal = if meta.seasons.is_empty() { 1.0 } else { 4.0 };
        100_000.0 * seasonal * values
    }

    fn fit(
        &self,
        params: &Preparation,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        Prepared::fit(*params, history, watch, |values, season| {
            let fitted = Search { period: season, ..Search::default() }.fit(values, watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
