//! Ridge, logistic and softmax regression with L2, L1 or both penalties, on the project's own kernel.
//!
//! Wins on few rows, many weak or sparse columns (words), and where effects add up; it is also
//! the easiest model to explain. With L1 only the columns that matter keep a coefficient. Fails on
//! interactions and curves that no column holds. Cost O(n·p) a step and class, 5 to 30 steps, and
//! O(n·p²/2) once for up to a hundred columns a class. Takes weights, sparse blocks, more columns
//! than rows and collinear columns; needs missing values filled, everything encoded as numbers, and
//! one scale. Separable classes and classes without training rows stay finite.
//!
//! Where no `penalty` is given, a fit walks a warm-started path of them over internal folds and
//! takes the one that predicts best what these hold out: five folds of small tables and three of
//! others, of at most about ten thousand rows and twenty for each column. A strength in units of
//! rows does not depend on how many there are, save that of L1, which grows with their root.
//!
//! Reference: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 3.4 and 4.4;
//! Friedman, Hastie, Tibshirani, JSS 33, 2010, for the path.

use crate::bridge::{Watch, stopped};
use crate::classes::{Present, balanced};
use crate::design::{Columns, Features, encoded_width, expect_finite, finite, numbers, weights};
use crate::inner_folds::InnerFolds;
use crate::parameters::{is_default, within};
use crate::sound::count;
use ruska_core::{
    Algorithm, Cost, Equation, FitError, Frame, Geometry, LearnerInfo, Link, Need, Predict,
    PredictError, Predictions, RunContext, Space, Target, TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::linear::{Design, LinearFit, Settings, Truth, choose_penalty, model};
use serde::{Deserialize, Serialize};

/// Rows that a penalty is chosen by at most, and those for each column.
const CHOICE_ROWS: f64 = 10_000.0;
const CHOICE_ROWS_A_COLUMN: f64 = 20.0;
/// Cells, and columns, up to which five folds choose it rather than three.
const SMALL: (f64, usize) = (500_000.0, 256);

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linear;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LinearParams {
    /// Strength of the penalty against the summed loss, ≥ 0; chosen by internal folds if left out.
    /// Of L2: as if so many rows of unit weight and spread spoke for a coefficient of zero.
    /// scikit-learn's Ridge alpha, or 1 / C.
    #[serde(skip_serializing_if = "Option::is_none")]
    penalty: Option<f64>,
    /// Share of L1 in the penalty, 0..=1; the rest is L2.
    l1_ratio: f64,
    /// Stop when the gradient, in standard units, is below this; > 0.
    tolerance: f64,
    /// How far classes are brought to one weight: 0 not at all, 1 so that each weighs the same.
    #[serde(skip_serializing_if = "is_default")]
    class_balance: f64,
}

impl Default for LinearParams {
    fn default() -> Self {
        Self { penalty: None, l1_ratio: 0.0, tolerance: 1e-6, class_balance: 0.0 }
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
        summary: "Ridge, logistic or softmax regression with L2 and L1 penalties",
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

    /// A fit searches the penalty itself.
    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("l1_ratio", 0.0, 1.0, 0.0)
    }

    fn cost(&self, params: &LinearParams, meta: &TaskMeta) -> Cost {
        let (n, p, k) = (meta.rows as f64, encoded_width(meta), meta.outputs() as f64);
        let squared = meta.kind == TaskKind::Regression && params.l1_ratio == 0.0;
        let factored = if squared { 1024.0 } else { 128.0 * k };
        let dear = p > factored || params.l1_ratio > 0.0;
        let (square, gram) = if dear { (0.0, 0.0) } else { ((k + 1.0) * p * p, 0.15 * n * p * p) };
        let steps = if squared { 8.0 } else { 20.0 };
        let one = steps * n * p * k + gram + 1e4;
        let bytes = 8.0 * (n * (p + 3.0) + square);
        if params.penalty.is_some() {
            return Cost { work: one, bytes };
        }
        let chosen = n.min(CHOICE_ROWS + CHOICE_ROWS_A_COLUMN * p);
        let choice = if squared && !dear {
            0.3 * chosen * p * p + 8.0 * p * p * p
        } else {
            let step = if params.l1_ratio > 0.0 { 200.0 } else { 100.0 };
            step * chosen * (p + 20.0) * k
        };
        let folds = 8.0 * chosen * (p + 20.0 * k) + 12.0 * square;
        Cost { work: one + choice + 10.0 * n * p, bytes: bytes + folds }
    }

    fn fit(
        &self,
        params: &LinearParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LinearModel, FitError> {
        let settings = params.settings()?;
        ctx.check()?;
        let weights = balanced(&train, weights(&train)?, params.class_balance, Self::INFO.id)?;
        let features = Features::of(train.x);
        let columns = features.find(train.x)?;
        columns.expect_finite(train.rows)?;
        let (classes, y) = Response::of(&train, &weights)?;
        let sample = Sample { columns: &columns, rows: train.rows.to_vec(), y, weights };
        ctx.check()?;
        let (x, fit) = match params.penalty {
            Some(_) => sample.fit(&settings, ctx)?,
            None => sample.fit_best(&settings, ctx)?,
        };
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
        let id = Linear::INFO.id;
        let default = Settings::default();
        Ok(Settings {
            penalty: within(id, "penalty", self.penalty.unwrap_or(default.penalty), 0.0, f64::MAX)?,
            l1_ratio: within(id, "l1_ratio", self.l1_ratio, 0.0, 1.0)?,
            tolerance: within(id, "tolerance", self.tolerance, 1e-15, f64::MAX)?,
            ..default
        })
    }
}

/// What the training rows are known to be.
enum Response {
    Values(Vec<f64>),
    /// 1 for the second of two classes, 0 for the first.
    Positive(Vec<f64>),
    Classes(Vec<u32>, usize),
}

impl Response {
    fn of(train: &Train<'_>, weights: &[f64]) -> Result<(Option<Present>, Self), FitError> {
        let id = Linear::INFO.id;
        if let Target::Values(_) = train.y {
            return Ok((None, Self::Values(numbers(train, id)?)));
        }
        let (present, codes) = Present::of(train, weights, id)?;
        let response = match present.len() {
            2 => Self::Positive(codes.iter().map(|&c| f64::from(c)).collect()),
            classes => Self::Classes(codes, classes),
        };
        Ok((Some(present), response))
    }

    fn take(&self, rows: &[usize]) -> Self {
        match self {
            Self::Values(y) => Self::Values(rows.iter().map(|&i| y[i]).collect()),
            Self::Positive(y) => Self::Positive(rows.iter().map(|&i| y[i]).collect()),
            Self::Classes(y, k) => Self::Classes(rows.iter().map(|&i| y[i]).collect(), *k),
        }
    }

    fn truth(&self) -> Truth<'_> {
        match self {
            Self::Values(y) => Truth::Values(y),
            Self::Positive(y) => Truth::Positive(y),
            Self::Classes(codes, classes) => Truth::Classes(codes, *classes),
        }
    }

    /// Class of each row.
    fn codes(&self) -> Option<Vec<u32>> {
        match self {
            Self::Values(_) => None,
            Self::Positive(y) => Some(y.iter().map(|&y| y as u32).collect()),
            Self::Classes(codes, _) => Some(codes.clone()),
        }
    }
}

/// Rows to learn from.
struct Sample<'a> {
    columns: &'a Columns<'a>,
    rows: Vec<u32>,
    y: Response,
    weights: Vec<f64>,
}

impl Sample<'_> {
    /// Fits a given penalty.
    fn fit(&self, settings: &Settings, ctx: &RunContext<'_>) -> Result<Fitted, FitError> {
        let x = self.columns.design(&self.rows);
        ctx.check()?;
        self.fit_to(x, settings, ctx)
    }

    fn fit_to(
        &self,
        x: Design,
        settings: &Settings,
        ctx: &RunContext<'_>,
    ) -> Result<Fitted, FitError> {
        if let Response::Classes(_, 1) = self.y {
            let coefficients = vec![0.0; x.width()];
            let fit = LinearFit { coefficients, intercepts: vec![0.0], steps: 0, converged: true };
            return Ok((x, fit));
        }
        let fit = model(&x, self.y.truth(), &self.weights, settings, &Watch(ctx));
        Ok((x, fit.map_err(|s| stopped(ctx, s))?))
    }

    /// Fits the penalty that serves best on internal folds.
    fn fit_best(&self, settings: &Settings, ctx: &RunContext<'_>) -> Result<Fitted, FitError> {
        if let Response::Classes(_, 1) = self.y {
            return self.fit(settings, ctx);
        }
        let (width, cells) = self.columns.size(&self.rows);
        let n = self.rows.len() as f64;
        let share = ((CHOICE_ROWS + CHOICE_ROWS_A_COLUMN * width as f64) / n).min(1.0);
        let folds = if n * cells <= SMALL.0 && width <= SMALL.1 { 5 } else { 3 };
        let codes = self.y.codes();
        let folds = InnerFolds::of(
            self.columns,
            &self.rows,
            codes.as_deref(),
            &self.weights,
            (folds, share),
        );
        let by = self.take(&folds.rows);
        let x = by.columns.design(&by.rows);
        ctx.check()?;
        let penalty = choose_penalty(&x, by.y.truth(), &folds.held, settings, &Watch(ctx));
        let penalty = penalty.map_err(|s| stopped(ctx, s))?;
        if by.rows.len() == self.rows.len() {
            return by.fit_to(x, &Settings { penalty, ..*settings }, ctx);
        }
        drop(x);
        let penalty = penalty * share.powf(-0.5 * settings.l1_ratio);
        self.fit(&Settings { penalty, ..*settings }, ctx)
    }

    fn take(&self, rows: &[usize]) -> Self {
        Self {
            columns: self.columns,
            rows: rows.iter().map(|&i| self.rows[i]).collect(),
            y: self.y.take(rows),
            weights: rows.iter().map(|&i| self.weights[i]).collect(),
        }
    }
}

/// The rows as the kernel saw them, and what it made of them.
type Fitted = (Design, LinearFit);

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

    fn equation(&self) -> Option<Equation> {
        let link = match &self.classes {
            None => (Link::Identity, vec![]),
            Some(classes) => classes.link(),
        };
        let columns = self.features.names();
        let (coefficients, centres) = (&self.coefficients, &self.centres);
        Some(Equation::centred(link, columns, coefficients, centres, &self.intercepts))
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        let outputs = self.classes.as_ref().map_or(1, Present::outputs);
        count("intercepts", self.intercepts.len(), [outputs, 1])?;
        self.features.fit_linear(&self.coefficients, &self.centres, &self.intercepts)
    }
}
