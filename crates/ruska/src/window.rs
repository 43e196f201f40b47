//! Times of rows, and learning from a stretch of time only.

use crate::error::Error;
use ruska_core::{Column, Frame, NO_VALUE};
use ruska_data::ReadTable;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The points in time of a column, milliseconds since 1970 in UTC; [`NO_VALUE`] where missing.
///
/// Fails when the column is not there or holds no times.
pub fn times_of(table: &Frame, column: &str) -> Result<Vec<i64>, Error> {
    let one = table.select(|f| &*f.name == column);
    if one.fields().is_empty() {
        let names = table.fields().iter().map(|f| &*f.name);
        let hint = match ruska_data::closest(column, names).first() {
            Some(name) => format!("; did you mean `{name}`?"),
            None => String::new(),
        };
        return Err(Error::NoColumn { option: "the time column", column: column.to_owned(), hint });
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

/// The rows whose time lies in a stretch. A row without a time lies in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// Column of times.
    pub column: String,
    /// First moment, milliseconds since 1970; from the beginning when `None`.
    pub from_ms: Option<i64>,
    /// First moment after the stretch, milliseconds since 1970; to the end when `None`.
    pub until_ms: Option<i64>,
}

impl TimeRange {
    /// The rows of a table that lie in it, in order.
    ///
    /// Fails when the column is not there or holds no times, and when no row is left.
    pub(crate) fn of(&self, table: &ReadTable) -> Result<ReadTable, Error> {
        let times = times_of(&table.frame, &self.column)?;
        let inside = |t: i64| {
            t != NO_VALUE
                && self.from_ms.is_none_or(|from| t >= from)
                && self.until_ms.is_none_or(|until| t < until)
        };
        let rows: Vec<u32> =
            (0u32..).zip(&times).filter(|(_, t)| inside(**t)).map(|(row, _)| row).collect();
        if rows.is_empty() {
            let bound = |ms: Option<i64>| ms.map_or("…".to_owned(), ruska_data::time_text);
            return Err(Error::Options(format!(
                "no row has a time in `{}` from {} to before {}",
                self.column,
                bound(self.from_ms),
                bound(self.until_ms)
            )));
        }
        let (findings, files) = (table.findings.clone(), table.files.clone());
        Ok(ReadTable { frame: table.frame.take(&rows).compact(), findings, files })
    }
}
