//! Times of rows.

use crate::error::Error;
use ruska_core::{Column, Frame, Meaning, NO_VALUE, Schema};
use std::collections::BTreeMap;

/// The points in time of a column, milliseconds since 1970 in UTC; [`ruska_core::NO_VALUE`] where missing.
///
/// Fails when the column is not there or holds no times.
pub fn times_of(table: &Frame, column: &str) -> Result<Vec<i64>, Error> {
    let one = table.select(|f| &*f.name == column);
    if one.fields().is_empty() {
        let names = table.fields().iter().map(|f| &*f.name);
        let hint = ruska_data::hint(column, names);
        return Err(Error::NoColumn { option: "the time column", column: column.to_owned(), hint });
    }
    if one.fields()[0].column.missing() == one.rows() {
        return Err(Error::Options(format!("column `{column}` is empty; it has to hold times")));
    }
    let (schema, _) = ruska_data::infer(&one, &BTreeMap::new())?;
    let typed = ruska_data::apply(&one, &schema, &[column])?;
    match typed.field(column).map(|f| &f.column) {
        Some(Column::Time(times)) => Ok(times.to_vec()),
        _ => Err(Error::Options(format!(
            "column `{column}` holds no points in time; write them as 2024-01-31"
        ))),
    }
}

/// What orders the rows of a table: the points in time of a column as a schema reads them, or its
/// numbers. [`NO_VALUE`] where missing.
///
/// Fails when the column is not there or holds neither.
pub(crate) fn row_times(table: &Frame, schema: &Schema, name: &str) -> Result<Vec<i64>, Error> {
    let typed = match schema.column(name).map(|c| &c.meaning) {
        Some(Meaning::Time { .. }) => ruska_data::apply(table, schema, &[name])?,
        _ => table.clone(),
    };
    match typed.field(name).map(|f| &f.column) {
        Some(Column::Time(v) | Column::Int(v)) => Ok(v.to_vec()),
        // Any number orders rows; its size does not matter.
        Some(Column::Float(v)) => Ok(v.iter().map(|&v| order_of(v)).collect()),
        Some(Column::Str(_)) | None => times_of(table, name),
        Some(_) => {
            let way = "write its values as 2024-01-31 or as numbers";
            let what = format!("--time-column `{name}` holds neither times nor numbers; {way}");
            Err(Error::Options(what))
        }
    }
}

/// An integer that orders as the real number does; [`NO_VALUE`] for NaN.
fn order_of(v: f64) -> i64 {
    if v.is_nan() {
        return NO_VALUE;
    }
    let bits = (v + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}
