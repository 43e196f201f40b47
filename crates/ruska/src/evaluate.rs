//! Measuring a model on labelled rows.

use crate::error::Error;
use crate::forecast;
use crate::model::Model;
use crate::study::labelled_task;
use rayon::prelude::*;
use ruska_core::{Frame, Predictions, Rng, Target, Task, TaskKind};
use ruska_data::ReadTable;
use serde::Serialize;
use std::sync::Arc;

/// Resamples from which intervals are taken.
const RESAMPLES: usize = 200;
/// Rows above which intervals are taken from this many rows and scaled by the square root of
/// their share, so that a large table does not take minutes.
const RESAMPLED_ROWS: usize = 10_000;

/// A measure of a model on labelled rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Id of the measure.
    pub metric: String,
    /// Its value on all rows.
    pub value: f64,
    /// Lower end of the 95 % interval (percentile bootstrap over rows).
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Every measure that is defined, the model's metric first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Rows scored.
    pub rows: usize,
    /// Rows without a target, not scored.
    pub dropped: usize,
    /// The measures.
    pub scores: Vec<Score>,
}

/// Measures a model on a labelled table, as [`crate::read`] gives it.
///
/// Fails when the table has no target or not the model's columns, or a class unknown to the model.
pub fn evaluate(model: &Model, table: &Frame) -> Result<Evaluation, Error> {
    let manifest = model.manifest();
    if manifest.task == TaskKind::Clustering {
        let what = "the model finds groups, and no column tells which are right";
        return Err(Error::Options(what.to_owned()));
    }
    if manifest.task == TaskKind::Forecasting {
        let (task, rows, told) = forecast::measured(model, table)?;
        let scores = measure(model, &task, &rows, &told);
        return Ok(Evaluation { rows: rows.len(), dropped: 0, scores });
    }
    let like = if manifest.classes.is_empty() {
        Target::Values(Arc::new(vec![]))
    } else {
        let positive = manifest.classes.iter().position(|c| Some(c) == manifest.positive.as_ref());
        Target::Classes {
            codes: Arc::new(vec![]),
            classes: Arc::new(manifest.classes.clone()),
            positive: positive.unwrap_or(0) as u32,
        }
    };
    let table = ReadTable { frame: table.clone(), findings: vec![], files: vec![] };
    let (mut task, dropped) = labelled_task(&table, manifest, &like)?;
    if let Some(weight) = manifest.roles.get("weight").filter(|w| table.frame.field(w).is_some()) {
        let kept = manifest.truth(&table.frame, &like)?.kept;
        task = task.with_weights(crate::prepare::weights(&table.frame.take(&kept), weight)?)?;
    }
    let predictions = model.predict_typed(&task.x)?;
    let all: Vec<u32> = (0..task.rows() as u32).collect();
    let scores = measure(model, &task, &all, &predictions);
    Ok(Evaluation { rows: task.rows(), dropped, scores })
}

/// The measures of predictions of some rows.
fn measure(model: &Model, task: &Task, all: &[u32], predictions: &Predictions) -> Vec<Score> {
    let metric = &model.manifest().metric;
    let catalog = ruska_catalog::builtin();
    let values = ruska_search::scores(&catalog, task, all, predictions);
    let truth = task.target.truth(all);
    let resamples = resamples(all.len());
    let mut scores: Vec<Score> = catalog
        .measures
        .par_iter()
        .filter_map(|measure| {
            let id = measure.info().id;
            let value = *values.get(id)?;
            let mut drawn: Vec<f64> = resamples
                .iter()
                .filter_map(|rows| {
                    let weights = task.weights.as_ref().map(|w| pick(w, rows));
                    let truth = truth.take(rows);
                    measure.score(&truth, &predictions.take(rows), weights.as_deref()).ok()
                })
                .collect();
            drawn.sort_by(f64::total_cmp);
            let scale = (resamples.first().map_or(1, Vec::len) as f64 / all.len() as f64).sqrt();
            let at = |share: f64| {
                let index = (share * drawn.len().saturating_sub(1) as f64).round() as usize;
                drawn.get(index).map_or(value, |d| value + (d - value) * scale)
            };
            Some(Score { metric: id.to_owned(), value, low: at(0.025), high: at(0.975) })
        })
        .collect();
    scores.sort_by_key(|s| s.metric != *metric);
    scores
}

fn resamples(rows: usize) -> Vec<Vec<u32>> {
    let size = rows.min(RESAMPLED_ROWS);
    let mut rng = Rng::new(0);
    (0..RESAMPLES).map(|_| (0..size).map(|_| rng.below(rows) as u32).collect()).collect()
}

fn pick(values: &[f64], rows: &[u32]) -> Vec<f64> {
    rows.iter().map(|&r| values[r as usize]).collect()
}
