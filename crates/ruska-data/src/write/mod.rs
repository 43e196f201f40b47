//! Predictions to files: batch after batch, in bounded memory, never half a file.

mod parquet;
mod place;
mod sheet;
mod text;

use crate::WriteError;
use crate::source::ends_with;
use crate::typed::type_name;
use parquet::ParquetSink;
use place::Place;
use ruska_core::{Column, Frame};
use sheet::SheetSink;
use std::path::{Path, PathBuf};
use text::TextSink;

/// The type of an output column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputType {
    /// Yes or no.
    Bool,
    /// Whole numbers.
    Int,
    /// Real numbers; takes whole ones too.
    Float,
    /// Text; takes every type.
    Text,
    /// Points in time.
    Time,
}

/// A column of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its type in typed formats.
    pub kind: OutputType,
}

impl OutputColumn {
    /// A column of a name and type.
    pub fn new(name: impl Into<String>, kind: OutputType) -> Self {
        Self { name: name.into(), kind }
    }

    /// The columns of a frame with the types they have there.
    pub fn of(frame: &Frame) -> Vec<Self> {
        let kind = |column: &Column| match column {
            Column::Bool(_) => OutputType::Bool,
            Column::Int(_) => OutputType::Int,
            Column::Float(_) | Column::Sparse(_) => OutputType::Float,
            Column::Str(_) => OutputType::Text,
            Column::Time(_) => OutputType::Time,
        };
        frame.fields().iter().map(|f| Self::new(&*f.name, kind(&f.column))).collect()
    }
}

impl OutputType {
    fn takes(self, column: &Column) -> bool {
        match self {
            Self::Bool => matches!(column, Column::Bool(_)),
            Self::Int => matches!(column, Column::Int(_)),
            Self::Float => matches!(column, Column::Float(_) | Column::Int(_)),
            Self::Text => !matches!(column, Column::Sparse(_)),
            Self::Time => matches!(column, Column::Time(_)),
        }
    }
}

/// Writes a table batch by batch: `.csv`, `.tsv`, `.csv.gz`, `.parquet`, `.xlsx`, or CSV to
/// standard output (`-`).
///
/// A file appears under its name, whole, when [`finish`](Self::finish) returns; without it
/// nothing stays behind. Missing values are empty cells (nulls in Parquet). Numbers of text files
/// read back to the same values.
///
/// ```
/// use ruska_core::{Column, Field, Frame, Kind};
/// use ruska_data::{OutputColumn, PredictionWriter};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("out.csv");
/// let batch = Frame::new(vec![Field::new("p", Kind::Numeric, Column::float(vec![0.1, f64::NAN]))])?;
/// let mut writer = PredictionWriter::create(&path, &OutputColumn::of(&batch))?;
/// writer.write(&batch)?;
/// writer.finish()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "p\n0.1\n\"\"\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PredictionWriter {
    path: PathBuf,
    columns: Vec<OutputColumn>,
    sink: Box<dyn Sink>,
}

/// A format being written.
trait Sink: Send {
    /// Adds rows of the columns announced.
    fn write(&mut self, frame: &Frame) -> Result<(), WriteError>;

    /// Completes the file.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// Names that files of text end in.
const TEXTS: [&str; 4] = [".csv", ".tsv", ".csv.gz", ".tsv.gz"];

impl PredictionWriter {
    /// Fails when the name of a file does not tell its format, without touching it.
    pub fn check(path: impl AsRef<Path>) -> Result<(), WriteError> {
        let path = path.as_ref();
        let known = ends_with(path, &TEXTS) || ends_with(path, &[".parquet", ".xlsx"]);
        if known || path == Path::new("-") {
            return Ok(());
        }
        Err(WriteError::UnknownFormat { path: path.into() })
    }

    /// Starts a file; the folder must exist and be writable.
    pub fn create(path: impl AsRef<Path>, columns: &[OutputColumn]) -> Result<Self, WriteError> {
        let path = path.as_ref();
        let sink: Box<dyn Sink> = if path == Path::new("-") {
            Box::new(TextSink::new(Place::stdout(), b',', false, columns)?)
        } else if ends_with(path, &TEXTS) {
            let delimiter = if ends_with(path, &[".tsv", ".tsv.gz"]) { b'\t' } else { b',' };
            let gzip = ends_with(path, &[".gz"]);
            Box::new(TextSink::new(Place::open(path)?, delimiter, gzip, columns)?)
        } else if ends_with(path, &[".parquet"]) {
            Box::new(ParquetSink::new(Place::open(path)?, columns)?)
        } else if ends_with(path, &[".xlsx"]) {
            Box::new(SheetSink::new(Place::open(path)?, columns)?)
        } else {
            return Err(WriteError::UnknownFormat { path: path.into() });
        };
        Ok(Self { path: path.into(), columns: columns.to_vec(), sink })
    }

    /// Adds rows. The frame has the announced columns in their order.
    pub fn write(&mut self, frame: &Frame) -> Result<(), WriteError> {
        let wrong = |column: &str, why: String| WriteError::Column {
            path: self.path.clone(),
            column: column.to_owned(),
            why,
        };
        for (i, announced) in self.columns.iter().enumerate() {
            match frame.fields().get(i) {
                Some(field) if *field.name != announced.name => {
                    return Err(wrong(&announced.name, format!("got `{}` instead", field.name)));
                }
                Some(field) if !announced.kind.takes(&field.column) => {
                    let why = format!("got {}", type_name(&field.column));
                    return Err(wrong(&announced.name, why));
                }
                Some(_) => {}
                None => return Err(wrong(&announced.name, "is absent".to_owned())),
            }
        }
        if let Some(extra) = frame.fields().get(self.columns.len()) {
            return Err(wrong(&extra.name, "was not announced".to_owned()));
        }
        self.sink.write(frame)
    }

    /// Completes the file and puts it in its place.
    pub fn finish(self) -> Result<(), WriteError> {
        self.sink.finish()
    }
}
