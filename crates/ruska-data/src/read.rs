//! Whole tables: from a source to a raw frame of lossless columns.

use crate::source::{self, Format, Input};
use crate::{ReadError, csv, parquet, sheet};
use ruska_core::{Column, Field, Finding, FindingCode, Frame, Kind, Severity};
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How to read; what is `None` is told from the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// The byte between fields of a text file.
    pub delimiter: Option<u8>,
    /// Whether the first row holds the names of the columns.
    pub header: Option<bool>,
    /// Whether numbers are written `1,5`.
    pub decimal_comma: Option<bool>,
    /// The sheet of a workbook; the first one by default.
    pub sheet: Option<String>,
}

/// A table as it stands in its files.
#[derive(Clone, Debug)]
pub struct ReadTable {
    /// The columns in their physical types, each with the provisional kind of its type.
    pub frame: Frame,
    /// What was odd about the reading.
    pub findings: Vec<Finding>,
    /// The files read, in the order of their rows; `-` for standard input.
    pub files: Vec<PathBuf>,
}

/// Named columns and findings of any reader.
pub(crate) struct Table {
    /// Columns of equal length with names that differ.
    pub(crate) columns: Vec<(String, Column)>,
    /// What was odd.
    pub(crate) findings: Vec<Finding>,
}

/// Reads a file, all files of a folder or pattern, or CSV from standard input (`-`).
///
/// The physical type of a column is that of all its values: whole numbers that print back to
/// their text are `Int`, other numbers `Float`, all else is `Str` with the text as it stands
/// (dates of text files too). Points in time with a zone are given in UTC. Missing tokens are empty, `NA`, `N/A`, `NaN`, `null`, `None`, `?`
/// and `-`, the literal ones only where they do not look like a level.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("people.csv");
/// std::fs::write(&path, "name;age;zip\nAnn;31,5;007\nBob;?;008\n")?;
/// let table = ruska_data::read(path.to_str().unwrap(), &ruska_data::ReadOptions::default())?;
/// assert_eq!(table.frame.field("age").unwrap().floats().unwrap()[0], 31.5);
/// assert_eq!(table.frame.field("age").unwrap().column.missing(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(source: &str, options: &ReadOptions) -> Result<ReadTable, ReadError> {
    let mut inputs = source::resolve(source)?;
    inputs.iter_mut().filter(|i| i.path == Path::new("-")).try_for_each(spool)?;
    let table = match inputs[0].format {
        Format::Text => csv::read(&inputs, options)?,
        Format::Parquet => parquet::read(&inputs)?,
        Format::Sheet => sheet::read(&inputs, options)?,
    };
    let files = inputs.into_iter().map(|i| i.path).collect();
    Ok(ReadTable { frame: frame(table.columns), findings: table.findings, files })
}

/// Keeps standard input in memory, since it can be read only once.
fn spool(input: &mut Input) -> Result<(), ReadError> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|e| ReadError::Io { path: input.path.clone(), why: e.to_string() })?;
    input.spooled = Some(bytes.into());
    Ok(())
}

/// A frame of columns of one length with names that differ.
pub(crate) fn frame(columns: Vec<(String, Column)>) -> Frame {
    let field = |(name, column): (String, Column)| {
        let kind = match &column {
            Column::Int(_) | Column::Float(_) | Column::Sparse(_) => Kind::Numeric,
            Column::Bool(_) => Kind::Boolean,
            Column::Str(_) => Kind::Categorical,
            Column::Time(_) => Kind::Time,
        };
        Field::new(name, kind, column)
    };
    Frame::new(columns.into_iter().map(field).collect())
        .expect("readers give columns of one length with names that differ")
}

/// Columns that findings name one by one; more share one.
const NAMED: usize = 3;

/// The findings of columns and how many infinite values each has.
pub(crate) fn infinite(found: &[(String, usize)]) -> Vec<Finding> {
    let advice = "replace them by numbers if they mean something";
    let finding = |columns: &str, column: Option<&str>, n: usize| {
        let what = format!("{columns}: {n} infinite values are read as missing");
        reading(Severity::Warning, column, n, what, advice)
    };
    if found.len() <= NAMED {
        let of = |(name, n): &(String, usize)| finding(&format!("column `{name}`"), Some(name), *n);
        return found.iter().map(of).collect();
    }
    let first: Vec<String> =
        found.iter().take(NAMED).map(|(name, _)| format!("`{name}`")).collect();
    let columns = format!("{} columns, first {}", found.len(), first.join(", "));
    vec![finding(&columns, None, found.iter().map(|(_, n)| n).sum())]
}

/// A finding about the reading.
pub(crate) fn reading(
    severity: Severity,
    column: Option<&str>,
    count: usize,
    what: String,
    advice: &str,
) -> Finding {
    Finding {
        code: FindingCode::Reading,
        severity,
        column: column.map(str::to_owned),
        count,
        what,
        advice: advice.to_owned(),
        examples: Vec::new(),
    }
}
