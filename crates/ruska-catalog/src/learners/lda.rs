//! Linear discriminant analysis: classes that are normal with one shrunk covariance.
//!
//! Wins on few rows and correlated columns, where its closed form needs no search and shrinkage
//! no tuning. Fails on curves and interactions, and where columns are far from normal: logistic
//! regression assumes less. Cost O(n·p²/2) and O(p³/6), at most 5000 columns. Takes weights and
//! collinear columns; needs missing values filled, everything encoded as numbers, and one scale.
//! Sparse blocks become dense.
//!
//! Reference: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.3; Ledoit and
//! Wolf, J. Multivariate Analysis 88, 2004.

use crate::bridge::{Watch, stopped};
use crate::classes::Present;
use crate::design::{Features, encoded_width, finite, weights};
use crate::sound::count;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::linear::{Labelled, Shrinkage, discriminants};
use serde::{Deserialize, Serialize};

/// Most columns, for which the covariances take half a gigabyte.
const MOST_COLUMNS: usize = 5000;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lda;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LdaParams {
    /// Whether the data say how far covariances are drawn towards a multiple of the unit matrix.
    automatic: bool,
    /// By how much they are otherwise, 0..=1.
    shrinkage: f64,
}

impl Default for LdaParams {
    fn default() -> Self {
        Self { automatic: true, shrinkage: 0.1 }
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LdaModel {
    features: Features,
    classes: Present,
    #[serde(with = "codec::packed")]
    coefficients: Vec<f64>,
    #[serde(with = "codec::packed")]
    centres: Vec<f64>,
    #[serde(with = "codec::packed")]
    intercepts: Vec<f64>,
}

impl Algorithm for Lda {
    type Params = LdaParams;
    type Model = LdaModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "lda",
        summary: "Linear discriminant analysis with shrunk covariances",
        tasks: &[TaskKind::Classification],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 11,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.3; Ledoit and Wolf, 2004",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
            .bool("automatic", true)
            .log_float("shrinkage", 1e-4, 1.0, 0.1)
            .when("automatic", &[false])
    }

    fn cost(&self, _: &LdaParams, meta: &TaskMeta) -> Cost {
        let (n, p, k) = (meta.rows as f64, encoded_width(meta), meta.n_classes.max(2) as f64);
        let work = n * p * (0.15 * p + 10.0) + p * p * (0.2 * p + 4.0 * k) + 1e4;
        Cost { work, bytes: 8.0 * (2.0 * n * p + 4.0 * p * p) }
    }

    fn fit(
        &self,
        params: &LdaParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LdaModel, FitError> {
        let shrinkage = params.shrinkage()?;
        ctx.check()?;
        let weights = weights(&train)?;
        let (classes, codes) = Present::of(&train, &weights, Self::INFO.id)?;
        let features = Features::of(train.x);
        let width = features.width();
        if width > MOST_COLUMNS {
            return Err(FitError::Data(format!(
                "`lda` takes at most {MOST_COLUMNS} columns, and there are {width}; use `linear`"
            )));
        }
        let columns = features.find(train.x)?;
        columns.expect_finite(train.rows)?;
        if classes.len() == 1 {
            let (coefficients, centres) = (vec![0.0; width], vec![0.0; features.dense()]);
            return Ok(LdaModel {
                features,
                classes,
                coefficients,
                centres,
                intercepts: vec![0.0],
            });
        }
        let x = columns.by_column(train.rows);
        let rows =
            Labelled { columns: &x, codes: &codes, classes: classes.len(), weights: &weights };
        let fit = discriminants(&rows, shrinkage, &Watch(ctx));
        let (mut fit, mut centres) = fit.map_err(|s| stopped(ctx, s))?;
        let sparse = centres.split_off(features.dense());
        for (intercept, w) in fit.intercepts.iter_mut().zip(fit.coefficients.chunks(width.max(1))) {
            let shift: f64 = w[features.dense()..].iter().zip(&sparse).map(|(w, c)| w * c).sum();
            *intercept -= shift;
        }
        let (coefficients, intercepts) = (fit.coefficients, fit.intercepts);
        if !coefficients.iter().chain(&intercepts).all(|v| v.is_finite()) {
            let why = "the columns are too large to be squared; standardise them";
            return Err(FitError::Numeric(why.to_owned()));
        }
        Ok(LdaModel { features, classes, coefficients, centres, intercepts })
    }
}

impl LdaParams {
    fn shrinkage(self) -> Result<Shrinkage, FitError> {
        let share = self.shrinkage;
        if !(0.0..=1.0).contains(&share) {
            let why = format!("`shrinkage` is {share}; it must be in 0..=1");
            return Err(FitError::Params { id: Lda::INFO.id.to_owned(), why });
        }
        Ok(if self.automatic { Shrinkage::Automatic } else { Shrinkage::Share(share) })
    }
}

impl Predict for LdaModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let mut z = columns.scores(rows, &self.coefficients, &self.centres, &self.intercepts);
        z.iter_mut().for_each(|z| *z = finite(*z, 0.0));
        Ok(self.classes.of_logits(&z))
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.validate()?;
        count("intercepts", self.intercepts.len(), [self.classes.outputs(), 1])?;
        self.features.fit_linear(&self.coefficients, &self.centres, &self.intercepts)
    }
}
