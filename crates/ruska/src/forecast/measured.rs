//! A forecasting model measured by what came true.

use super::ahead::{arranged, numbers};
use super::covariates::{Placed, beside};
use super::prepare::{places, stretches};
use crate::error::Error;
use crate::model::Model;
use ruska_core::{Frame, Panel, Predictions, Target, Task, Timelines, Truth};

/// Standard deviations on either side that 80 % of normal errors lie within.
const WIDTH: f64 = 1.281_551_565_544_600_4;

/// What came after the model's last values, and what it told of them. Values that the model knew already
/// scale errors.
pub(crate) struct Came {
    pub(crate) task: Task,
    /// The rows of the task that came later.
    pub(crate) rows: Vec<u32>,
    /// A row of the table of each; of several of one period the first.
    pub(crate) places: Vec<u32>,
    /// What was told of them.
    pub(crate) told: Predictions,
    /// What each was told to stay below with the probability asked for.
    pub(crate) below: Vec<f64>,
}

/// Measures a model by what came true; `level` is a probability in (0, 1).
///
/// Fails when the table has not the columns, or nothing that came later.
pub(crate) fn measured(model: &Model, table: &Frame, level: Option<f64>) -> Result<Came, Error> {
    let series = model.series().ok_or_else(|| Error::Options("it tells no series".to_owned()))?;
    let (panel, lines) = arranged(model, series, table)?;
    let numbers = numbers(series, &panel)?;
    let came = |row: &u32| {
        let row = *row as usize;
        let known_before = series.next[numbers[lines.series_of(row)]];
        lines.period(row) >= known_before && !lines.values[row].is_nan()
    };
    let later: Vec<u32> = (0..lines.rows() as u32).filter(came).collect();
    if later.is_empty() {
        let what = "the table has no value that came after those that the model was fitted on";
        return Err(Error::Options(what.to_owned()));
    }
    let mut x = places(&lines, &numbers)?;
    let known = series.known();
    if !known.is_empty() {
        let told = Placed::of(table, series)?.numbers(&known, &stretches(&panel))?;
        x = beside(x, told)?;
    }
    let told = model.predict_typed(&x.take(&later))?;
    let mut below = vec![];
    let bounded = later.iter().enumerate().flat_map(|(place, &row)| {
        let (run, said) = (lines.series_of(row as usize), told.row(place));
        let step = (lines.period(row as usize) - series.next[numbers[run]]) as usize;
        let at = |level| series.intervals.error(numbers[run], step, level, said[1]);
        if let Some(level) = level {
            let bound = said[0] + at(level);
            below.push(if series.positive[numbers[run]] { bound.max(0.0) } else { bound });
        }
        // The spread of the interval that is told.
        [said[0], (at(0.9) - at(0.1)) / 2.0 / WIDTH]
    });
    let told = Predictions::new(2, bounded.collect());
    let places = in_table(&panel, &lines, &later);
    Ok(Came { task: Task::new(x, Target::Series(lines))?, rows: later, places, told, below })
}

/// A row of the table of each of some rows of series.
fn in_table(panel: &Panel, lines: &Timelines, rows: &[u32]) -> Vec<u32> {
    let mut places = Vec::with_capacity(rows.len());
    for (run, held) in lines.runs(rows) {
        let series = panel.series(run);
        let step = |row: &u32| *row - lines.offsets[run] as u32;
        let row = |row| series.rows[series.steps.partition_point(|s| *s < step(row))];
        places.extend(rows[held].iter().map(row));
    }
    places
}

/// What came true of what several models told, on the same rows of the same series.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedAhead {
    /// What came after all that any of the models knew.
    pub truth: Truth,
    /// What each model told of it.
    pub told: Vec<Predictions>,
}

impl SharedAhead {
    /// The truth for models of the same series, of which there is at least one.
    ///
    /// Fails when a model tells no series or not these, and where nothing came that is new to all.
    pub fn of(table: &Frame, models: &[&Model]) -> Result<Self, Error> {
        let came: Vec<Came> =
            models.iter().map(|m| measured(m, table, None)).collect::<Result<_, _>>()?;
        let Some((first, others)) = came.split_first() else {
            return Err(Error::Options("there is no model to be measured".to_owned()));
        };
        let grid = |came: &Came| match &came.task.target {
            Target::Series(lines) => Some((lines.offsets.clone(), lines.starts.clone())),
            _ => None,
        };
        let asked = |model: &Model| {
            let kept = model.series().map(|s| (s.frequency, s.aggregate, s.column.clone()));
            (model.manifest().target.clone(), kept)
        };
        let alike = others.iter().all(|other| grid(other) == grid(first))
            && models.iter().all(|model| asked(model) == asked(models[0]));
        if !alike {
            let what =
                "the models tell other series or other periods, so there is nothing to compare";
            return Err(Error::Options(what.to_owned()));
        }
        let all_tell = |row: &u32| came.iter().all(|came| came.rows.binary_search(row).is_ok());
        let rows: Vec<u32> = first.rows.iter().copied().filter(all_tell).collect();
        if rows.is_empty() {
            let what =
                "the table has no value that came after those that all models were fitted on";
            return Err(Error::Options(what.to_owned()));
        }
        let told = |came: &Came| {
            let place = |row: &u32| came.rows.partition_point(|r| r < row) as u32;
            came.told.take(&rows.iter().map(place).collect::<Vec<_>>())
        };
        Ok(Self { truth: first.task.target.truth(&rows), told: came.iter().map(told).collect() })
    }
}
