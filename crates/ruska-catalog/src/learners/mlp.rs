//! Neural nets for tables: embedded columns, a few layers, several members that share most of them.
//!
//! Wins beside trees: it errs elsewhere, so an average of both is better than either, and where targets
//! are smooth it is better alone. Fails where few columns among many matter, and on small tables of
//! thresholds. Numbers are scaled by quartiles and lie between knots of vectors, levels have vectors of
//! their own (where they are many their target means are numbers), words of sparse blocks add theirs
//! up; steps of AdamW over batches, at rates that rise and fall, end early by rows set aside.
//! Cost O(epochs · members · rows · (columns · width + layers · width²)).
//! Handles missing values, infinities and weights; text comes as sparse or dense columns. The model is
//! the same on all machines whose processors have the same vector instructions.
//!
//! Reference: Gorishniy, Kotelnikov, Babenko, "TabM", ICLR 2025; Gorishniy, Rubachev, Babenko, "On
//! embeddings for numerical features in tabular deep learning", NeurIPS 2022; Holzmüller, Grinsztajn,
//! Steinwart, "Better by default", NeurIPS 2024.

use crate::binning::truth;
use crate::boosting::{VALID_LEAST_ROWS, set_aside};
use crate::bridge::{Watch, stopped};
use crate::classes::{Present, balanced};
use crate::design::{Features, finite, weights};
use crate::parameters::{at_least, is_default, within};
use crate::sound::{count, ensure};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::linear::Csr;
use ruska_kernels::nets::{Activation, Cells, Column, Net, NetParams, Sample, Shape, Truth, fit};
use ruska_kernels::{Progress, Silent, Stopped};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mlp;

/// Its parameters. What is left out depends on the number of rows and columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MlpParams {
    /// Hidden layers, 0 to 8.
    layers: i64,
    /// Units of each, 1 to 4096.
    width: i64,
    /// Nets that share all but the factors of their inputs and their last weights, 1 to 64.
    members: i64,
    /// Length of the vector of a column, 1 to 256.
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<i64>,
    /// Most knots of a column of numbers, 2 to 1024; 1 for none, where a number is only scaled.
    knots: i64,
    activation: Activation,
    /// Norms each layer's sums.
    #[serde(skip_serializing_if = "is_default")]
    norm: bool,
    /// Share of the units that each step leaves out, 0 to 0.9.
    dropout: f64,
    /// Greatest rate of the steps, > 0, ≤ 1.
    learning_rate: f64,
    /// Part of themselves that weights lose a step, times its rate, ≥ 0.
    decay: f64,
    /// Part of each row that is taken for any class, 0 to 0.9.
    #[serde(skip_serializing_if = "is_default")]
    smoothing: f64,
    /// How often each row is seen, > 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    epochs: Option<f64>,
    /// About so many rows a step, ≥ 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<i64>,
    /// Sets rows aside and stops when they are no longer predicted better.
    early_stop: bool,
    /// Ends after this many hundredths of the steps, 1 to 100.
    percent: i64,
    /// How far classes are brought to one weight: 0 not at all, 1 so that each weighs the same.
    #[serde(skip_serializing_if = "is_default")]
    class_balance: f64,
}

impl Default for MlpParams {
    fn default() -> Self {
        Self {
            layers: 2,
            width: 96,
            members: 4,
            embedding: None,
            knots: 24,
            activation: Activation::Silu,
            norm: false,
            dropout: 0.1,
            learning_rate: 0.02,
            decay: 0.02,
            smoothing: 0.0,
            epochs: None,
            batch: None,
            early_stop: true,
            percent: 100,
            class_balance: 0.0,
        }
    }
}

/// Hundredths of the steps without gain after which a fit ends.
const PATIENCE: u32 = 30;
/// Length of the vector of all words together.
const WORDS: usize = 32;
/// Columns of sparse blocks that are no more than these are columns like others.
const NARROW: usize = 64;
/// Words that a column of text is taken to have, at most.
const MANY_WORDS: usize = 10_000;
/// Rows that are made cells of at once for prediction.
const BLOCK: usize = 4096;

/// Epochs that suit a number of rows.
fn usual_epochs(rows: usize) -> f64 {
    (30.0 * (10_000.0 / rows.max(1) as f64).powf(0.5)).clamp(4.0, 200.0)
}

/// Rows a step that suit a number of them.
fn usual_batch(rows: usize) -> usize {
    (rows / 16).clamp(16, 128)
}

/// About so many columns a net sees of a task.
fn columns_of(meta: &TaskMeta) -> usize {
    meta.numeric + meta.levels.len() + 8 * meta.time
}

/// Length of the vectors of so many columns.
fn usual_embedding(columns: usize) -> usize {
    match columns {
        0..=64 => 8,
        65..=128 => 4,
        129..=256 => 2,
        _ => 1,
    }
}

impl MlpParams {
    fn embedding(&self, columns: usize) -> usize {
        self.embedding.map_or(usual_embedding(columns), |n| n.clamp(1, 256) as usize)
    }

    fn shape(&self, columns: Vec<Column>, words: usize, outputs: usize) -> Result<Shape, FitError> {
        let id = Mlp::INFO.id;
        let bounded = |name: &str, got: i64, least, most: usize| {
            at_least(id, name, got, least).map(|n| n.min(most))
        };
        let embedding = self.embedding.unwrap_or(usual_embedding(columns.len()) as i64);
        let width = bounded("width", self.width, 1, 4096)?;
        Ok(Shape {
            dims: bounded("embedding", embedding, 1, 256)?,
            columns,
            words,
            word_dims: WORDS,
            hidden: vec![width; bounded("layers", self.layers, 0, 8)?],
            members: bounded("members", self.members, 1, 64)?,
            outputs,
            activation: self.activation,
            norm: self.norm,
        })
    }

    fn how(&self, rows: usize, ctx: &RunContext<'_>) -> Result<NetParams, FitError> {
        let id = Mlp::INFO.id;
        let batch = self.batch.unwrap_or(usual_batch(rows) as i64);
        let epochs = self.epochs.unwrap_or(usual_epochs(rows));
        Ok(NetParams {
            rate: within(id, "learning_rate", self.learning_rate, 1e-7, 1.0)?,
            decay: within(id, "decay", self.decay, 0.0, 1.0)?,
            dropout: within(id, "dropout", self.dropout, 0.0, 0.9)?,
            smoothing: within(id, "smoothing", self.smoothing, 0.0, 0.9)?,
            epochs: within(id, "epochs", epochs, 1e-3, 1e6)?,
            batch: at_least(id, "batch", batch, 1)?,
            percent: at_least(id, "percent", self.percent, 1)?.min(100) as u32,
            patience: PATIENCE,
            seed: ctx.seed(),
            threads: ctx.threads(),
        })
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MlpModel {
    features: Features,
    /// The classes; none for regression.
    classes: Option<Present>,
    /// Mean, deviation, least and greatest number of the training rows.
    target: [f64; 4],
    net: Net,
    percent: u32,
}

impl Algorithm for Mlp {
    type Params = MlpParams;
    type Model = MlpModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "mlp",
        summary: "Neural nets that share most layers, over embedded columns, with early stopping",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[Need::Dates, Need::Text, Need::FewLevels, Need::ManyLevels],
        geometry: Geometry::Splits,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 75,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Gorishniy, Kotelnikov, Babenko, TabM, ICLR 2025; Gorishniy, Rubachev, Babenko, On embeddings for numerical features in tabular deep learning, NeurIPS 2022",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let usual = MlpParams::default();
        let embedding = usual_embedding(columns_of(meta)) as i64;
        Space::new()
            .int("layers", 1, 4, usual.layers)
            .log_int("width", 32, 256, usual.width)
            .log_int("members", 1, 8, usual.members)
            .log_int("embedding", 1, 32, embedding)
            .log_int("knots", 2, 64, usual.knots)
            .choice("activation", &["silu", "relu"], "silu")
            .bool("norm", usual.norm)
            .float("dropout", 0.0, 0.5, usual.dropout)
            .log_float("learning_rate", 2e-3, 0.06, usual.learning_rate)
            .log_float("decay", 1e-4, 0.3, usual.decay)
    }

    fn cost(&self, params: &MlpParams, meta: &TaskMeta) -> Cost {
        let rows = meta.rows as f64;
        let columns = columns_of(meta);
        let words = if meta.text > 0 { WORDS } else { 0 };
        let inputs = (columns * params.embedding(columns) + words).max(1) as f64;
        let width = params.width.clamp(1, 4096) as f64;
        let layers = params.layers.clamp(0, 8) as f64;
        let members = params.members.clamp(1, 64) as f64;
        let outputs = meta.outputs() as f64;
        let weights = inputs * width + (layers - 1.0).max(0.0) * width * width + width * outputs;
        let share = params.percent.clamp(1, 100) as f64 / 100.0;
        let epochs = params.epochs.unwrap_or(usual_epochs(meta.rows)).clamp(0.0, 1e6) * share;
        let batch = params.batch.unwrap_or(usual_batch(meta.rows) as i64).clamp(1, 1 << 24) as f64;
        // Nanoseconds as measured with AVX2 on eighteen tables: six operations a weight and row, and some
        // for what stands between the products.
        let of_row = members * (0.05 * weights + 1.5 * layers * width + 0.25 * inputs) + inputs;
        let of_text = (MANY_WORDS.min(2 * meta.rows) * WORDS * meta.text) as f64;
        let kept = weights + members * (width * outputs + inputs) + 30.0 * inputs + of_text;
        Cost {
            work: epochs * rows * (of_row + kept / batch) + 25.0 * rows * columns as f64 + 1e5,
            bytes: 12.0 * rows * columns as f64
                + 36.0 * kept
                + 16.0 * batch * members * (inputs + 2.0 * layers * width),
        }
    }

    fn fit(
        &self,
        params: &MlpParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<MlpModel, FitError> {
        let id = Self::INFO.id;
        let features = Features::of(train.x);
        let w = balanced(&train, weights(&train)?, params.class_balance, id)?;
        let (classes, mut y) = truth(&train, &w, id)?;
        let target = match &classes {
            None => standardised(&mut y, &w),
            Some(_) => [0.0, 1.0, 0.0, 0.0],
        };
        let rows = y.len();
        let knots = at_least(id, "knots", params.knots, 1)?.min(1024);
        let seen = Seen::of(&features, train.x, train.rows)?;
        let columns = seen.columns(knots, train.x, &w, ctx)?;
        let cells = seen.cells(&columns, &Watch(ctx)).map_err(|s| stopped(ctx, s))?;
        let truth = of(classes.as_ref(), &y);
        let shape = params.shape(columns, words(&features), truth.outputs())?;
        let all: Vec<u32> = (0..rows as u32).collect();
        let codes = classes.as_ref().map(|_| &y[..]);
        let (learn, valid) = if params.early_stop && rows >= VALID_LEAST_ROWS {
            set_aside(rows, codes, &mut ctx.rng())
        } else {
            (all, vec![])
        };
        let sample =
            Sample { cells: &cells, truth, weights: Some(&w), learn: &learn, valid: &valid };
        let how = params.how(rows, ctx)?;
        let done = fit(shape, &sample, &how, &Watch(ctx)).map_err(|s| stopped(ctx, s))?;
        done.net.validate().map_err(|_| {
            FitError::Numeric("the steps have led to no numbers; lower `learning_rate`".to_owned())
        })?;
        Ok(MlpModel { features, classes, target, net: done.net, percent: done.percent })
    }

    /// All rows are learned from, for the folds' share of the steps.
    fn refit(&self, params: MlpParams, iterations: &[u32], _: f64) -> MlpParams {
        if !params.early_stop || iterations.is_empty() {
            return params;
        }
        let mean = iterations.iter().map(|&i| f64::from(i)).sum::<f64>() / iterations.len() as f64;
        MlpParams { early_stop: false, percent: (mean.round() as i64).clamp(1, 100), ..params }
    }
}

/// Brings numbers to a weighted mean of 0 and a deviation of 1; those of weight 0 do not count. Returns
/// mean, deviation, least and greatest.
fn standardised(y: &mut [f64], w: &[f64]) -> [f64; 4] {
    let total: f64 = w.iter().sum();
    let weighed = || y.iter().zip(w).filter(|(_, w)| **w > 0.0).map(|(y, w)| (*y, *w));
    let mean: f64 = weighed().map(|(y, w)| y * (w / total)).sum();
    let largest = weighed().fold(0.0, |most: f64, (y, _)| most.max((y - mean).abs()));
    let unit = if largest > 0.0 && largest.is_finite() { largest } else { 1.0 };
    let variance: f64 = weighed().map(|(y, w)| ((y - mean) / unit).powi(2) * (w / total)).sum();
    let spread = unit * variance.sqrt();
    let spread = if spread > 0.0 { spread } else { 1.0 };
    let low = weighed().fold(f64::INFINITY, |least, (y, _)| least.min(y));
    let high = weighed().fold(f64::NEG_INFINITY, |most, (y, _)| most.max(y));
    let standard =
        |(y, w): (&mut f64, &f64)| *y = if *w > 0.0 { (*y - mean) / spread } else { 0.0 };
    y.iter_mut().zip(w).for_each(standard);
    [mean, spread, low, high]
}

/// The truth as the net sees it.
fn of<'a>(classes: Option<&Present>, y: &'a [f64]) -> Truth<'a> {
    match classes {
        None => Truth::Numbers(y),
        // A single class has no odds: it is the first of two, and nothing is of the second.
        Some(classes) => Truth::Classes(y, classes.len().max(2)),
    }
}

/// Some rows as the net sees them: columns of narrow sparse blocks are columns like others, those of wide
/// ones are words.
struct Seen<'a> {
    dense: Vec<&'a [f64]>,
    /// Columns of narrow blocks, of the rows only.
    unpacked: Vec<Vec<f64>>,
    words: Option<Csr>,
    rows: &'a [u32],
}

impl<'a> Seen<'a> {
    fn of(features: &Features, x: &'a Frame, rows: &'a [u32]) -> Result<Self, PredictError> {
        let mut found = features.find(x)?;
        let narrow = words(features) == 0;
        let blocks = if narrow { std::mem::take(&mut found.sparse) } else { vec![] };
        let mut unpacked = vec![];
        for block in blocks {
            let before = unpacked.len();
            unpacked.resize(before + block.width, vec![0.0; rows.len()]);
            for (i, &row) in rows.iter().enumerate() {
                let (indices, values) = block.row(row as usize);
                for (&j, v) in indices.iter().zip(values) {
                    unpacked[before + j as usize][i] = *v;
                }
            }
        }
        let words = found.csr(rows);
        Ok(Self { dense: found.dense, unpacked, words, rows })
    }

    /// The value of a column in the `i`-th of the rows.
    fn value(&self, column: usize, i: usize) -> f64 {
        match self.dense.get(column) {
            Some(values) => values[self.rows[i] as usize],
            None => self.unpacked[column - self.dense.len()][i],
        }
    }

    /// How the net is to see the columns, given the rows' weights. Levels without an order have a vector
    /// each.
    fn columns(
        &self,
        knots: usize,
        x: &Frame,
        w: &[f64],
        ctx: &RunContext<'_>,
    ) -> Result<Vec<Column>, FitError> {
        let dense =
            x.fields().iter().filter(|f| !matches!(f.column, ruska_core::Column::Sparse(_)));
        let levels = dense.map(|f| f.levels).chain(std::iter::repeat(None));
        let column = |(c, levels): (usize, Option<u32>)| {
            ctx.check()?;
            let weighed = w.iter().enumerate().map(|(i, w)| (self.value(c, i), *w));
            Ok(levels.map_or_else(|| Column::numbers(weighed, knots), Column::Levels))
        };
        (0..self.dense.len() + self.unpacked.len()).zip(levels).map(column).collect()
    }

    fn cells(self, columns: &[Column], progress: &dyn Progress) -> Result<Cells, Stopped> {
        let mut seen = self;
        let words = seen.words.take();
        Cells::new(columns, seen.rows.len(), |c, i| seen.value(c, i), words, progress)
    }
}

/// Number of columns that are seen as words.
fn words(features: &Features) -> usize {
    let sparse = features.width() - features.dense();
    if sparse > NARROW { sparse } else { 0 }
}

impl Predict for MlpModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let truth = of(self.classes.as_ref(), &[]);
        let mut said = Vec::with_capacity(rows.len() * truth.width());
        for rows in rows.chunks(BLOCK) {
            let seen = Seen::of(&self.features, x, rows)?;
            let cells = seen.cells(&self.net.shape().columns, &Silent).expect("nothing stops it");
            let all: Vec<u32> = (0..rows.len() as u32).collect();
            said.extend(self.net.predict(&cells, &all, truth));
        }
        let [mean, spread, low, high] = self.target;
        Ok(match &self.classes {
            None => {
                let number = |s: &f64| finite(mean + spread * s, mean).clamp(low, high);
                Predictions::new(1, said.iter().map(number).collect())
            }
            Some(classes) => {
                if classes.len() == 1 {
                    said = vec![1.0; rows.len()];
                }
                said.iter_mut().for_each(|p| *p = finite(*p, 0.0));
                classes.predictions(&said)
            }
        })
    }

    fn iterations(&self) -> Option<u32> {
        Some(self.percent)
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        let shape = self.net.shape();
        let words = words(&self.features);
        count("words", shape.words, [words, 1])?;
        count("columns", shape.columns.len(), [self.features.width() - words, 1])?;
        count("outputs", shape.outputs, [of(self.classes.as_ref(), &[]).outputs(), 1])?;
        let [mean, spread, low, high] = self.target;
        let sane = mean.is_finite() && spread.is_finite() && low <= high;
        ensure(sane, "the range of the target is out of order")?;
        self.net.validate()
    }
}
