//! Meanings that the user fixes with `--types`.

use super::dates::{DateTally, compact_date};
use super::infer::SchemaError;
use super::notation;
use super::values::{number, sorted_levels, truth, used_levels};
use ruska_core::{Column, Field, Finding, Kind, Meaning, NO_VALUE};
use std::sync::Arc;

/// The meaning of a column as the kind asked for.
pub(crate) fn forced(field: &Field, kind: Kind) -> Result<(Meaning, Vec<Finding>), SchemaError> {
    let impossible = |why: String| SchemaError::Impossible {
        column: field.name.to_string(),
        kind: kind.name(),
        why,
    };
    let meaning = match kind {
        Kind::Numeric => numeric(&field.column).map_err(impossible)?,
        Kind::Boolean => {
            let (no, yes) = two_labels(&field.column).map_err(impossible)?;
            Meaning::Boolean { no, yes }
        }
        Kind::Categorical => {
            if matches!(field.column, Column::Sparse(_)) {
                return Err(impossible("it is a block of sparse numbers".to_owned()));
            }
            Meaning::Categorical { levels: Arc::new(sorted_levels(&field.column)) }
        }
        Kind::Time => return time(field).map_err(impossible),
        Kind::Text => Meaning::Text,
        Kind::Identifier => Meaning::Identifier,
        Kind::Ignored => Meaning::Ignored { why: "set so by `--types`".to_owned() },
    };
    Ok((meaning, vec![]))
}

/// Numbers, in whatever notation.
fn numeric(column: &Column) -> Result<Meaning, String> {
    let whole = match column {
        Column::Bool(_) | Column::Int(_) => true,
        Column::Float(v) => v.iter().filter(|v| v.is_finite()).all(|v| v.fract() == 0.0),
        Column::Sparse(v) => v.values.iter().all(|v| v.fract() == 0.0),
        Column::Time(_) => return Err("it holds points in time".to_owned()),
        Column::Str(v) => {
            let levels = used_levels(v);
            if let Some(notation) = notation::notation(v) {
                let integer = notation::all_whole(&notation, &levels);
                return Ok(Meaning::Numeric { integer, notation: Some(notation) });
            }
            levels.into_iter().try_fold(true, |whole, level| {
                let value = number(level).ok_or_else(|| format!("`{level}` is not a number"))?;
                Ok::<_, String>(whole && value.fract() == 0.0)
            })?
        }
    };
    Ok(Meaning::numeric(whole))
}

fn two_labels(column: &Column) -> Result<(String, String), String> {
    let levels = sorted_levels(column);
    match levels.as_slice() {
        [a, b] if truth(a) == Some(true) && truth(b) == Some(false) => Ok((b.clone(), a.clone())),
        [a, b] => Ok((a.clone(), b.clone())),
        _ => {
            let some: Vec<String> = levels.iter().take(3).map(|l| format!("`{l}`")).collect();
            Err(format!(
                "that takes exactly two distinct values, it has {}, such as {}",
                levels.len(),
                some.join(", ")
            ))
        }
    }
}

fn time(field: &Field) -> Result<(Meaning, Vec<Finding>), String> {
    let plain = |day_first| (Meaning::Time { day_first }, vec![]);
    match &field.column {
        Column::Time(_) => Ok(plain(false)),
        Column::Int(v) => match v.iter().find(|v| **v != NO_VALUE && !compact_date(**v)) {
            Some(stray) => Err(format!("{stray} is not a date such as 20240131")),
            None => Ok(plain(false)),
        },
        Column::Str(v) => {
            let mut tally = DateTally::default();
            let mut levels = 0;
            for level in used_levels(v) {
                levels += 1;
                tally.add(level);
            }
            match tally.strays.first() {
                Some(stray) if tally.strays.len() == levels => {
                    Err(format!("`{stray}` is not a date such as 2024-01-31 or 31.01.2024"))
                }
                _ => Ok((
                    Meaning::Time { day_first: tally.day_first() },
                    tally.findings(&field.name),
                )),
            }
        }
        column if column.missing() == column.rows() => Ok(plain(false)),
        _ => Err("it holds numbers".to_owned()),
    }
}
