//! ETS: exponential smoothing of the form of error, trend and season that the corrected Akaike criterion
//! prefers.
//!
//! The all-rounder of business series. Has seasons up to 24 in its equations; longer ones, and several, are
//! taken out by MSTL and put back. Cost O(n) with a large constant: fifteen forms.
//!
//! Reference: Hyndman, Koehler, Ord, Snyder, Forecasting with Exponential Smoothing, Springer 2008.

use super::support::{History, OneSeries, Preparation, Prepared, declared, with_log, with_seasons};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use ruska_kernels::series::smoothing::{Choice, Smoothing};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ets;

impl OneSeries for Ets {
    type Params = Preparation;
    type Model = Prepared<Smoothing>;

    const INFO: LearnerInfo = declared(
        ("ets", 20),
        "Exponential smoothing in the form that suits best",
        "Hyndman, Koehler, Ord, Snyder, Forecasting with Exponential Smoothing, Springer 2008",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        with_seasons(with_log(Space::new(), meta), meta)
    }

    fn work(&self, _: &Preparation, values: f64, meta: &TaskMeta) -> f64 {
        let forms = if meta.seasons.is_empty() { 1.0 } else { 5.0 };
        10_000.0 * forms * values
    }

    fn fit(
        &self,
        params: &Preparation,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        Prepared::fit(*params, history, watch, |values, season| {
            let fitted = Smoothing::choose(values, season, &Choice::default(), watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
