//! Scoring a table and keeping what was predicted of which id.

use super::repeated;
use crate::Error;
use ruska::register::Stamp;
use ruska::{
    Beside, Column, Manifest, Model, PredictionWriter, PredictionsLogged, ReadOptions, Scorer,
    Store, TaskKind, Tell, predict_file_telling, value_text,
};
use serde::Serialize;

/// What came of scoring and logging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// Rows scored.
    pub rows: u64,
    /// Predictions logged, and those that were logged already.
    #[serde(flatten)]
    pub log: PredictionsLogged,
    /// Rows without an id, which were scored and not logged.
    pub without_id: u64,
}

impl Logged {
    /// What was logged, in words; `id` is the column of ids.
    pub fn told(&self, id: &str) -> String {
        let Self { log: PredictionsLogged { added, known }, without_id, .. } = self;
        let known =
            if *known > 0 { format!(", {known} were logged already") } else { String::new() };
        let without = if *without_id > 0 {
            format!(", {without_id} have no value of `{id}` and were not")
        } else {
            String::new()
        };
        format!("{added} predictions logged by `{id}`{known}{without}")
    }
}

/// Scores a table as [`ruska::predict_file`] does and logs every prediction under the value of the
/// column `id`. Batches are logged as they come, one transaction
/// each; memory does not grow with the rows. Whoever was cut off scores again, which logs only
/// what is missing.
///
/// Fails as scoring does, when the model is of groups or of series, when an id stands in several
/// rows, and when the store cannot be written. Of files nothing is logged then.
pub fn predict(
    (store, name, version): (&Store, &str, u32),
    model: &Model,
    (source, options, output): (&str, &ReadOptions, &str),
    and: &Beside<'_>,
    (id, stamp): (&str, Stamp<'_>),
) -> Result<Logged, Error> {
    let scorer = scorer(model.manifest())?;
    // What cannot be scored is not logged either.
    PredictionWriter::check(output).map_err(ruska::Error::from)?;
    let mut logged = Logged::default();
    let mut seen = (source == "-").then(repeated::Seen::default);
    if seen.is_none() {
        repeated::refuse(source, options, id)?;
    }
    let mut tell = |ids: &Column, predicted: &ruska::Predictions| {
        let texts = repeated::texts(ids);
        if let Some(seen) = &mut seen {
            seen.take(&texts, id).map_err(|e| ruska::Error::Options(e.to_string()))?;
        }
        let rows: Vec<(String, &[f64])> = texts
            .into_iter()
            .enumerate()
            .filter_map(|(row, text)| Some((text?, predicted.row(row))))
            .collect();
        logged.without_id += (ids.rows() - rows.len()) as u64;
        let done = store.log_predictions((name, version), &scorer, &rows, stamp)?;
        logged.log.added += done.added;
        logged.log.known += done.known;
        Ok(())
    };
    let tell = Tell { column: id, tell: &mut tell };
    let rows = predict_file_telling(model, source, options, output, and, Some(tell))?;
    Ok(Logged { rows, ..logged })
}

/// What is needed later to measure what a model predicts.
fn scorer(manifest: &Manifest) -> Result<Scorer, Error> {
    if !matches!(manifest.task, TaskKind::Classification | TaskKind::Regression) {
        let what =
            "predictions are logged of classes and numbers; this model tells groups or series";
        return Err(Error::Refused(what.to_owned()));
    }
    Ok(Scorer {
        task: manifest.task,
        metric: manifest.metric.clone(),
        classes: manifest.classes.clone(),
        positive: manifest.positive.clone(),
        cut: manifest.calibration.and_then(|calibration| calibration.cut),
        notation: manifest.target_notation.clone(),
    })
}

/// An id as text, without blanks around it; none where there is no value.
pub(super) fn key(column: &Column, row: usize) -> Option<String> {
    let text = value_text(column, row)?;
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}
