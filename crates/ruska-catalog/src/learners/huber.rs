//! Robust linear regression: Huber's loss with a scale of its own and an L2 penalty.
//!
//! Wins where some targets are wrong or wild: a row farther than `epsilon` scales from the fit pulls
//! by its sign only. Fails where the far rows are the point, and on interactions and curves; its
//! predictions tend to the middle of a skewed target, not to its mean. Cost O(n·p²/2) a step, 5 to
//! 30 steps, at most 5000 columns. Takes weights, more columns than rows and collinear columns;
//! needs missing values filled, everything encoded as numbers, and one scale. Sparse blocks become
//! dense.
//!
//! Reference: Huber, Robust Statistics, 1981; scikit-learn, HuberRegressor.

use crate::bridge::{Watch, stopped};
use crate::design::{Features, encoded_width};
use crate::line::LineModel;
use crate::robust::Standard;
use ruska_core::{
    Algorithm, Cost, FitError, Geometry, LearnerInfo, Need, RunContext, Space, TaskKind, TaskMeta,
    Train,
};
use ruska_kernels::linear::{Settings, huber};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Huber;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HuberParams {
    /// Scales from the fit beyond which a row is an outlier, > 1; 1.35 keeps 95 % of the efficiency
    /// of least squares where errors are normal.
    epsilon: f64,
    /// Strength of the L2 penalty against the summed loss of the target in standard deviations, ≥ 0.
    penalty: f64,
    /// Stop when a step would gain no more than the square of this, relative to the loss; > 0.
    tolerance: f64,
}

impl Default for HuberParams {
    fn default() -> Self {
        Self { epsilon: 1.35, penalty: 1.0, tolerance: 1e-6 }
    }
}

impl Algorithm for Huber {
    type Params = HuberParams;
    type Model = LineModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "huber",
        summary: "Linear regression that outliers do not sway (Huber's loss)",
        tasks: &[TaskKind::Regression],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: false,
        complexity: 12,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: true,
        reference: "Huber, Robust Statistics, 1981, 7.7",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_float("penalty", 1e-4, 1e4, 1.0).float("epsilon", 1.05, 3.0, 1.35)
    }

    fn cost(&self, _: &HuberParams, meta: &TaskMeta) -> Cost {
        crate::robust::cost(meta.rows as f64, encoded_width(meta), 15.0)
    }

    fn fit(
        &self,
        params: &HuberParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LineModel, FitError> {
        params.check()?;
        ctx.check()?;
        let features = Features::of(train.x);
        let (x, y) = Standard::of(&train, &features, Self::INFO.id)?;
        ctx.check()?;
        let settings = Settings {
            penalty: params.penalty,
            tolerance: params.tolerance,
            max_steps: 100,
            ..Settings::default()
        };
        let fit = huber(&x, &y.values, &y.weights, params.epsilon, &settings, &Watch(ctx));
        let (fit, _) = fit.map_err(|s| stopped(ctx, s))?;
        y.model(features, fit, x.centres())
    }
}

impl HuberParams {
    fn check(self) -> Result<(), FitError> {
        let epsilon = self.epsilon > 1.0 && self.epsilon.is_finite();
        let penalty = self.penalty >= 0.0 && self.penalty.is_finite();
        if epsilon && penalty && self.tolerance > 0.0 && self.tolerance.is_finite() {
            return Ok(());
        }
        let why = format!(
            "`epsilon` ({}) must be above 1, `penalty` ({}) not negative and `tolerance` ({}) \
             positive",
            self.epsilon, self.penalty, self.tolerance
        );
        Err(FitError::Params { id: Huber::INFO.id.to_owned(), why })
    }
}
