//! CES: exponential smoothing with complex numbers, of the form that the corrected Akaike criterion prefers.
//!
//! Between level and trend without deciding for either, so it errs otherwise than others and is good company.
//! Cost O(n).
//!
//! Reference: Svetunkov, Kourentzes, Ord, "Complex exponential smoothing", Nav. Res. Logist. 69, 2022.

use super::support::{History, OneSeries, Preparation, Prepared, declared, with_log, with_seasons};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use ruska_kernels::series::complex::Complex;

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ces;

impl OneSeries for Ces {
    type Params = Preparation;
    type Model = Prepared<Complex>;

    const INFO: LearnerInfo = declared(
        ("ces", 19),
        "Exponential smoothing with complex numbers",
        "Svetunkov, Kourentzes, Ord, Complex exponential smoothing, Nav. Res. Logist. 69, 2022",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        with_seasons(with_log(Space::new(), meta), meta)
    }

    fn work(&self, _: &Preparation, values: f64, _: &TaskMeta) -> f64 {
        6000.0 * values
    }

    fn fit(
        &self,
        params: &Preparation,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        Prepared::fit(*params, history, watch, |values, season| {
            Complex::choose(values, season, watch).map_err(|s| stopped(watch.0, s))
        })
    }
}
