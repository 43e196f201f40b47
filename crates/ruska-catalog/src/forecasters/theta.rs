//! Theta: exponential smoothing about a line, the dynamic optimised one unless another is asked for.
//!
//! As good as any on business series for a tenth of the cost. Takes the season out by classical decomposition
//! where the autocorrelation shows one; longer ones than 24, and several, by MSTL. Cost O(n).
//!
//! Reference: Assimakopoulos, Nikolopoulos, "The theta model", IJF 16, 2000; Fiorucci, Pellegrini, Louzada,
//! Petropoulos, Koehler, "Models for optimising the theta method and their relationship to state space
//! models", IJF 32, 2016.

use super::support::{
    Form, History, OneSeries, Preparation, Prepared, declared, with_known, with_log, with_seasons,
};
use crate::bridge::{Watch, stopped};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use ruska_kernels::series::theta::{Theta, Variant};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThetaLine;

/// Which of the models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Which {
    /// The one whose forecasts within the series are best.
    Automatic,
    /// θ = 2 about the line through the series.
    Standard,
    /// θ ≥ 1 about that line.
    Optimised,
    /// θ = 2 about the line through the values so far.
    DynamicStandard,
    /// θ ≥ 1 about the line through the values so far.
    #[default]
    DynamicOptimised,
}

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThetaLineParams {
    /// Which of the models.
    variant: Which,
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
    /// Whether seasons are taken out by MSTL and put back; those that the model cannot have always are.
    take_seasons: bool,
    /// Whether effects of known covariates are taken out and put back.
    covariates: bool,
}

impl ThetaLineParams {
    /// What is done to a series.
    fn preparation(self) -> Preparation {
        let Self { log, take_seasons, covariates, .. } = self;
        Preparation { log, take_seasons, covariates }
    }
}

impl OneSeries for ThetaLine {
    type Params = ThetaLineParams;
    type Model = Prepared<Theta>;

    const INFO: LearnerInfo = declared(
        ("theta", 18),
        "Exponential smoothing about a line",
        "Fiorucci, Pellegrini, Louzada, Petropoulos, Koehler, Models for optimising the theta method, IJF 32, 2016",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        let all = ["automatic", "standard", "optimised", "dynamic_standard", "dynamic_optimised"];
        let space = Space::new().choice("variant", &all, "dynamic_optimised");
        with_known(with_seasons(with_log(space, meta), meta), meta)
    }

    fn effects(&self, params: &ThetaLineParams) -> Option<Form> {
        params.preparation().effects()
    }

    fn work(&self, _: &ThetaLineParams, values: f64, _: &TaskMeta) -> f64 {
        3000.0 * values
    }

    fn fit(
        &self,
        params: &ThetaLineParams,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError> {
        let variant = match params.variant {
            Which::Automatic => None,
            Which::Standard => Some(Variant::Standard),
            Which::Optimised => Some(Variant::Optimised),
            Which::DynamicStandard => Some(Variant::DynamicStandard),
            Which::DynamicOptimised => Some(Variant::DynamicOptimised),
        };
        Prepared::fit(params.preparation(), history, watch, |values, season| {
            let fitted = match variant {
                None => Theta::choose(values, season, watch),
                Some(variant) => Theta::fit(values, season, variant, watch),
            };
            fitted.map_err(|s| stopped(watch.0, s))
        })
    }
}
