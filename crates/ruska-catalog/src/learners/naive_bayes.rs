//! Naive Bayes over columns of every kind: each speaks for itself of how likely a class is.
//!
//! Numbers are normal within a class; columns of 0 and 1, or mostly 0, are there or not (Bernoulli);
//! categories have shares of levels; words are draws from the class's shares (multinomial), or there
//! or not. What is missing or new says nothing.
//!
//! Correlated columns count their evidence twice. So that probabilities are not too sure, all evidence
//! is taken to the power between 0 and 1 under which the training rows are likeliest: 1 where columns
//! are independent, 0 where they tell nothing.
//!
//! Wins on very few rows, on many words and levels, and as a fast first model. Fails where columns tell
//! something only together. Cost O(n·p), and O(stored
//! values) for sparse blocks. Takes weights, several classes, categories, missing values and sparse
//! blocks; needs points in time and text as numbers.
//!
//! Reference: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 6.6.3; Manning,
//! Raghavan, Schütze, Introduction to Information Retrieval, 2008, chapter 13.

use crate::classes::Present;
use crate::design::{Features, encoded_width, weights};
use crate::evidence::{Flags, Labels, Levels, Normal, Shape, Weigh, Words};
use crate::sound::{all_finite, ascending, count, ensure};
use ruska_core::{
    Algorithm, Column, Cost, Field, FitError, Frame, Geometry, Kind, LearnerInfo, Need, Predict,
    PredictError, Predictions, RunContext, Space, StrColumn, TaskKind, TaskMeta, Train, codec,
};
use serde::{Deserialize, Serialize};

/// Halvings of the interval in which the power of the evidence lies.
const HALVINGS: u32 = 20;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NaiveBayes;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NaiveBayesParams {
    /// Share of a column's variance that is added to that within each class; > 0.
    smoothing: f64,
    /// Rows added to each count of levels, flags and words; > 0.
    alpha: f64,
    /// What counts of the values of sparse blocks.
    words: Weigh,
    /// Whether the evidence is taken to a power that suits the training rows.
    calibrate: bool,
}

impl Default for NaiveBayesParams {
    fn default() -> Self {
        Self { smoothing: 1e-9, alpha: 0.5, words: Weigh::Presence, calibrate: true }
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NaiveBayesModel {
    features: Features,
    classes: Present,
    /// Logarithm of the share of each class present.
    #[serde(with = "codec::packed")]
    log_priors: Vec<f64>,
    /// The dense columns that are normal.
    #[serde(with = "codec::packed")]
    varying: Vec<u32>,
    /// Mean of each of them, class after class.
    #[serde(with = "codec::packed")]
    means: Vec<f64>,
    /// Variances likewise; positive.
    #[serde(with = "codec::packed")]
    variances: Vec<f64>,
    /// The dense columns that are there or not.
    #[serde(default, skip_serializing_if = "Flags::is_empty")]
    flags: Flags,
    /// The categorical columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    levels: Vec<Levels>,
    /// The sparse blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<Words>,
    /// To which the evidence is taken, at least 0; it is taken as it is where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    power: Option<f64>,
}

impl Algorithm for NaiveBayes {
    type Params = NaiveBayesParams;
    type Model = NaiveBayesModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "naive_bayes",
        summary: "Naive Bayes: normal numbers, shares of levels, flags and words",
        tasks: &[TaskKind::Classification],
        needs: &[Need::Dates, Need::Text],
        geometry: Geometry::Metric,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 8,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 6.6.3",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let space = Space::new()
            .log_float("smoothing", 1e-9, 1.0, 1e-9)
            .log_float("alpha", 1e-3, 10.0, 0.5);
        if meta.text == 0 {
            return space;
        }
        space.choice("words", &["presence", "counts"], "presence")
    }

    fn cost(&self, _: &NaiveBayesParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let levels: usize = meta.levels.iter().sum();
        let counts = (levels + (meta.text << 14)) as f64 * meta.n_classes.max(2) as f64;
        Cost { work: 12.0 * n * p + 1e4, bytes: 24.0 * n + 16.0 * counts }
    }

    fn fit(
        &self,
        params: &NaiveBayesParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<NaiveBayesModel, FitError> {
        params.check()?;
        ctx.check()?;
        let weights = weights(&train)?;
        let (classes, codes) = Present::of(&train, &weights, Self::INFO.id)?;
        let labels =
            Labels { rows: train.rows, codes: &codes, weights: &weights, classes: classes.len() };
        let numeric = train.x.select(|f| category(f).is_none());
        let features = Features::of(&numeric);
        let columns = features.find(&numeric)?;
        columns.expect_bounded(train.rows)?;
        let totals = classes.totals(&codes, &weights);
        let total: f64 = totals.iter().sum();
        let log_priors = totals.iter().map(|t| (t / total).ln()).collect();
        let (mut varying, mut normals, mut flags) = (vec![], vec![], Flags::default());
        for (j, values) in columns.dense.iter().enumerate() {
            ctx.check()?;
            match Shape::of(values, &labels) {
                Shape::Constant => {}
                Shape::Flag => flags.push(j, values, &labels, params.alpha),
                Shape::Number => {
                    varying.push(j as u32);
                    normals.push(Normal::of(values, &labels, params.smoothing));
                }
            }
        }
        let mut levels = vec![];
        for field in train.x.fields() {
            if let Some(column) = category(field) {
                ctx.check()?;
                levels.push(Levels::of(&field.name, column, &labels, params.alpha));
            }
        }
        ctx.check()?;
        let sparse = &columns.sparse;
        let words =
            (!sparse.is_empty()).then(|| Words::of(sparse, params.words, &labels, params.alpha));
        let each = |of: fn(&Normal) -> &Vec<f64>| -> Vec<f64> {
            let class = |k: usize| normals.iter().map(move |n| of(n)[k]);
            (0..classes.len()).flat_map(class).collect()
        };
        let (means, variances) = (each(|n| &n.means), each(|n| &n.variances));
        let mut model = NaiveBayesModel {
            features,
            classes,
            log_priors,
            varying,
            means,
            variances,
            flags,
            levels,
            words,
            power: None,
        };
        if params.calibrate {
            let scores = model.scores(train.x, train.rows).map_err(refused)?;
            model.power = likeliest(&model.log_priors, &scores, &codes, &weights);
        }
        Ok(model)
    }
}

/// The training rows do not suit the model made of them.
fn refused(error: PredictError) -> FitError {
    FitError::Data(error.to_string())
}

/// The power of the evidence, `scores` less `priors`, under which the classes are likeliest, by halving:
/// the logarithm of the likelihood is concave in it.
/// `None` for 1 and more.
fn likeliest(priors: &[f64], scores: &[f64], codes: &[u32], weights: &[f64]) -> Option<f64> {
    let mut parts = vec![0.0; priors.len()];
    let mut slope = |power: f64| -> f64 {
        let rows = scores.chunks_exact(priors.len()).zip(codes.iter().zip(weights));
        rows.map(|(scores, (&code, w))| {
            let evidence = || scores.iter().zip(priors).map(|(s, p)| s - p);
            let logs = || evidence().zip(priors).map(|(e, p)| p + power * e);
            let top = logs().fold(f64::NEG_INFINITY, f64::max);
            parts.iter_mut().zip(logs()).for_each(|(part, log)| *part = (log - top).exp());
            let total: f64 = parts.iter().sum();
            let mean: f64 = evidence().zip(&parts).map(|(e, part)| e * part).sum::<f64>() / total;
            let own = scores[code as usize] - priors[code as usize];
            w * (own - mean)
        })
        .sum()
    };
    if slope(1.0) >= 0.0 {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        *(if slope(middle) >= 0.0 { &mut low } else { &mut high }) = middle;
    }
    Some(low)
}

/// The values of a categorical column.
fn category(field: &Field) -> Option<&StrColumn> {
    match &field.column {
        Column::Str(column) if field.kind == Kind::Categorical => Some(column),
        _ => None,
    }
}

impl NaiveBayesParams {
    fn check(self) -> Result<(), FitError> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        if positive(self.smoothing) && positive(self.alpha) {
            return Ok(());
        }
        let (smoothing, alpha) = (self.smoothing, self.alpha);
        let why = format!("`smoothing` ({smoothing}) and `alpha` ({alpha}) must be positive");
        Err(FitError::Params { id: NaiveBayes::INFO.id.to_owned(), why })
    }
}

impl NaiveBayesModel {
    /// The scores of rows before any column but the normal ones has spoken.
    fn normal(&self, dense: &[&[f64]], rows: &[u32]) -> Vec<f64> {
        let (p, classes) = (self.varying.len(), self.classes.len());
        let constants: Vec<f64> = (0..classes)
            .map(|k| {
                let logs: f64 = self.variances[k * p..(k + 1) * p].iter().map(|v| v.ln()).sum();
                self.log_priors[k] - 0.5 * logs
            })
            .collect();
        let mut scores = constants.repeat(rows.len());
        for (j, &column) in self.varying.iter().enumerate() {
            let values = dense[column as usize];
            for (scores, &row) in scores.chunks_exact_mut(classes).zip(rows) {
                let x = values[row as usize];
                for (k, score) in scores.iter_mut().enumerate() {
                    let at = k * p + j;
                    if x.is_nan() {
                        *score += 0.5 * self.variances[at].ln();
                    } else {
                        let d = x - self.means[at];
                        *score -= 0.5 * d * d / self.variances[at];
                    }
                }
            }
        }
        scores
    }
}

impl NaiveBayesModel {
    /// The log-likelihood of each class, up to a constant a row.
    fn scores(&self, x: &Frame, rows: &[u32]) -> Result<Vec<f64>, PredictError> {
        let known = |f: &Field| self.levels.iter().any(|l| *l.name() == *f.name);
        let numeric = x.select(|f| !known(f));
        let columns = self.features.find(&numeric)?;
        columns.expect_bounded(rows)?;
        let classes = self.classes.len();
        let mut scores = self.normal(&columns.dense, rows);
        self.flags.add(&columns.dense, rows, classes, &mut scores);
        for levels in &self.levels {
            let name = levels.name();
            let missing = || PredictError::MissingColumn { column: name.to_owned() };
            let field = x.field(name).ok_or_else(missing)?;
            let column = category(field).ok_or_else(|| PredictError::WrongType {
                column: name.to_owned(),
                got: "something else".to_owned(),
                expected: "categories".to_owned(),
                at: String::new(),
            })?;
            levels.add(column, rows, classes, &mut scores);
        }
        if let Some(words) = &self.words {
            words.add(&columns.sparse, rows, &mut scores);
        }
        Ok(scores)
    }
}

impl Predict for NaiveBayesModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let mut scores = self.scores(x, rows)?;
        if let Some(power) = self.power {
            for row in scores.chunks_exact_mut(self.log_priors.len()) {
                for (score, prior) in row.iter_mut().zip(&self.log_priors) {
                    *score = prior + power * (*score - prior);
                }
            }
        }
        Ok(self.classes.of_log_likelihoods(&scores))
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.validate()?;
        let (p, classes, dense) = (self.varying.len(), self.classes.len(), self.features.dense());
        ascending("columns", &self.varying, dense)?;
        count("priors", self.log_priors.len(), [classes, 1])?;
        count("means", self.means.len(), [p, classes])?;
        count("variances", self.variances.len(), [p, classes])?;
        all_finite("priors and means", self.log_priors.iter().chain(&self.means))?;
        all_finite("variances", &self.variances)?;
        ensure(self.variances.iter().all(|v| *v > 0.0), "a variance is not positive")?;
        let suits = self.power.is_none_or(|power| (0.0..=1.0).contains(&power));
        ensure(suits, "the power of the evidence is not in 0..=1")?;
        self.flags.validate(dense, classes)?;
        self.levels.iter().try_for_each(|levels| levels.validate(classes))?;
        let width = self.features.width() - dense;
        self.words.iter().try_for_each(|words| words.validate(width, classes))
    }
}
