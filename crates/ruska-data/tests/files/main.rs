//! Files in and out: every format, dialect and error, through the public interface.
#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::format_collect)]

mod dialects;
mod errors;
mod parquet;
mod sheets;
mod sources;
mod streaming;
mod values;
mod writing;

use ruska_core::{Column, Frame};
use ruska_data::{ReadError, ReadOptions, ReadTable};
use std::path::PathBuf;

/// A folder that is gone after the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn source(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Writes a file and gives its path as a source.
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.source(name)
    }

    fn read(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<ReadTable, ReadError> {
        ruska_data::read(&self.file(name, bytes), &ReadOptions::default())
    }
}

/// Reads bytes as a file of a name.
fn read_as(name: &str, bytes: impl AsRef<[u8]>) -> Result<ReadTable, ReadError> {
    Folder::new().read(name, bytes)
}

fn read_csv(bytes: impl AsRef<[u8]>) -> Frame {
    read_as("t.csv", bytes).unwrap().frame
}

fn names(frame: &Frame) -> Vec<&str> {
    frame.fields().iter().map(|f| &*f.name).collect()
}

fn column<'a>(frame: &'a Frame, name: &str) -> &'a Column {
    &frame.field(name).unwrap_or_else(|| panic!("no {name} in {:?}", names(frame))).column
}

fn ints(values: &[i64]) -> Column {
    Column::Int(values.to_vec().into())
}

fn floats(values: &[f64]) -> Column {
    Column::float(values.to_vec())
}

fn texts(values: &[&str]) -> Column {
    Column::from_strings(values.iter().map(|v| Some(*v)))
}

/// The values of a column as text, `∅` where missing; independent of how they are stored.
fn shown(column: &Column) -> Vec<String> {
    let text = |i| ruska_data::value_text(column, i).unwrap_or_else(|| "∅".to_owned());
    (0..column.rows()).map(text).collect()
}
