//! Generalised linear model with a log link: Poisson, Tweedie or gamma, by linfa's L-BFGS.
//!
//! Wins on targets that are counts, amounts or durations whose effects multiply: predictions are
//! positive and a spread that grows with the mean is expected. Fails where the target can be
//! negative, which it refuses. Cost O(n·p) a step, at most 100 steps. Needs missing values
//! filled, everything encoded as numbers, and one scale; row weights are not used. Sparse blocks
//! become dense.
//!
//! ```text
//! minimise  Σᵢ deviance(yᵢ / ȳ, exp(b + w·xᵢ)) / (2n) + ½ · penalty · Σ w²
//! ```
//! linfa's Poisson deviance lacks a factor 2 in two of its three terms, so that its value and its
//! gradient contradict each other. The Tweedie power next to 1 takes the right branch.
//!
//! Reference: McCullagh and Nelder, Generalized Linear Models; scikit-learn, TweedieRegressor.

use crate::design::{Features, encoded_width, finite, numbers};
use crate::linfa_guard::{array, expect_finite, failed, fold_centres};
use crate::sound::ensure;
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_linear::{Link, TweedieRegressor};
use ndarray::{Array1, Axis};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train, codec,
};
use serde::{Deserialize, Serialize};

/// The least power that linfa does not treat as Poisson, with room for rounding.
const NEXT_TO_POISSON: f64 = 1.0 + 1e-5;
/// Beyond this, exp leaves the finite numbers once multiplied by the target's mean.
const MOST_LOG: f64 = 300.0;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glm;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GlmParams {
    /// How the variance grows with the mean: its power, 1 (Poisson) to 2 (gamma) to 3.
    power: f64,
    /// Strength of the L2 penalty against the mean deviance, ≥ 0.
    penalty: f64,
    /// Norm of the gradient, relative to the number of rows, at which to stop; > 0.
    tolerance: f64,
}

impl Default for GlmParams {
    fn default() -> Self {
        Self { power: 1.0, penalty: 0.001, tolerance: 1e-5 }
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GlmModel {
    features: Features,
    #[serde(with = "codec::packed")]
    coefficients: Vec<f64>,
    #[serde(with = "codec::packed")]
    centres: Vec<f64>,
    intercept: f64,
    /// Mean of the target, by which predictions are scaled.
    mean: f64,
}

impl Algorithm for Glm {
    type Params = GlmParams;
    type Model = GlmModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "glm",
        summary: "Poisson, Tweedie or gamma regression with a log link, for targets ≥ 0 (linfa-linear)",
        tasks: &[TaskKind::Regression],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: false,
        complexity: 12,
        nondeterministic: None,
        uncooperative: Some("a linfa fit cannot be interrupted"),
        least_target: Some(0.0),
        opt_in: false,
        reference: "McCullagh and Nelder, Generalized Linear Models; linfa-linear 0.8",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("power", 1.0, 1.9, 1.0).log_float("penalty", 1e-6, 1.0, 0.001)
    }

    fn cost(&self, _: &GlmParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        Cost { work: work(n, p) + 1e5, bytes: 8.0 * n * (p + 12.0) }
    }

    fn fit(
        &self,
        params: &GlmParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<GlmModel, FitError> {
        params.check()?;
        ctx.check()?;
        let y = numbers(&train, Self::INFO.id)?;
        let mean = params.scale(&y)?;
        let (features, mut x) = array(&train, Self::INFO.id, work)?;
        let rows = y.len() as f64;
        let mut centres = Vec::with_capacity(features.width());
        for mut column in x.axis_iter_mut(Axis(1)) {
            let centre = column.sum() / rows;
            column.mapv_inplace(|v| v - centre);
            centres.push(centre);
        }
        let power = params.power.max(NEXT_TO_POISSON);
        let (unit, share) = unit(power, rows);
        let scaled: Array1<f64> = y.iter().map(|v| v / mean * unit).collect();
        ctx.check()?;
        let fitted = TweedieRegressor::params()
            .power(power)
            .link(Link::Log)
            .alpha(params.penalty * rows * share)
            .tol(params.tolerance * rows * share)
            .max_iter(100)
            .fit(&DatasetBase::new(x, scaled))
            .map_err(failed)?;
        let (coefficients, intercept) = (fitted.coef.to_vec(), fitted.intercept - unit.ln());
        expect_finite(coefficients.iter().chain([&intercept]))?;
        let intercept = fold_centres(&features, &coefficients, &mut centres, intercept);
        Ok(GlmModel { features, coefficients, centres, intercept, mean })
    }
}

/// A unit for the target and the factor by which it changes the deviance, which is a sum over rows.
///
/// linfa's line search starts with a step as long as the gradient; for thousands of rows that
/// leaves the finite numbers and the fit ends where it began. A deviance of power p scales with the
/// unit to the power 2 − p, so this unit makes it a mean over rows. Near p = 2 there is none.
fn unit(power: f64, rows: f64) -> (f64, f64) {
    if power < 1.95 { (rows.powf(-1.0 / (2.0 - power)), 1.0 / rows) } else { (1.0, 1.0) }
}

impl GlmParams {
    fn check(self) -> Result<(), FitError> {
        let penalty = self.penalty >= 0.0 && self.penalty.is_finite();
        let tolerance = self.tolerance > 0.0 && self.tolerance.is_finite();
        if (1.0..=3.0).contains(&self.power) && penalty && tolerance {
            return Ok(());
        }
        let why = format!(
            "`power` ({}) must be in 1..=3, `penalty` ({}) must not be negative and `tolerance` \
             ({}) positive",
            self.power, self.penalty, self.tolerance
        );
        Err(FitError::Params { id: Glm::INFO.id.to_owned(), why })
    }

    /// The mean of the target, when the target fits the family.
    fn scale(self, y: &[f64]) -> Result<f64, FitError> {
        let least = y.iter().copied().fold(f64::INFINITY, f64::min);
        let refuse = |need: &str| {
            let power = self.power;
            let why = format!("`glm` of power {power} needs {need}; the least is {least}");
            Err(FitError::Data(why))
        };
        if least < 0.0 {
            return refuse("targets that are not negative");
        }
        if least == 0.0 && self.power >= 2.0 {
            return refuse("targets above zero");
        }
        let mean = y.iter().map(|v| v / y.len() as f64).sum();
        if mean > 0.0 { Ok(mean) } else { refuse("a target that is not all zero") }
    }
}

/// Work units: a few dozen evaluations with two products and some powers a row.
fn work(n: f64, p: f64) -> f64 {
    20.0 * n * (2.0 * p + 250.0)
}

impl Predict for GlmModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let z = columns.scores(rows, &self.coefficients, &self.centres, &[self.intercept]);
        let mean = |z: &f64| {
            let log = finite(*z, self.intercept).clamp(-MOST_LOG, MOST_LOG);
            finite(self.mean * log.exp(), self.mean)
        };
        Ok(Predictions::new(1, z.iter().map(mean).collect()))
    }

    fn validate(&self) -> Result<(), String> {
        self.features.fit_linear(&self.coefficients, &self.centres, &[self.intercept])?;
        ensure(self.mean > 0.0 && self.mean.is_finite(), "the target's mean is not positive")
    }
}
