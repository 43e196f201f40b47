//! The meaning of each column, inferred from all of its values.
//!
//! | stored as | becomes |
//! |---|---|
//! | no value at all, or one value and none missing | ignored |
//! | `Bool`, numbers 0 and 1, a pair such as `yes`/`no` in any case | boolean |
//! | whole numbers, all different, with a name such as `id` or numbering the rows | identifier |
//! | whole numbers that are dates such as 20130131, with a name such as `date` | time |
//! | other numbers | numeric |
//! | text of which 95 % of the distinct values are dates | time |
//! | text of which all values are numbers with separators or a unit (see `notation.rs`) | numeric |
//! | many different values of several words | text |
//! | text, nearly all different, few words, not measured; UUIDs | identifier |
//! | other text | categorical |
//!
//! It wins where a name and all values agree. It fails where only the reader of the file can know:
//! `--types COL=TYPE` then decides (see `overrides.rs`). Cost O(rows + levels · length) a column,
//! columns in parallel. The text rule follows AutoGluon's (several words, not few repeats),
//! with a stricter share so that breeds and job titles of few words stay levels.

use super::dates::{compact_date, dates};
use super::names::{closest, says_identifier, says_row_number, says_time, says_trend};
use super::notation::{self, Written, written};
use super::note::{note, word};
use super::overrides::forced;
use super::values::{level_counts, number, sorted_levels, truth_pair};
use rayon::prelude::*;
use ruska_core::{
    Column, ColumnSchema, Field, Finding, FindingCode, Frame, Kind, Meaning, NO_VALUE, Schema,
    Severity, StrColumn,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use thiserror::Error;

/// Least rows from which "all different" means something for text.
const ENOUGH_ROWS: usize = 20;
/// Distinct numbers from which rows, not levels, tell whether a column is nearly all numbers.
const MANY_NUMBERS: usize = 10;

/// A type asked for is not possible.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// No such column.
    #[error("`--types` names column `{column}`, which the data does not have{near}")]
    UnknownColumn {
        /// The name.
        column: String,
        /// ` (did you mean …?)` or empty.
        near: String,
    },
    /// A value does not fit the type.
    #[error("column `{column}` cannot be {kind}: {why}; change `--types` or the data")]
    Impossible {
        /// The column.
        column: String,
        /// The type asked for.
        kind: &'static str,
        /// What is in the way, with an example.
        why: String,
    },
}

/// The meaning of every column of a raw frame, in its order, and what is odd about them.
///
/// `overrides` fixes the kind of the columns it names. Findings concern columns without
/// information, identifiers and dates; those about the column that becomes the target may be
/// dropped, [`super::target()`] reports what is wrong with it.
///
/// Fails when an override names no column or is impossible for its values.
pub fn infer(
    frame: &Frame,
    overrides: &BTreeMap<String, Kind>,
) -> Result<(Schema, Vec<Finding>), SchemaError> {
    for column in overrides.keys() {
        if frame.field(column).is_none() {
            let near = did_you_mean(column, frame);
            return Err(SchemaError::UnknownColumn { column: column.clone(), near });
        }
    }
    let columns = frame.fields().len();
    let read: Result<Vec<_>, _> = frame
        .fields()
        .par_iter()
        .enumerate()
        .map(|(at, field)| {
            let (meaning, findings) = match overrides.get(&*field.name) {
                Some(kind) => forced(field, *kind)?,
                None => meaning(field, at == 0 && columns >= 4),
            };
            Ok((ColumnSchema { name: field.name.to_string(), meaning }, findings))
        })
        .collect();
    let (columns, findings): (Vec<_>, Vec<_>) = read?.into_iter().unzip();
    Ok((Schema { columns }, findings.into_iter().flatten().collect()))
}

/// ` (did you mean …?)` with the closest names of a frame, or empty.
pub(crate) fn did_you_mean(name: &str, frame: &Frame) -> String {
    let near = closest(name, frame.fields().iter().map(|f| &*f.name));
    let quoted: Vec<String> = near.iter().map(|n| format!("`{n}`")).collect();
    if near.is_empty() {
        String::new()
    } else {
        format!(" (did you mean {}?)", quoted.join(" or "))
    }
}

/// A meaning and what is odd about the column.
pub(crate) type Inferred = (Meaning, Vec<Finding>);

/// `leads`: the column is the first of several, where row numbers stand.
fn meaning(field: &Field, leads: bool) -> Inferred {
    let name = &*field.name;
    match &field.column {
        Column::Sparse(_) => (Meaning::numeric(false), vec![]),
        Column::Bool(v) => {
            let missing = field.column.missing();
            let first = v.iter().find(|v| **v >= 0);
            match first {
                None => all_missing(name, v.len()),
                Some(f) if missing == 0 && v.iter().all(|v| v == f) => constant(name, v.len()),
                _ => (boolean("false", "true"), vec![]),
            }
        }
        Column::Int(v) => whole(name, v, leads),
        Column::Float(v) => real(name, v),
        Column::Time(v) => match distinct_up_to_two(v.iter().filter(|v| **v != NO_VALUE)) {
            0 => all_missing(name, v.len()),
            1 if field.column.missing() == 0 => constant(name, v.len()),
            _ => (Meaning::Time { day_first: false }, vec![]),
        },
        Column::Str(v) => text(field, v),
    }
}

fn boolean(no: &str, yes: &str) -> Meaning {
    Meaning::Boolean { no: no.to_owned(), yes: yes.to_owned() }
}

fn all_missing(name: &str, rows: usize) -> Inferred {
    let finding = note(
        FindingCode::AllMissing,
        Severity::Info,
        Some(name),
        rows,
        format!("column `{name}` has no value in any row; it is not used"),
        "check the export, or leave it".to_owned(),
    );
    (Meaning::Ignored { why: "all values are missing".to_owned() }, vec![finding])
}

fn constant(name: &str, rows: usize) -> Inferred {
    let finding = note(
        FindingCode::ConstantColumn,
        Severity::Info,
        Some(name),
        rows,
        format!("column `{name}` has the same value in every row; it is not used"),
        "nothing to do; `--types` can force it".to_owned(),
    );
    (Meaning::Ignored { why: "the same value in every row".to_owned() }, vec![finding])
}

fn identifier(name: &str, distinct: usize, evidence: &str) -> Inferred {
    let finding = note(
        FindingCode::Identifier,
        Severity::Info,
        Some(name),
        distinct,
        format!("column `{name}` identifies rows ({evidence}); it is not used"),
        format!("use it all the same with `--types {}=categorical` (or `numeric`)", word(name)),
    );
    (Meaning::Identifier, vec![finding])
}

/// 0, 1 or 2 for none, one and several distinct values.
fn distinct_up_to_two<T: PartialEq>(mut values: impl Iterator<Item = T>) -> usize {
    match values.next() {
        None => 0,
        Some(first) => 1 + usize::from(values.any(|v| v != first)),
    }
}

fn whole(name: &str, values: &[i64], leads: bool) -> Inferred {
    let present = || values.iter().copied().filter(|v| *v != NO_VALUE);
    let count = present().count();
    match distinct_up_to_two(present()) {
        0 => return all_missing(name, values.len()),
        1 if count == values.len() => return constant(name, values.len()),
        1 => return (Meaning::numeric(true), vec![]),
        _ => {}
    }
    if present().all(|v| v == 0 || v == 1) {
        return (boolean("0", "1"), vec![]);
    }
    if says_time(name) && present().all(compact_date) {
        return (Meaning::Time { day_first: false }, vec![]);
    }
    if says_identifier(name) && count >= 5 && all_different(present(), count) {
        return identifier(name, count, "nearly all values differ, and its name says so");
    }
    let counts_up = || values.windows(2).all(|w| w[0].checked_add(1) == Some(w[1]));
    let named = says_row_number(name);
    let may_number_rows = (named || (leads && matches!(values[0], 0 | 1))) && !says_trend(name);
    if may_number_rows && count == values.len() && count >= ENOUGH_ROWS && counts_up() {
        return identifier(name, count, "it numbers the rows");
    }
    (Meaning::numeric(true), vec![])
}

/// Stops at the first repeats beyond 5 %.
fn all_different(values: impl Iterator<Item = i64>, count: usize) -> bool {
    let mut seen = HashSet::with_capacity(count);
    let mut repeats = 0;
    for value in values {
        repeats += usize::from(!seen.insert(value));
        if repeats * 20 > count {
            return false;
        }
    }
    true
}

fn real(name: &str, values: &[f64]) -> Inferred {
    let present = || values.iter().copied().filter(|v| v.is_finite());
    let count = present().count();
    let infinite = values.iter().filter(|v| v.is_infinite()).count();
    let mut findings = vec![];
    if infinite > 0 {
        findings.push(note(
            FindingCode::Reading,
            Severity::Warning,
            Some(name),
            infinite,
            format!("column `{name}` holds {infinite} infinite values; they count as missing"),
            "check where the data divides by zero".to_owned(),
        ));
    }
    let (meaning, more) = match distinct_up_to_two(present()) {
        0 => all_missing(name, values.len()),
        1 if count == values.len() => constant(name, values.len()),
        2 if present().all(|v| v == 0.0 || v == 1.0) => (boolean("0", "1"), vec![]),
        _ => (Meaning::numeric(present().all(|v| v.fract() == 0.0)), vec![]),
    };
    findings.extend(more);
    (meaning, findings)
}

/// The levels in use.
struct Used<'a> {
    levels: Vec<&'a str>,
    /// Rows of each level.
    counts: Vec<usize>,
    /// Rows that have a value.
    present: usize,
}

impl<'a> Used<'a> {
    fn new(column: &'a StrColumn) -> Self {
        let counts = level_counts(column);
        let present = counts.iter().sum();
        let used = column.levels.iter().zip(counts).filter(|(_, count)| *count > 0);
        let (levels, counts) = used.map(|(level, count)| (level.as_str(), count)).unzip();
        Self { levels, counts, present }
    }

    /// Levels that are no numbers and their rows, in a column that is numbers nearly throughout:
    /// nine in ten levels are, or nine in ten rows with many numbers.
    fn strays(&self, nearly: Option<Vec<&'a str>>) -> Option<(Vec<&'a str>, usize)> {
        let is_stray: Vec<bool> = match nearly {
            Some(strays) => {
                let strays: HashSet<&str> = strays.into_iter().collect();
                self.levels.iter().map(|level| strays.contains(level)).collect()
            }
            None => self.levels.iter().map(|level| number(level).is_none()).collect(),
        };
        let of = |pairs: &dyn Fn(usize) -> usize| -> usize {
            (0..is_stray.len()).filter(|at| is_stray[*at]).map(pairs).sum()
        };
        let (levels, rows) = (of(&|_| 1), of(&|at| self.counts[at]));
        let numbers = self.levels.len() - levels;
        let many = levels * 10 <= self.levels.len()
            || (numbers >= MANY_NUMBERS && rows * 10 <= self.present);
        let strays = self.levels.iter().zip(&is_stray).filter(|(_, stray)| **stray);
        (levels > 0 && many).then(|| (strays.map(|(level, _)| *level).collect(), rows))
    }
}

fn text(field: &Field, column: &StrColumn) -> Inferred {
    let (name, rows) = (&*field.name, column.codes.len());
    let used = Used::new(column);
    let present = used.present;
    match used.levels.len() {
        0 => return all_missing(name, rows),
        1 if present == rows => return constant(name, rows),
        _ => {}
    }
    if let Some((no, yes)) = truth_pair(used.levels.iter().copied()) {
        return (boolean(no, yes), vec![]);
    }
    if let Some(dates) = dates(name, &used.levels) {
        return dates;
    }
    let distinct = used.levels.len() as f64 / present as f64;
    let enough = present >= if says_identifier(name) { 5 } else { ENOUGH_ROWS };
    let unlike = enough && distinct >= 0.95;
    let written = written(&used.levels);
    if let Written::As(notation) = &written {
        let named = says_identifier(name) || notation::numbers_a_series(notation, &used.levels);
        if unlike && named {
            return identifier(name, used.levels.len(), "nearly all values differ");
        }
        let way = format!("keep it as text with `--types {}=categorical`", word(name));
        let told = notation::told(name, notation, &used.levels, way);
        let integer = notation::all_whole(notation, &used.levels);
        return (Meaning::Numeric { integer, notation: Some(notation.clone()) }, vec![told]);
    }
    if distinct >= 0.5 && used.levels.iter().all(|level| is_uuid(level)) {
        return identifier(name, used.levels.len(), "the values are UUIDs");
    }
    let nearly = match written {
        Written::Nearly(strays) => Some(strays),
        _ => None,
    };
    let strays = used.strays(nearly);
    if strays.is_none() && is_prose(&used) {
        return (Meaning::Text, vec![]);
    }
    let measured = || used.levels.iter().filter(|l| is_measured(l)).count() * 2 > used.levels.len();
    if unlike && strays.is_none() && !measured() {
        return identifier(name, used.levels.len(), "nearly all values differ");
    }
    let levels = Arc::new(sorted_levels(&field.column));
    let told = strays.map(|(strays, rows)| notation::strays(name, &strays, rows));
    (Meaning::Categorical { levels }, told.into_iter().collect())
}

fn is_uuid(text: &str) -> bool {
    let text = text.as_bytes();
    text.len() == 36
        && text.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Free text: many distinct values of several words, or nearly so of two plain words, as in job
/// titles. `PC 17599` has one plain word.
fn is_prose(used: &Used<'_>) -> bool {
    let (mut words, mut plain) = (0, 0);
    for word in used.levels.iter().flat_map(|level| level.split_whitespace()) {
        words += 1;
        plain += usize::from(!word.bytes().any(|b| b.is_ascii_digit()));
    }
    let distinct = used.levels.len();
    let share = distinct as f64 / used.present as f64;
    let (words, plain) = (f64::from(words) / distinct as f64, plain as f64 / distinct as f64);
    let many = (distinct >= 20 && share >= 0.1) || share >= 0.8 || distinct >= 5000;
    (words >= 3.0 && many) || (plain >= 1.7 && (0.3..0.95).contains(&share) && distinct >= 500)
}

/// Whether a text is an amount, a share, a measure with decimals or a time of day: nearly all
/// different as such things are, but no name of a row.
fn is_measured(text: &str) -> bool {
    let text = text.trim();
    let symbol = |c: char| "$€£¥%".contains(c);
    let bare: String = text.chars().filter(|c| !symbol(*c) && *c != ',' && *c != ' ').collect();
    let marked = bare.len() < text.len() || text.contains('.');
    let parts = || text.split(':');
    let clock = (2..=3).contains(&parts().count())
        && parts().all(|p| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    clock || (marked && number(&bare).is_some())
}

#[cfg(test)]
#[path = "infer_tests.rs"]
mod tests;
