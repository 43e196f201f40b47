//! Tables too large for memory, batch by batch, in the types a model's schema asks for.

use crate::ReadError;
use crate::cell::{Cell, classify};
use crate::csv::CsvFile;
use crate::dictionary::{Literals, TextColumn};
use crate::error::Place;
use crate::parquet::ParquetFile;
use crate::read::{ReadOptions, frame};
use crate::sheet::Sheet;
use crate::source::{self, Format, Input};
use crate::typed::{self, NotNumbers};
use ruska_core::{Column, Frame};
use std::path::{Path, PathBuf};

/// What is wanted of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Real numbers, as `Float`; text that is neither a number nor a missing token is an error.
    Number,
    /// Numbers that training had with separators or units: as `Float` or `Int` where the file has
    /// numbers, else as [`Wanted::Text`].
    Written,
    /// Text, as `Str`; values of typed files are put into words. Missing tokens are missing, but
    /// `NA`, `None` and `-` are values when they are among the known levels.
    Text {
        /// The levels known from training.
        levels: Vec<String>,
    },
    /// Points in time: as `Time` where the file has that type, else as [`Wanted::Text`].
    Time,
    /// What the file has: exact text of text files, nothing missing; typed values of typed files.
    Raw,
}

/// The columns wanted of a table. A column may be wanted once typed and once raw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchPlan {
    typed: Vec<(String, Wanted)>,
    raw: Vec<String>,
}

impl BatchPlan {
    /// A plan without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column; frames have the columns in the order added. A column already wanted typed
    /// (or raw) stays as it is.
    #[must_use]
    pub fn want(mut self, column: impl Into<String>, wanted: Wanted) -> Self {
        let column = column.into();
        match wanted {
            Wanted::Raw if !self.raw.contains(&column) => self.raw.push(column),
            Wanted::Raw => {}
            _ if self.typed.iter().any(|(name, _)| *name == column) => {}
            wanted => self.typed.push((column, wanted)),
        }
        self
    }

    /// Every column once.
    fn columns(&self) -> Vec<&str> {
        let typed = self.typed.iter().map(|(name, _)| name.as_str());
        let only_raw = |n: &&String| !self.typed.iter().any(|(name, _)| name == *n);
        typed.chain(self.raw.iter().filter(only_raw).map(String::as_str)).collect()
    }
}

/// Some rows of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The columns wanted typed, in the order of the plan.
    pub frame: Frame,
    /// The columns wanted raw, in the order of the plan.
    pub raw: Frame,
    /// Place of the first row in the whole table, from 0.
    pub first_row: usize,
    /// Where the first row starts in its file.
    pub place: Place,
    /// The file all rows of the batch are from; `-` for standard input.
    pub file: PathBuf,
}

/// Opens a table for reading in batches of at most `batch_rows` rows; sources are those of
/// [`read`](crate::read). Memory does not grow with the rows of text and Parquet files; sheets
/// are held whole.
///
/// Fails at once when the first file cannot be opened or lacks a column.
pub fn open_batches(
    source: &str,
    options: &ReadOptions,
    plan: &BatchPlan,
    batch_rows: usize,
) -> Result<Batches, ReadError> {
    let mut batches = Batches {
        inputs: source::resolve(source)?.into_iter(),
        options: options.clone(),
        plan: plan.clone(),
        batch_rows: batch_rows.max(1),
        row: 0,
        current: None,
        path: PathBuf::new(),
    };
    batches.open_next()?;
    Ok(batches)
}

/// The batches of a table; ends after the first error. Made by [`open_batches`].
pub struct Batches {
    inputs: std::vec::IntoIter<Input>,
    options: ReadOptions,
    plan: BatchPlan,
    batch_rows: usize,
    /// Rows given so far.
    row: usize,
    current: Option<Open>,
    /// The current file.
    path: PathBuf,
}

/// A file being read.
enum Open {
    /// With the place of each planned column.
    Text(Box<CsvFile>, Vec<usize>),
    /// With the rows given so far.
    Parquet(ParquetFile, usize),
    /// With the planned columns, the row of each line, and the rows given so far.
    Sheet(Vec<Column>, Vec<u64>, usize),
}

impl Iterator for Batches {
    type Item = Result<Batch, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.try_next().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.inputs = Vec::new().into_iter();
            self.current = None;
        }
        next
    }
}

impl Batches {
    fn try_next(&mut self) -> Result<Option<Batch>, ReadError> {
        while let Some(open) = self.current.take() {
            if let Some((batch, open)) = self.batch(open)? {
                self.row += batch.frame.rows();
                self.current = Some(open);
                return Ok(Some(batch));
            }
            let path = self.path.clone();
            self.open_next()?;
            if self.current.is_none() && self.row == 0 {
                return Err(ReadError::NoRows { path });
            }
        }
        Ok(None)
    }

    /// Opens the next file, if there is one.
    fn open_next(&mut self) -> Result<(), ReadError> {
        let Some(input) = self.inputs.next() else { return Ok(()) };
        self.path.clone_from(&input.path);
        let columns = self.plan.columns();
        self.current = Some(match input.format {
            Format::Text => {
                let file = CsvFile::open(&input, &self.options, &columns)?;
                let places = places(&columns, &file.names, &input.path)?;
                Open::Text(Box::new(file), places)
            }
            Format::Parquet => {
                let file = ParquetFile::open(&input.path)?;
                if let Some(column) = columns.iter().find(|c| file.unusable.iter().any(|n| n == *c))
                {
                    return Err(self.wrong_type(
                        column,
                        "no values of a common type",
                        "plain values",
                    ));
                }
                places(&columns, &file.names, &input.path)?;
                Open::Parquet(file, 0)
            }
            Format::Sheet => {
                let sheet = Sheet::open(&input.path, &self.options)?;
                let places = places(&columns, &sheet.names, &input.path)?;
                let columns = places.into_iter().map(|i| sheet.raw_column(i)).collect();
                Open::Sheet(columns, sheet.lines, 0)
            }
        });
        Ok(())
    }

    /// The next batch of an open file with the file itself, or `None` at its end.
    fn batch(&self, open: Open) -> Result<Option<(Batch, Open)>, ReadError> {
        match open {
            Open::Text(mut file, places) => {
                let batch = self.text_batch(&mut file, &places)?;
                Ok(batch.map(|batch| (batch, Open::Text(file, places))))
            }
            Open::Parquet(file, from) => {
                let rows = self.batch_rows.min(file.rows - from);
                if rows == 0 {
                    return Ok(None);
                }
                let names: Vec<String> =
                    self.plan.columns().into_iter().map(str::to_owned).collect();
                let columns = match names.as_slice() {
                    [] => Vec::new(),
                    names => file.slice(names, from, rows)?,
                };
                let place = |row| Place::Row((from + row + 1) as u64);
                let batch = self.typed_batch(columns, rows, place)?;
                Ok(Some((batch, Open::Parquet(file, from + rows))))
            }
            Open::Sheet(columns, lines, from) => {
                let rows = self.batch_rows.min(lines.len() - from);
                if rows == 0 {
                    return Ok(None);
                }
                let taken: Vec<u32> = (from as u32..(from + rows) as u32).collect();
                let part = columns.iter().map(|c| c.take(&taken)).collect();
                let batch = self.typed_batch(part, rows, |row| Place::Line(lines[from + row]))?;
                Ok(Some((batch, Open::Sheet(columns, lines, from + rows))))
            }
        }
    }

    fn text_batch(&self, file: &mut CsvFile, places: &[usize]) -> Result<Option<Batch>, ReadError> {
        let columns = self.plan.columns();
        let place = |name: &String| {
            let i = columns.iter().position(|c| c == name).expect("planned columns are listed");
            places[i]
        };
        let mut typed: Vec<(usize, Cells)> =
            self.plan.typed.iter().map(|(n, wanted)| (place(n), Cells::new(wanted))).collect();
        let mut raw: Vec<(usize, TextColumn)> =
            self.plan.raw.iter().map(|n| (place(n), TextColumn::default())).collect();
        let (mut rows, mut first) = (0, 0);
        while rows < self.batch_rows && file.advance()? {
            first = if rows == 0 { file.line() } else { first };
            rows += 1;
            let record = file.record();
            for (i, cells) in &mut typed {
                let text = record.field(*i);
                if !cells.push(&text, file.comma) {
                    let value = crate::dictionary::decode(&text).into_owned();
                    let (place, column) = (Place::Line(file.line()), file.names[*i].clone());
                    let path = self.path.clone();
                    return Err(ReadError::NotANumber { path, place, column, value });
                }
            }
            for (i, text) in &mut raw {
                text.push(&record.field(*i));
            }
        }
        if rows == 0 {
            return Ok(None);
        }
        let typed = typed.into_iter().map(|(_, c)| c.finish()).collect();
        let raw = raw.into_iter().map(|(_, c)| c.raw()).collect();
        Ok(Some(self.assemble(typed, raw, rows, Place::Line(first))))
    }

    /// A batch from columns in the order of the plan, typed as the file has them.
    fn typed_batch(
        &self,
        columns: Vec<Column>,
        rows: usize,
        place: impl Fn(usize) -> Place,
    ) -> Result<Batch, ReadError> {
        let mut typed = Vec::with_capacity(self.plan.typed.len());
        for ((name, wanted), column) in self.plan.typed.iter().zip(&columns) {
            typed.push(match wanted {
                Wanted::Number => typed::numbers(column).map_err(|e| match e {
                    NotNumbers::Type(got) => self.wrong_type(name, got, "numbers"),
                    NotNumbers::Text(row, value) => ReadError::NotANumber {
                        path: self.path.clone(),
                        place: place(row),
                        column: name.clone(),
                        value,
                    },
                })?,
                Wanted::Time if matches!(column, Column::Time(_)) => column.clone(),
                Wanted::Written if matches!(column, Column::Int(_) | Column::Float(_)) => {
                    column.clone()
                }
                Wanted::Raw => column.clone(),
                Wanted::Text { .. } | Wanted::Time | Wanted::Written => {
                    typed::text(column, literals(wanted))
                }
            });
        }
        let names = self.plan.columns();
        let raw = self.plan.raw.iter().map(|raw| {
            let i = names.iter().position(|n| n == raw).expect("planned columns are listed");
            columns[i].clone()
        });
        Ok(self.assemble(typed, raw.collect(), rows, place(0)))
    }

    fn assemble(&self, typed: Vec<Column>, raw: Vec<Column>, rows: usize, place: Place) -> Batch {
        let named = |names: Vec<String>, columns: Vec<Column>| {
            let fields = frame(names.into_iter().zip(columns).collect()).fields().to_vec();
            Frame::with_rows(fields, rows).expect("all columns of a batch have its rows")
        };
        Batch {
            frame: named(self.plan.typed.iter().map(|(n, _)| n.clone()).collect(), typed),
            raw: named(self.plan.raw.clone(), raw),
            first_row: self.row,
            place,
            file: self.path.clone(),
        }
    }

    fn wrong_type(&self, column: &str, got: &'static str, expected: &'static str) -> ReadError {
        ReadError::WrongType { path: self.path.clone(), column: column.to_owned(), got, expected }
    }
}

fn places(columns: &[&str], have: &[String], path: &Path) -> Result<Vec<usize>, ReadError> {
    let place = |column: &&str| have.iter().position(|h| h == column);
    let absent = columns.iter().filter(|c| place(c).is_none());
    let absent: Vec<String> = absent.map(|c| (*c).to_owned()).collect();
    if absent.is_empty() {
        return Ok(columns.iter().filter_map(place).collect());
    }
    Err(ReadError::MissingColumns { path: path.into(), columns: absent, have: have.to_vec() })
}

fn literals(wanted: &Wanted) -> Literals {
    match wanted {
        Wanted::Text { levels } => Literals::among(levels),
        _ => Literals::among(&[]),
    }
}

/// A typed column of a batch of text rows.
enum Cells {
    Number(Vec<f64>),
    Text(TextColumn, Literals),
}

impl Cells {
    fn new(wanted: &Wanted) -> Self {
        match wanted {
            Wanted::Number => Self::Number(Vec::new()),
            other => Self::Text(TextColumn::default(), literals(other)),
        }
    }

    /// Adds a cell; `false` when it should be a number and is not.
    fn push(&mut self, text: &[u8], comma: bool) -> bool {
        match self {
            Self::Text(column, _) => {
                column.push(text);
            }
            Self::Number(values) => values.push(match classify(text, comma) {
                Cell::Missing | Cell::Infinite => f64::NAN,
                Cell::Int(v) => v as f64,
                Cell::Float(v) | Cell::Odd(v) => v,
                Cell::Text => return false,
            }),
        }
        true
    }

    fn finish(self) -> Column {
        match self {
            Self::Number(values) => Column::float(values),
            Self::Text(column, literals) => column.known(literals),
        }
    }
}
