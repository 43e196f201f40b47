//! The target of a task: classes or numbers, told from the column.
//!
//! | column | task |
//! |---|---|
//! | two distinct values | classification |
//! | text of numbers with separators or a unit | as the numbers |
//! | other text, booleans | classification |
//! | reals with fractions | regression |
//! | whole numbers that look like class codes | classification |
//! | other whole numbers | regression |
//!
//! Class codes: at most 30 values starting at −1, 0 or 1 with few gaps (span ≤ 2 · distinct),
//! each frequent (distinct / rows ≤ 0.10 up to 1,000 rows, ≤ 0.05 beyond: AutoGluon's
//! `infer_problem_type`; the range test is added because counts and amounts repeat as well).
//! It fails on ratings and small counts, which are both: `--task` decides. Cost O(rows · log rows).

use super::infer::did_you_mean;
use super::notation;
use super::note::{counted, note};
use super::values::{canonical, number, sorted_levels, truth_pair, used_levels, value_text};
use ruska_core::{
    Column, Finding, FindingCode, Frame, MISSING, Notation, Severity, Target, TaskKind, UNSEEN,
};
use std::collections::HashMap;
use std::sync::Arc;
use thiserror::Error;

/// Most classes that can be asked for.
pub(crate) const MAX_CLASSES: usize = 1000;
/// Most distinct whole numbers that are taken for class codes.
const MAX_CODES: usize = 30;

/// The target cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TargetError {
    /// No such column.
    #[error(
        "the data has no column `{column}` to be the target{near}; `--target` names one of its columns"
    )]
    Absent {
        /// The name asked for.
        column: String,
        /// ` (did you mean …?)` or empty.
        near: String,
    },
    /// No row has a target.
    #[error("target `{column}` is missing in all {rows} rows, so there is nothing to learn")]
    AllMissing {
        /// The target.
        column: String,
        /// Rows of the data.
        rows: usize,
    },
    /// Groups are to be found, which no column tells.
    #[error("`{column}` cannot be the target: clustering finds groups that no column tells")]
    NoTarget {
        /// The name asked for.
        column: String,
    },
    /// Only one value.
    #[error(
        "target `{column}` is `{value}` in all {rows} rows that have one, so there is nothing to learn"
    )]
    Constant {
        /// The target.
        column: String,
        /// Its only value.
        value: String,
        /// Rows that have it.
        rows: usize,
    },
    /// Text where numbers are needed.
    #[error(
        "target `{column}` holds `{value}` in row {row}, regression needs numbers; use `--task classification` or another target"
    )]
    NotNumbers {
        /// The target.
        column: String,
        /// The first value that is no number.
        value: String,
        /// Its row, from 1.
        row: usize,
    },
    /// Points in time or sparse blocks.
    #[error("target `{column}` holds {what}, which cannot be predicted; use another target")]
    NotATarget {
        /// The target.
        column: String,
        /// What it holds.
        what: &'static str,
    },
    /// More classes than can be told apart.
    #[error("target `{column}` has {classes} classes in {rows} rows{limit}; {way}")]
    TooManyClasses {
        /// The target.
        column: String,
        /// Distinct values.
        classes: usize,
        /// Rows that have a target.
        rows: usize,
        /// `, at most 1000 are possible`, or that no class repeats.
        limit: String,
        /// What to do; texts can be no regression.
        way: &'static str,
    },
    /// The positive class is not a class.
    #[error("`--positive {label}` is not a class of `{column}`; the classes are {classes}")]
    UnknownPositive {
        /// The target.
        column: String,
        /// The label asked for.
        label: String,
        /// The classes, quoted.
        classes: String,
    },
    /// A positive class was named for a regression.
    #[error(
        "`--positive {label}` names a class, but `{column}` is predicted as a number; drop it or use `--task classification`"
    )]
    PositiveOfRegression {
        /// The target.
        column: String,
        /// The label asked for.
        label: String,
    },
    /// A label that the model does not know.
    #[error("target `{column}` holds `{label}` in row {row}, the model knows {classes}")]
    UnknownClass {
        /// The target.
        column: String,
        /// The label.
        label: String,
        /// Its row, from 1.
        row: usize,
        /// The classes, quoted.
        classes: String,
    },
}

/// A target and the rows that have it.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetColumn {
    /// Name of the column.
    pub name: String,
    /// The target of the rows in `kept`, in their order.
    pub target: Target,
    /// Rows of the frame that have a target, ascending.
    pub kept: Vec<u32>,
    /// Rows without one; they cannot be learned from.
    pub missing: Vec<u32>,
    /// Why it is this kind of task, for people.
    pub why: String,
    /// How its numbers are written, where not plainly; they are predicted plainly.
    pub notation: Option<Notation>,
    /// What was odd about reading it.
    read: Option<Finding>,
}

impl TargetColumn {
    /// That its numbers were not plainly written, and that rows are left out because they have no
    /// target.
    pub fn findings(&self) -> Vec<Finding> {
        self.read.iter().cloned().chain(self.rows_left_out()).collect()
    }

    fn rows_left_out(&self) -> Option<Finding> {
        let (count, name) = (self.missing.len(), &self.name);
        let share = 100.0 * count as f64 / (count + self.kept.len()) as f64;
        let severity = if share > 20.0 { Severity::Warning } else { Severity::Info };
        (count > 0).then(|| {
            note(
                FindingCode::TargetMissing,
                severity,
                Some(name),
                count,
                format!(
                    "target `{name}` is missing in {} ({share:.1} %); left out",
                    counted(count, "row")
                ),
                "fill the target in, or leave it".to_owned(),
            )
        })
    }
}

/// The target `name` of a raw frame: classes or numbers as `task` says, else as the column tells.
///
/// Classes are sorted, by value when all are numbers and no before yes, else by text. The
/// positive class is `positive`, else the last one. Infinite numbers count as missing.
pub fn target(
    frame: &Frame,
    name: &str,
    task: Option<TaskKind>,
    positive: Option<&str>,
) -> Result<TargetColumn, TargetError> {
    let column = find(frame, name)?;
    let (kept, missing) = split(column);
    if kept.is_empty() {
        return Err(TargetError::AllMissing { column: name.to_owned(), rows: frame.rows() });
    }
    let labels = classes_in_order(column);
    if labels.len() == 1 {
        let (column, value) = (name.to_owned(), labels[0].clone());
        return Err(TargetError::Constant { column, value, rows: kept.len() });
    }
    let written = match column {
        Column::Str(text) => notation::notation(text).map(|n| (notation::numbers(&n, text), n)),
        _ => None,
    };
    let (decided, why) = match &written {
        Some((numbers, _)) => decide(numbers, &sorted_levels(numbers), kept.len()),
        None => decide(column, &labels, kept.len()),
    };
    let (kind, why) = match task {
        Some(kind) => (kind, "as `--task` says"),
        None => (decided, why),
    };
    let written = written.filter(|_| kind == TaskKind::Regression);
    let target = match kind {
        TaskKind::Classification => class_target(name, column, &kept, labels, positive)?,
        TaskKind::Clustering | TaskKind::Forecasting => {
            return Err(TargetError::NoTarget { column: name.to_owned() });
        }
        TaskKind::Regression => {
            if let Some(label) = positive {
                let (column, label) = (name.to_owned(), label.to_owned());
                return Err(TargetError::PositiveOfRegression { column, label });
            }
            let column = written.as_ref().map_or(column, |(numbers, _)| numbers);
            Target::Values(Arc::new(numbers(name, column, &kept)?))
        }
    };
    let why = format!("{}: {why}", kind.name());
    let notation = written.map(|(_, notation)| notation);
    let read = match (column, &notation) {
        (Column::Str(text), Some(notation)) => {
            let way = "predictions are plain numbers of the same unit".to_owned();
            Some(notation::told(name, notation, &used_levels(text), way))
        }
        _ => None,
    };
    Ok(TargetColumn { name: name.to_owned(), target, kept, missing, why, notation, read })
}

/// The truth for a model that is there: the classes and the positive class are those of `like`.
/// Labels match by text or by the number they spell; numbers given as text are read as `notation`
/// says.
pub fn target_like(
    frame: &Frame,
    name: &str,
    like: &Target,
    notation: Option<&Notation>,
) -> Result<TargetColumn, TargetError> {
    let column = find(frame, name)?;
    let (kept, missing) = split(column);
    if kept.is_empty() {
        return Err(TargetError::AllMissing { column: name.to_owned(), rows: frame.rows() });
    }
    let target = match like {
        Target::Values(_) => {
            let read = notation.map(|n| super::apply::written(column, n)).transpose();
            let read = read.map_err(|misfit| TargetError::NotNumbers {
                column: name.to_owned(),
                value: misfit.got.trim_matches('`').to_owned(),
                row: misfit.row + 1,
            })?;
            let column = read.as_ref().unwrap_or(column);
            Target::Values(Arc::new(numbers(name, column, &kept)?))
        }
        Target::Classes { classes, positive, .. } => Target::Classes {
            codes: Arc::new(codes(name, column, &kept, classes)?),
            classes: Arc::clone(classes),
            positive: *positive,
        },
        Target::Groups(_) | Target::Series(_) => {
            return Err(TargetError::NoTarget { column: name.to_owned() });
        }
    };
    let why = "as the model was trained".to_owned();
    let (name, notation) = (name.to_owned(), notation.cloned());
    Ok(TargetColumn { name, target, kept, missing, why, notation, read: None })
}

fn find<'a>(frame: &'a Frame, name: &str) -> Result<&'a Column, TargetError> {
    let column = &frame
        .field(name)
        .ok_or_else(|| TargetError::Absent {
            column: name.to_owned(),
            near: did_you_mean(name, frame),
        })?
        .column;
    let what = match column {
        Column::Time(_) => "points in time",
        Column::Sparse(_) => "a block of sparse numbers",
        _ => return Ok(column),
    };
    Err(TargetError::NotATarget { column: name.to_owned(), what })
}

/// Rows with and without a value.
fn split(column: &Column) -> (Vec<u32>, Vec<u32>) {
    let known = |row: u32| match column {
        Column::Float(v) => v[row as usize].is_finite(),
        Column::Str(v) => !matches!(v.codes[row as usize], MISSING | UNSEEN),
        _ => !column.is_missing(row as usize),
    };
    (0..column.rows() as u32).partition(|row| known(*row))
}

fn classes_in_order(column: &Column) -> Vec<String> {
    let mut labels = sorted_levels(column);
    if let [a, b] = labels.as_slice()
        && let Some((no, _)) = truth_pair([a.as_str(), b.as_str()])
        && no == b
    {
        labels.reverse();
    }
    labels
}

fn decide(column: &Column, labels: &[String], rows: usize) -> (TaskKind, &'static str) {
    use TaskKind::{Classification, Regression};
    match column {
        Column::Str(_) | Column::Bool(_) => (Classification, "the target holds labels"),
        _ if labels.len() == 2 => (Classification, "the target has two values"),
        Column::Float(v) if v.iter().any(|v| v.is_finite() && v.fract() != 0.0) => {
            (Regression, "the target holds fractions")
        }
        _ if are_codes(labels, rows) => (Classification, "the target holds a few class codes"),
        _ => (Regression, "the target holds many different numbers"),
    }
}

/// Whether sorted whole numbers look like class codes.
fn are_codes(labels: &[String], rows: usize) -> bool {
    let distinct = labels.len();
    let share = distinct as f64 / rows as f64;
    let ends = (labels.first().and_then(|l| number(l)), labels.last().and_then(|l| number(l)));
    let (Some(low), Some(high)) = ends else { return false };
    distinct <= MAX_CODES
        && share <= if rows <= 1000 { 0.10 } else { 0.05 }
        && (-1.0..=1.0).contains(&low)
        && high - low < 2.0 * distinct as f64
}

fn class_target(
    name: &str,
    column: &Column,
    kept: &[u32],
    labels: Vec<String>,
    positive: Option<&str>,
) -> Result<Target, TargetError> {
    let too_many = |limit: String| TargetError::TooManyClasses {
        column: name.to_owned(),
        classes: labels.len(),
        rows: kept.len(),
        limit,
        way: if matches!(column, Column::Str(_)) {
            "choose another target"
        } else {
            "use `--task regression` or another target"
        },
    };
    if labels.len() > MAX_CLASSES {
        return Err(too_many(format!(", at most {MAX_CLASSES} are possible")));
    }
    if labels.len() == kept.len() && kept.len() > 2 {
        return Err(too_many(", no class occurs twice".to_owned()));
    }
    let positive = match positive {
        None => labels.len() - 1,
        Some(label) => {
            class_position(&labels, label).ok_or_else(|| TargetError::UnknownPositive {
                column: name.to_owned(),
                label: label.to_owned(),
                classes: listed(&labels),
            })?
        }
    };
    let codes = codes(name, column, kept, &labels)?;
    Ok(Target::Classes {
        codes: Arc::new(codes),
        classes: Arc::new(labels),
        positive: positive as u32,
    })
}

/// The place of a label by its text, else by the number it spells.
pub fn class_position(labels: &[String], label: &str) -> Option<usize> {
    let same_number = || {
        let wanted = canonical(label)?;
        labels.iter().position(|l| canonical(l).as_ref() == Some(&wanted))
    };
    labels.iter().position(|l| l == label).or_else(same_number)
}

/// Labels in quotes, cut after ten.
fn listed(labels: &[String]) -> String {
    let quoted: Vec<String> = labels.iter().take(10).map(|l| format!("`{l}`")).collect();
    let more = labels.len().saturating_sub(10);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    quoted.join(", ") + &tail
}

/// The place of every row's label among `labels`, by text or by the number it spells: [`MISSING`]
/// where there is none, [`UNSEEN`] where it is another.
///
/// Fails when the column is not there or cannot be a target.
pub fn class_codes(frame: &Frame, name: &str, labels: &[String]) -> Result<Vec<u32>, TargetError> {
    let column = find(frame, name)?;
    let (kept, _) = split(column);
    let mut codes = vec![MISSING; frame.rows()];
    for (row, code) in kept.iter().zip(codes_of(column, &kept, labels)) {
        codes[*row as usize] = code;
    }
    Ok(codes)
}

/// The index of each kept row's label among `labels`.
fn codes(
    name: &str,
    column: &Column,
    kept: &[u32],
    labels: &[String],
) -> Result<Vec<u32>, TargetError> {
    let codes = codes_of(column, kept, labels);
    match kept.iter().zip(&codes).find(|(_, code)| **code == UNSEEN) {
        None => Ok(codes),
        Some((&row, _)) => Err(TargetError::UnknownClass {
            column: name.to_owned(),
            label: value_text(column, row as usize).unwrap_or_default(),
            row: row as usize + 1,
            classes: listed(labels),
        }),
    }
}

/// The same; [`UNSEEN`] where the label is not there.
fn codes_of(column: &Column, kept: &[u32], labels: &[String]) -> Vec<u32> {
    let find = |label: &str| class_position(labels, label).map(|p| p as u32);
    let mut known: HashMap<u64, u32> = HashMap::new();
    let code_of = |row: &u32| {
        let at = *row as usize;
        let key = match column {
            Column::Str(v) => u64::from(v.codes[at]),
            Column::Float(v) => v[at].to_bits(),
            Column::Int(v) | Column::Time(v) => v[at] as u64,
            Column::Bool(v) => v[at] as u64,
            Column::Sparse(_) => 0,
        };
        let label = || value_text(column, at).and_then(|text| find(&text));
        *known.entry(key).or_insert_with(|| label().unwrap_or(UNSEEN))
    };
    kept.iter().map(code_of).collect()
}

fn numbers(name: &str, column: &Column, kept: &[u32]) -> Result<Vec<f64>, TargetError> {
    let at = |row: &u32| *row as usize;
    match column {
        Column::Float(v) => Ok(kept.iter().map(|r| v[at(r)]).collect()),
        Column::Int(v) | Column::Time(v) => Ok(kept.iter().map(|r| v[at(r)] as f64).collect()),
        Column::Bool(v) => Ok(kept.iter().map(|r| f64::from(v[at(r)])).collect()),
        Column::Sparse(_) => Ok(vec![]),
        Column::Str(v) => {
            let values: Vec<Option<f64>> = v.levels.iter().map(|l| number(l)).collect();
            let value = |row: &u32| {
                values[v.codes[at(row)] as usize].ok_or_else(|| TargetError::NotNumbers {
                    column: name.to_owned(),
                    value: v.get(at(row)).unwrap_or_default().to_owned(),
                    row: at(row) + 1,
                })
            };
            kept.iter().map(value).collect()
        }
    }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
