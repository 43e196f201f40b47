//! What can go wrong with files. Every message names the file, the place in it and the way out.

use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A place within a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of a text file or a row of a sheet, from 1; the header is line 1.
    Line(u64),
    /// A row of data, from 1; for files without lines.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Row(n) => write!(f, "row {n}"),
        }
    }
}

/// A table cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// There is no such file or folder.
    #[error("{}: there is no such file or folder; check the path", show(path))]
    NotFound {
        /// What was asked for.
        path: PathBuf,
    },
    /// A folder or pattern gives no file that can be read.
    #[error("{}: no file ending in {KNOWN} is there", show(path))]
    NoFiles {
        /// The folder or pattern.
        path: PathBuf,
    },
    /// The file name does not tell the format.
    #[error("{}: the format is not known from the name; it must end in {KNOWN}", show(path))]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A folder or pattern gives files of several kinds.
    #[error(
        "{} and {} are of different kinds; read one kind at a time, for example with the pattern *.csv",
        show(first),
        show(second)
    )]
    MixedKinds {
        /// A file of one kind.
        first: PathBuf,
        /// A file of another kind.
        second: PathBuf,
    },
    /// The system refuses to give the file.
    #[error("{}: cannot be read: {why}", show(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        why: String,
    },
    /// The file has no bytes, or blank lines only.
    #[error("{}: the file is empty", show(path))]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// The file has column names and no rows.
    #[error("{}: there is a header and no row of data", show(path))]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// No column of the file can be used.
    #[error("{}: no column holds plain values; lists and structs cannot be used", show(path))]
    NoColumns {
        /// The file.
        path: PathBuf,
    },
    /// The bytes are not text.
    #[error("{}: is not a text table{hint}", show(path))]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it may be instead, starting with `; `, or empty.
        hint: &'static str,
    },
    /// A compressed, Parquet or Excel file is broken.
    #[error("{}: the {what} is damaged or cut off ({why}); get a fresh copy", show(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What was seen.
        why: String,
    },
    /// A cell of a sheet is beside the columns of its first row.
    #[error(
        "{}, cell {cell}: the first row has only columns {first} to {last}; delete titles above the header, or \
         what stands beside the table",
        show(path)
    )]
    Beside {
        /// The file.
        path: PathBuf,
        /// The cell, such as `D3`.
        cell: String,
        /// The first column of the first row, such as `A`.
        first: String,
        /// The last one.
        last: String,
    },
    /// A row has more or fewer fields than there are columns.
    #[error(
        "{}, line {line}: {got} fields where {expected} are expected; mend the line, delete a title above the header, or name the delimiter when it was told wrongly",
        show(path)
    )]
    Ragged {
        /// The file.
        path: PathBuf,
        /// Line on which the row starts, from 1.
        line: u64,
        /// Number of columns.
        expected: usize,
        /// Fields of this row.
        got: usize,
    },
    /// A quoted field does not end.
    #[error("{}, line {line}: a quote is opened in this row and never closed", show(path))]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// Line on which the row starts, from 1.
        line: u64,
    },
    /// Two files of one table have different columns.
    #[error(
        "{} and {} do not belong together: only one of them has the column `{column}`",
        show(first),
        show(second)
    )]
    Columns {
        /// The file read first.
        first: PathBuf,
        /// The file that differs.
        second: PathBuf,
        /// A column that only one of them has.
        column: String,
    },
    /// A column has different types in two files of one table.
    #[error(
        "column `{column}` holds {first_type} in {} and {second_type} in {}",
        show(first),
        show(second)
    )]
    Types {
        /// The column.
        column: String,
        /// The file read first.
        first: PathBuf,
        /// What it holds there.
        first_type: &'static str,
        /// The file that differs.
        second: PathBuf,
        /// What it holds there.
        second_type: &'static str,
    },
    /// The workbook has no such sheet.
    #[error("{}: there is no sheet `{sheet}`; there are: {}", show(path), have.join(", "))]
    MissingSheet {
        /// The file.
        path: PathBuf,
        /// The sheet asked for.
        sheet: String,
        /// The sheets there are.
        have: Vec<String>,
    },
    /// Columns that are needed are not there.
    #[error("{}: {}; there are: {}", show(path), absent(columns), few(have))]
    MissingColumns {
        /// The file.
        path: PathBuf,
        /// The columns needed.
        columns: Vec<String>,
        /// The columns there are.
        have: Vec<String>,
    },
    /// A column of numbers has text.
    #[error("{}, {place}, column `{column}`: `{value}` is not a number", show(path))]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// The column.
        column: String,
        /// The text found.
        value: String,
    },
    /// A typed column is not of the type needed.
    #[error("{}: column `{column}` holds {got} where {expected} are expected", show(path))]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What it holds.
        got: &'static str,
        /// What is needed.
        expected: &'static str,
    },
    /// The file changed while it was read.
    #[error(
        "{}: the file changed while it was read; read it again when it is complete",
        show(path)
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

/// A table cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The file name does not tell the format.
    #[error(
        "{}: the format is not known from the name; it must end in .csv, .tsv, .csv.gz, .parquet or .xlsx",
        show_output(path)
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses: no permission, no such folder, disk full.
    #[error("{}: cannot be written: {why}", show_output(path))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        why: String,
    },
    /// Whoever read standard output stopped reading.
    #[error("standard output was closed by its reader")]
    BrokenPipe,
    /// A sheet holds 1,048,575 rows below its header.
    #[error(
        "{}: a sheet cannot hold more than 1048575 rows; write .csv or .parquet",
        show_output(path)
    )]
    TooManyRows {
        /// The file.
        path: PathBuf,
    },
    /// A batch does not have the columns announced.
    #[error("{}: column `{column}`: {why}", show_output(path))]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What is wrong.
        why: String,
    },
}

const KNOWN: &str = ".csv, .tsv, .txt, .csv.gz, .tsv.gz, .parquet or .xlsx";

fn show(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn show_output(path: &Path) -> String {
    if path == Path::new("-") { "standard output".to_owned() } else { path.display().to_string() }
}

/// That columns are not there, the first five by name.
fn absent(columns: &[String]) -> String {
    const SHOWN: usize = 5;
    let quoted: Vec<String> = columns.iter().take(SHOWN).map(|c| format!("`{c}`")).collect();
    match (columns.len(), quoted.join(", ")) {
        (1, name) => format!("there is no column {name}"),
        (n, names) if n <= SHOWN => format!("{n} columns are not there: {names}"),
        (n, names) => format!("{n} columns are not there: {names} and {} more", n - SHOWN),
    }
}

/// The first columns of a list that may have thousands.
fn few(columns: &[String]) -> String {
    const SHOWN: usize = 20;
    match columns.len().checked_sub(SHOWN) {
        None | Some(0) => columns.join(", "),
        Some(more) => format!("{} and {more} more", columns[..SHOWN].join(", ")),
    }
}
