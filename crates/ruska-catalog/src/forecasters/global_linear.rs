//! One linear model for all series: each step ahead from the windows before it.
//!
//! An autoregression whose coefficients all series share, each step with its own. Wins where many short
//! series, or a long noisy one, go on as they did, and where covariates add up. Ridge whose penalty folds
//! choose. Cost O(series · values · lags²).
//!
//! Reference: Montero-Manso, Hyndman, "Principles and algorithms for forecasting groups of time series",
//! IJF 37, 2021.

use super::support::{
    DirectModel, Inner, Level, Scaling, declared, direct, learned_rows, logarithms, usual_lags,
    window,
};
use crate::learners::{Linear, LinearModel, LinearParams};
use ruska_core::{Algorithm, Cost, FitError, LearnerInfo, RunContext, Space, TaskMeta, Train};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalLinear;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GlobalLinearParams {
    /// Values of a window, ≥ 2; a season and a little more where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    lags: Option<i64>,
    /// Whether logarithms are modelled; the values where it is left out or a value is not above 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<bool>,
}

impl Algorithm for GlobalLinear {
    type Params = GlobalLinearParams;
    type Model = DirectModel<LinearModel>;

    const INFO: LearnerInfo = declared(
        ("global_linear", 40),
        "One linear model for all series, from windows of their past",
        "Montero-Manso, Hyndman, Principles and algorithms for forecasting groups of time series, IJF 37, 2021",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        let usual = usual_lags(&meta.seasons);
        let space = Space::new().log_int("lags", 4, (2 * usual).max(16), usual);
        if meta.least_target > 0.0 { space.bool("log", true) } else { space }
    }

    fn cost(&self, params: &GlobalLinearParams, meta: &TaskMeta) -> Cost {
        let rows = learned_rows(meta);
        let lags = params.lags.unwrap_or_else(|| usual_lags(&meta.seasons)).max(2) as f64;
        let work = rows * (lags + 3.0) * (lags + 20.0) + 300.0 * meta.rows as f64;
        Cost { work, bytes: 24.0 * rows * (lags + 3.0) }
    }

    fn fit(
        &self,
        params: &GlobalLinearParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Self::Model, FitError> {
        let id = Self::INFO.id;
        let lines = super::support::panel(&train, id)?;
        let lags = window(id, params.lags, lines)?;
        let log = logarithms(params.log, lines);
        let how = Scaling { log, lags, level: Level::Last, take_seasons: true };
        let settings = LinearParams::default();
        let fit = |train: Train<'_>, ctx: &RunContext<'_>| Linear.fit(&settings, train, ctx);
        direct(&Inner { as_they_are: false, follows: false, fit: &fit }, (how, id), &train, ctx)
    }
}
