//! Any regressor as one model for all series: each step ahead from the windows before it.
//!
//! Wins where a learner sees what trees of gradients and lines do not: smooth shapes, neighbours in the past,
//! averages of many trees. What it learns from is that of the other global models. Cost that of the learner on
//! windows.
//!
//! Reference: Bontempi, Ben Taieb, Le Borgne, "Machine learning strategies for time series forecasting",
//! eBISS 2012.

use super::support::{
    DirectModel, Inner, Level, Scaling, declared, direct, learned_rows, logarithms, panel,
    usual_lags, window,
};
use crate::learners;
use ruska_core::{
    Algorithm, Cost, FitError, FittedModel, Frame, Learner, LearnerInfo, Need, Params, Predict,
    PredictError, Predictions, RunContext, Space, TaskKind, TaskMeta, Train, codec,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::sync::Arc;

/// Learners that are global models of their own, or tell no series apart.
const OTHERWISE: [&str; 3] = ["baseline", "linear", "gbdt"];
/// The usual learner.
const USUAL: &str = "extra_trees";

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reduction;

/// Its parameters.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReductionParams {
    /// The id of a regressor, which learns with its usual settings.
    learner: String,
    /// Values of a window, ≥ 2; a season and a little more where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    lags: Option<i64>,
    /// Whether logarithms are modelled; the values where it is left out or a value is not above 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<bool>,
    /// Where a window is, from which its values and those ahead are counted.
    level: Level,
}

impl Default for ReductionParams {
    fn default() -> Self {
        Self { learner: USUAL.to_owned(), lags: None, log: None, level: Level::default() }
    }
}

/// The learners that can be asked for.
fn inner() -> impl Iterator<Item = Arc<dyn Learner>> {
    learners::all().into_iter().filter(|learner| {
        let info = learner.info();
        let any = info.least_target.is_none() && info.uncooperative.is_none() && !info.opt_in;
        any && info.tasks.contains(&TaskKind::Regression) && !OTHERWISE.contains(&info.id)
    })
}

/// A learner by its id.
fn named(id: &str) -> Result<Arc<dyn Learner>, String> {
    inner().find(|learner| learner.info().id == id).ok_or_else(|| {
        let ids: Vec<&str> = inner().map(|learner| learner.info().id).collect();
        format!("`learner` is `{id}`; it must be one of {}", ids.join(", "))
    })
}

/// A fitted regressor with its id.
#[derive(Clone)]
pub(crate) struct Reduced {
    id: String,
    model: Arc<dyn FittedModel>,
}

impl Predict for Reduced {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        self.model.predict(x, rows)
    }

    fn validate(&self) -> Result<(), String> {
        self.model.validate()
    }
}

/// A fitted regressor as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    learner: String,
    #[serde(with = "codec::packed")]
    state: Vec<u8>,
}

impl Serialize for Reduced {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Kept { learner: self.id.clone(), state: self.model.save() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Reduced {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Kept { learner, state } = Kept::deserialize(deserializer)?;
        let model = named(&learner).map_err(D::Error::custom)?.load(&state);
        Ok(Self { id: learner, model: model.map_err(D::Error::custom)?.into() })
    }
}

impl Algorithm for Reduction {
    type Params = ReductionParams;
    type Model = DirectModel<Reduced>;

    const INFO: LearnerInfo = declared(
        ("reduction", 65),
        "Any regressor as one model for all series, from windows of their past",
        "Bontempi, Ben Taieb, Le Borgne, Machine learning strategies for time series forecasting, eBISS 2012",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        let usual = usual_lags(&meta.seasons);
        let ids: Vec<&str> = inner().map(|learner| learner.info().id).collect();
        let space = Space::new().choice("learner", &ids, USUAL);
        let space = space.log_int("lags", 4, (2 * usual).max(16), usual);
        let space = space.choice("level", &["last", "mean"], "last");
        if meta.least_target > 0.0 { space.bool("log", true) } else { space }
    }

    fn cost(&self, params: &ReductionParams, meta: &TaskMeta) -> Cost {
        let lags = params.lags.unwrap_or_else(|| usual_lags(&meta.seasons)).max(2) as usize;
        let rows = TaskMeta {
            kind: TaskKind::Regression,
            rows: learned_rows(meta) as usize,
            numeric: lags + 3 + 3 * meta.numeric,
            ..meta.clone()
        };
        let learner = named(&params.learner);
        let cost = learner.map(|learner| learner.cost(&Params::default(), &rows));
        let none = Cost { work: 0.0, bytes: 0.0 };
        let Cost { work, bytes } = cost.map_or(none, |cost| cost.unwrap_or(none));
        Cost { work: work + 300.0 * meta.rows as f64, bytes }
    }

    fn fit(
        &self,
        params: &ReductionParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Self::Model, FitError> {
        let id = Self::INFO.id;
        let refused = |why| FitError::Params { id: id.to_owned(), why };
        let learner = named(&params.learner).map_err(refused)?;
        let lines = panel(&train, id)?;
        let lags = window(id, params.lags, lines)?;
        let log = logarithms(params.log, lines);
        let how = Scaling { log, lags, level: params.level, take_seasons: true };
        let needs = learner.info().needs;
        let fit = |train: Train<'_>, ctx: &RunContext<'_>| {
            let model = learner.fit(&Params::default(), train, ctx)?;
            Ok(Reduced { id: params.learner.clone(), model: model.into() })
        };
        let as_they_are = !needs.contains(&Need::Missing) && !needs.contains(&Need::Scale);
        direct(&Inner { as_they_are, follows: true, fit: &fit }, (how, id), &train, ctx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn learners_are_named() {
        assert!(named("extra_trees").is_ok());
        let why = named("gbdt").err().unwrap();
        assert!(why.contains("`gbdt`") && why.contains("extra_trees"), "{why}");
    }
}
