//! One boosted model for all series: each step ahead from the windows before it.
//!
//! Wins where many series behave alike, or bend in ways that no equation has, and where covariates act on
//! each other. Learns what is left when level, scale and seasons are taken out. Cost
//! O(series · values · lags · trees).
//!
//! Reference: Montero-Manso, Hyndman, "Principles and algorithms for forecasting groups of time series",
//! IJF 37, 2021; Ke et al., "LightGBM", NIPS 2017.

use super::support::{
    DirectModel, Inner, Level, Scaling, declared, direct, learned_rows, logarithms, usual_lags,
    window,
};
use crate::boosting::{BoostedModel, Objective};
use crate::learners::{Gbdt, GbdtParams};
use ruska_core::{
    Algorithm, Cost, FitError, Geometry, LearnerInfo, RunContext, Space, TaskMeta, Train,
};
use serde::{Deserialize, Serialize};

/// Trees of each model.
const TREES: i64 = 150;

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalTrees;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GlobalTreesParams {
    /// Values of a window, ≥ 2; a season and a little more where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    lags: Option<i64>,
    /// Whether logarithms are modelled; the values where it is left out or a value is not above 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<bool>,
    /// Where a window is, from which its values and those ahead are counted.
    level: Level,
    /// What is minimised.
    loss: Loss,
    /// Whether seasons are taken out by MSTL and put back; otherwise a window's place in them is seen, on
    /// which the effect of covariates may depend.
    take_seasons: bool,
}

impl Default for GlobalTreesParams {
    fn default() -> Self {
        let (level, loss) = (Level::default(), Loss::default());
        Self { lags: None, log: None, level, loss, take_seasons: true }
    }
}

/// What is minimised over windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Loss {
    /// Absolute error: the median.
    #[default]
    Absolute,
    /// Squared error: the mean.
    Squared,
    /// Tweedie deviance: the mean of amounts that are 0 most of the time. Windows are at 0 whatever is asked,
    /// no logarithms are modelled, and seasons are left in. Squared error where a value is below 0, or none above.
    Tweedie,
}

impl Algorithm for GlobalTrees {
    type Params = GlobalTreesParams;
    type Model = DirectModel<BoostedModel>;

    const INFO: LearnerInfo = LearnerInfo {
        geometry: Geometry::Splits,
        ..declared(
            ("global_trees", 60),
            "One boosted model for all series, from windows of their past",
            "Montero-Manso, Hyndman, Principles and algorithms for forecasting groups of time series, IJF 37, 2021",
        )
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let usual = usual_lags(&meta.seasons);
        let space = Space::new().log_int("lags", 4, (2 * usual).max(16), usual);
        let space = space.choice("level", &["last", "mean"], "last");
        let amounts = meta.least_target == 0.0;
        let losses: &[&str] =
            if amounts { &["absolute", "squared", "tweedie"] } else { &["absolute", "squared"] };
        let space = space.choice("loss", losses, "absolute");
        let space = if meta.seasons.is_empty() { space } else { space.bool("take_seasons", true) };
        if meta.least_target > 0.0 { space.bool("log", true) } else { space }
    }

    fn cost(&self, params: &GlobalTreesParams, meta: &TaskMeta) -> Cost {
        let rows = learned_rows(meta);
        let lags = params.lags.unwrap_or_else(|| usual_lags(&meta.seasons)).max(2) as f64;
        let work = rows * (lags + 3.0) * TREES as f64 * 2.0 + 300.0 * meta.rows as f64;
        Cost { work, bytes: 12.0 * rows * (lags + 3.0) }
    }

    fn fit(
        &self,
        params: &GlobalTreesParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Self::Model, FitError> {
        let id = Self::INFO.id;
        let lines = super::support::panel(&train, id)?;
        let lags = window(id, params.lags, lines)?;
        let known = || lines.values.iter().filter(|v| !v.is_nan());
        let log = logarithms(params.log, lines);
        let how = Scaling { log, lags, level: params.level, take_seasons: params.take_seasons };
        let amounts = known().all(|v| *v >= 0.0) && known().any(|v| *v > 0.0);
        let (how, loss) = match params.loss {
            Loss::Tweedie if amounts => (
                Scaling { log: false, lags, level: Level::Zero, take_seasons: false },
                Objective::Tweedie,
            ),
            Loss::Absolute => (how, Objective::Absolute),
            _ => (how, Objective::Squared),
        };
        let settings = GbdtParams::of_windows(TREES, loss);
        let fit = |train: Train<'_>, ctx: &RunContext<'_>| Gbdt.fit(&settings, train, ctx);
        direct(&Inner { as_they_are: true, follows: false, fit: &fit }, (how, id), &train, ctx)
    }
}
