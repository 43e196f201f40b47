//! Generalised linear model with a log link: Poisson, Tweedie or gamma, on the project's own kernel.
//!
//! Wins on targets that are counts, amounts or durations whose effects multiply: predictions are
//! positive and a spread that grows with the mean is expected. Fails where the target can be
//! negative, which it refuses. Cost O(n·p) a step, 5 to 30 steps, and O(n·p²/2) once for up to a
//! hundred columns. Takes weights, sparse blocks, more columns than rows and collinear columns;
//! needs missing values filled, everything encoded as numbers, and one scale.
//!
//! ```text
//! minimise  Σᵢ sᵢ · deviance(yᵢ / ȳ, exp(b + w·xᵢ)) / (2 Σ s) + ½ · penalty · Σ w²
//! ```
//!
//! Reference: McCullagh and Nelder, Generalized Linear Models; scikit-learn, TweedieRegressor.

use crate::bridge::{Watch, stopped};
use crate::design::{Features, encoded_width, expect_finite, finite, numbers, weights};
use crate::sound::ensure;
use ruska_core::{
    Algorithm, Cost, Equation, FitError, Frame, Geometry, LearnerInfo, Link, Need, Predict,
    PredictError, Predictions, RunContext, Space, TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::linear::{Settings, log_link};
use serde::{Deserialize, Serialize};

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
    /// Stop when the gradient, in standard units, is below this; > 0.
    tolerance: f64,
}

impl Default for GlmParams {
    fn default() -> Self {
        Self { power: 1.0, penalty: 0.001, tolerance: 1e-6 }
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
        summary: "Poisson, Tweedie or gamma regression with a log link, for targets ≥ 0",
        tasks: &[TaskKind::Regression],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: true,
        weights: true,
        multiclass: false,
        complexity: 12,
        nondeterministic: None,
        uncooperative: None,
        least_target: Some(0.0),
        opt_in: false,
        reference: "McCullagh and Nelder, Generalized Linear Models, 2nd ed., 1989",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("power", 1.0, 1.9, 1.0).log_float("penalty", 1e-6, 1.0, 0.001)
    }

    fn cost(&self, _: &GlmParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let (gram, square) = if p <= 128.0 { (0.15 * n * p * p, 2.0 * p * p) } else { (0.0, 0.0) };
        let work = 25.0 * n * (p + 30.0) + gram + 1e4;
        Cost { work, bytes: 8.0 * (n * (p + 4.0) + square) }
    }

    fn fit(
        &self,
        params: &GlmParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<GlmModel, FitError> {
        params.check()?;
        ctx.check()?;
        let weights = weights(&train)?;
        let mut y = numbers(&train, Self::INFO.id)?;
        let mean = params.scale(&y, &weights)?;
        y.iter_mut().for_each(|y| *y /= mean);
        let features = Features::of(train.x);
        let columns = features.find(train.x)?;
        columns.expect_finite(train.rows)?;
        let x = columns.design(train.rows);
        ctx.check()?;
        let settings = Settings {
            penalty: params.penalty * weights.iter().sum::<f64>(),
            tolerance: params.tolerance,
            ..Settings::default()
        };
        let fit = log_link(&x, &y, &weights, None, params.power, &settings, &Watch(ctx));
        let fit = fit.map_err(|s| stopped(ctx, s))?;
        expect_finite(fit.coefficients.iter().chain(&fit.intercepts))?;
        let (coefficients, intercept) = (fit.coefficients, fit.intercepts[0]);
        let centres = x.centres().to_vec();
        Ok(GlmModel { features, coefficients, centres, intercept, mean })
    }
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
    fn scale(self, y: &[f64], weights: &[f64]) -> Result<f64, FitError> {
        let heavy = y.iter().zip(weights).filter(|(_, w)| **w > 0.0);
        let least = heavy.map(|(y, _)| *y).fold(f64::INFINITY, f64::min);
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
        let total: f64 = weights.iter().sum();
        let mean = y.iter().zip(weights).map(|(y, w)| y * (w / total)).sum();
        if mean > 0.0 { Ok(mean) } else { refuse("a target that is not all zero") }
    }
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

    fn equation(&self) -> Option<Equation> {
        let link = (Link::Log, vec![]);
        let intercept = self.intercept + self.mean.ln();
        let columns = self.features.names();
        Some(Equation::centred(link, columns, &self.coefficients, &self.centres, &[intercept]))
    }

    fn validate(&self) -> Result<(), String> {
        self.features.fit_linear(&self.coefficients, &self.centres, &[self.intercept])?;
        ensure(self.mean > 0.0 && self.mean.is_finite(), "the target's mean is not positive")
    }
}
