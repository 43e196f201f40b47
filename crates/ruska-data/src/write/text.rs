//! Comma- or tab-separated text, quoted as RFC 4180 has it.

use super::place::{Place, error_at};
use super::{OutputColumn, Sink, WriteError};
use crate::time_text;
use flate2::Compression;
use flate2::write::GzEncoder;
use ruska_core::{Column, Frame, NO_VALUE};
use std::io::{self, Write};
use std::path::PathBuf;

const BUFFER: usize = 1 << 18;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

enum Stream {
    Plain(Place),
    Gzip(Box<GzEncoder<Place>>),
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(place) => place.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(place) => place.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }
}

/// A text file being written.
pub(super) struct TextSink {
    path: PathBuf,
    writer: csv::Writer<Stream>,
    /// Per column: its times are dates as far as the first batch tells.
    dates: Option<Vec<bool>>,
}

impl TextSink {
    /// Writes the header.
    pub(super) fn new(
        place: Place,
        delimiter: u8,
        gzip: bool,
        columns: &[OutputColumn],
    ) -> Result<Self, WriteError> {
        let path = place.path().to_owned();
        let stream = if gzip {
            Stream::Gzip(Box::new(GzEncoder::new(place, Compression::default())))
        } else {
            Stream::Plain(place)
        };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .buffer_capacity(BUFFER)
            .flexible(true)
            .from_writer(stream);
        writer
            .write_record(columns.iter().map(|c| c.name.as_str()))
            .map_err(|e| failed(&path, e))?;
        Ok(Self { path, writer, dates: None })
    }
}

impl Sink for TextSink {
    fn write(&mut self, frame: &Frame) -> Result<(), WriteError> {
        let dates = self
            .dates
            .get_or_insert_with(|| frame.fields().iter().map(|f| whole_days(&f.column)).collect());
        let mut text = Vec::new();
        for row in 0..frame.rows() {
            for (field, dates) in frame.fields().iter().zip(&*dates) {
                text.clear();
                put(&mut text, &field.column, row, *dates);
                self.writer.write_field(&text).map_err(|e| failed(&self.path, e))?;
            }
            self.writer.write_record(None::<&[u8]>).map_err(|e| failed(&self.path, e))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        let place = match self.writer.into_inner() {
            Ok(Stream::Plain(place)) => place,
            Ok(Stream::Gzip(encoder)) => encoder.finish().map_err(|e| error_at(&self.path, &e))?,
            Err(e) => return Err(error_at(&self.path, e.error())),
        };
        place.keep()
    }
}

fn failed(path: &std::path::Path, error: csv::Error) -> WriteError {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => error_at(path, &e),
        other => error_at(path, &io::Error::other(format!("{other:?}"))),
    }
}

fn whole_days(column: &Column) -> bool {
    match column {
        Column::Time(v) => v.iter().all(|&t| t == NO_VALUE || t % DAY == 0),
        _ => false,
    }
}

/// Whether a number has so many digits that are 0 that it is written with an exponent.
fn has_exponent(v: f64) -> bool {
    let size = v.abs();
    size.is_finite() && size != 0.0 && !(1e-5..1e16).contains(&size)
}

/// Appends the text of a cell; nothing where it is missing.
fn put(out: &mut Vec<u8>, column: &Column, row: usize, dates: bool) {
    if column.is_missing(row) {
        return;
    }
    let written = match column {
        Column::Bool(v) => write!(out, "{}", v[row] > 0),
        Column::Int(v) => write!(out, "{}", v[row]),
        Column::Float(v) if has_exponent(v[row]) => write!(out, "{:e}", v[row]),
        Column::Float(v) => write!(out, "{}", v[row]),
        Column::Str(v) => out.write_all(v.get(row).unwrap_or_default().as_bytes()),
        Column::Time(v) => {
            let text = time_text(v[row]);
            let date = text.split('T').next().unwrap_or_default();
            out.write_all(if dates && v[row] % DAY == 0 { date } else { &text }.as_bytes())
        }
        Column::Sparse(_) => Ok(()),
    };
    written.expect("writing into memory does not fail");
}
