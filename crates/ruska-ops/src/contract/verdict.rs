//! What a check came to.

use ruska::{FindingCode, Place, ReadOptions, row_places};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rows told of a breach.
pub(super) const TOLD: usize = 5;

/// What can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// A column is not there.
    MissingColumn,
    /// There is a column that the contract does not name.
    ExtraColumn,
    /// Values are not of the column's type.
    Type,
    /// Too many rows have no value.
    Missing,
    /// Values lie outside their range.
    Range,
    /// Too many numbers lie outside where most of them did.
    Usual,
    /// Values are none of the levels.
    Levels,
    /// Values of a key occur again.
    Unique,
    /// Values have another form.
    Form,
    /// Letters are of the other case.
    Case,
    /// The newest time is too old.
    Age,
    /// Times lie after the check.
    Future,
    /// There are too few or too many rows.
    Rows,
    /// Too many rows repeat an earlier one.
    Repeats,
    /// Something is odd that was not so when the contract was written.
    Oddity(FindingCode),
}

impl Check {
    /// The word for it, as in JSON.
    pub fn name(self) -> String {
        let word = match self {
            Self::MissingColumn => "missing_column",
            Self::ExtraColumn => "extra_column",
            Self::Type => "type",
            Self::Missing => "missing",
            Self::Range => "range",
            Self::Usual => "usual",
            Self::Levels => "levels",
            Self::Unique => "unique",
            Self::Form => "form",
            Self::Case => "case",
            Self::Age => "age",
            Self::Future => "future",
            Self::Rows => "rows",
            Self::Repeats => "repeats",
            Self::Oddity(code) => {
                let word = serde_json::to_value(code).ok();
                return word.and_then(|w| w.as_str().map(str::to_owned)).unwrap_or_default();
            }
        };
        word.to_owned()
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

/// One thing that is broken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Breach {
    /// What was checked: a word of the contract, or the code of a finding.
    pub check: Check,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What is so, and what was expected; values that may name persons are masked.
    pub what: String,
    /// Rows concerned; 0 where it is not about rows.
    pub count: usize,
    /// The first of them, counted from 1.
    pub rows: Vec<usize>,
    /// Where these stand, once [`ContractVerdict::locate`] has looked: `data.csv, line 17`.
    pub places: Vec<String>,
}

impl Breach {
    /// A breach about no rows in particular.
    pub(super) fn plain(check: Check, column: Option<&str>, what: String) -> Self {
        let column = column.map(str::to_owned);
        Self { check, column, what, count: 0, rows: vec![], places: vec![] }
    }

    /// A breach by rows, counted from 0; the first of them are told.
    pub(super) fn by(check: Check, column: Option<&str>, what: String, rows: &[usize]) -> Self {
        let first = rows.iter().take(TOLD).map(|row| row + 1).collect();
        Self { count: rows.len(), rows: first, ..Self::plain(check, column, what) }
    }
}

/// Whether a table keeps a contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContractVerdict {
    /// Rows of the table.
    pub rows: usize,
    /// Columns of the table.
    pub columns: usize,
    /// Single things that were checked.
    pub checks: usize,
    /// What is broken: the table first, then column by column.
    pub breaches: Vec<Breach>,
}

impl ContractVerdict {
    /// Whether the contract holds.
    pub fn holds(&self) -> bool {
        self.breaches.is_empty()
    }

    /// Looks up where the rows told stand in the files of `source`, from which the table was read;
    /// where these are several, each place names its file.
    /// Where that cannot be read again, such as standard input, rows stay numbers.
    pub fn locate(&mut self, source: &str, options: &ReadOptions) {
        let mut wanted: Vec<usize> =
            self.breaches.iter().flat_map(|b| b.rows.iter().map(|row| row - 1)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        if source == "-" || wanted.is_empty() {
            return;
        }
        let Ok(found) = row_places(source, options, &wanted) else { return };
        let told = |place: Place| match place {
            Place::Line(line) => format!("line {line}"),
            Place::Row(row) => format!("row {row}"),
        };
        let files = ruska::files(source).unwrap_or_default();
        let place = |at: &ruska::RowPlace| match files.len() {
            0 | 1 => told(at.place),
            _ => format!("{}, {}", short(&at.file, &files), told(at.place)),
        };
        let places: BTreeMap<usize, String> =
            wanted.iter().map(|row| row + 1).zip(found.iter().map(place)).collect();
        for breach in &mut self.breaches {
            breach.places = breach.rows.iter().filter_map(|row| places.get(row).cloned()).collect();
        }
    }

    /// What is broken in one sentence, three things at most.
    pub fn summary(&self) -> String {
        let told = |b: &Breach| match &b.column {
            Some(column) => format!("`{column}`: {}", b.what),
            None => b.what.clone(),
        };
        let first: Vec<String> = self.breaches.iter().take(3).map(told).collect();
        let more = self.breaches.len().saturating_sub(3);
        let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
        format!("{}{rest}", first.join("; "))
    }
}

/// A file by its name, and by its whole path where another one has the same name.
fn short(file: &Path, files: &[PathBuf]) -> String {
    let alike = files.iter().filter(|other| other.file_name() == file.file_name()).count();
    let name = if alike > 1 { None } else { file.file_name() };
    name.map_or_else(|| file.display().to_string(), |name| name.to_string_lossy().into_owned())
}
