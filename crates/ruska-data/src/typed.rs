//! Columns that come with a type: joining those of several files, turning them into what is wanted.

use crate::cell::{Cell, classify};
use crate::dictionary::{Literals, TextColumn, settle, settle_known};
use crate::{ReadError, value_text};
use ruska_core::{Column, MISSING, NO_VALUE, StrColumn};
use std::path::PathBuf;
use std::sync::Arc;

/// What a column holds, in words.
pub(crate) fn type_name(column: &Column) -> &'static str {
    match column {
        Column::Bool(_) => "yes/no values",
        Column::Int(_) => "whole numbers",
        Column::Float(_) => "real numbers",
        Column::Str(_) => "text",
        Column::Time(_) => "points in time",
        Column::Sparse(_) => "a sparse block",
    }
}

/// Tells missing tokens from levels in a text column; other columns stay.
pub(crate) fn settled(column: Column) -> Column {
    match column {
        Column::Str(StrColumn { codes, levels }) => {
            settle(Arc::unwrap_or_clone(codes), Arc::unwrap_or_clone(levels))
        }
        other => other,
    }
}

/// Joins the parts of a column, one per file. Whole and real numbers give real numbers; a part
/// without any value takes the type of the others.
pub(crate) fn join(name: &str, parts: Vec<(PathBuf, Column)>) -> Result<Column, ReadError> {
    if parts.len() == 1 {
        return Ok(parts.into_iter().map(|p| p.1).next().expect("there is one part"));
    }
    let filled = |part: &&(PathBuf, Column)| part.1.missing() < part.1.rows();
    let mut lead = parts.iter().find(filled).unwrap_or(&parts[0]);
    for part in parts.iter().filter(filled) {
        match (&lead.1, &part.1) {
            (Column::Int(_), Column::Float(_)) => lead = part,
            (Column::Float(_), Column::Int(_)) => {}
            (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => {}
            (a, b) => {
                return Err(ReadError::Types {
                    column: name.to_owned(),
                    first: lead.0.clone(),
                    first_type: type_name(a),
                    second: part.0.clone(),
                    second_type: type_name(b),
                });
            }
        }
    }
    let columns: Vec<&Column> = parts.iter().map(|p| &p.1).collect();
    Ok(match &lead.1 {
        Column::Bool(_) => Column::Bool(Arc::new(gather(&columns, -1, |c, i| match c {
            Column::Bool(v) => v[i],
            _ => -1,
        }))),
        Column::Int(_) => Column::Int(Arc::new(gather(&columns, NO_VALUE, whole))),
        Column::Time(_) => Column::Time(Arc::new(gather(&columns, NO_VALUE, whole))),
        Column::Float(_) | Column::Sparse(_) => {
            Column::float(gather(&columns, f64::NAN, |c, i| match c {
                Column::Int(v) => v[i] as f64,
                Column::Float(v) => v[i],
                _ => f64::NAN,
            }))
        }
        Column::Str(_) => {
            let mut all = TextColumn::default();
            for column in columns {
                for row in 0..column.rows() {
                    match column {
                        Column::Str(v) if v.codes[row] != MISSING => {
                            all.push(v.levels[v.codes[row] as usize].as_bytes());
                        }
                        _ => all.push_missing(),
                    }
                }
            }
            all.raw()
        }
    })
}

fn whole(column: &Column, row: usize) -> i64 {
    match column {
        Column::Int(v) | Column::Time(v) => v[row],
        _ => NO_VALUE,
    }
}

fn gather<T: Clone>(columns: &[&Column], none: T, get: impl Fn(&Column, usize) -> T) -> Vec<T> {
    let cell = |c: &Column, i| if c.is_missing(i) { none.clone() } else { get(c, i) };
    columns.iter().flat_map(|c| (0..c.rows()).map(|i| cell(c, i)).collect::<Vec<T>>()).collect()
}

/// Why a column is not one of numbers.
pub(crate) enum NotNumbers {
    /// A text that is no number, with its row.
    Text(usize, String),
    /// The type of the column.
    Type(&'static str),
}

/// The column as real numbers; infinities are missing.
pub(crate) fn numbers(column: &Column) -> Result<Column, NotNumbers> {
    let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
    let values: Vec<f64> = match column {
        Column::Bool(v) => v.iter().map(|&b| if b < 0 { f64::NAN } else { f64::from(b) }).collect(),
        Column::Int(v) => {
            v.iter().map(|&n| if n == NO_VALUE { f64::NAN } else { n as f64 }).collect()
        }
        Column::Float(v) => v.iter().map(|&n| finite(n)).collect(),
        Column::Time(_) | Column::Sparse(_) => return Err(NotNumbers::Type(type_name(column))),
        Column::Str(v) => {
            let number = |level: &String| match classify(level.as_bytes(), false) {
                Cell::Missing | Cell::Infinite => Some(f64::NAN),
                Cell::Int(n) => Some(n as f64),
                Cell::Float(n) | Cell::Odd(n) => Some(n),
                Cell::Text => None,
            };
            let levels: Vec<Option<f64>> = v.levels.iter().map(number).collect();
            let mut values = Vec::with_capacity(v.codes.len());
            for (row, &code) in v.codes.iter().enumerate() {
                values.push(match levels.get(code as usize) {
                    None => f64::NAN,
                    Some(Some(n)) => *n,
                    Some(None) => {
                        return Err(NotNumbers::Text(row, v.levels[code as usize].clone()));
                    }
                });
            }
            values
        }
    };
    Ok(Column::float(values))
}

/// The column as text; of the literal missing tokens those that are levels stay.
pub(crate) fn text(column: &Column, literals: Literals) -> Column {
    if let Column::Str(v) = column {
        return settle_known(v.codes.as_ref().clone(), v.levels.as_ref().clone(), literals);
    }
    let mut out = TextColumn::default();
    for row in 0..column.rows() {
        match value_text(column, row) {
            Some(text) => _ = out.push(text.as_bytes()),
            None => out.push_missing(),
        }
    }
    out.raw()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn part(path: &str, column: Column) -> (PathBuf, Column) {
        (path.into(), column)
    }

    #[test]
    fn parts_join_into_one_type() {
        let whole = Column::Int(vec![1, NO_VALUE].into());
        let real = Column::float(vec![0.5]);
        let none = Column::float(vec![f64::NAN]);
        let text = Column::from_strings([Some("b"), None]);
        let joined = join("x", vec![part("1", whole.clone()), part("2", real)]).unwrap();
        assert_eq!((joined.rows(), joined.missing(), type_name(&joined)), (3, 1, "real numbers"));
        let joined = join("x", vec![part("1", none), part("2", text.clone())]).unwrap();
        assert_eq!(joined, Column::from_strings([None, Some("b"), None]));
        let error = join("x", vec![part("1", whole), part("2", text)]).unwrap_err();
        assert!(matches!(error, ReadError::Types { second_type: "text", .. }), "{error}");
    }

    #[test]
    fn numbers_and_text_of_typed_columns() {
        let odd =
            Column::from_strings([Some("1.5"), Some("NA"), None, Some("18446744073709551615")]);
        let Ok(Column::Float(values)) = numbers(&odd) else { panic!("numbers") };
        assert_eq!((values[0], values[3]), (1.5, 18_446_744_073_709_551_615.0));
        assert!(values[1].is_nan() && values[2].is_nan());
        let bad = numbers(&Column::from_strings([Some("1"), Some("x")]));
        assert!(matches!(bad, Err(NotNumbers::Text(1, v)) if v == "x"));
        let none = Literals::among(&[]);
        let days = text(&Column::Time(vec![0, NO_VALUE].into()), none);
        assert_eq!(days, Column::from_strings([Some("1970-01-01T00:00:00"), None]));
        let floats = text(&Column::float(vec![3.0, 0.25]), none);
        assert_eq!(floats, Column::from_strings([Some("3"), Some("0.25")]));
        let na =
            text(&Column::from_strings([Some("NA"), Some("-")]), Literals::among(&["NA".into()]));
        assert_eq!(na, Column::from_strings([Some("NA"), None]));
    }
}
