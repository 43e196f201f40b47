//! Comb: the mean of a level, a linear and a damped trend.
//!
//! A benchmark of the M4 competition, and strong for its cost. Seasons are taken out by MSTL and put back.
//! Cost O(n).
//!
//! Reference: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition", IJF 36, 2020.

use super::support::{History, Logarithms, OneSeries, Prepared, declared, with_log};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use ruska_kernels::series::smoothing::Comb as Fitted;

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comb;

impl OneSeries for Comb {
    type Params = Logarithms;
    type Model = Prepared<Fitted>;

    const INFO: LearnerInfo = declared(
        ("comb", 13),
        "The mean of a level, a linear and a damped trend",
        "Makridakis, Spiliotis, Assimakopoulos, The M4 Competition, IJF 36, 2020",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        with_log(Space::new(), meta)
    }

    fn work(&self, _: &Logarithms, values: f64, _: &TaskMeta) -> f64 {
        9000.0 * values
    }

    fn fit(
        &self,
        params: &Logarithms,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        Prepared::fit(params.preparation(), history, watch, |values, _| {
            let fitted = Fitted::fit(values, watch);
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
