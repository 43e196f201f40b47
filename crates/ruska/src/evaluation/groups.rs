//! Rows in groups by the values of columns.
//!
//! A column need not be one that the model looks at. Levels and up to [`FEW`] distinct numbers or times
//! are groups of their own; more fall into [`RANGES`] ranges of about as many rows, equal values
//! together. No value is a group of its own. Of several columns every combination that has rows is one.

use crate::error::Error;
use ruska_core::{Column, Frame, MISSING};
use ruska_data::{hint, value_text};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Distinct numbers that are told apart.
const FEW: usize = 10;
/// Ranges of numbers.
const RANGES: usize = 5;
/// Levels told apart where the rest is told together.
const LEVELS: usize = 30;
/// Groups at most where none may be told together.
const MOST: usize = 200;

/// What is done with the levels of a column that has many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Many {
    /// All but the most frequent make one group.
    Together,
    /// They are refused.
    Refused,
}

/// Rows in groups.
pub(super) struct Groups {
    /// The columns.
    pub(super) columns: Vec<String>,
    /// Every group that has rows: levels by name, numbers rising, no value last.
    pub(super) groups: Vec<Group>,
}

/// Rows that have their values in common.
pub(super) struct Group {
    /// The value of each column; `None` for no value.
    pub(super) values: Vec<Option<String>>,
    /// Places of the rows, ascending.
    pub(super) places: Vec<u32>,
}

/// A column's groups: a code per row, and what each code stands for.
struct Coded {
    codes: Vec<u32>,
    names: Vec<Option<String>>,
}

/// The groups of some rows of a table.
///
/// Fails when a column is not there, or has too many values to be told apart where all must be.
pub(super) fn groups(
    table: &Frame,
    rows: &[u32],
    columns: &[String],
    many: Many,
) -> Result<Groups, Error> {
    let option = if many == Many::Together { "--by" } else { "--sensitive" };
    let mut coded = vec![];
    for column in columns {
        let Some(field) = table.field(column) else {
            let names = table.fields().iter().map(|f| &*f.name);
            let hint = hint(column, names);
            return Err(Error::NoColumn { option, column: column.clone(), hint });
        };
        let values = field.column.take(rows);
        let of = if matches!(values, Column::Str(_) | Column::Bool(_)) {
            levels(&values, many)
        } else {
            numbers(&values)
        };
        let values = of.names.iter().flatten().count();
        if values > MOST {
            return Err(Error::Options(format!(
                "{option} names `{column}`, which has {values} different values; make a column of \
                 at most {MOST} groups of it"
            )));
        }
        coded.push(of);
    }
    let mut together: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
    for place in 0..rows.len() {
        let codes = coded.iter().map(|of| of.codes[place]).collect();
        together.entry(codes).or_default().push(place as u32);
    }
    let group = |(codes, places): (Vec<u32>, Vec<u32>)| Group {
        values: codes.iter().zip(&coded).map(|(c, of)| of.names[*c as usize].clone()).collect(),
        places,
    };
    let groups = together.into_iter().map(group).collect();
    Ok(Groups { columns: columns.to_vec(), groups })
}

fn levels(column: &Column, many: Many) -> Coded {
    let rows = column.rows();
    let texts: Vec<Option<String>> = (0..rows).map(|row| value_text(column, row)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts.iter().flatten() {
        *counts.entry(text).or_default() += 1;
    }
    let mut names: Vec<&str> = counts.keys().copied().collect();
    let apart = if many == Many::Together && names.len() > LEVELS {
        names.sort_by_key(|name| Reverse(counts[name]));
        names.truncate(LEVELS - 1);
        names.sort_unstable();
        names.len()
    } else {
        names.len()
    };
    let place: BTreeMap<&str, u32> = (0..).zip(&names).map(|(code, name)| (*name, code)).collect();
    let rest = counts.len() - apart;
    let mut all: Vec<Option<String>> = names.iter().map(|name| Some((*name).to_owned())).collect();
    if rest > 0 {
        all.push(Some(format!("{rest} rarer values")));
    }
    let missing = all.len() as u32;
    all.push(None);
    let code = |text: &Option<String>| match text {
        Some(text) => place.get(text.as_str()).copied().unwrap_or(apart as u32),
        None => missing,
    };
    Coded { codes: texts.iter().map(code).collect(), names: all }
}

fn numbers(column: &Column) -> Coded {
    let number = |row: usize| match column {
        Column::Int(v) | Column::Time(v) => v[row] as f64,
        Column::Float(v) => v[row],
        _ => f64::NAN,
    };
    let known = |row: &usize| !column.is_missing(*row) && !number(*row).is_nan();
    let mut order: Vec<usize> = (0..column.rows()).filter(known).collect();
    order.sort_by(|a, b| number(*a).total_cmp(&number(*b)));
    let equal = |a: &usize, b: &usize| number(*a) == number(*b);
    let distinct = order.chunk_by(equal).count();
    let full = if distinct <= FEW { 1 } else { order.len().div_ceil(RANGES) };
    let mut parts: Vec<Vec<usize>> = vec![];
    for tied in order.chunk_by(equal) {
        match parts.last_mut().filter(|part| part.len() < full) {
            Some(part) => part.extend(tied),
            None => parts.push(tied.to_vec()),
        }
    }
    let mut codes = vec![MISSING; column.rows()];
    let mut names = vec![];
    for part in parts {
        part.iter().for_each(|row| codes[*row] = names.len() as u32);
        let [low, high] = [part[0], part[part.len() - 1]];
        let text = |row: usize| value_text(column, row).unwrap_or_default();
        let single = number(low) == number(high);
        let name = if single { text(low) } else { format!("{} … {}", text(low), text(high)) };
        names.push(Some(name));
    }
    codes.iter_mut().filter(|code| **code == MISSING).for_each(|code| *code = names.len() as u32);
    names.push(None);
    Coded { codes, names }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Field, Kind};

    fn told(columns: Vec<(&str, Column)>, by: &[&str]) -> Vec<(String, usize)> {
        let field = |(name, column): (&str, Column)| Field::new(name, Kind::Text, column);
        let table = Frame::new(columns.into_iter().map(field).collect()).unwrap();
        let rows: Vec<u32> = (0..table.rows() as u32).collect();
        let by: Vec<String> = by.iter().map(|c| (*c).to_owned()).collect();
        let groups = groups(&table, &rows, &by, Many::Together).unwrap();
        let name = |g: &Group| {
            let values: Vec<&str> = g.values.iter().map(|v| v.as_deref().unwrap_or("?")).collect();
            (values.join("+"), g.places.len())
        };
        groups.groups.iter().map(name).collect()
    }

    #[test]
    fn no_value_is_a_group_and_combinations_are_those_with_rows() {
        let texts = Column::from_strings([Some("b"), None, Some("a"), Some("b")]);
        let numbers = Column::float(vec![2.0, 1.0, f64::NAN, 2.0]);
        let columns = || vec![("t", texts.clone()), ("n", numbers.clone())];
        let of = |name: &str, rows| (name.to_owned(), rows);
        assert_eq!(told(columns(), &["t"]), [of("a", 1), of("b", 2), of("?", 1)]);
        assert_eq!(told(columns(), &["t", "n"]), [of("a+?", 1), of("b+2", 2), of("?+1", 1)]);
    }

    #[test]
    fn many_numbers_fall_into_ranges_and_many_levels_together() {
        let numbers = Column::float((0..103).map(f64::from).collect());
        let ranges = told(vec![("n", numbers)], &["n"]);
        assert_eq!(ranges.len(), RANGES);
        assert_eq!((ranges[0].0.as_str(), ranges[4].0.as_str()), ("0 … 20", "84 … 102"));
        let texts = Column::from_strings((0..100).map(|i| Some(format!("l{}", i % 40))));
        let groups = told(vec![("t", texts)], &["t"]);
        assert_eq!(groups.len(), LEVELS);
        assert_eq!(groups.iter().map(|g| g.1).sum::<usize>(), 100);
        assert!(groups.iter().any(|g| g.0 == "11 rarer values"), "{groups:?}");
    }
}
