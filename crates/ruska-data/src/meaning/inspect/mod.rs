//! What is odd about the values of each column as they were read, whatever the target.
//!
//! | file | finds |
//! |---|---|
//! | `absent.rs` | columns that are mostly empty, or one value but for a few rows |
//! | `sentinels.rs` | numbers and dates that stand for "not known": −1, 999, 1900-01-01 |
//! | `units.rs` | a part of the numbers that is 100 or 1000 times the others |
//! | `outliers.rs` | a few numbers orders of magnitude away from all others |
//! | `spelling.rs` | levels that differ in blanks or case only; words for "not known" |
//! | `encoding.rs` | text that went through the wrong encoding |
//! | `twins.rs` | numeric columns that are linear maps of each other |
//!
//! All of it is told and nothing changed. Shapes of distributions are judged on a spread sample
//! of at most 20,000 rows; what is counted is counted over all rows. Cost O(rows) a column plus
//! the sort of the sample; columns in parallel.

mod absent;
mod encoding;
mod numbers;
mod outliers;
mod sentinels;
mod spelling;
mod twins;
mod units;

use super::note::{note, percent, word};
use super::values::level_counts;
use numbers::{Numbers, sample};
use rayon::prelude::*;
use ruska_core::{Column, Field, Finding, FindingCode, Frame, Meaning, Schema, Severity};

/// What a finding says, but for the column.
struct Oddity {
    code: FindingCode,
    severity: Severity,
    count: usize,
    what: String,
    advice: String,
    examples: Vec<String>,
}

impl Oddity {
    fn about(self, column: &str) -> Finding {
        let Self { code, severity, count, what, advice, examples } = self;
        let finding = note(code, severity, Some(column), count, what, advice);
        Finding { examples, ..finding }
    }
}

/// What is odd about the columns of a raw frame, in column order; linear maps come last.
///
/// Columns that the schema ignores are left out. Of `target` it does not matter how often it is
/// missing or the same ([`super::target()`] and [`super::review()`] judge that).
pub fn inspect(raw: &Frame, schema: &Schema, target: Option<&str>) -> Vec<Finding> {
    let rows = sample(raw.rows());
    let looked_at = |field: &Field| Some((field.clone(), &schema.column(&field.name)?.meaning));
    let columns: Vec<(Field, &Meaning)> = raw.fields().iter().filter_map(looked_at).collect();
    let of_column = |(field, meaning): &(Field, &Meaning)| {
        let is_target = Some(&*field.name) == target;
        column(field, meaning, &rows, is_target)
    };
    let mut findings: Vec<Finding> = columns.par_iter().flat_map_iter(of_column).collect();
    let features = columns.iter().filter(|(field, _)| Some(&*field.name) != target);
    findings.extend(twins::twins(&features.collect::<Vec<_>>()));
    findings
}

fn column(field: &Field, meaning: &Meaning, rows: &[u32], target: bool) -> Vec<Finding> {
    let name = &*field.name;
    let mut odd: Vec<Oddity> = vec![];
    odd.extend(encoding::name(name));
    if !target && !matches!(meaning, Meaning::Ignored { .. }) {
        odd.extend(absent::mostly_empty(field));
    }
    match (meaning, &field.column) {
        (Meaning::Ignored { .. }, _) | (_, Column::Sparse(_)) => {}
        (Meaning::Numeric { notation, .. }, column) => {
            if let Some(numbers) = Numbers::new(column, notation.as_ref(), rows) {
                odd.extend((!target).then(|| absent::one_number(name, &numbers)).flatten());
                odd.extend(of_numbers(name, &numbers));
            }
        }
        (Meaning::Time { day_first }, column) => {
            odd.extend(sentinels::dates(name, column, *day_first));
        }
        (Meaning::Boolean { .. } | Meaning::Categorical { .. }, Column::Str(text)) => {
            let levels = spelling::Levels::new(text, &level_counts(text));
            let one = matches!(meaning, Meaning::Boolean { .. });
            odd.extend(
                (!target).then(|| absent::one_level(name, &levels, text.codes.len())).flatten(),
            );
            let keys = levels.keys();
            odd.extend(spelling::variants(name, &levels, &keys, one));
            odd.extend(spelling::words(name, &levels, &keys));
            odd.extend(encoding::levels(name, &levels, true));
        }
        (Meaning::Text | Meaning::Identifier, Column::Str(text)) => {
            let levels = spelling::Levels::new(text, &level_counts(text));
            odd.extend(encoding::levels(name, &levels, false));
        }
        (Meaning::Boolean { .. }, column) if !target => {
            let numbers = Numbers::new(column, None, rows);
            odd.extend(numbers.and_then(|numbers| absent::one_number(name, &numbers)));
        }
        _ => {}
    }
    odd.into_iter().map(|oddity| oddity.about(name)).collect()
}

/// A part in another unit is no outlier, nor is a code for a missing value.
fn of_numbers(name: &str, numbers: &Numbers<'_>) -> Vec<Oddity> {
    let codes = sentinels::codes(numbers);
    let rest = numbers.without(&codes);
    let units = units::units(&rest);
    let outliers = if units.is_none() { outliers::outliers(&rest) } else { None };
    let told = (!codes.is_empty()).then(|| sentinels::told(name, &codes, numbers));
    let units = units.map(|units| units.told(name, numbers.present()));
    let outliers = outliers.map(|outliers| outliers.told(name));
    told.into_iter().chain(units).chain(outliers).collect()
}

/// What concerns less than a row in a thousand is good to know, more is to be looked at.
fn weight(count: usize, rows: usize) -> Severity {
    if count * 1000 < rows { Severity::Info } else { Severity::Warning }
}

/// `12 rows (3.1 %)`.
fn rows_of(count: usize, rows: usize) -> String {
    format!("{} ({})", super::note::counted(count, "row"), percent(count, rows))
}

/// The way out that every finding about a column has.
fn leave_out(name: &str) -> String {
    format!("`--ignore {}` leaves the column out", word(name))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
