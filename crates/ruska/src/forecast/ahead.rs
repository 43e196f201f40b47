//! What comes next, as a model tells it.

use super::covariates::{Covariate, Placed, Stretch, beside, named};
use super::hierarchy::ByPeriod;
use super::prepare::{by_row, names, placed, places, stacked, stretches, times, unarranged};
use super::series::Series;
use crate::error::Error;
use crate::model::Model;
use crate::predict::ScoreStamp;
use ruska_core::{
    Column, Field, FittedPipeline, Frame, Kind, Panel, SeriesRows, Target, Timelines,
};
use ruska_data::{OutputColumn, PredictionWriter};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Forecasts of a model, from what it knows or from newer values on.
pub struct Forecast<'a> {
    pub(super) model: &'a Model,
    pub(super) series: Series,
    /// The model's pipelines with the newer values, where there are any.
    newer: Option<Vec<Arc<FittedPipeline>>>,
    future: Future,
}

/// What is known of covariates ahead.
enum Future {
    /// Nothing was given.
    NotGiven,
    /// They are missing, which is no error.
    Missing,
    /// A table of them.
    Given(Frame),
}

/// What a row of forecasts is of.
#[derive(Clone, Copy)]
enum Of {
    /// A series, by its number.
    Series(usize),
    /// A sum of them, by its place in the hierarchy.
    Sum(usize),
}

/// A row of forecasts.
pub(super) struct Line {
    of: Of,
    period: i64,
    /// Steps ahead, from 0.
    step: usize,
    pub(super) point: f64,
    pub(super) spread: f64,
}

impl<'a> Forecast<'a> {
    /// Of a model.
    ///
    /// Fails when the model tells no series ahead.
    pub fn new(model: &'a Model) -> Result<Self, Error> {
        let series = model.series().ok_or_else(|| {
            let what =
                "the model tells nothing of what comes next; it predicts the rows of a table";
            Error::Options(what.to_owned())
        })?;
        Ok(Self { model, series: series.clone(), newer: None, future: Future::NotGiven })
    }

    /// From newer values on: a table like the one that was learned from, of which what the model does
    /// not know yet is taken in, without a new fit.
    ///
    /// Fails when the table has not the columns, or series that the model does not know.
    pub fn with(self, table: &Frame) -> Result<Self, Error> {
        let (panel, lines) = arranged(self.model, &self.series, table)?;
        self.taken_in(table, &panel, lines)
    }

    /// The same of a table whose series are arranged already.
    pub(super) fn taken_in(
        mut self,
        table: &Frame,
        panel: &Panel,
        lines: Timelines,
    ) -> Result<Self, Error> {
        let numbers = numbers(&self.series, panel)?;
        let mut x = places(&lines, &numbers)?;
        if !self.series.covariates.is_empty() {
            let placed = Placed::of(table, &self.series)?;
            x = beside(x, placed.numbers(&self.series.covariates, &stretches(panel))?)?;
        }
        for (run, number) in numbers.iter().enumerate() {
            let end = panel.series(run).last() + 1;
            if end > self.series.next[*number] {
                self.series.next[*number] = end;
                let low = lines.values[lines.span(run)].iter().any(|v| *v < 0.0);
                self.series.positive[*number] &= !low;
            }
        }
        let target = Target::Series(lines);
        let newer = self.model.pipelines().iter().map(|p| {
            let newer = p.with_newer(&x, &target).map(Arc::new);
            newer.ok_or_else(|| {
                let what = format!("`{}` takes in no newer values; fit a new model", p.learner);
                Error::Options(what)
            })
        });
        self.newer = Some(newer.collect::<Result<_, _>>()?);
        Ok(self)
    }

    /// With a table of what is known ahead: the columns of time and series, as the model has them, and those
    /// that were named as known.
    #[must_use]
    pub fn given(mut self, future: Frame) -> Self {
        self.future = Future::Given(future);
        self
    }

    /// As if all that should be known ahead were missing.
    #[must_use]
    pub(crate) fn without_future(mut self) -> Self {
        self.future = Future::Missing;
        self
    }

    /// The next values of each series: its name, the time, `prediction`, and for every level in (0, 1) the
    /// bounds `lower_80` and `upper_80` that as much is expected to lie between. `horizon` is the model's
    /// own when `None`. With a hierarchy its sums come first, with the columns of its levels, of which those
    /// that a sum is of several of are empty; as far as all parts of a sum are told.
    ///
    /// Fails when a level is out of range, and when the model needs to know covariates of those periods that
    /// were not [given](Self::given).
    pub fn table(&self, horizon: Option<usize>, levels: &[f64]) -> Result<Frame, Error> {
        check_levels(levels)?;
        let series = &self.series;
        let of_series = self.lines(horizon.unwrap_or(series.horizon))?;
        let mut lines = self.sums(&of_series);
        lines.extend(of_series);
        let mut fields = vec![];
        let mut text = |column: &str, cells: Vec<Option<&str>>| {
            fields.push(Field::new(column, Kind::Categorical, Column::from_strings(cells)));
        };
        if let Some(hierarchy) = &series.hierarchy {
            let homes = hierarchy.homes();
            for (level, column) in hierarchy.columns.iter().enumerate() {
                let name = |line: &Line| {
                    let sum = match line.of {
                        Of::Sum(sum) => sum,
                        Of::Series(s) => *homes.get(&s)?,
                    };
                    hierarchy.sums[sum].path.get(level).map(String::as_str)
                };
                text(column, lines.iter().map(name).collect());
            }
        }
        if let Some(column) = &series.column {
            let name = |line: &Line| match line.of {
                Of::Series(s) => Some(&*series.names[s]),
                Of::Sum(_) => None,
            };
            text(column, lines.iter().map(name).collect());
        }
        let times = if series.counted {
            let times = lines.iter().map(|line| series.frequency.time(line.period));
            Column::Int(Arc::new(times.collect()))
        } else {
            Column::from_strings(lines.iter().map(|line| Some(series.written(line.period))))
        };
        fields.push(Field::new(series.time.as_str(), Kind::Categorical, times));
        let mut number = |name: String, values: Vec<f64>| {
            fields.push(Field::new(name, Kind::Numeric, Column::float(values)));
        };
        number("prediction".to_owned(), lines.iter().map(|line| line.point).collect());
        for level in levels {
            let name = format!("{}", (level * 1e4).round() / 100.0);
            for (side, at) in
                [("lower", (1.0 - level) / 2.0), ("upper", f64::midpoint(1.0, *level))]
            {
                let bounds = lines.iter().map(|line| self.quantile_of(line, at)).collect();
                number(format!("{side}_{name}"), bounds);
            }
        }
        Ok(Frame::new(fields)?)
    }

    /// What the next values of each series stay below with a probability in (0, 1), one series after the
    /// other. `horizon` is the model's own when `None`.
    ///
    /// Fails as [`Self::table`] does.
    pub fn quantile(&self, horizon: Option<usize>, level: f64) -> Result<Vec<f64>, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::Options(format!(
                "quantile {level}: expected a number between 0 and 1"
            )));
        }
        let lines = self.lines(horizon.unwrap_or(self.series.horizon))?;
        Ok(lines.iter().map(|line| self.quantile_of(line, level)).collect())
    }

    /// Writes [`Self::table`] to a file, with the stamp after it where one is given; `-` is CSV on stdout.
    /// Gives the number of rows.
    ///
    /// Fails as the table does, and when the file cannot be written.
    pub fn write(
        &self,
        output: &str,
        horizon: Option<usize>,
        levels: &[f64],
        stamp: Option<&ScoreStamp<'_>>,
    ) -> Result<u64, Error> {
        let mut table = self.table(horizon, levels)?;
        if let Some(stamp) = stamp {
            table = stamp.beside(&table)?;
        }
        let mut writer = PredictionWriter::create(output, &OutputColumn::of(&table))?;
        writer.write(&table)?;
        writer.finish()?;
        Ok(table.rows() as u64)
    }

    /// What is told of the series, one after the other.
    pub(super) fn lines(&self, horizon: usize) -> Result<Vec<Line>, Error> {
        self.lines_beside(horizon, self.known_ahead(horizon)?)
    }

    /// The numbers of all covariates that are known of so many periods of each series; none where there are no
    /// such covariates.
    pub(super) fn known_ahead(&self, horizon: usize) -> Result<Vec<(String, Vec<f64>)>, Error> {
        let known = self.series.known();
        if known.is_empty() { Ok(vec![]) } else { self.known(&known, horizon) }
    }

    /// The same where covariates are these numbers in the periods ahead.
    pub(super) fn lines_beside(
        &self,
        horizon: usize,
        known: Vec<(String, Vec<f64>)>,
    ) -> Result<Vec<Line>, Error> {
        let series = &self.series;
        let of_row: Vec<(usize, usize)> =
            (0..series.names.len()).flat_map(|s| (0..horizon).map(move |h| (s, h))).collect();
        let period = |(s, h): &(usize, usize)| (series.next[*s] + *h as i64) as f64;
        let x = placed(
            of_row.iter().map(|(s, _)| *s as f64).collect(),
            of_row.iter().map(period).collect(),
        )?;
        let x = if known.is_empty() { x } else { beside(x, known)? };
        let numbers = match &self.newer {
            Some(newer) => self.model.predict_by(newer, &x)?,
            None => self.model.predict_typed(&x)?,
        };
        let line = |(row, (s, step)): (usize, &(usize, usize))| {
            let period = series.next[*s].saturating_add(*step as i64);
            let [point, spread] = [numbers.row(row)[0], numbers.row(row)[1]];
            Line { of: Of::Series(*s), period, step: *step, point, spread }
        };
        Ok(of_row.iter().enumerate().map(line).collect())
    }

    /// What is told of the sums, given what is of the series.
    fn sums(&self, of_series: &[Line]) -> Vec<Line> {
        let Some(hierarchy) = &self.series.hierarchy else { return vec![] };
        let mut told = vec![ByPeriod::new(); self.series.names.len()];
        for line in of_series {
            if let Of::Series(s) = line.of {
                told[s].insert(line.period, (line.point, line.spread));
            }
        }
        let lines = |(at, sum): (usize, ByPeriod)| {
            let told = sum.into_iter().enumerate();
            let line = told.map(move |(step, (period, (point, spread)))| Line {
                of: Of::Sum(at),
                period,
                step,
                point,
                spread,
            });
            line.collect::<Vec<_>>()
        };
        hierarchy.summed(&told).into_iter().enumerate().flat_map(lines).collect()
    }

    /// The numbers of covariates that are known of so many periods of each series.
    fn known(&self, known: &[Covariate], horizon: usize) -> Result<Vec<(String, Vec<f64>)>, Error> {
        let next = self.series.next(horizon);
        let all: Vec<String> = known.iter().map(|c| format!("`{}`", c.column.name)).collect();
        let table = match &self.future {
            Future::Missing => {
                let missing = |name| (name, vec![f64::NAN; next.len() * horizon]);
                return Ok(named(known).known.into_iter().map(missing).collect());
            }
            Future::NotGiven => {
                return Err(Error::Options(format!(
                    "the model needs to know {} of the {horizon} periods ahead: --future FILE",
                    all.join(", ")
                )));
            }
            Future::Given(table) => table,
        };
        let placed = Placed::of(table, &self.series)?;
        for covariate in known {
            let numbers = placed.numbers(std::slice::from_ref(covariate), &next)?;
            let missing = |at: &usize| numbers.iter().any(|(_, list)| list[*at].is_nan());
            let all = next.len() * horizon;
            if let Some(first) = (0..all).find(missing) {
                let Stretch { key, first: start, .. } = next[first / horizon];
                let at = self.series.written(start.saturating_add((first % horizon) as i64));
                let of = if key.is_empty() { String::new() } else { format!(" of series `{key}`") };
                let count = (0..all).filter(missing).count();
                return Err(Error::Options(format!(
                    "--future: `{}`{of} at {at} is missing ({count} of {all} are); the model needs to know \
                     it of all {horizon} periods ahead",
                    covariate.column.name
                )));
            }
        }
        placed.numbers(known, &next)
    }

    /// A quantile of what comes, for a level in (0, 1).
    pub(super) fn quantile_of(&self, line: &Line, level: f64) -> f64 {
        let series = &self.series;
        let (error, positive) = match (line.of, &series.hierarchy) {
            (Of::Sum(sum), Some(hierarchy)) => {
                let all = hierarchy.series(sum).into_iter().all(|s| series.positive[s]);
                (hierarchy.error(sum, line.step, level, line.spread), all)
            }
            (Of::Series(s) | Of::Sum(s), _) => {
                (series.intervals.error(s, line.step, level, line.spread), series.positive[s])
            }
        };
        let bound = line.point + error;
        if positive { bound.max(0.0) } else { bound }
    }
}

/// Refuses shares that are none.
pub(crate) fn check_levels(levels: &[f64]) -> Result<(), Error> {
    match levels.iter().find(|l| !(**l > 0.0 && **l < 1.0)) {
        None => Ok(()),
        Some(level) => {
            let what = format!("--interval {level}: expected shares between 0 and 1, such as 0.8");
            Err(Error::Options(what))
        }
    }
}

/// The numbers by which a model knows the series of a panel.
pub(super) fn numbers(series: &Series, panel: &Panel) -> Result<Vec<usize>, Error> {
    let known: BTreeMap<&str, usize> =
        series.names.iter().enumerate().map(|(s, name)| (name.as_str(), s)).collect();
    let number = |key: &str| {
        known.get(key).copied().ok_or_else(|| {
            let way = "fit a new model on all series";
            Error::Options(format!("series `{key}` is none that the model knows; {way}"))
        })
    };
    panel.iter().map(|s| number(s.key)).collect()
}

/// The series of a table, as a model knows them.
pub(super) fn arranged(
    model: &Model,
    series: &Series,
    table: &Frame,
) -> Result<(Panel, Timelines), Error> {
    for column in [Some(&series.time), series.column.as_ref()].into_iter().flatten() {
        if table.field(column).is_none() {
            return Err(Error::Options(format!("column `{column}` is not there")));
        }
    }
    let (schema, _) = ruska_data::infer(table, &BTreeMap::new())?;
    let (_, times) = times(table, &schema, &series.time)?;
    let names = series.column.as_deref().map(|c| names(table, c)).transpose()?;
    let target = model.manifest().truth(table, &Target::Values(Arc::new(vec![])));
    let target = target.map_err(Error::of_model)?;
    let rows = SeriesRows::new(names.as_ref(), &times, &target.kept);
    let panel = rows.arrange(series.frequency, series.aggregate).map_err(|e| unarranged(&e))?;
    let lines = Timelines {
        seasons: series.seasons.clone(),
        season: series.season,
        ..stacked(&panel, &by_row(&target, table.rows()), series.horizon)
    };
    Ok((panel, lines))
}
