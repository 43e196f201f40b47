//! The series of a panel as a model knows them, and what it is asked of them.

use crate::sound::ensure;
use ruska_core::{Frame, PERIOD, PredictError, Predictions, SERIES, Target, Timelines};
use ruska_kernels::series::holes::filled;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Most periods that are told of a series.
const FURTHEST: usize = 1_000_000;

/// A series, and how far it is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct One<M> {
    /// What is fitted to it.
    pub(super) model: M,
    /// The first period that is not known.
    pub(super) next: i64,
    /// Whether all values have been at least 0, and forecasts are to be.
    positive: bool,
}

/// By number of the series; none for those without a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Known<M>(Vec<Option<One<M>>>);

/// Points and standard deviations of the periods ahead.
pub(super) type Told = Vec<(f64, f64)>;

/// What `fit` makes of a series of which some rows are known, one after the other, gaps filled; `None`
/// where no value is.
pub(super) fn fitted<M, E>(
    lines: &Timelines,
    rows: Range<usize>,
    fit: impl FnOnce(Vec<f64>) -> Result<M, E>,
) -> Result<Option<One<M>>, E> {
    let next = lines.period(rows.end - 1) + 1;
    let known = &lines.values[rows];
    if known.iter().all(|v| v.is_nan()) {
        return Ok(None);
    }
    let values = filled(known, lines.season);
    let positive = values.iter().all(|v| *v >= 0.0);
    Ok(Some(One { model: fit(values)?, next, positive }))
}

/// Columns of features by name.
///
/// Fails where one is not there.
pub(super) fn columns<'a>(x: &'a Frame, names: &[String]) -> Result<Vec<&'a [f64]>, PredictError> {
    names.iter().map(|name| column(x, name)).collect()
}

fn column<'a>(x: &'a Frame, name: &str) -> Result<&'a [f64], PredictError> {
    let found = x.field(name).and_then(|f| f.floats());
    found.ok_or_else(|| PredictError::MissingColumn { column: name.to_owned() })
}

/// The periods ahead of each series that are asked for.
pub(super) struct Asked<'a> {
    /// The features of the rows that ask.
    pub(super) x: &'a Frame,
    /// The row that asks for each period ahead, up to the last that is asked for.
    rows: Vec<Vec<Option<u32>>>,
}

impl Asked<'_> {
    /// Series, asked for or not.
    pub(super) fn series(&self) -> usize {
        self.rows.len()
    }

    /// Periods up to the last that is asked for of a series; 0 where none is.
    pub(super) fn steps(&self, number: usize) -> usize {
        self.rows[number].len()
    }

    /// The row that asks for a period ahead of a series, from 0.
    pub(super) fn row(&self, number: usize, step: usize) -> Option<usize> {
        self.rows[number].get(step).copied().flatten().map(|row| row as usize)
    }
}

impl<M> One<M> {
    /// A point that is no less than 0 where no value has been.
    pub(super) fn bounded(&self, point: f64) -> f64 {
        if self.positive { point.max(0.0) } else { point }
    }
}

impl<M> Known<M> {
    /// Of so many series, those of which something is known by their numbers.
    pub(super) fn of(series: usize, known: impl Iterator<Item = (usize, Option<One<M>>)>) -> Self {
        let mut all: Vec<_> = std::iter::repeat_with(|| None).take(series).collect();
        known.for_each(|(number, one)| all[number] = one);
        Self(all)
    }

    /// The series of which periods are asked for, each with its number.
    pub(super) fn asked<'a>(
        &'a self,
        asked: &'a Asked<'_>,
    ) -> impl Iterator<Item = (usize, &'a One<M>)> {
        let known =
            self.0.iter().enumerate().filter_map(|(number, one)| Some((number, one.as_ref()?)));
        known.filter(|(number, _)| asked.steps(*number) > 0)
    }

    /// Predictions for some rows of a frame, from what `ahead` tells of the periods of each series up to
    /// the last that is asked for.
    ///
    /// Fails on series that are not known and periods that are, or that are a million away, and as `ahead`
    /// does.
    pub(super) fn predictions(
        &self,
        x: &Frame,
        rows: &[u32],
        ahead: impl FnOnce(&Asked<'_>) -> Result<Vec<Told>, PredictError>,
    ) -> Result<Predictions, PredictError> {
        if rows.is_empty() {
            return Ok(Predictions::new(2, vec![]));
        }
        let (series, periods) = (column(x, SERIES)?, column(x, PERIOD)?);
        let mut asked = Asked { x, rows: vec![vec![]; self.0.len()] };
        let mut places = Vec::with_capacity(rows.len());
        for &row in rows {
            let number = series[row as usize];
            let number = if number >= 0.0 { number as usize } else { usize::MAX };
            let one = self.0.get(number).and_then(Option::as_ref);
            let one = one.ok_or(PredictError::UnknownSeries { number })?;
            let step = usize::try_from((periods[row as usize] as i64).saturating_sub(one.next));
            let step = step.map_err(|_| PredictError::NotAhead { number })?;
            if step >= FURTHEST {
                return Err(PredictError::TooFarAhead { number, most: FURTHEST });
            }
            let of_series = &mut asked.rows[number];
            of_series.resize(of_series.len().max(step + 1), None);
            of_series[step] = Some(row);
            places.push((number, step));
        }
        let told = ahead(&asked)?;
        let values = places.into_iter().flat_map(|(number, step)| {
            let (point, spread) = told[number][step];
            [point, spread]
        });
        Ok(Predictions::new(2, values.collect()))
    }

    /// What is fitted to each series with what has come since, by the rows of a frame and their values.
    /// `take_in` is given a series, its rows, and how many of them it knows.
    pub(super) fn updated(
        mut self,
        x: &Frame,
        y: &Target,
        take_in: impl Fn(&mut One<M>, &Timelines, Range<usize>, usize),
    ) -> Option<Self> {
        let Target::Series(lines) = y else { return None };
        let numbers = x.field(SERIES)?.floats()?;
        for run in 0..lines.series() {
            let span = lines.span(run);
            let number = *numbers.get(span.start)? as usize;
            let Some(Some(one)) = self.0.get_mut(number) else { continue };
            let known = usize::try_from(one.next - lines.starts[run]);
            let Some(known) = known.ok().filter(|known| *known < span.len()) else { continue };
            let newer = &lines.values[span.start + known..span.end];
            let positive = newer.iter().all(|v| *v >= 0.0 || v.is_nan());
            let count = newer.len() as i64;
            one.positive &= positive;
            take_in(one, lines, span, known);
            one.next += count;
        }
        Some(self)
    }

    /// What makes it useless, if anything.
    pub(super) fn validate(&self, sound: impl Fn(&M) -> Result<(), String>) -> Result<(), String> {
        self.0.iter().flatten().try_for_each(|one| {
            // Frames ask for periods as floating-point numbers.
            ensure(one.next.unsigned_abs() < 1 << 53, "a period is out of range")?;
            sound(&one.model)
        })
    }
}
