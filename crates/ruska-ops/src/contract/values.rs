//! The values of a raw column as a contract reads them: cell by cell, so that what does not fit is
//! named instead of ending the reading.

use super::spec::ColumnTerms;
use ruska::{Column, Kind, NO_VALUE, Notation, parse_time, spelt_number, value_text};

/// A column read as one type.
pub(super) enum Values {
    /// NaN where there is none, and the rows that hold something else.
    Numbers(Vec<f64>, Vec<usize>),
    /// Milliseconds since 1970, [`NO_VALUE`] where there is none, and the rows that hold something
    /// else.
    Times(Vec<i64>, Vec<usize>),
    /// Anything fits.
    Texts,
}

impl Values {
    /// Reads a raw column.
    pub(super) fn new(raw: &Column, terms: &ColumnTerms) -> Self {
        match terms.kind {
            Some(Kind::Numeric) => {
                numbers(raw, terms.written.as_ref().map(Notation::from).as_ref())
            }
            Some(Kind::Time) => times(raw, terms.day_first),
            _ => Self::Texts,
        }
    }
}

fn numbers(raw: &Column, notation: Option<&Notation>) -> Values {
    let finite = |v: f64| if v.is_finite() { v } else { f64::NAN };
    let mut strays = vec![];
    let values = match raw {
        Column::Float(v) => v.iter().copied().map(finite).collect(),
        Column::Int(v) => {
            v.iter().map(|v| if *v == NO_VALUE { f64::NAN } else { *v as f64 }).collect()
        }
        Column::Bool(v) => {
            v.iter().map(|v| if *v < 0 { f64::NAN } else { f64::from(*v) }).collect()
        }
        Column::Str(v) => {
            let known: Vec<Option<f64>> =
                v.levels.iter().map(|level| spelt_number(level, notation)).collect();
            let mut value = |(row, code): (usize, &u32)| match known.get(*code as usize) {
                None => f64::NAN,
                Some(Some(number)) => *number,
                Some(None) => {
                    strays.push(row);
                    f64::NAN
                }
            };
            v.codes.iter().enumerate().map(&mut value).collect()
        }
        Column::Time(_) | Column::Sparse(_) => {
            strays = present(raw).collect();
            vec![f64::NAN; raw.rows()]
        }
    };
    Values::Numbers(values, strays)
}

fn times(raw: &Column, day_first: bool) -> Values {
    let mut strays = vec![];
    let values = match raw {
        Column::Time(v) => v.to_vec(),
        Column::Str(v) => {
            let known: Vec<Option<i64>> =
                v.levels.iter().map(|level| parse_time(level, day_first)).collect();
            let mut value = |(row, code): (usize, &u32)| match known.get(*code as usize) {
                None => NO_VALUE,
                Some(Some(ms)) => *ms,
                Some(None) => {
                    strays.push(row);
                    NO_VALUE
                }
            };
            v.codes.iter().enumerate().map(&mut value).collect()
        }
        _ => {
            let mut value = |row: usize| {
                let Some(text) = value_text(raw, row) else { return NO_VALUE };
                parse_time(&text, day_first).unwrap_or_else(|| {
                    strays.push(row);
                    NO_VALUE
                })
            };
            (0..raw.rows()).map(&mut value).collect()
        }
    };
    Values::Times(values, strays)
}

/// The rows that have a value.
pub(super) fn present(raw: &Column) -> impl Iterator<Item = usize> + '_ {
    (0..raw.rows()).filter(|row| !raw.is_missing(*row))
}

/// The rows whose value is asked about by its text and passes, each distinct text of a text column
/// being asked once.
pub(super) fn rows_where(raw: &Column, mut asked: impl FnMut(&str) -> bool) -> Vec<usize> {
    if let Column::Str(v) = raw {
        let mut known: Vec<Option<bool>> = vec![None; v.levels.len()];
        let mut passes = |code: usize| match known.get_mut(code) {
            None => false,
            Some(Some(answer)) => *answer,
            Some(unknown) => *unknown.insert(asked(&v.levels[code])),
        };
        let codes = v.codes.iter().enumerate();
        return codes.filter(|(_, code)| passes(**code as usize)).map(|(row, _)| row).collect();
    }
    let mut passes = |row: &usize| value_text(raw, *row).is_some_and(|text| asked(&text));
    (0..raw.rows()).filter(&mut passes).collect()
}

/// The form of a text: `A` for a capital, `a` for any other letter, `9` for a digit.
pub(super) fn form(text: &str) -> String {
    let sign = |c: char| match c {
        c if c.is_numeric() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        c => c,
    };
    text.chars().map(sign).collect()
}

/// A level as it is compared: the shortest text of a number, any other as it is; of booleans in
/// lower case without blanks around.
pub(super) fn level(text: &str, boolean: bool) -> String {
    match spelt_number(text, None) {
        Some(number) if text.trim().parse::<i64>().is_err() => ruska::number_text(number),
        Some(_) => text.trim().trim_start_matches('+').to_owned(),
        None if boolean => text.trim().to_lowercase(),
        None => text.to_owned(),
    }
}
