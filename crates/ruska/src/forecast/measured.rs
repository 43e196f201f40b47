//! A forecasting model measured by what came true.

use super::ahead::{arranged, numbers};
use super::covariates::{Placed, beside};
use super::prepare::{places, stretches};
use crate::error::Error;
use crate::model::Model;
use ruska_core::{Frame, Predictions, Target, Task};

/// Standard deviations on either side that 80 % of normal errors lie within.
const WIDTH: f64 = 1.281_551_565_544_600_4;

/// What came after the model's last values, and what it told of them. Values that the model knew already
/// scale errors.
pub(crate) struct Came {
    pub(crate) task: Task,
    /// The rows of the task that came later.
    pub(crate) rows: Vec<u32>,
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
    Ok(Came { task: Task::new(x, Target::Series(lines))?, rows: later, told, below })
}
