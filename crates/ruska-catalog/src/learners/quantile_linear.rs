//! Linear quantile regression: the pinball loss with an L1 penalty, solved exactly.
//!
//! Wins where a median, or a bound that a share of the rows stays below, is wanted rather than a
//! mean, and where outliers abound: they count by their side only. Fails on interactions and curves;
//! quantiles fitted apart may cross. Cost O(n·p²/2) a step, 10 to 40 steps, at most 5000 columns.
//! Takes weights, more columns than rows and collinear columns; needs missing values filled,
//! everything encoded as numbers, and one scale. Sparse blocks become dense.
//!
//! ```text
//! minimise  Σᵢ sᵢ · max(q·rᵢ, (q − 1)·rᵢ) / Σ s + penalty · Σ |w|        r = y − w·x − b
//! ```
//!
//! Reference: Koenker, Quantile Regression, 2005; scikit-learn, QuantileRegressor.

use crate::bridge::{Watch, stopped};
use crate::design::{Features, encoded_width};
use crate::line::LineModel;
use crate::robust::Standard;
use ruska_core::{
    Algorithm, Cost, FitError, Geometry, LearnerInfo, Need, RunContext, Space, TaskKind, TaskMeta,
    Train,
};
use ruska_kernels::linear::{Settings, quantile};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QuantileLinear;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QuantileParams {
    /// The share of targets below the prediction, between 0 and 1.
    quantile: f64,
    /// Strength of the L1 penalty against the mean loss, ≥ 0.
    penalty: f64,
    /// Stop when the loss is so near the least one, relative to it; > 0.
    tolerance: f64,
}

impl Default for QuantileParams {
    fn default() -> Self {
        Self { quantile: 0.5, penalty: 0.001, tolerance: 1e-6 }
    }
}

impl Algorithm for QuantileLinear {
    type Params = QuantileParams;
    type Model = LineModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "quantile_linear",
        summary: "Linear regression of the median or another quantile, with an L1 penalty",
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
        reference: "Koenker, Quantile Regression, 2005; Portnoy and Koenker, Statistical Science 12, 1997",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_float("penalty", 1e-5, 1.0, 0.001)
    }

    fn cost(&self, _: &QuantileParams, meta: &TaskMeta) -> Cost {
        crate::robust::cost(meta.rows as f64, encoded_width(meta), 25.0)
    }

    fn fit(
        &self,
        params: &QuantileParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LineModel, FitError> {
        params.check()?;
        ctx.check()?;
        let features = Features::of(train.x);
        let (x, y) = Standard::of(&train, &features, Self::INFO.id)?;
        ctx.check()?;
        let settings = Settings {
            penalty: params.penalty * y.weights.iter().sum::<f64>(),
            tolerance: params.tolerance,
            max_steps: 100,
            ..Settings::default()
        };
        let fit = quantile(&x, &y.values, &y.weights, params.quantile, &settings, &Watch(ctx));
        y.model(features, fit.map_err(|s| stopped(ctx, s))?, x.centres())
    }
}

impl QuantileParams {
    fn check(self) -> Result<(), FitError> {
        let share = self.quantile > 0.0 && self.quantile < 1.0;
        let penalty = self.penalty >= 0.0 && self.penalty.is_finite();
        if share && penalty && self.tolerance > 0.0 && self.tolerance.is_finite() {
            return Ok(());
        }
        let why = format!(
            "`quantile` ({}) must be between 0 and 1, `penalty` ({}) not negative and `tolerance` \
             ({}) positive",
            self.quantile, self.penalty, self.tolerance
        );
        Err(FitError::Params { id: QuantileLinear::INFO.id.to_owned(), why })
    }
}
