//! Parquet through polars, whose types end here.

use crate::csv::decode::broken;
use crate::csv::order;
use crate::dictionary::TextColumn;
use crate::read::{Table, infinite, reading};
use crate::source::Input;
use crate::{ReadError, typed};
use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::{
    ArrowDataType, DataFrame, DataType, ParallelStrategy, ParquetReader, PolarsResult, SerReader,
    Series, TimeUnit,
};
use ruska_core::{Column, NO_VALUE, Severity};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// An opened Parquet file.
pub(crate) struct ParquetFile {
    path: PathBuf,
    metadata: FileMetadataRef,
    /// Columns of plain values.
    pub(crate) names: Vec<String>,
    /// Columns that cannot be read: lists, structs, maps, numbers of 16 or 256 bits.
    pub(crate) unusable: Vec<String>,
    /// Number of rows.
    pub(crate) rows: usize,
}

impl ParquetFile {
    /// Reads names and types.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|e| broken(path, &e))?;
        let (metadata, schema) = guarded(path, || {
            let mut reader = ParquetReader::new(file);
            Ok((reader.get_metadata()?.clone(), reader.schema()?))
        })?;
        let (mut names, mut unusable) = (Vec::new(), Vec::new());
        for field in schema.iter_values() {
            let plain = match &field.dtype {
                ArrowDataType::Dictionary(_, values, _) => !values.is_nested(),
                ArrowDataType::Float16 | ArrowDataType::Decimal256(..) => false,
                other => !other.is_nested(),
            };
            let list = if plain { &mut names } else { &mut unusable };
            list.push(field.name.to_string());
        }
        if names.is_empty() {
            return Err(ReadError::NoColumns { path: path.into() });
        }
        let rows = metadata.num_rows;
        Ok(Self { path: path.into(), metadata, names, unusable, rows })
    }

    /// All rows of the named columns, texts as they stand.
    pub(crate) fn all(&self, names: &[String]) -> Result<Vec<Column>, ReadError> {
        let data = self.data(names, (0, self.rows), ParallelStrategy::Auto)?;
        self.columns(&data, names, false)
    }

    /// Some rows of the named columns, texts as they stand. Types of unlimited range are text, so
    /// that a column has the same type in every slice.
    pub(crate) fn slice(
        &self,
        names: &[String],
        start: usize,
        rows: usize,
    ) -> Result<Vec<Column>, ReadError> {
        let data = self.data(names, (start, rows), ParallelStrategy::None)?;
        self.columns(&data, names, true)
    }

    fn data(
        &self,
        names: &[String],
        slice: (usize, usize),
        parallel: ParallelStrategy,
    ) -> Result<DataFrame, ReadError> {
        let file = File::open(&self.path).map_err(|e| broken(&self.path, &e))?;
        guarded(&self.path, || {
            let mut reader = ParquetReader::new(file)
                .with_slice(Some(slice))
                .with_columns(Some(names.to_vec()))
                .read_parallel(parallel);
            reader.set_metadata(self.metadata.clone());
            reader.finish()
        })
    }

    fn columns(
        &self,
        data: &DataFrame,
        names: &[String],
        sliced: bool,
    ) -> Result<Vec<Column>, ReadError> {
        guarded(&self.path, || {
            names
                .iter()
                .map(|name| convert(data.column(name)?.as_materialized_series(), sliced))
                .collect()
        })
    }
}

/// Turns errors and panics of the decoder, which trusts its input, into one typed error.
fn guarded<T>(path: &Path, work: impl FnOnce() -> PolarsResult<T>) -> Result<T, ReadError> {
    let why = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "its parts contradict each other".to_owned(),
    };
    Err(ReadError::Damaged { path: path.into(), what: "Parquet file", why })
}

fn convert(series: &Series, sliced: bool) -> PolarsResult<Column> {
    use DataType as D;
    Ok(match series.dtype() {
        D::Null => Column::float(vec![f64::NAN; series.len()]),
        D::Boolean => Column::Bool(
            series.bool()?.iter().map(|v| v.map_or(-1, i8::from)).collect::<Vec<_>>().into(),
        ),
        D::Int8 | D::Int16 | D::Int32 | D::Int64 | D::UInt8 | D::UInt16 | D::UInt32 => {
            let series = series.cast(&D::Int64)?;
            let values = series.i64()?;
            whole(|| values.iter().map(|v| v.map(i128::from)), false)
        }
        D::UInt64 => {
            let values = series.u64()?;
            whole(|| values.iter().map(|v| v.map(i128::from)), sliced)
        }
        D::Float32 => {
            Column::float(series.f32()?.iter().map(|v| v.map_or(f64::NAN, f64::from)).collect())
        }
        D::Float64 => Column::float(series.f64()?.iter().map(|v| v.unwrap_or(f64::NAN)).collect()),
        D::Decimal(precision, 0) => {
            let wide = *precision > 18;
            let values = series.decimal()?.physical();
            whole(|| values.iter(), sliced && wide)
        }
        D::Decimal(..) => {
            let series = series.cast(&D::Float64)?;
            Column::float(series.f64()?.iter().map(|v| v.unwrap_or(f64::NAN)).collect())
        }
        D::Date => scaled(series, |days| days * DAY)?,
        D::Datetime(unit, _) => match unit {
            TimeUnit::Nanoseconds => scaled(series, |t| t.div_euclid(1_000_000))?,
            TimeUnit::Microseconds => scaled(series, |t| t.div_euclid(1000))?,
            TimeUnit::Milliseconds => scaled(series, |t| t)?,
        },
        D::Time => seconds(series, 1e9)?,
        D::Duration(unit) => match unit {
            TimeUnit::Nanoseconds => seconds(series, 1e9)?,
            TimeUnit::Microseconds => seconds(series, 1e6)?,
            TimeUnit::Milliseconds => seconds(series, 1e3)?,
        },
        D::Binary => {
            let mut out = TextColumn::default();
            for value in series.binary()?.iter() {
                match value {
                    Some(bytes) => _ = out.push(hex(bytes).as_bytes()),
                    None => out.push_missing(),
                }
            }
            out.raw()
        }
        _ => {
            let series = series.cast(&D::String)?;
            let mut out = TextColumn::default();
            for value in series.str()?.iter() {
                match value {
                    Some(text) => _ = out.push(text.as_bytes()),
                    None => out.push_missing(),
                }
            }
            out.raw()
        }
    })
}

/// Whole numbers as `Int`, or as text when asked to or when one does not fit.
fn whole<I: Iterator<Item = Option<i128>>>(values: impl Fn() -> I, as_text: bool) -> Column {
    let fits = |v: Option<i128>| v.is_none_or(|v| i64::try_from(v).is_ok_and(|v| v != NO_VALUE));
    if !as_text && values().all(fits) {
        let int = |v: Option<i128>| v.map_or(NO_VALUE, |v| v as i64);
        return Column::Int(values().map(int).collect::<Vec<_>>().into());
    }
    let mut out = TextColumn::default();
    for value in values() {
        match value {
            Some(v) => _ = out.push(v.to_string().as_bytes()),
            None => out.push_missing(),
        }
    }
    out.raw()
}

fn scaled(series: &Series, milliseconds: impl Fn(i64) -> i64) -> PolarsResult<Column> {
    let physical = series.to_physical_repr().cast(&DataType::Int64)?;
    let value = |v: Option<i64>| v.map_or(NO_VALUE, &milliseconds);
    Ok(Column::Time(physical.i64()?.iter().map(value).collect::<Vec<_>>().into()))
}

fn seconds(series: &Series, per_second: f64) -> PolarsResult<Column> {
    let physical = series.to_physical_repr().cast(&DataType::Int64)?;
    let value = |v: Option<i64>| v.map_or(f64::NAN, |v| v as f64 / per_second);
    Ok(Column::float(physical.i64()?.iter().map(value).collect()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, b| text + &format!("{b:02x}"))
}

/// Reads files that are parts of one table.
pub(crate) fn read(inputs: &[Input]) -> Result<Table, ReadError> {
    let mut findings = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut parts: Vec<Vec<(PathBuf, Column)>> = Vec::new();
    for input in inputs {
        let file = ParquetFile::open(&input.path)?;
        if parts.is_empty() {
            names.clone_from(&file.names);
            parts = vec![Vec::new(); names.len()];
            for name in &file.unusable {
                let what = format!(
                    "column `{name}` holds no plain values of a common type; it is left out"
                );
                let advice = "spread lists and structs over plain columns if they matter";
                findings.push(reading(Severity::Warning, Some(name), file.rows, what, advice));
            }
        }
        order(&names, &file.names, &inputs[0].path, &input.path)?;
        for (part, column) in parts.iter_mut().zip(file.all(&names)?) {
            part.push((input.path.clone(), column));
        }
    }
    let (mut columns, mut infinities) = (Vec::with_capacity(names.len()), vec![]);
    for (name, parts) in names.into_iter().zip(parts) {
        let column = finite(typed::join(&name, parts)?, &name, &mut infinities);
        columns.push((name, typed::settled(column)));
    }
    if columns[0].1.rows() == 0 {
        return Err(ReadError::NoRows { path: inputs[0].path.clone() });
    }
    findings.extend(infinite(&infinities));
    Ok(Table { columns, findings })
}

/// Infinities become missing; their number is noted where there are any.
fn finite(column: Column, name: &str, infinities: &mut Vec<(String, usize)>) -> Column {
    let Column::Float(values) = &column else { return column };
    let infinite = values.iter().filter(|v| v.is_infinite()).count();
    if infinite == 0 {
        return column;
    }
    infinities.push((name.to_owned(), infinite));
    Column::float(values.iter().map(|v| if v.is_infinite() { f64::NAN } else { *v }).collect())
}
