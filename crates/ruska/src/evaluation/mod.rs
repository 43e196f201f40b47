//! Measuring a model on labelled rows.
//!
//! ```text
//! model, table ─▶ judged rows ─▶ scores with intervals
//!                      ├──▶ two classes: curves, calibration, thresholds
//!                      ├──▶ classes: confusion, each class against the rest
//!                      ├──▶ numbers: errors
//!                      └──▶ groups of rows: segments
//! ```
//!
//! Rows count by the model's column of weights, where the table has it. Nothing here is chosen on the
//! rows that it is told of unless it says so.

mod calibration;
mod confusion;
mod curves;
mod errors;
mod groups;
mod rows;
mod scores;
mod segments;
mod thresholds;

#[cfg(test)]
mod reference_tests;

pub use calibration::{BrierParts, Calibration, CalibrationBin, CalibrationBins};
pub use confusion::{ClassMeasures, Confusion};
pub use curves::{Curves, Gains, PrecisionRecall, Roc};
pub use errors::{ErrorQuantile, Errors, LargeErrors, PredictionRange};
pub use scores::Score;
pub use segments::{Segment, Segments};
pub use thresholds::{Operating, Thresholds};

use crate::error::Error;
use crate::forecast;
use crate::model::Model;
use rows::Judged;
use ruska_core::{Frame, TaskKind};
use serde::Serialize;

/// What may be asked beyond the measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Lists of columns; rows with equal values in all columns of a list are measured apart.
    pub by: Vec<Vec<String>>,
}

/// What a model is worth on labelled rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Rows scored.
    pub rows: usize,
    /// Rows without a target, not scored.
    pub dropped: usize,
    /// Every measure that is defined, the model's metric first.
    pub scores: Vec<Score>,
    /// Of classes: what was predicted of which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
    /// Of more than two classes: each against the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassMeasures>,
    /// Of two classes, where both have rows: what can be had at which threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curves: Option<Curves>,
    /// Of two classes: measures of the decisions at a few thresholds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
    /// Of classes: whether what is said to be likely happens as often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Of numbers: how far off predictions are, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Errors>,
    /// Measures of groups of rows, as they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segments>,
}

/// Measures a model on a labelled table, as [`crate::read`] gives it; see [`evaluate_asked`].
pub fn evaluate(model: &Model, table: &Frame) -> Result<Evaluation, Error> {
    evaluate_asked(model, table, &Asked::default())
}

/// Measures a model on a labelled table and tells what is asked beside.
///
/// Fails when the table has no target or not the model's columns, or a class unknown to the model, and
/// when what is asked has no sense for the model or names columns that are not there.
pub fn evaluate_asked(model: &Model, table: &Frame, asked: &Asked) -> Result<Evaluation, Error> {
    let manifest = model.manifest();
    if manifest.task == TaskKind::Clustering {
        let what = "the model finds groups, and no column tells which are right";
        return Err(Error::Options(what.to_owned()));
    }
    if manifest.task == TaskKind::Forecasting {
        if !asked.by.is_empty() {
            let what = "--by has a sense with models of rows alone, this one tells series";
            return Err(Error::Options(what.to_owned()));
        }
        let (task, later, told) = forecast::measured(model, table)?;
        let judged = Judged::ahead(&task, &later, told);
        let scores = scores::scores(&judged, &manifest.metric);
        return Ok(Evaluation { rows: judged.rows.len(), scores, ..Evaluation::empty() });
    }
    let (judged, dropped) = Judged::of(model, table)?;
    let by = asked.by.iter();
    let groups: Vec<_> = by
        .map(|columns| groups::groups(table, &judged.rows, columns, groups::Many::Together))
        .collect::<Result<_, _>>()?;
    let scores = scores::scores(&judged, &manifest.metric);
    let segment = |groups| segments::segments(&judged, groups, &scores);
    let two = judged.two();
    let several = judged.classes.len() > 2;
    Ok(Evaluation {
        rows: judged.rows.len(),
        dropped,
        confusion: Confusion::of(&judged),
        classes: if several { confusion::classes(&judged) } else { vec![] },
        curves: two.as_ref().and_then(Curves::of),
        thresholds: two.as_ref().map(Thresholds::of),
        calibration: Calibration::of(&judged),
        errors: Errors::of(&judged),
        segments: groups.iter().map(segment).collect(),
        scores,
    })
}

impl Evaluation {
    fn empty() -> Self {
        Self {
            rows: 0,
            dropped: 0,
            scores: vec![],
            confusion: None,
            classes: vec![],
            curves: None,
            thresholds: None,
            calibration: None,
            errors: None,
            segments: vec![],
        }
    }
}
