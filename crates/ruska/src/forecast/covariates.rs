//! Columns beside the series as numbers: what is known ahead, known afterwards, or the same throughout.
//!
//! Numbers, yes and no, and times stay one column; each of the most frequent levels becomes a column of 0
//! and 1. Where a series has no row for a period the numbers are missing.

use super::prepare::{names, times};
use super::series::Series;
use crate::error::Error;
use crate::options::Options;
use ruska_core::{
    Column, ColumnSchema, Covariates as Names, Frame, Frequency, Kind, Meaning, Panel, Schema,
    SeriesRows,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most levels that become a column, the most frequent ones.
const MOST_LEVELS: usize = 20;
/// Milliseconds of a day, in which times are counted.
const DAY: f64 = 86_400_000.0;

/// When a covariate is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Ahead: `--known`.
    Known,
    /// Afterwards: `--past`.
    Past,
    /// It is the same throughout a series: `--static`.
    Static,
}

impl Role {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Known, Self::Past, Self::Static];

    /// The option of the command line.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Known => "--known",
            Self::Past => "--past",
            Self::Static => "--static",
        }
    }

    /// Why the schema tells nothing of its columns.
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Known => "it is known ahead",
            Self::Past => "it is known afterwards",
            Self::Static => "it is the same throughout a series",
        }
    }
}

/// A column beside the series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Covariate {
    /// When it is known.
    pub role: Role,
    /// The column and its meaning.
    pub column: ColumnSchema,
    /// The levels that are columns of numbers; none where the column is a number itself.
    pub levels: Vec<String>,
}

/// The columns of a table that options name as covariates.
///
/// Fails where one is not there, has another role as well, or holds no numbers, levels or times.
pub(super) fn chosen(
    table: &Frame,
    options: &Options,
    schema: &Schema,
) -> Result<Vec<Covariate>, Error> {
    let mut chosen: Vec<Covariate> = vec![];
    for role in Role::ALL {
        for name in options.covariates(role) {
            let refused = |why: &str| Error::Options(format!("{} `{name}`: {why}", role.option()));
            let taken =
                [Some(&options.target), options.time_column.as_ref(), options.series.as_ref()];
            if taken.into_iter().flatten().any(|column| column == name) {
                return Err(refused("it is the target, the time or the series column"));
            }
            if chosen.iter().any(|c| c.column.name == *name) {
                return Err(refused("it is named twice"));
            }
            let raw = table.field(name).ok_or_else(|| refused("the column is not there"))?;
            let meaning = match schema.column(name).map(|c| &c.meaning) {
                Some(Meaning::Identifier | Meaning::Ignored { .. }) | None => {
                    of_any(&raw.column).ok_or_else(|| refused("each row has a text of its own"))?
                }
                Some(Meaning::Text) => {
                    let way = "it is free text; --types can make it categorical";
                    return Err(refused(way));
                }
                Some(other) => other.clone(),
            };
            let column = ColumnSchema { name: name.clone(), meaning };
            let mut covariate = Covariate { role, column, levels: vec![] };
            if let Column::Str(codes) = &covariate.typed(table)? {
                let mut counts = vec![0_usize; codes.levels.len() + 1];
                codes.codes.iter().for_each(|c| counts[(*c as usize).min(codes.levels.len())] += 1);
                let mut order: Vec<usize> = (0..codes.levels.len()).collect();
                order.sort_by_key(|&level| std::cmp::Reverse(counts[level]));
                order.truncate(MOST_LEVELS);
                order.sort_unstable();
                covariate.levels = order.iter().map(|&l| codes.levels[l].clone()).collect();
            }
            chosen.push(covariate);
        }
    }
    Ok(chosen)
}

/// The meaning of a column that tells rows apart, or is the same in all.
fn of_any(column: &Column) -> Option<Meaning> {
    match column {
        Column::Int(_) | Column::Bool(_) => Some(Meaning::numeric(true)),
        Column::Float(_) => Some(Meaning::numeric(false)),
        Column::Str(c) if c.levels.len() <= 1 => {
            Some(Meaning::Categorical { levels: Arc::clone(&c.levels) })
        }
        _ => None,
    }
}

impl Covariate {
    /// The column as its meaning has it.
    fn typed(&self, table: &Frame) -> Result<Column, Error> {
        let name = &self.column.name;
        if table.field(name).is_none() {
            let what =
                format!("column `{name}` is not there, which the model knows as a covariate");
            return Err(Error::Options(what));
        }
        let schema = Schema { columns: vec![self.column.clone()] };
        let typed = ruska_data::apply(table, &schema, &[name])?;
        Ok(typed.fields()[0].column.clone())
    }

    /// The names of its columns of numbers.
    fn names(&self) -> Vec<String> {
        let name = &self.column.name;
        match &self.levels[..] {
            [] => vec![format!("x: {name}")],
            levels => levels.iter().map(|level| format!("x: {name} = {level}")).collect(),
        }
    }

    /// The numbers of all rows of a table, NaN where one is missing; a level that is none of its own is 0
    /// in all of them.
    fn numbers(&self, table: &Frame) -> Result<Vec<Vec<f64>>, Error> {
        let typed = self.typed(table)?;
        let rows = table.rows();
        let number = |row: usize| match &typed {
            _ if typed.is_missing(row) => f64::NAN,
            Column::Bool(v) => f64::from(v[row]),
            Column::Int(v) => v[row] as f64,
            Column::Float(v) => v[row],
            Column::Time(v) => v[row] as f64 / DAY,
            Column::Str(_) | Column::Sparse(_) => f64::NAN,
        };
        let Column::Str(codes) = &typed else {
            return Ok(vec![(0..rows).map(number).collect()]);
        };
        let missing = |row: usize| typed.is_missing(row);
        let is = |row: usize, level: &String| f64::from(u8::from(codes.get(row) == Some(level)));
        let cell = |row, level| if missing(row) { f64::NAN } else { is(row, level) };
        let column = |level| (0..rows).map(|row| cell(row, level)).collect();
        Ok(self.levels.iter().map(column).collect())
    }
}

/// What forecasters call the numbers of covariates.
pub(super) fn named(covariates: &[Covariate]) -> Names {
    let of = |role| {
        let mine = covariates.iter().filter(move |c: &&Covariate| c.role == role);
        mine.flat_map(Covariate::names).collect()
    };
    Names { known: of(Role::Known), past: of(Role::Past), fixed: of(Role::Static) }
}

/// A stretch of periods of a series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    /// The name of the series; empty where there is one.
    pub(super) key: &'a str,
    /// The first period.
    pub(super) first: i64,
    /// Periods.
    pub(super) len: usize,
}

/// The rows of a table as a model has its series, those without a target too.
pub(super) struct Placed<'a> {
    table: &'a Frame,
    panel: Panel,
}

impl<'a> Placed<'a> {
    /// Of the columns of times and series and their frequency. Several rows of a series and time count as
    /// one, the mean of them.
    pub(super) fn new(
        table: &'a Frame,
        (time, series): (&str, Option<&str>),
        frequency: Frequency,
    ) -> Result<Self, Error> {
        for column in [Some(time), series].into_iter().flatten() {
            if table.field(column).is_none() {
                return Err(Error::Options(format!("column `{column}` is not there")));
            }
        }
        let (schema, _) = ruska_data::infer(table, &BTreeMap::new())?;
        let (_, times) = times(table, &schema, time)?;
        let names = series.map(|column| names(table, column)).transpose()?;
        let all: Vec<u32> = (0..table.rows() as u32).collect();
        let rows = SeriesRows::new(names.as_ref(), &times, &all);
        let mean = Some(ruska_core::Aggregate::Mean);
        let panel = rows.arrange(frequency, mean).map_err(|e| super::prepare::unarranged(&e))?;
        Ok(Self { table, panel })
    }

    /// Of a model's series.
    pub(super) fn of(table: &'a Frame, series: &Series) -> Result<Self, Error> {
        Self::new(table, (&series.time, series.column.as_deref()), series.frequency)
    }

    /// The numbers of covariates in stretches of series, one after the other, each with its name.
    ///
    /// Fails where a column is missing, and where one that is to be the same throughout a series is not.
    pub(super) fn numbers(
        &self,
        covariates: &[Covariate],
        stretches: &[Stretch<'_>],
    ) -> Result<Vec<(String, Vec<f64>)>, Error> {
        let places: BTreeMap<&str, usize> =
            (0..self.panel.len()).map(|at| (self.panel.series(at).key, at)).collect();
        let mut all = vec![];
        for covariate in covariates {
            let columns = covariate.numbers(self.table)?;
            for (name, column) in covariate.names().into_iter().zip(columns) {
                let mut numbers = vec![];
                for stretch in stretches {
                    let series = places.get(stretch.key).map(|at| self.panel.series(*at));
                    let there = series.map(|s| (s.first, s.means(&column)));
                    let (first, there) = there.unwrap_or_default();
                    if covariate.role == Role::Static {
                        let rows = series.map_or(&[][..], |s| s.rows);
                        let value = constant(covariate, stretch.key, rows, &column)?;
                        numbers.extend(std::iter::repeat_n(value, stretch.len));
                        continue;
                    }
                    let at = |period: i64| usize::try_from(period.checked_sub(first)?).ok();
                    numbers.extend((0..stretch.len).map(|step| {
                        let place = at(stretch.first.saturating_add(step as i64));
                        place.and_then(|p| there.get(p)).copied().unwrap_or(f64::NAN)
                    }));
                }
                all.push((name, numbers));
            }
        }
        Ok(all)
    }
}

/// The one value of a series; NaN where it has none.
fn constant(covariate: &Covariate, key: &str, rows: &[u32], column: &[f64]) -> Result<f64, Error> {
    let mut known = rows.iter().map(|row| column[*row as usize]).filter(|v| !v.is_nan());
    let first = known.next().unwrap_or(f64::NAN);
    if known.any(|v| v.to_bits() != first.to_bits()) {
        let name = &covariate.column.name;
        let of = if key.is_empty() { String::new() } else { format!(" of series `{key}`") };
        return Err(Error::Options(format!(
            "--static `{name}` is not the same in all rows{of}; --known takes what is known ahead, --past \
             what is known afterwards"
        )));
    }
    Ok(first)
}

/// Adds numbers of covariates to the rows of a task.
pub(super) fn beside(x: Frame, numbers: Vec<(String, Vec<f64>)>) -> Result<Frame, Error> {
    let mut fields = x.fields().to_vec();
    let field = |(name, values): (String, _)| {
        ruska_core::Field::new(name, Kind::Numeric, Column::float(values))
    };
    fields.extend(numbers.into_iter().map(field));
    Ok(Frame::new(fields)?)
}
