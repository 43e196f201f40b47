//! Sheets of Excel workbooks. Cells come typed, column by column they are made of one type:
//! yes/no, points in time, or else the rules of text files decide on the text of the cells.

use crate::builder::Builder;
use crate::cell::{Cell, classify, is_missing, literal};
use crate::csv::decode::broken;
use crate::csv::order;
use crate::dictionary::TextColumn;
use crate::read::{ReadOptions, Table, infinite};
use crate::source::Input;
use crate::{ReadError, names, time_text, typed};
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use chrono::NaiveDate;
use ruska_core::{Column, Finding, NO_VALUE};
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A value of a cell.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Bool(bool),
    Number(f64),
    Text(String),
    /// Milliseconds since 1970-01-01.
    Time(i64),
    /// A duration or time of day, in seconds.
    Seconds(f64),
}

impl Value {
    fn of(cell: &DataRef<'_>) -> Option<Self> {
        match cell {
            DataRef::Int(v) => Some(Self::Number(*v as f64)),
            DataRef::Float(v) => Some(Self::Number(*v)),
            DataRef::String(v) | DataRef::DateTimeIso(v) | DataRef::DurationIso(v) => {
                (!v.is_empty()).then(|| Self::Text(v.clone()))
            }
            DataRef::SharedString(v) => (!v.is_empty()).then(|| Self::Text((*v).to_owned())),
            DataRef::Bool(v) => Some(Self::Bool(*v)),
            DataRef::DateTime(v) => time(v),
            DataRef::Error(_) | DataRef::Empty => None,
        }
    }

    /// The text a text file would have.
    fn text(&self) -> String {
        match self {
            Self::Bool(v) => v.to_string(),
            Self::Number(v) | Self::Seconds(v) if v.fract() == 0.0 && v.abs() < 1e15 => {
                format!("{v:.0}")
            }
            Self::Number(v) | Self::Seconds(v) => format!("{v:?}"),
            Self::Text(v) => v.clone(),
            Self::Time(v) => time_text(*v),
        }
    }
}

/// A date, or seconds when the value is a duration or a time of day.
fn time(cell: &ExcelDateTime) -> Option<Value> {
    let days = cell.as_f64();
    if cell.is_duration() || days < 1.0 {
        return Some(Value::Seconds((days * 86_400_000.0).round() / 1000.0));
    }
    let (year, month, day, hour, minute, second, milli) = cell.to_ymd_hms_milli();
    let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
    let time = date.and_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into())?;
    Some(Value::Time(time.and_utc().timestamp_millis()))
}

/// A sheet in memory.
pub(crate) struct Sheet {
    /// Names of the columns.
    pub(crate) names: Vec<String>,
    /// Per column the filled cells with their rows, ascending.
    cells: Vec<Vec<(u32, Value)>>,
    /// Row of the sheet, from 1, of each row of data.
    pub(crate) lines: Vec<u64>,
    findings: Vec<Finding>,
}

impl Sheet {
    /// Reads the sheet asked for, or the first.
    pub(crate) fn open(path: &Path, options: &ReadOptions) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|e| broken(path, &e))?;
        let damaged = |why: String| ReadError::Damaged { path: path.into(), what: "workbook", why };
        let rows = catch_unwind(AssertUnwindSafe(|| {
            let mut book = Xlsx::new(BufReader::new(file)).map_err(|e| damaged(e.to_string()))?;
            let have = book.sheet_names();
            let sheet = match &options.sheet {
                Some(asked) if !have.contains(asked) => {
                    let (path, sheet) = (path.into(), asked.clone());
                    return Err(ReadError::MissingSheet { path, sheet, have });
                }
                Some(asked) => asked,
                None => have.first().ok_or(ReadError::EmptyFile { path: path.into() })?,
            };
            rows(&mut book, sheet).map_err(|e| damaged(e.to_string()))
        }))
        .unwrap_or_else(|_| Err(damaged("its parts contradict each other".to_owned())))?;
        Self::of_rows(path, rows, options)
    }

    fn of_rows(path: &Path, rows: Vec<Row>, options: &ReadOptions) -> Result<Self, ReadError> {
        let mut rows = rows.into_iter().peekable();
        let Some(first) = rows.peek() else {
            return Err(ReadError::EmptyFile { path: path.into() });
        };
        let left = first.cells.iter().map(|c| c.0).min().unwrap_or(0);
        let right = first.cells.iter().map(|c| c.0).max().unwrap_or(0);
        let width = (right - left + 1) as usize;
        let mut names: Vec<String> = (1..=width).map(names::numbered).collect();
        let mut findings = Vec::new();
        if options.header.unwrap_or_else(|| is_header(&first.cells)) {
            let mut given = vec![String::new(); width];
            for (column, value) in rows.next().map(|r| r.cells).unwrap_or_default() {
                given[(column - left) as usize] = value.text();
            }
            (names, findings) = names::tidy(given);
        }
        let mut sheet = Self { names, cells: vec![Vec::new(); width], lines: Vec::new(), findings };
        for row in rows {
            for (column, value) in row.cells {
                let place = column.checked_sub(left).map(|c| c as usize);
                match place.and_then(|p| sheet.cells.get_mut(p)) {
                    Some(cells) => cells.push((sheet.lines.len() as u32, value)),
                    None => {
                        return Err(ReadError::Beside {
                            path: path.into(),
                            cell: letters(column) + &row.line.to_string(),
                            first: letters(left),
                            last: letters(right),
                        });
                    }
                }
            }
            sheet.lines.push(row.line);
        }
        Ok(sheet)
    }

    /// A column with missing tokens told from values.
    fn column(&self, i: usize, infinities: &mut Vec<(String, usize)>) -> Column {
        let is_value = |(_, v): &&(u32, Value)| match v {
            Value::Text(t) => {
                let t = t.trim_ascii().as_bytes();
                !is_missing(t) && literal(t).is_none()
            }
            _ => true,
        };
        let rows = self.lines.len();
        let values: Vec<&(u32, Value)> = self.cells[i].iter().filter(is_value).collect();
        if let Some(column) = plain(&values, rows) {
            return column;
        }
        let fill = |mut builder: Builder| {
            let mut cells = self.cells[i].iter().peekable();
            for row in 0..rows as u32 {
                match cells.next_if(|c| c.0 == row) {
                    Some((_, value)) => builder.push(value.text().as_bytes()),
                    None => builder.push(b""),
                }
            }
            builder.finish()
        };
        let built = fill(Builder::new(false)).or_else(|| fill(Builder::text()));
        let built = built.expect("a column read as text always finishes");
        if built.infinite > 0 {
            match infinities.iter_mut().find(|(name, _)| *name == self.names[i]) {
                Some((_, n)) => *n += built.infinite,
                None => infinities.push((self.names[i].clone(), built.infinite)),
            }
        }
        built.column
    }

    /// A column with every text as it stands.
    pub(crate) fn raw_column(&self, i: usize) -> Column {
        let rows = self.lines.len();
        let values: Vec<&(u32, Value)> = self.cells[i].iter().collect();
        if let Some(column) = plain(&values, rows) {
            return column;
        }
        if !values.is_empty() && values.iter().all(|v| matches!(v.1, Value::Number(_))) {
            return self.column(i, &mut Vec::new());
        }
        let mut out = TextColumn::default();
        let mut cells = values.into_iter().peekable();
        for row in 0..rows as u32 {
            match cells.next_if(|c| c.0 == row) {
                Some((_, value)) => _ = out.push(value.text().as_bytes()),
                None => out.push_missing(),
            }
        }
        out.raw()
    }
}

/// The column when all its values are of one type that text files do not have.
fn plain(values: &[&(u32, Value)], rows: usize) -> Option<Column> {
    fn fill<T: Clone>(
        values: &[&(u32, Value)],
        rows: usize,
        none: T,
        get: impl Fn(&Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut out = vec![none; rows];
        for (row, value) in values {
            out[*row as usize] = get(value)?;
        }
        Some(out)
    }
    match values.first()?.1 {
        Value::Bool(_) => fill(values, rows, -1, |v| match v {
            Value::Bool(b) => Some(i8::from(*b)),
            _ => None,
        })
        .map(|v| Column::Bool(v.into())),
        Value::Time(_) => fill(values, rows, NO_VALUE, |v| match v {
            Value::Time(t) => Some(*t),
            _ => None,
        })
        .map(|v| Column::Time(v.into())),
        Value::Seconds(_) => fill(values, rows, f64::NAN, |v| match v {
            Value::Seconds(s) => Some(*s),
            _ => None,
        })
        .map(Column::float),
        Value::Number(_) | Value::Text(_) => None,
    }
}

/// A row with at least one filled cell.
struct Row {
    /// Row of the sheet, from 1.
    line: u64,
    /// Columns and values.
    cells: Vec<(u32, Value)>,
}

fn rows(book: &mut Xlsx<BufReader<File>>, sheet: &str) -> Result<Vec<Row>, XlsxError> {
    let mut reader = book.worksheet_cells_reader(sheet)?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = reader.next_cell()? {
        let Some(value) = Value::of(cell.get_value()) else { continue };
        let (row, column) = cell.get_position();
        let line = u64::from(row) + 1;
        match rows.last_mut() {
            Some(last) if last.line == line => last.cells.push((column, value)),
            _ => rows.push(Row { line, cells: vec![(column, value)] }),
        }
    }
    Ok(rows)
}

/// Whether a first row holds names: text, or numbers that may be years.
fn is_header(cells: &[(u32, Value)]) -> bool {
    let name = |value: &Value| match value {
        Value::Text(text) => classify(text.as_bytes(), false) == Cell::Text,
        Value::Number(v) => v.fract() == 0.0 && (1900.0..=2100.0).contains(v),
        Value::Bool(_) | Value::Time(_) | Value::Seconds(_) => false,
    };
    cells.iter().all(|(_, v)| name(v)) && cells.iter().any(|(_, v)| matches!(v, Value::Text(_)))
}

/// Reads files that are parts of one table.
pub(crate) fn read(inputs: &[Input], options: &ReadOptions) -> Result<Table, ReadError> {
    let (mut findings, mut infinities) = (Vec::new(), Vec::new());
    let mut names: Vec<String> = Vec::new();
    let mut parts = Vec::new();
    for input in inputs {
        let sheet = Sheet::open(&input.path, options)?;
        if parts.is_empty() {
            names.clone_from(&sheet.names);
            findings.extend_from_slice(&sheet.findings);
            parts = vec![Vec::new(); names.len()];
        }
        let order = order(&names, &sheet.names, &inputs[0].path, &input.path)?;
        for (part, i) in parts.iter_mut().zip(order) {
            part.push((input.path.clone(), sheet.column(i, &mut infinities)));
        }
    }
    let join = |(name, parts): (String, _)| Ok((name.clone(), typed::join(&name, parts)?));
    let columns: Vec<(String, Column)> =
        names.into_iter().zip(parts).map(join).collect::<Result<_, ReadError>>()?;
    if columns[0].1.rows() == 0 {
        return Err(ReadError::NoRows { path: inputs[0].path.clone() });
    }
    findings.extend(infinite(&infinities));
    Ok(Table { columns, findings })
}
/// A column by its letters, from 0: `A`, …, `Z`, `AA`, ….
fn letters(column: u32) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    if column < 26 { last.to_string() } else { letters(column / 26 - 1) + &last.to_string() }
}
