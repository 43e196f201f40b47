//! What a model remembers of its training data, without keeping the data: sketches per column,
//! quantiles of its errors, and a sketch of which rows it has seen.

use crate::conformal::Conformal;
use crate::seen::SeenRows;
use ruska_core::{Column, Field, Frame, MISSING, NO_VALUE, Predictions, Target, Task, codec};
use serde::{Deserialize, Serialize};

/// Quantiles kept of a number: 0, 1/64, …, 1.
const QUANTILES: usize = 65;
/// Levels counted of a categorical; the rest are counted together.
const LEVELS: usize = 256;
/// Quantiles kept of the out-of-fold errors: 0, 1/200, …, 1.
const ERROR_QUANTILES: usize = 201;

/// Classes whose predicted probabilities are kept.
pub const PREDICTED: usize = 16;

/// Rows of training that the predictions of the model itself are kept of, at most.
const FITTED: usize = 1000;

/// Values that quantiles are taken of: their error is then below half a percent of rank.
const SAMPLE: usize = 20_000;

/// The distribution of one feature in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnSketch {
    /// Name of the feature.
    pub name: String,
    /// Rows without a value.
    pub missing: u64,
    /// Mean of the numbers; 0 where there are none.
    pub mean: f64,
    /// Standard deviation of the numbers.
    pub deviation: f64,
    /// Evenly spaced quantiles of the numbers (times in milliseconds, texts by their length).
    #[serde(with = "codec::packed")]
    pub quantiles: Vec<f64>,
    /// Rows of each level of a categorical, in the schema's order, the last entry being all levels
    /// beyond the first 256.
    #[serde(with = "codec::packed")]
    pub counts: Vec<u64>,
}

/// What a model remembers of its training data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// One per feature.
    pub columns: Vec<ColumnSketch>,
    /// Distribution of the numeric target, or rows per class.
    pub target: ColumnSketch,
    /// Evenly spaced quantiles of the out-of-fold errors: truth − prediction for regression,
    /// 1 − probability of the true class for classification.
    #[serde(with = "codec::packed")]
    pub errors: Vec<f64>,
    /// Distributions of the out-of-fold predictions: of the number, or of the probability of the positive
    /// class of two, or of each of the first [`PREDICTED`] of more, named by their class; files of older
    /// versions have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predictions: Vec<ColumnSketch>,
    /// The same of what the model itself predicts for up to 1000 rows that it has learned from; files of
    /// older versions have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fitted: Vec<ColumnSketch>,
    /// What intervals and sets of classes are made of; files of older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conformal: Option<Conformal>,
    /// Which rows it has learned from.
    #[serde(default)]
    pub seen: SeenRows,
}

impl Reference {
    /// Sketches of a task's features and target.
    pub(crate) fn new(task: &Task) -> Self {
        let target = match &task.target {
            Target::Values(v) => numbers("target", v.iter().copied()),
            Target::Classes { codes, classes, .. } => counted("target", codes, classes.len()),
            Target::Groups(_) => numbers("target", std::iter::empty()),
            Target::Series(panel) => {
                let known = panel.values.iter().copied().filter(|v| !v.is_nan());
                numbers("target", known)
            }
        };
        let columns = match &task.target {
            // What tells series ahead has no features of rows.
            Target::Series(_) => vec![],
            _ => task.x.fields().iter().map(sketch).collect(),
        };
        let seen = SeenRows::of(task);
        let (errors, predictions, fitted, conformal) = (vec![], vec![], vec![], None);
        Self { columns, target, errors, predictions, fitted, conformal, seen }
    }

    /// Sets the quantiles of the errors and of the predictions, and what intervals are made of, of predictions that were made for `tested` rows by models
    /// that had not seen them.
    pub(crate) fn set_errors(&mut self, task: &Task, tested: &[(&[u32], &Predictions)]) {
        self.errors = quantiles(errors(&task.target, tested), ERROR_QUANTILES);
        self.predictions = predictions(&task.target, tested);
        self.conformal = Conformal::of(task, tested);
    }
}

/// Sketches of what a model predicts, by `predict`, for some of the rows of a task, evenly spaced; none where that
/// fails and where rows have neither number nor class.
pub(crate) fn fitted<E>(
    task: &Task,
    predict: impl Fn(&Frame) -> Result<Predictions, E>,
) -> Vec<ColumnSketch> {
    if !matches!(task.target, Target::Values(_) | Target::Classes { .. }) {
        return vec![];
    }
    let all = task.target.rows();
    let rows: Vec<u32> = (0..all as u32).step_by(all.div_ceil(FITTED).max(1)).collect();
    let told = predict(&task.x.take(&rows));
    told.map_or(vec![], |told| predictions(&task.target, &[(&rows, &told)]))
}

fn errors(target: &Target, tested: &[(&[u32], &Predictions)]) -> Vec<f64> {
    let mut errors = vec![];
    for (rows, predictions) in tested {
        for (i, &row) in rows.iter().enumerate() {
            let p = predictions.row(i);
            errors.push(match target {
                Target::Values(v) => v[row as usize] - p[0],
                Target::Classes { codes, .. } => 1.0 - p[codes[row as usize] as usize],
                Target::Series(panel) => panel.values[row as usize] - p[0],
                Target::Groups(_) => continue,
            });
        }
    }
    errors
}

/// Sketches of what was predicted.
fn predictions(target: &Target, tested: &[(&[u32], &Predictions)]) -> Vec<ColumnSketch> {
    let told: Vec<(usize, &str)> = match target {
        Target::Values(_) => vec![(0, "prediction")],
        Target::Classes { classes, positive, .. } if classes.len() == 2 => {
            let positive = *positive as usize;
            vec![(positive, &classes[positive])]
        }
        Target::Classes { classes, .. } => {
            classes.iter().take(PREDICTED).map(String::as_str).enumerate().collect()
        }
        Target::Groups(_) | Target::Series(_) => vec![],
    };
    let of = |(place, name): (usize, &str)| {
        let told = tested.iter().flat_map(|(_, p)| (0..p.rows()).map(|row| p.row(row)[place]));
        let mut sketch = numbers(name, told);
        // Rows that were never kept aside have no such prediction.
        let tested: usize = tested.iter().map(|(rows, _)| rows.len()).sum();
        sketch.missing += target.rows().saturating_sub(tested) as u64;
        sketch
    };
    told.into_iter().map(of).collect()
}

fn sketch(field: &Field) -> ColumnSketch {
    let name = &*field.name;
    match &field.column {
        Column::Float(v) => numbers(name, v.iter().copied()),
        Column::Int(v) | Column::Time(v) => {
            numbers(name, v.iter().map(|&v| if v == NO_VALUE { f64::NAN } else { v as f64 }))
        }
        Column::Bool(v) => {
            numbers(name, v.iter().map(|&v| if v < 0 { f64::NAN } else { f64::from(v) }))
        }
        Column::Str(c) if field.kind == ruska_core::Kind::Categorical => {
            counted(name, &c.codes, c.levels.len())
        }
        Column::Str(c) => {
            let lengths: Vec<f64> = c.levels.iter().map(|l| l.chars().count() as f64).collect();
            let length = |code: &u32| lengths.get(*code as usize).copied().unwrap_or(f64::NAN);
            numbers(name, c.codes.iter().map(length))
        }
        Column::Sparse(s) => numbers(name, s.values.iter().copied()),
    }
}

fn numbers(name: &str, values: impl Iterator<Item = f64>) -> ColumnSketch {
    let mut missing = 0;
    let kept: Vec<f64> = values
        .filter(|v| {
            missing += u64::from(!v.is_finite());
            v.is_finite()
        })
        .collect();
    let n = kept.len().max(1) as f64;
    let mean = kept.iter().sum::<f64>() / n;
    let deviation = (kept.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    ColumnSketch {
        name: name.to_owned(),
        missing,
        mean,
        deviation,
        quantiles: quantiles(kept, QUANTILES),
        counts: vec![],
    }
}

fn counted(name: &str, codes: &[u32], levels: usize) -> ColumnSketch {
    let mut counts = vec![0u64; levels.min(LEVELS) + 1];
    let mut missing = 0;
    for &code in codes {
        if code == MISSING {
            missing += 1;
        } else {
            let last = counts.len() - 1;
            counts[(code as usize).min(last)] += 1;
        }
    }
    let name = name.to_owned();
    ColumnSketch { name, missing, mean: 0.0, deviation: 0.0, quantiles: vec![], counts }
}

/// `n` evenly spaced quantiles by linear interpolation between order statistics, of at most
/// [`SAMPLE`] evenly spaced values; none of nothing.
fn quantiles(values: Vec<f64>, n: usize) -> Vec<f64> {
    if values.is_empty() {
        return vec![];
    }
    let stride = values.len().div_ceil(SAMPLE);
    let mut values: Vec<f64> = values.into_iter().step_by(stride).collect();
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    (0..n)
        .map(|i| {
            let place = last as f64 * i as f64 / (n - 1) as f64;
            let low = place as usize;
            let high = (low + 1).min(last);
            values[low] + (values[high] - values[low]) * (place - low as f64)
        })
        .collect()
}
