//! Gaussian naive Bayes on linfa-bayes: each column normal within each class, and independent.
//!
//! Wins on very few rows and as a fast first model. Fails on correlated columns, whose evidence
//! it counts twice: its probabilities are too sure. Cost O(n·p). Several classes; no weights;
//! needs missing values filled, everything encoded as numbers, and one scale, because variances
//! are smoothed by a share of the largest. Sparse blocks become dense.
//!
//! linfa keeps its state in a hash map of random order and private fields; means and variances
//! are read from its serialised form, and predictions are computed here. Columns that are
//! constant in training say nothing and are left out, which keeps every variance positive.
//!
//! Reference: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 6.6.3.

use crate::classes::Present;
use crate::design::{Features, encoded_width};
use crate::linfa_guard::{array, failed};
use crate::sound::{all_finite, ascending, count, ensure};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_bayes::GaussianNb;
use ndarray::{Array1, Axis};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train, codec,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NaiveBayes;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NaiveBayesParams {
    /// Share of the largest column variance that is added to every variance; > 0.
    smoothing: f64,
}

impl Default for NaiveBayesParams {
    fn default() -> Self {
        Self { smoothing: 1e-9 }
    }
}

/// A fitted model: normal distributions of the columns that vary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NaiveBayesModel {
    features: Features,
    classes: Present,
    /// Logarithm of the share of each class present.
    #[serde(with = "codec::packed")]
    log_priors: Vec<f64>,
    /// The columns that vary.
    #[serde(with = "codec::packed")]
    varying: Vec<u32>,
    /// Mean of each varying column, class after class.
    #[serde(with = "codec::packed")]
    means: Vec<f64>,
    /// Variances likewise; positive.
    #[serde(with = "codec::packed")]
    variances: Vec<f64>,
}

/// linfa's state as it serialises it.
#[derive(Deserialize)]
struct LinfaState {
    class_info: BTreeMap<usize, LinfaClass>,
}

#[derive(Deserialize)]
struct LinfaClass {
    theta: Array1<f64>,
    sigma: Array1<f64>,
}

impl Algorithm for NaiveBayes {
    type Params = NaiveBayesParams;
    type Model = NaiveBayesModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "naive_bayes",
        summary: "Gaussian naive Bayes (linfa-bayes)",
        tasks: &[TaskKind::Classification],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 8,
        nondeterministic: None,
        uncooperative: Some("a linfa fit cannot be interrupted"),
        least_target: None,
        opt_in: false,
        reference: "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 6.6.3",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_float("smoothing", 1e-9, 1.0, 1e-9)
    }

    fn cost(&self, _: &NaiveBayesParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        Cost { work: work(n, p) + 1e4, bytes: 16.0 * n * p }
    }

    fn fit(
        &self,
        params: &NaiveBayesParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<NaiveBayesModel, FitError> {
        if !(params.smoothing > 0.0 && params.smoothing.is_finite()) {
            let why = format!("`smoothing` is {}; it must be positive", params.smoothing);
            return Err(FitError::Params { id: Self::INFO.id.to_owned(), why });
        }
        ctx.check()?;
        let ones = vec![1.0; train.rows.len()];
        let (classes, codes) = Present::of(&train, &ones, Self::INFO.id)?;
        let (features, x) = array(&train, Self::INFO.id, work)?;
        let varies = |j: &usize| x.column(*j).iter().any(|v| *v != x[[0, *j]]);
        let varying: Vec<usize> = (0..x.ncols()).filter(varies).collect();
        let totals = classes.totals(&codes, &ones);
        let rows = ones.len() as f64;
        let mut model = NaiveBayesModel {
            features,
            log_priors: totals.iter().map(|t| (t / rows).ln()).collect(),
            varying: varying.iter().map(|&j| j as u32).collect(),
            means: vec![],
            variances: vec![],
            classes,
        };
        if varying.is_empty() {
            return Ok(model);
        }
        let y: Array1<usize> = codes.iter().map(|&c| c as usize).collect();
        let x = x.select(Axis(1), &varying);
        ctx.check()?;
        let fitted = GaussianNb::params()
            .var_smoothing(params.smoothing)
            .fit(&DatasetBase::new(x, y))
            .map_err(failed)?;
        let state: LinfaState =
            codec::decode(&codec::encode(&fitted), Self::INFO.id).map_err(failed)?;
        for class in state.class_info.values() {
            model.means.extend(&class.theta);
            model.variances.extend(&class.sigma);
        }
        Ok(model)
    }
}

/// Work units: two copies and two passes.
fn work(n: f64, p: f64) -> f64 {
    40.0 * n * p
}

impl Predict for NaiveBayesModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let (p, classes) = (self.varying.len(), self.classes.len());
        let constants: Vec<f64> = (0..classes)
            .map(|k| {
                let logs: f64 = self.variances[k * p..(k + 1) * p].iter().map(|v| v.ln()).sum();
                self.log_priors[k] - 0.5 * logs
            })
            .collect();
        let mut scores = constants.repeat(rows.len());
        let values = columns.by_column(rows);
        for (j, &column) in self.varying.iter().enumerate() {
            let values = &values[column as usize * rows.len()..][..rows.len()];
            for (scores, x) in scores.chunks_exact_mut(classes).zip(values) {
                for (k, score) in scores.iter_mut().enumerate() {
                    let at = k * p + j;
                    let d = x - self.means[at];
                    *score -= 0.5 * d * d / self.variances[at];
                }
            }
        }
        Ok(self.classes.of_log_likelihoods(&scores))
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.validate()?;
        let (p, classes) = (self.varying.len(), self.classes.len());
        ascending("columns", &self.varying, self.features.width())?;
        count("priors", self.log_priors.len(), [classes, 1])?;
        count("means", self.means.len(), [p, classes])?;
        count("variances", self.variances.len(), [p, classes])?;
        all_finite("priors and means", self.log_priors.iter().chain(&self.means))?;
        all_finite("variances", &self.variances)?;
        ensure(self.variances.iter().all(|v| *v > 0.0), "a variance is not positive")
    }
}
