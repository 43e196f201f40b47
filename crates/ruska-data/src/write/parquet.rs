//! Parquet in row groups of bounded size.

use super::place::{Place, error_at};
use super::{OutputColumn, OutputType, Sink, WriteError};
use crate::dictionary::Literals;
use crate::typed;
use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    Column as PolarsColumn, DataFrame, DataType, Int64Chunked, IntoColumn, IntoSeries, NamedFrom,
    NewChunkedArray, ParquetWriter, PolarsError, PolarsResult, Schema, Series, TimeUnit,
};
use ruska_core::{Column, Frame, NO_VALUE};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Rows of a row group.
const GROUP: usize = 1 << 17;

/// The place, shared with polars, which does not give it back.
#[derive(Clone)]
struct Shared(Arc<Mutex<Option<Place>>>);

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut Place) -> io::Result<T>) -> io::Result<T> {
        let mut place = self.0.lock().map_err(|_| io::Error::other("a writer failed before"))?;
        work(place.as_mut().ok_or_else(|| io::Error::other("the file is complete"))?)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|place| place.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(Write::flush)
    }
}

/// A Parquet file being written.
pub(super) struct ParquetSink {
    path: PathBuf,
    place: Shared,
    columns: Vec<OutputColumn>,
    writer: BatchedWriter<Shared>,
    /// Rows not yet written.
    pending: Option<DataFrame>,
}

impl ParquetSink {
    /// Starts a file.
    pub(super) fn new(place: Place, columns: &[OutputColumn]) -> Result<Self, WriteError> {
        let path = place.path().to_owned();
        let place = Shared(Arc::new(Mutex::new(Some(place))));
        let schema: Schema =
            columns.iter().map(|c| (c.name.as_str().into(), data_type(c.kind))).collect();
        let writer = ParquetWriter::new(place.clone())
            .set_parallel(false)
            .batched(&schema)
            .map_err(|e| failed(&path, &e))?;
        Ok(Self { path, place, columns: columns.to_vec(), writer, pending: None })
    }
}

impl ParquetSink {
    fn add(&mut self, frame: &Frame) -> PolarsResult<()> {
        let columns = self
            .columns
            .iter()
            .zip(frame.fields())
            .map(|(c, field)| series(c, &field.column))
            .collect::<PolarsResult<Vec<_>>>()?;
        let data = DataFrame::new(frame.rows(), columns)?;
        match &mut self.pending {
            Some(pending) => _ = pending.vstack_mut(&data)?,
            None => self.pending = Some(data),
        }
        if self.pending.as_ref().is_some_and(|p| p.height() >= GROUP) {
            self.group()
        } else {
            Ok(())
        }
    }

    /// Writes what is pending as one row group.
    fn group(&mut self) -> PolarsResult<()> {
        match self.pending.take() {
            Some(mut data) if data.height() > 0 => {
                data.rechunk_mut();
                self.writer.write_batch(&data)
            }
            _ => Ok(()),
        }
    }
}

impl Sink for ParquetSink {
    fn write(&mut self, frame: &Frame) -> Result<(), WriteError> {
        self.add(frame).map_err(|e| failed(&self.path, &e))
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        let ended = self.group().and_then(|()| self.writer.finish());
        ended.map_err(|e| failed(&self.path, &e))?;
        let place = self.place.0.lock().ok().and_then(|mut place| place.take());
        place.expect("only finish takes the place, and it runs once").keep()
    }
}

fn failed(path: &std::path::Path, error: &PolarsError) -> WriteError {
    match error {
        PolarsError::IO { error, .. } => error_at(path, error),
        other => error_at(path, &io::Error::other(other.to_string())),
    }
}

fn data_type(kind: OutputType) -> DataType {
    match kind {
        OutputType::Bool => DataType::Boolean,
        OutputType::Int => DataType::Int64,
        OutputType::Float => DataType::Float64,
        OutputType::Text => DataType::String,
        OutputType::Time => DataType::Datetime(TimeUnit::Milliseconds, None),
    }
}

/// The column in the type announced, missing values as nulls.
fn series(announced: &OutputColumn, column: &Column) -> PolarsResult<PolarsColumn> {
    let name = announced.name.as_str().into();
    let whole = |v: &[i64]| -> Int64Chunked {
        let some = v.iter().map(|&n| (n != NO_VALUE).then_some(n));
        Int64Chunked::from_iter_options(announced.name.as_str().into(), some)
    };
    let text;
    let column = match (announced.kind, column) {
        (
            OutputType::Text,
            Column::Bool(_) | Column::Int(_) | Column::Float(_) | Column::Time(_),
        ) => {
            text = typed::text(column, Literals::among(&[]));
            &text
        }
        _ => column,
    };
    let series = match column {
        Column::Bool(v) => {
            let values: Vec<Option<bool>> = v.iter().map(|&b| (b >= 0).then_some(b > 0)).collect();
            Series::new(name, values)
        }
        Column::Int(v) if announced.kind == OutputType::Float => {
            let values = v.iter().map(|&n| (n != NO_VALUE).then_some(n as f64));
            Series::new(name, values.collect::<Vec<_>>())
        }
        Column::Int(v) => whole(v).into_series(),
        Column::Time(v) => whole(v).into_series().cast(&data_type(OutputType::Time))?,
        Column::Float(v) => {
            let values: Vec<Option<f64>> = v.iter().map(|&n| (!n.is_nan()).then_some(n)).collect();
            Series::new(name, values)
        }
        Column::Str(v) => {
            let values: Vec<Option<&str>> = (0..v.codes.len()).map(|i| v.get(i)).collect();
            Series::new(name, values)
        }
        Column::Sparse(_) => unreachable!("no output type takes a sparse block"),
    };
    Ok(series.into_column())
}
