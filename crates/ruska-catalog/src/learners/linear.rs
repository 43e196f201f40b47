//! Ridge, logistic and softmax regression with an L2 penalty, on the project's own kernel.
//!
//! Wins on few rows, many weak or sparse columns (words), and where effects add up; it is also
//! the easiest model to explain. Fails on interactions and curves that no column holds.
//! Cost O(n·p) a step and class, 5 to 30 steps, and O(n·p²/2) once for up to a hundred columns a
//! class. Takes weights, sparse blocks, more columns than rows and collinear columns; needs
//! missing values filled, everything encoded as numbers, and one scale. Separable classes and
//! classes without training rows stay finite.
//!
//! Reference: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 3.4.1 and 4.4.

use crate::bridge::{Watch, stopped};
use crate::classes::Present;
use crate::design::{Features, encoded_width, expect_finite, finite, numbers, weights};
use crate::sound::count;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, Target, TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::linear::{Design, LinearFit, Settings, logistic, ridge, softmax};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linear;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LinearParams {
    /// Strength of the L2 penalty against the summed loss, ≥ 0: as if so many rows of unit weight
    /// and spread spoke for a coefficient of zero. scikit-learn's Ridge alpha, or 1 / C.
    penalty: f64,
    /// Stop when the gradient, in standard units, is below this; > 0.
    tolerance: f64,
}

impl Default for LinearParams {
    fn default() -> Self {
        Self { penalty: 1.0, tolerance: 1e-6 }
    }
}

/// A fitted linear model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LinearModel {
    features: Features,
    /// The classes; none for regression.
    classes: Option<Present>,
    #[serde(with = "codec::packed")]
    coefficients: Vec<f64>,
    #[serde(with = "codec::packed")]
    centres: Vec<f64>,
    #[serde(with = "codec::packed")]
    intercepts: Vec<f64>,
}

impl Algorithm for Linear {
    type Params = LinearParams;
    type Model = LinearModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "linear",
        summary: "Ridge, logistic or softmax regression with an L2 penalty",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 10,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 3.4 and 4.4",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_float("penalty", 1e-4, 1e4, 1.0)
    }

    fn cost(&self, _: &LinearParams, meta: &TaskMeta) -> Cost {
        let (n, p, k) = (meta.rows as f64, encoded_width(meta), meta.outputs() as f64);
        let factored = if meta.kind == TaskKind::Regression { 1024.0 } else { 128.0 * k };
        let square = if p <= factored { (k + 1.0) * p * p } else { 0.0 };
        let gram = if p <= factored { 0.15 * n * p * p } else { 0.0 };
        let steps = if meta.kind == TaskKind::Regression { 8.0 } else { 20.0 };
        Cost { work: steps * n * p * k + gram + 1e4, bytes: 8.0 * (n * (p + 3.0) + square) }
    }

    fn fit(
        &self,
        params: &LinearParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LinearModel, FitError> {
        let settings = params.settings()?;
        ctx.check()?;
        let weights = weights(&train)?;
        let features = Features::of(train.x);
        let columns = features.find(train.x)?;
        columns.expect_finite(train.rows)?;
        let x = columns.design(train.rows);
        ctx.check()?;
        let (classes, fit) = match train.y {
            Target::Values(_) => {
                let y = numbers(&train, Self::INFO.id)?;
                (None, ridge(&x, &y, &weights, &settings, &Watch(ctx)))
            }
            Target::Classes { .. } => {
                let (present, codes) = Present::of(&train, &weights, Self::INFO.id)?;
                let fit = classify(&x, &codes, &present, &weights, &settings, ctx);
                (Some(present), fit)
            }
        };
        let fit = fit.map_err(|s| stopped(ctx, s))?;
        expect_finite(fit.coefficients.iter().chain(&fit.intercepts))?;
        let LinearFit { coefficients, intercepts, .. } = fit;
        Ok(LinearModel {
            features,
            classes,
            coefficients,
            intercepts,
            centres: x.centres().to_vec(),
        })
    }
}

impl LinearParams {
    fn settings(self) -> Result<Settings, FitError> {
        let Self { penalty, tolerance } = self;
        let fails = |why: String| Err(FitError::Params { id: Linear::INFO.id.to_owned(), why });
        if !(penalty >= 0.0 && penalty.is_finite()) {
            return fails(format!("`penalty` is {penalty}; it must be finite and not negative"));
        }
        if !(tolerance > 0.0 && tolerance.is_finite()) {
            return fails(format!("`tolerance` is {tolerance}; it must be finite and positive"));
        }
        Ok(Settings { penalty, tolerance, ..Settings::default() })
    }
}

fn classify(
    x: &Design,
    codes: &[u32],
    present: &Present,
    weights: &[f64],
    settings: &Settings,
    ctx: &RunContext<'_>,
) -> Result<LinearFit, ruska_kernels::Stopped> {
    match present.len() {
        1 => {
            let zeros = vec![0.0; x.width()];
            Ok(LinearFit { coefficients: zeros, intercepts: vec![0.0], steps: 0, converged: true })
        }
        2 => {
            let positive: Vec<f64> = codes.iter().map(|&c| f64::from(c)).collect();
            logistic(x, &positive, weights, settings, &Watch(ctx))
        }
        classes => softmax(x, codes, classes, weights, settings, &Watch(ctx)),
    }
}

impl Predict for LinearModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let mut z = columns.scores(rows, &self.coefficients, &self.centres, &self.intercepts);
        z.iter_mut().for_each(|z| *z = finite(*z, 0.0));
        match &self.classes {
            Some(present) => Ok(present.of_logits(&z)),
            None => Ok(Predictions::new(1, z)),
        }
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        let outputs = self.classes.as_ref().map_or(1, Present::outputs);
        count("intercepts", self.intercepts.len(), [outputs, 1])?;
        self.features.fit_linear(&self.coefficients, &self.centres, &self.intercepts)
    }
}
