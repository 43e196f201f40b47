//! Reads any later frame by a model's schema; nothing is inferred anew.
//!
//! Numbers given as text are parsed, in the notation of training, numbers given for a categorical match by canonical text
//! (`3`, `3.0` and `"3"` are one level), levels that the schema does not know become [`UNSEEN`],
//! infinities, dates that cannot be read and unknown labels of a boolean become missing. Text in a
//! numeric column is an error.
//!
//! Cost O(rows) plus O(log levels) for each distinct value of a batch. Columns are found by name,
//! so their order does not matter and others may be there.

use super::notation;
use super::times::{parse_time, time_text};
use super::values::{canonical, number, number_text, truth, value_text};
use rayon::prelude::*;
use ruska_core::{
    Column, Field, Frame, MISSING, Meaning, NO_VALUE, Notation, PredictError, Schema, StrColumn,
    UNSEEN,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Cells below which threads cost more than they save.
const PARALLEL_CELLS: usize = 50_000;

/// The columns of a schema that are needed, prepared for applying to many frames.
#[derive(Clone, Debug)]
pub struct Applier {
    columns: Vec<Prepared>,
}

#[derive(Clone, Debug)]
struct Prepared {
    name: Arc<str>,
    meaning: Meaning,
    index: LevelIndex,
}

impl Applier {
    /// Prepares the named columns, in the order given.
    ///
    /// Fails when the schema does not have one of them.
    pub fn new<S: AsRef<str>>(schema: &Schema, columns: &[S]) -> Result<Self, PredictError> {
        let by_name: HashMap<&str, &Meaning> =
            schema.columns.iter().map(|c| (c.name.as_str(), &c.meaning)).collect();
        let prepare = |name: &S| {
            let name = name.as_ref();
            let meaning = by_name.get(name).ok_or_else(|| missing_column(name))?;
            let index = match meaning {
                Meaning::Categorical { levels } => LevelIndex::new(levels),
                _ => LevelIndex::default(),
            };
            Ok(Prepared { name: name.into(), meaning: (*meaning).clone(), index })
        };
        Ok(Self { columns: columns.iter().map(prepare).collect::<Result<_, PredictError>>()? })
    }

    /// The typed columns of a raw frame. `first_row` is the number of rows before this frame in
    /// its file; errors count rows from 1 after it.
    ///
    /// Fails when a column is missing or holds what its meaning cannot take.
    pub fn apply(&self, frame: &Frame, first_row: usize) -> Result<Frame, PredictError> {
        let by_name: HashMap<&str, &Column> =
            frame.fields().iter().map(|f| (&*f.name, &f.column)).collect();
        let absent = self.columns.iter().filter(|c| !by_name.contains_key(&*c.name));
        let absent: Vec<String> = absent.map(|c| c.name.to_string()).collect();
        if absent.len() > 1 {
            return Err(PredictError::MissingColumns { columns: absent });
        }
        let read = |prepared: &Prepared| {
            let raw = by_name.get(&*prepared.name).ok_or_else(|| missing_column(&prepared.name))?;
            let column = prepared.read(raw, first_row)?;
            Ok(Field::new(Arc::clone(&prepared.name), prepared.meaning.kind(), column))
        };
        let parallel = frame.rows() * self.columns.len() >= PARALLEL_CELLS;
        let fields: Vec<Result<Field, PredictError>> = if parallel {
            self.columns.par_iter().map(read).collect()
        } else {
            self.columns.iter().map(read).collect()
        };
        // The first error in column order, whichever thread found one first.
        let fields = fields.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Frame::with_rows(fields, frame.rows())?)
    }
}

/// The named columns of a raw frame, typed by the schema, in the order given.
/// For many frames prepare an [`Applier`] once.
pub fn apply<S: AsRef<str>>(
    frame: &Frame,
    schema: &Schema,
    columns: &[S],
) -> Result<Frame, PredictError> {
    Applier::new(schema, columns)?.apply(frame, 0)
}

fn missing_column(name: &str) -> PredictError {
    PredictError::MissingColumn { column: name.to_owned() }
}

/// What is wrong with a value: the row, and what was got in place of what.
pub(crate) struct Misfit {
    pub(crate) row: usize,
    pub(crate) got: String,
    expected: String,
}

impl Prepared {
    fn read(&self, raw: &Column, first_row: usize) -> Result<Column, PredictError> {
        let read = match &self.meaning {
            Meaning::Numeric { notation: None, .. } => numeric(raw),
            Meaning::Numeric { notation: Some(notation), .. } => written(raw, notation),
            Meaning::Boolean { no, yes } => boolean(raw, no, yes),
            Meaning::Categorical { levels } => Ok(self.index.codes(raw, levels)),
            Meaning::Time { day_first } => time(raw, *day_first),
            Meaning::Text => Ok(text(raw)),
            Meaning::Identifier | Meaning::Ignored { .. } => Ok(raw.clone()),
        };
        read.map_err(|misfit| PredictError::WrongType {
            column: self.name.to_string(),
            got: misfit.got,
            expected: misfit.expected,
            at: format!(" (row {})", first_row + misfit.row + 1),
        })
    }
}

/// Translates text codes, each level in use once.
fn translate<T: Copy>(
    column: &StrColumn,
    missing: T,
    mut of: impl FnMut(&str, usize) -> Result<T, Misfit>,
) -> Result<Vec<T>, Misfit> {
    if column.codes.len() < column.levels.len() {
        let value = |row| column.get(row).map_or(Ok(missing), |level| of(level, row));
        return (0..column.codes.len()).map(value).collect();
    }
    let mut known: Vec<Option<T>> = vec![None; column.levels.len()];
    let mut out = Vec::with_capacity(column.codes.len());
    for (row, &code) in column.codes.iter().enumerate() {
        let value = match known.get_mut(code as usize) {
            None => missing,
            Some(Some(value)) => *value,
            Some(unknown) => *unknown.insert(of(&column.levels[code as usize], row)?),
        };
        out.push(value);
    }
    Ok(out)
}

fn first_present(raw: &Column) -> Option<usize> {
    (0..raw.rows()).find(|row| !raw.is_missing(*row))
}

fn numeric(raw: &Column) -> Result<Column, Misfit> {
    Ok(match raw {
        Column::Float(v) if v.iter().any(|v| v.is_infinite()) => {
            Column::float(v.iter().map(|v| if v.is_finite() { *v } else { f64::NAN }).collect())
        }
        Column::Float(_) | Column::Sparse(_) => raw.clone(),
        Column::Int(v) => Column::float(
            v.iter().map(|v| if *v == NO_VALUE { f64::NAN } else { *v as f64 }).collect(),
        ),
        Column::Bool(v) => {
            Column::float(v.iter().map(|v| if *v < 0 { f64::NAN } else { f64::from(*v) }).collect())
        }
        Column::Str(v) => {
            Column::float(translate(v, f64::NAN, |level, row| match level.trim().parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                Ok(_) => Ok(f64::NAN),
                Err(_) => {
                    let (got, expected) = (format!("text (`{level}`)"), "numbers".to_owned());
                    Err(Misfit { row, got, expected })
                }
            })?)
        }
        Column::Time(_) => match first_present(raw) {
            None => Column::float(vec![f64::NAN; raw.rows()]),
            Some(row) => {
                let (got, expected) = ("points in time".to_owned(), "numbers".to_owned());
                return Err(Misfit { row, got, expected });
            }
        },
    })
}

/// Numbers of a notation; typed numbers are themselves, but for those that the notation would
/// write otherwise: 0.5 where training had `50%`, 1.234 where it had `1.234` for a thousand.
pub(crate) fn written(raw: &Column, notation: &Notation) -> Result<Column, Misfit> {
    let expected = || {
        let grouped = notation.group.map_or("1234".to_owned(), |g| format!("1{g}234"));
        let Notation { prefix, suffix, decimal, .. } = notation;
        format!("numbers written like `{prefix}{grouped}{decimal}5{suffix}`")
    };
    let misfit = |row, got| Misfit { row, got, expected: expected() };
    if let Column::Str(v) = raw {
        let value = |level: &str, row: usize| {
            notation::read(notation, level).ok_or_else(|| misfit(row, format!("`{level}`")))
        };
        return Ok(Column::float(translate(v, f64::NAN, value)?));
    }
    let thousand = |v: f64| v.fract() != 0.0 && v.abs() < 1000.0 && (v * 1000.0).fract() == 0.0;
    let other = |row: &usize| match raw {
        _ if notation::is_share(notation) => true,
        Column::Float(v) => notation.group == Some('.') && thousand(v[*row]),
        _ => false,
    };
    let mut present = (0..raw.rows()).filter(|row| !raw.is_missing(*row));
    match present.find(other) {
        Some(row) => Err(misfit(row, format!("`{}`", value_text(raw, row).unwrap_or_default()))),
        None => numeric(raw),
    }
}

fn boolean(raw: &Column, no: &str, yes: &str) -> Result<Column, Misfit> {
    let is = |text: &str, label: &str| text.trim().to_lowercase() == label.trim().to_lowercase();
    let words = truth(no).is_some() && truth(yes).is_some();
    let numbers = (number(no), number(yes));
    // Counts that happened to be 0 or 1 in training stay numbers when a 2 comes.
    let counts = numbers == (Some(0.0), Some(1.0));
    let value = |text: &str, row: usize| {
        let as_number = number(text);
        if let Some(count) = as_number.filter(|_| counts) {
            return Ok(count);
        }
        let yes_said = is(text, yes) || (as_number.is_some() && as_number == numbers.1);
        let no_said = is(text, no) || (as_number.is_some() && as_number == numbers.0);
        let said = if yes_said { Some(true) } else { no_said.then_some(false) };
        let canonical = || truth(canonical(text).as_deref().unwrap_or(text));
        let said = said.or_else(|| if words { canonical() } else { None });
        match said {
            Some(yes) => Ok(f64::from(u8::from(yes))),
            // As with a level that a categorical does not know.
            None if numbers.0.is_none() => Ok(f64::NAN),
            None => {
                let (got, expected) = (format!("`{text}`"), format!("`{no}` or `{yes}`"));
                Err(Misfit { row, got, expected })
            }
        }
    };
    let values = match raw {
        Column::Str(v) => translate(v, f64::NAN, value)?,
        _ => by_value(raw, f64::NAN, value)?,
    };
    Ok(Column::float(values))
}

/// Converts a column that is not text by the canonical text of its values, each distinct value
/// once. A sparse block is missing throughout: it stands for several columns.
fn by_value<T: Copy>(
    raw: &Column,
    missing: T,
    mut of: impl FnMut(&str, usize) -> Result<T, Misfit>,
) -> Result<Vec<T>, Misfit> {
    let mut known: HashMap<u64, T> = HashMap::new();
    let mut one = |present: bool, bits: u64, text: &dyn Fn() -> String, row: usize| {
        if !present {
            return Ok(missing);
        }
        if let Some(value) = known.get(&bits) {
            return Ok(*value);
        }
        let value = of(&text(), row)?;
        known.insert(bits, value);
        Ok(value)
    };
    let rows = 0..raw.rows();
    match raw {
        Column::Bool(v) => rows
            .map(|r| one(v[r] >= 0, u64::from(v[r] == 1), &|| (v[r] == 1).to_string(), r))
            .collect(),
        Column::Int(v) => {
            rows.map(|r| one(v[r] != NO_VALUE, v[r] as u64, &|| v[r].to_string(), r)).collect()
        }
        Column::Float(v) => {
            rows.map(|r| one(v[r].is_finite(), v[r].to_bits(), &|| number_text(v[r]), r)).collect()
        }
        Column::Time(v) => {
            rows.map(|r| one(v[r] != NO_VALUE, v[r] as u64, &|| time_text(v[r]), r)).collect()
        }
        Column::Str(_) | Column::Sparse(_) => Ok(vec![missing; raw.rows()]),
    }
}

fn time(raw: &Column, day_first: bool) -> Result<Column, Misfit> {
    let read = |text: &str, _: usize| Ok(parse_time(text, day_first).unwrap_or(NO_VALUE));
    let values = match raw {
        Column::Time(_) => return Ok(raw.clone()),
        Column::Str(v) => translate(v, NO_VALUE, read)?,
        _ => by_value(raw, NO_VALUE, read)?,
    };
    // Text may be a damaged date here and there; numbers of which none is a date are another column.
    let unread = !matches!(raw, Column::Str(_)) && values.iter().all(|v| *v == NO_VALUE);
    if let (true, Some(row)) = (unread, first_present(raw)) {
        let got = value_text(raw, row).unwrap_or_else(|| "numbers".to_owned());
        return Err(Misfit { row, got: format!("`{got}`"), expected: "points in time".to_owned() });
    }
    Ok(Column::Time(Arc::new(values)))
}

fn text(raw: &Column) -> Column {
    match raw {
        Column::Str(_) => raw.clone(),
        _ => Column::from_strings((0..raw.rows()).map(|row| value_text(raw, row))),
    }
}

/// Finds levels by their exact text and by the number they spell, by binary search.
#[derive(Clone, Debug, Default)]
struct LevelIndex {
    /// Codes in order of the level's text.
    by_text: Vec<u32>,
    /// Canonical text and code of levels that spell a number in another way.
    by_number: Vec<(String, u32)>,
}

impl LevelIndex {
    fn new(levels: &[String]) -> Self {
        let mut by_text: Vec<u32> = (0..levels.len() as u32).collect();
        by_text.sort_unstable_by_key(|c| &levels[*c as usize]);
        let numbers = levels.iter().enumerate().filter_map(|(code, level)| {
            let canonical = canonical(level)?;
            (canonical != *level).then_some((canonical, code as u32))
        });
        let mut by_number: Vec<_> = numbers.collect();
        by_number.sort_unstable();
        Self { by_text, by_number }
    }

    fn exact(&self, text: &str, levels: &[String]) -> Option<u32> {
        let at = self.by_text.binary_search_by_key(&text, |c| &levels[*c as usize]);
        at.ok().map(|at| self.by_text[at])
    }

    fn code(&self, text: &str, levels: &[String]) -> u32 {
        let as_number = || {
            let canonical = canonical(text)?;
            let at = self.by_number.partition_point(|(known, _)| *known < canonical);
            let spelt = self.by_number.get(at).filter(|(known, _)| *known == canonical);
            self.exact(&canonical, levels).or(spelt.map(|(_, code)| *code))
        };
        self.exact(text, levels).or_else(as_number).unwrap_or(UNSEEN)
    }

    fn codes(&self, raw: &Column, levels: &Arc<Vec<String>>) -> Column {
        let code = |text: &str, _: usize| Ok(self.code(text, levels));
        let codes = match raw {
            Column::Str(v) if Arc::ptr_eq(&v.levels, levels) => Ok(v.codes.to_vec()),
            Column::Str(v) => translate(v, MISSING, code).map(|mut codes| {
                // A typed frame given again keeps its unseen values.
                let marks = codes.iter_mut().zip(v.codes.iter());
                marks.filter(|(_, raw)| **raw == UNSEEN).for_each(|(code, _)| *code = UNSEEN);
                codes
            }),
            Column::Bool(v) => Ok(self.truths(v, levels)),
            _ => by_value(raw, MISSING, code),
        };
        let codes = codes.unwrap_or_else(|_| vec![UNSEEN; raw.rows()]);
        Column::Str(StrColumn { codes: Arc::new(codes), levels: Arc::clone(levels) })
    }

    /// Codes of physical booleans: a level that says the same in any case or form.
    fn truths(&self, values: &[i8], levels: &[String]) -> Vec<u32> {
        let code = |yes: bool| {
            let exact = self.exact(if yes { "true" } else { "false" }, levels);
            let same = || levels.iter().position(|l| truth(l) == Some(yes)).map(|c| c as u32);
            exact.or_else(same).unwrap_or(UNSEEN)
        };
        let codes = [code(false), code(true), MISSING];
        values.iter().map(|v| codes[usize::try_from(*v).unwrap_or(2)]).collect()
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
