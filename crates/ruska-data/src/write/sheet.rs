//! Excel workbooks with one sheet, rows streamed to a temporary file.

use super::place::{Place, error_at};
use super::{OutputColumn, Sink, WriteError};
use crate::time_text;
use ruska_core::{Column, Frame};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::io;
use std::path::Path;

/// Rows of a sheet below its header.
const ROWS: usize = 1_048_575;
/// Whole numbers from here on are shown rounded by Excel, so they are written as text.
const EXACT: u64 = 1_000_000_000_000_000;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Days from Excel's origin to 1970-01-01, and the first day that all programs read alike.
const EPOCH: i64 = 25_569;
const FIRST_DAY: i64 = 61;

/// A workbook being written.
pub(super) struct SheetSink {
    place: Place,
    book: Workbook,
    /// Rows written below the header.
    rows: usize,
    moments: Format,
}

impl SheetSink {
    /// Writes the header.
    pub(super) fn new(place: Place, columns: &[OutputColumn]) -> Result<Self, WriteError> {
        let mut book = Workbook::new();
        let mut header = || {
            let sheet = book.add_worksheet_with_constant_memory()?;
            for (i, column) in columns.iter().enumerate() {
                sheet.write_string(0, place_of(i)?, &column.name)?;
            }
            Ok(())
        };
        header().map_err(|e| failed(place.path(), &e))?;
        let moments = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        Ok(Self { place, book, rows: 0, moments })
    }
}

impl Sink for SheetSink {
    fn write(&mut self, frame: &Frame) -> Result<(), WriteError> {
        if self.rows + frame.rows() > ROWS {
            return Err(WriteError::TooManyRows { path: self.place.path().into() });
        }
        let mut rows = || {
            let sheet = self.book.worksheet_from_index(0)?;
            for row in 0..frame.rows() {
                let line = (self.rows + row + 1) as u32;
                for (i, field) in frame.fields().iter().enumerate() {
                    if !field.column.is_missing(row) {
                        put(sheet, line, place_of(i)?, &field.column, row, &self.moments)?;
                    }
                }
            }
            Ok(())
        };
        rows().map_err(|e| failed(self.place.path(), &e))?;
        self.rows += frame.rows();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        let path = self.place.path().to_owned();
        if let Some(file) = self.place.seekable() {
            self.book.save_to_writer(file).map_err(|e| failed(&path, &e))?;
        } else {
            let bytes = self.book.save_to_buffer().map_err(|e| failed(&path, &e))?;
            io::Write::write_all(&mut self.place, &bytes).map_err(|e| error_at(&path, &e))?;
        }
        self.place.keep()
    }
}

fn place_of(column: usize) -> Result<u16, XlsxError> {
    u16::try_from(column).map_err(|_| XlsxError::RowColumnLimitError)
}

fn put(
    sheet: &mut Worksheet,
    line: u32,
    place: u16,
    column: &Column,
    row: usize,
    moments: &Format,
) -> Result<(), XlsxError> {
    match column {
        Column::Bool(v) => sheet.write_boolean(line, place, v[row] > 0)?,
        Column::Int(v) if v[row].unsigned_abs() < EXACT => {
            sheet.write_number(line, place, v[row] as f64)?
        }
        Column::Int(v) => sheet.write_string(line, place, v[row].to_string())?,
        Column::Float(v) if v[row].is_finite() => sheet.write_number(line, place, v[row])?,
        Column::Float(v) => sheet.write_string(line, place, v[row].to_string())?,
        Column::Str(v) => sheet.write_string(line, place, v.get(row).unwrap_or_default())?,
        Column::Time(v) if (FIRST_DAY..2_958_466).contains(&(v[row].div_euclid(DAY) + EPOCH)) => {
            let days = v[row] as f64 / DAY as f64 + EPOCH as f64;
            sheet.write_number_with_format(line, place, days, moments)?
        }
        Column::Time(v) => sheet.write_string(line, place, time_text(v[row]))?,
        Column::Sparse(_) => sheet,
    };
    Ok(())
}

fn failed(path: &Path, error: &XlsxError) -> WriteError {
    match error {
        XlsxError::IoError(e) => error_at(path, e),
        other => error_at(path, &io::Error::other(other.to_string())),
    }
}
