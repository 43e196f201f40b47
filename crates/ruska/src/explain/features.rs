//! A table as explanations see it: columns of numbers or of levels, and the group of every row.
//!
//! Levels are kept as they are shown: one that few rows have is masked, and so are all of a column
//! that names persons or rows. Nothing behind sees what was masked. Numbers and times stay what they are,
//! as means are told of them; a column of them that names persons or rows says so.

use ruska_core::{Column, Frame, Kind, Meaning, NO_VALUE, Schema, UNSEEN};
use ruska_data::{masked, number_text, time_text};
use std::sync::Arc;

/// The values of a column.
pub(crate) enum Values {
    /// NaN where missing; points in time are milliseconds since 1970.
    Numbers(Arc<Vec<f64>>),
    /// Places in `Feature::labels`; one beyond them where missing, two where the level is new.
    Levels(Vec<u32>),
}

/// A column that the model looks at.
pub(crate) struct Feature {
    pub(crate) name: String,
    /// Whether numbers are points in time.
    pub(crate) time: bool,
    /// Whether a single number or point in time may name a person or a row.
    pub(crate) personal: bool,
    /// Levels as they are shown; none of numbers.
    pub(crate) labels: Vec<String>,
    pub(crate) values: Values,
}

impl Feature {
    /// The code of rows without a level.
    pub(crate) fn missing_code(&self) -> u32 {
        self.labels.len() as u32
    }

    /// Its numbers, unless it has levels.
    pub(crate) fn numbers(&self) -> Option<&[f64]> {
        match &self.values {
            Values::Numbers(values) => Some(values),
            Values::Levels(_) => None,
        }
    }

    /// Some of its rows, with levels shown as among all.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        let at = |row: &u32| *row as usize;
        let values = match &self.values {
            Values::Numbers(values) => {
                Values::Numbers(Arc::new(rows.iter().map(|r| values[at(r)]).collect()))
            }
            Values::Levels(codes) => Values::Levels(rows.iter().map(|r| codes[at(r)]).collect()),
        };
        let (name, labels) = (self.name.clone(), self.labels.clone());
        Self { name, labels, values, time: self.time, personal: self.personal }
    }

    /// Rows with the level of a row; `None` of numbers.
    pub(crate) fn rows_of(&self, row: usize) -> Option<usize> {
        match &self.values {
            Values::Numbers(_) => None,
            Values::Levels(codes) => Some(codes.iter().filter(|code| **code == codes[row]).count()),
        }
    }

    /// What a row holds, for people; `None` where that is missing.
    pub(crate) fn shown(&self, row: usize) -> Option<String> {
        match &self.values {
            Values::Numbers(values) if values[row].is_nan() => None,
            Values::Numbers(values) => {
                let v = values[row];
                let shown = if self.time { time_text(v as i64) } else { number_text(v) };
                Some(if self.personal { masked(&shown) } else { shown })
            }
            Values::Levels(codes) if codes[row] > self.missing_code() => {
                Some("a level that is new to the model".to_owned())
            }
            Values::Levels(codes) => self.labels.get(codes[row] as usize).cloned(),
        }
    }

    /// Codes there are, those of missing and new levels among them.
    pub(crate) fn codes(&self) -> usize {
        self.labels.len() + 2
    }
}

/// The features of a typed table, and the names of those that cannot be told in a few words.
pub(crate) fn features(typed: &Frame, schema: &Schema) -> (Vec<Feature>, Vec<String>) {
    let (mut features, mut skipped) = (vec![], vec![]);
    for field in typed.fields() {
        let meaning = schema.column(&field.name).map(|c| &c.meaning);
        match read(&field.name, field.kind, &field.column, meaning) {
            Some(feature) => features.push(feature),
            None => skipped.push(field.name.to_string()),
        }
    }
    (features, skipped)
}

fn read(name: &str, kind: Kind, column: &Column, meaning: Option<&Meaning>) -> Option<Feature> {
    let numbers = |values: Arc<Vec<f64>>| Feature {
        name: name.to_owned(),
        time: kind == Kind::Time,
        personal: ruska_data::numbers_name_rows(name, kind == Kind::Time, || distinct(&values)),
        labels: vec![],
        values: Values::Numbers(values),
    };
    match (column, meaning) {
        (Column::Float(v), Some(Meaning::Boolean { no, yes })) if zero_or_one(v) => Some(Feature {
            name: name.to_owned(),
            time: false,
            personal: false,
            labels: vec![no.clone(), yes.clone()],
            values: Values::Levels(
                v.iter().map(|v| if v.is_nan() { 2 } else { u32::from(*v == 1.0) }).collect(),
            ),
        }),
        (Column::Float(v), _) => Some(numbers(Arc::clone(v))),
        (Column::Int(v) | Column::Time(v), _) => {
            let number = |v: &i64| if *v == NO_VALUE { f64::NAN } else { *v as f64 };
            Some(numbers(Arc::new(v.iter().map(number).collect())))
        }
        (Column::Str(c), _) if kind == Kind::Categorical => {
            let last = c.levels.len() as u32;
            let code = |code: &u32| match *code {
                code if code < last => code,
                UNSEEN => last + 1,
                _ => last,
            };
            let codes: Vec<u32> = c.codes.iter().map(code).collect();
            Some(Feature {
                name: name.to_owned(),
                time: false,
                personal: false,
                labels: shown_levels(name, &codes, &c.levels),
                values: Values::Levels(codes),
            })
        }
        _ => None,
    }
}

/// How many different numbers there are.
fn distinct(values: &[f64]) -> u64 {
    let mut bits: Vec<u64> = values.iter().filter(|v| !v.is_nan()).map(|v| v.to_bits()).collect();
    bits.sort_unstable();
    bits.dedup();
    bits.len() as u64
}

fn zero_or_one(values: &[f64]) -> bool {
    values.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0)
}

/// Levels as findings show them.
fn shown_levels(column: &str, codes: &[u32], levels: &[String]) -> Vec<String> {
    let mut counts = vec![0; levels.len()];
    for &code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    let used = || levels.iter().zip(&counts).filter(|(_, n)| **n > 0).map(|(level, _)| level);
    let rows: usize = counts.iter().sum();
    let personal = ruska_data::names_rows(column, used().count() as u64, rows as u64, used());
    let show = |(level, count): (&String, &usize)| {
        if personal { ruska_data::masked(level) } else { ruska_data::shown(level, *count) }
    };
    levels.iter().zip(&counts).map(show).collect()
}

/// The groups of a table that have rows.
pub(super) struct Groups {
    /// Their numbers, ascending; −1, of rows in no cluster, is the last.
    pub(super) numbers: Vec<i32>,
    /// Rows of each.
    pub(super) sizes: Vec<usize>,
    /// The place in `numbers` of every row.
    pub(super) of: Vec<u32>,
}

impl Groups {
    pub(super) fn new(labels: &[i32]) -> Self {
        let mut numbers = labels.to_vec();
        numbers.sort_unstable_by_key(|n| n.cast_unsigned());
        numbers.dedup();
        let place = |label: &i32| {
            let found = numbers.binary_search_by_key(&label.cast_unsigned(), |n| n.cast_unsigned());
            found.expect("every label is one of the numbers") as u32
        };
        let of: Vec<u32> = labels.iter().map(place).collect();
        let mut sizes = vec![0; numbers.len()];
        of.iter().for_each(|g| sizes[*g as usize] += 1);
        Self { numbers, sizes, of }
    }

    pub(super) fn rows(&self) -> usize {
        self.of.len()
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}
