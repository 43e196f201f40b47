//! A constant: the weighted share of each class, or the weighted mean.
//!
//! Wins when the features say nothing; every other learner has to beat it.
//! Fails to use any feature. Cost O(n). Takes missing values, categoricals, text, times, sparse
//! blocks (it looks at none of them) and weights. A class without a training row gets a little.
//!
//! Reference: scikit-learn, DummyClassifier(strategy="prior") and DummyRegressor.

use crate::classes::Present;
use crate::design::{finite, numbers, weights};
use crate::sound::{all_finite, ensure};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Predict, PredictError, Predictions,
    RunContext, Space, Target, TaskKind, TaskMeta, Train,
};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Baseline;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BaselineParams {}

/// What it says of every row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BaselineModel(Vec<f64>);

impl Algorithm for Baseline {
    type Params = BaselineParams;
    type Model = BaselineModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "baseline",
        summary: "The share of each class, or the mean: what any model has to beat",
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
        reference: "scikit-learn, DummyClassifier(strategy=\"prior\") and DummyRegressor",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }

    fn cost(&self, _: &BaselineParams, meta: &TaskMeta) -> Cost {
        Cost { work: 5.0 * meta.rows as f64 + 1000.0, bytes: 12.0 * meta.rows as f64 }
    }

    fn fit(
        &self,
        _: &BaselineParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<BaselineModel, FitError> {
        ctx.check()?;
        let weights = weights(&train)?;
        if let Target::Classes { .. } = train.y {
            let (present, codes) = Present::of(&train, &weights, Self::INFO.id)?;
            let shares = present.predictions(&present.totals(&codes, &weights));
            return Ok(BaselineModel(shares.values().to_vec()));
        }
        // Deviations from the first value keep the mean of large equal numbers exact.
        let y = numbers(&train, Self::INFO.id)?;
        let sum: f64 = y.iter().zip(&weights).map(|(v, w)| w * (v - y[0])).sum();
        Ok(BaselineModel(vec![finite(y[0] + sum / weights.iter().sum::<f64>(), y[0])]))
    }
}

impl Predict for BaselineModel {
    fn predict(&self, _: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        Ok(Predictions::new(self.0.len(), self.0.repeat(rows.len())))
    }

    fn validate(&self) -> Result<(), String> {
        ensure(!self.0.is_empty(), "it has no values")?;
        all_finite("values", &self.0)
    }
}
