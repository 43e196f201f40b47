//! The constant predictor, and learners with some parameters preset.

use ruska_core::{
    Algorithm, Cost, FitError, FittedModel, Frame, Geometry, Learner, LearnerInfo, LoadError,
    Params, Predict, PredictError, Predictions, RunContext, Space, Target, TaskKind, TaskMeta,
    Train, Value,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Predicts the training mean or the class shares.
#[derive(Clone, Copy, Debug)]
pub struct Mean;

/// [`Mean`] has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// What [`Mean`] predicts for every row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Constant(Vec<f64>);

impl Algorithm for Mean {
    type Params = NoParams;
    type Model = Constant;
    const INFO: LearnerInfo = LearnerInfo {
        id: "mean",
        summary: "the training mean or the class shares",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[],
        geometry: Geometry::Splits,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 0,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "scikit-learn, DummyClassifier and DummyRegressor",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }

    fn cost(&self, _: &NoParams, meta: &TaskMeta) -> Cost {
        Cost { work: 2.0 * meta.rows as f64, bytes: 8.0 * meta.n_classes.max(1) as f64 }
    }

    fn fit(&self, _: &NoParams, t: Train<'_>, _: &RunContext<'_>) -> Result<Constant, FitError> {
        let mut sums = vec![0.0; t.y.width()];
        let weights = crate::debug::weights(t);
        for (&r, w) in t.rows.iter().zip(&weights) {
            match t.y {
                Target::Values(y) => sums[0] += w * y[r as usize],
                Target::Classes { codes, .. } => sums[codes[r as usize] as usize] += w,
                Target::Groups(_) | Target::Series(_) => {
                    return Err(FitError::Data("there is no truth".to_owned()));
                }
            }
        }
        let total: f64 = weights.iter().sum();
        Ok(Constant(sums.into_iter().map(|s| s / total).collect()))
    }
}

impl Predict for Constant {
    fn predict(&self, _: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        Ok(Predictions::new(self.0.len(), self.0.repeat(rows.len())))
    }

    fn validate(&self) -> Result<(), String> {
        if self.0.is_empty() { Err("it has no values".to_owned()) } else { Ok(()) }
    }
}

/// A learner under another id, with some parameters preset; not opt-in. Parameters given at fit
/// win over the preset ones.
pub struct Preset {
    info: LearnerInfo,
    inner: Arc<dyn Learner>,
    params: Params,
}

impl Preset {
    /// `inner` as `id`, with `params` unless others are given.
    pub fn new<const N: usize>(
        id: &'static str,
        inner: Arc<dyn Learner>,
        params: [(&str, Value); N],
    ) -> Self {
        let info = LearnerInfo { id, opt_in: false, ..inner.info().clone() };
        Self { info, inner, params: params.map(|(name, v)| (name.to_owned(), v)).into() }
    }

    fn merged(&self, params: &Params) -> Params {
        let mut all = self.params.clone();
        all.extend(params.clone());
        all
    }

    /// Errors name the learner as it is known outside.
    fn renamed(&self, error: FitError) -> FitError {
        match error {
            FitError::Params { why, .. } => FitError::Params { id: self.info.id.to_owned(), why },
            other => other,
        }
    }
}

impl Learner for Preset {
    fn info(&self) -> &LearnerInfo {
        &self.info
    }

    /// The inner space without what is preset.
    fn space(&self, meta: &TaskMeta) -> Space {
        let mut space = self.inner.space(meta);
        space.dimensions.retain(|d| !self.params.contains_key(&d.name));
        space
    }

    fn cost(&self, params: &Params, meta: &TaskMeta) -> Result<Cost, FitError> {
        self.inner.cost(&self.merged(params), meta).map_err(|e| self.renamed(e))
    }

    fn fit(
        &self,
        params: &Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Box<dyn FittedModel>, FitError> {
        self.inner.fit(&self.merged(params), train, ctx).map_err(|e| self.renamed(e))
    }

    fn refit(&self, params: &Params, iterations: &[u32], growth: f64) -> Result<Params, FitError> {
        let params = self.inner.refit(&self.merged(params), iterations, growth);
        params.map_err(|e| self.renamed(e))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn FittedModel>, LoadError> {
        self.inner.load(bytes)
    }
}
