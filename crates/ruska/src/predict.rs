//! Scoring files: read in batches, predicted, written as they come. Memory does not grow with rows.

use crate::error::Error;
use crate::model::Model;
use ruska_core::{Column, Field, Frame, Kind, MISSING, Meaning, Predictions};
use ruska_data::{BatchPlan, OutputColumn, PredictionWriter, ReadOptions, Wanted, open_batches};

/// Rows held at a time.
const BATCH_ROWS: usize = 32_768;

/// What tells later which model made a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoreStamp<'a> {
    /// The registered version, such as `churn:3`; empty for a model that is not registered.
    pub version: &'a str,
    /// The BLAKE3 hash of the model file, hexadecimal.
    pub digest: &'a str,
}

impl ScoreStamp<'_> {
    /// Predictions with the columns `model_version` and `model_digest` after them.
    pub(crate) fn beside(&self, predicted: &Frame) -> Result<Frame, Error> {
        let column = |name: &str, value: &str| {
            let code = if value.is_empty() { MISSING } else { 0 };
            let codes = vec![code; predicted.rows()];
            Field::new(name, Kind::Categorical, Column::text(codes, vec![value.to_owned()]))
        };
        let stamp = [column("model_version", self.version), column("model_digest", self.digest)];
        let fields = predicted.fields().iter().cloned().chain(stamp).collect();
        Ok(Frame::with_rows(fields, predicted.rows())?)
    }
}

/// What is written beside predictions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beside<'a> {
    /// Input columns to copy first, unchanged.
    pub keep: &'a [String],
    /// Shares of new rows that intervals or sets of classes are to hold, each in (0, 0.998].
    pub shares: &'a [f64],
    /// What tells later which model it was.
    pub stamp: Option<ScoreStamp<'a>>,
}

/// Is told what was predicted, batch by batch, in the order of the rows.
pub struct Tell<'a> {
    /// An input column.
    pub column: &'a str,
    /// Is given the values of that column and what was predicted, which has as many rows.
    pub tell: &'a mut dyn FnMut(&Column, &Predictions) -> Result<(), Error>,
}

/// Scores a table and writes one row of predictions per input row, in input order: the columns to
/// keep, then `prediction`, then `proba_<class>` for every class, then for every share the columns of
/// [`Model::within`], then the stamp, where one is given. Returns the number of rows. The output appears whole or not at all; `-` is CSV on stdout.
///
/// Fails when a column is missing or holds another type, naming it, when the model has no such intervals,
/// and when reading or writing fails.
pub fn predict_file(
    model: &Model,
    source: &str,
    options: &ReadOptions,
    output: &str,
    and: &Beside<'_>,
) -> Result<u64, Error> {
    predict_file_telling(model, source, options, output, and, None)
}

/// As [`predict_file`], and tells what was predicted of which rows.
///
/// Fails as that does, when the column to tell is missing, and when who is told fails, in which case
/// nothing is written.
pub fn predict_file_telling(
    model: &Model,
    source: &str,
    options: &ReadOptions,
    output: &str,
    and: &Beside<'_>,
    mut tell: Option<Tell<'_>>,
) -> Result<u64, Error> {
    if output != "-" && same_file(source, output) {
        let what = format!("{output} is the table to be scored; choose another file for --output");
        return Err(Error::Options(what));
    }
    let plan = plan(model, and.keep);
    let plan = match &tell {
        Some(Tell { column, .. }) => plan.want(*column, Wanted::Raw),
        None => plan,
    };
    let batches = open_batches(source, options, &plan, BATCH_ROWS)?;
    let mut writer = None;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        let predicted = model.predict_from(&batch.frame, batch.first_row)?;
        if let Some(Tell { column, tell }) = &mut tell
            && let Some(field) = batch.raw.field(column)
        {
            tell(&field.column, &predicted.numbers)?;
        }
        let predicted = model.within(&predicted, and.shares)?;
        let predicted = match and.stamp {
            Some(stamp) => stamp.beside(&predicted)?,
            None => predicted,
        };
        rows += predicted.rows() as u64;
        let kept = batch.raw.select(|field| and.keep.iter().any(|name| **name == *field.name));
        let table = beside(&kept, &predicted)?;
        let writer = if let Some(writer) = &mut writer {
            writer
        } else {
            let columns = OutputColumn::of(&table);
            writer.insert(PredictionWriter::create(output, &columns)?)
        };
        writer.write(&table)?;
    }
    if let Some(writer) = writer {
        writer.finish()?;
    }
    Ok(rows)
}

/// The columns to read and how: what the model's schema says, never told anew from the file.
fn plan(model: &Model, keep: &[String]) -> BatchPlan {
    let manifest = model.manifest();
    let mut plan = BatchPlan::new();
    for name in &manifest.features {
        let Some(column) = manifest.schema.column(name) else { continue };
        let wanted = match &column.meaning {
            Meaning::Numeric { notation: None, .. } => Wanted::Number,
            Meaning::Numeric { .. } => Wanted::Written,
            Meaning::Time { .. } => Wanted::Time,
            Meaning::Boolean { no, yes } => Wanted::Text { levels: vec![no.clone(), yes.clone()] },
            Meaning::Categorical { levels } => Wanted::Text { levels: levels.to_vec() },
            Meaning::Text | Meaning::Identifier | Meaning::Ignored { .. } => {
                Wanted::Text { levels: vec![] }
            }
        };
        plan = plan.want(name, wanted);
    }
    keep.iter().fold(plan, |plan, name| plan.want(name, Wanted::Raw))
}

fn beside(kept: &Frame, predicted: &Frame) -> Result<Frame, Error> {
    if let Some(taken) = kept.fields().iter().find(|f| predicted.field(&f.name).is_some()) {
        let name = &taken.name;
        let way = "rename it in the input or leave it out of --keep";
        let what = format!("--keep names `{name}`, which is the name of an output column; {way}");
        return Err(Error::Options(what));
    }
    let fields: Vec<Field> = kept.fields().iter().chain(predicted.fields()).cloned().collect();
    Ok(Frame::with_rows(fields, predicted.rows())?)
}

fn same_file(a: &str, b: &str) -> bool {
    match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
