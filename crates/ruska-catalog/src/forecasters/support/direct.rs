//! One model for all series and some steps ahead, learned from windows of their past.
//!
//! Reference: Montero-Manso, Hyndman, "Principles and algorithms for forecasting groups of time series:
//! locality and globality", IJF 37, 2021; Ben Taieb, Bontempi, Atiya, Sorjamaa, "A review and comparison of
//! strategies for multi-step ahead time series forecasting", Expert Syst. Appl. 39, 2012.

use super::each::{asked, in_range};
use super::history::{History, panel};
use super::windows::{Scaling, Standing, modelled};
use crate::bridge::Watch;
use crate::sound::ensure;
use ruska_core::{
    Algorithm, Column, Field, FitError, Frame, Kind, Predict, PredictError, Predictions,
    RunContext, SERIES, Target, TaskMeta, Timelines, Train, hash,
};
use ruska_kernels::series::holes::filled;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// Most models, each of which tells some of the steps.
const MOST_MODELS: usize = 8;
/// Most windows that a model learns from.
const MOST_WINDOWS: usize = 40_000;
/// Most values of a window.
pub(crate) const LONGEST_WINDOW: usize = 1000;
/// Values before the first window of a series.
const FIRST: usize = 3;

/// A learner of rows that tells a step ahead from a window.
pub(crate) trait Inner: Algorithm {
    /// What it is fitted with.
    fn settings(&self) -> Self::Params;
    /// Whether it takes missing numbers; otherwise they are 0.
    const TAKES_MISSING: bool;
}

/// A model of all series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
pub(crate) struct DirectModel<M> {
    how: Scaling,
    missing: f64,
    groups: Vec<Group<M>>,
    /// By number of the series; none for those without a value.
    series: Vec<Option<One>>,
}

/// The model of some steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
struct Group<M> {
    steps: Range<usize>,
    model: M,
    /// Root of the mean squared error of each step.
    spreads: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct One {
    standing: Standing,
    /// The first period that it does not know.
    next: i64,
    /// Whether all values have been at least 0, and forecasts are to be.
    positive: bool,
}

/// Values of a window that suit series with these seasons.
pub(crate) fn usual_lags(seasons: &[usize]) -> i64 {
    let season = seasons.iter().copied().filter(|s| *s <= 30).max().unwrap_or(1);
    (season as i64 + 2).clamp(8, 32)
}

/// Rows that all models of a panel learn from, at most.
pub(crate) fn learned_rows(meta: &TaskMeta) -> f64 {
    let steps = meta.horizon.unwrap_or(1);
    let models = steps.min(MOST_MODELS) as f64;
    models * (meta.rows as f64 * (steps as f64 / models)).min(MOST_WINDOWS as f64)
}

/// A series as it is modelled.
struct Modelled {
    number: usize,
    values: Vec<f64>,
}

/// Fits models of all steps.
pub(crate) fn direct<A: Inner>(
    inner: &A,
    (how, id): (Scaling, &str),
    train: &Train<'_>,
    ctx: &RunContext<'_>,
) -> Result<DirectModel<A::Model>, FitError> {
    let lines = panel(train, id)?;
    let mut series = vec![None; lines.series()];
    let mut all = vec![];
    for (number, places) in lines.runs(train.rows) {
        ctx.check()?;
        let span = train.rows[places.start] as usize..train.rows[places.end - 1] as usize + 1;
        let (known, next) = (&lines.values[span.clone()], lines.period(span.end - 1) + 1);
        if known.iter().all(|v| v.is_nan()) {
            continue;
        }
        let values = filled(known, lines.season);
        let positive = values.iter().all(|v| *v >= 0.0);
        let history = History { values: &values, seasons: &lines.seasons };
        let (values, standing) = modelled(how, history, &Watch(ctx))?;
        series[number] = Some(One { standing, next, positive });
        all.push(Modelled { number, values });
    }
    let missing = if A::TAKES_MISSING { f64::NAN } else { 0.0 };
    let models = lines.horizon.min(MOST_MODELS);
    let groups = (0..models).map(|g| {
        let steps = g * lines.horizon / models..(g + 1) * lines.horizon / models;
        let learned = Learned::of(how, &all, steps.clone(), missing, g as u64);
        if learned.target.is_empty() {
            return Err(FitError::Data(format!(
                "no series is longer than {} values",
                steps.start + FIRST
            )));
        }
        let x = table(how, &learned.rows);
        let rows: Vec<u32> = (0..x.rows() as u32).collect();
        let y = Target::Values(Arc::new(learned.target));
        let train = Train { x: &x, rows: &rows, y: &y, weights: None };
        let model = inner.fit(&inner.settings(), train, &ctx.part(g as u64 + 1))?;
        let told = model.predict(&x, &rows)?;
        let Target::Values(target) = y else { return Err(FitError::Numeric(String::new())) };
        let spreads = spreads(&steps, &learned.step, &target, told.values());
        Ok(Group { steps, model, spreads })
    });
    let groups = groups.collect::<Result<_, _>>()?;
    Ok(DirectModel { how, missing, groups, series })
}

/// Root mean squared errors by step, at least a little.
fn spreads(steps: &Range<usize>, of_row: &[usize], target: &[f64], told: &[f64]) -> Vec<f64> {
    let mut sums = vec![(1e-18, 1e-9); steps.len()];
    for ((step, y), p) in of_row.iter().zip(target).zip(told) {
        let (sum, n) = &mut sums[step - steps.start];
        *sum += (y - p).powi(2);
        *n += 1.0;
    }
    sums.iter().map(|(sum, n)| (sum / n).sqrt()).collect()
}

/// Windows with what came after them.
struct Learned {
    rows: Vec<Vec<f64>>,
    target: Vec<f64>,
    step: Vec<usize>,
}

impl Learned {
    /// Windows of all series and steps, drawn where there are too many.
    fn of(how: Scaling, all: &[Modelled], steps: Range<usize>, missing: f64, seed: u64) -> Self {
        let windows = |m: &Modelled, step: usize| m.values.len().saturating_sub(step + FIRST);
        let pairs = || all.iter().flat_map(|m| steps.clone().map(move |step| (m, step)));
        let count: usize = pairs().map(|(m, step)| windows(m, step)).sum();
        let share = MOST_WINDOWS as f64 / count.max(1) as f64;
        let limit = if share >= 1.0 { u64::MAX } else { (share * u64::MAX as f64) as u64 };
        let mut learned = Self { rows: vec![], target: vec![], step: vec![] };
        for (m, step) in pairs() {
            for window in 0..windows(m, step) {
                let key = [m.number as u64, step as u64, window as u64, seed];
                if limit < u64::MAX && hash::combine(&key) > limit {
                    continue;
                }
                let known = FIRST + window;
                learned.rows.push(how.row(&m.values[..known], step, missing));
                learned.target.push(m.values[known + step] - m.values[known - 1]);
                learned.step.push(step);
            }
        }
        learned
    }
}

/// Rows as a table.
fn table(how: Scaling, rows: &[Vec<f64>]) -> Frame {
    let column = |k: usize| {
        let values = rows.iter().map(|row| row[k]).collect();
        Field::new(format!("x{k}"), Kind::Numeric, Column::float(values))
    };
    Frame::new((0..how.width()).map(column).collect())
        .expect("columns of one length, each its name")
}

impl<M: Predict> DirectModel<M> {
    /// What is told of so many steps of some series: points and spreads, by series.
    fn ahead(&self, steps: &[usize]) -> Result<Vec<Vec<(f64, f64)>>, PredictError> {
        let asked: Vec<(usize, &One)> = self
            .series
            .iter()
            .enumerate()
            .filter_map(|(s, one)| Some((s, one.as_ref().filter(|_| steps[s] > 0)?)))
            .collect();
        let mut told = vec![vec![]; asked.len()];
        let mut spreads = vec![];
        for group in &self.groups {
            let mut rows = vec![];
            for (_, one) in &asked {
                for step in group.steps.clone() {
                    rows.push(self.how.row(one.standing.recent(), step, self.missing));
                }
            }
            let x = table(self.how, &rows);
            let places: Vec<u32> = (0..rows.len() as u32).collect();
            let said = group.model.predict(&x, &places)?;
            for (list, part) in told.iter_mut().zip(said.values().chunks(group.steps.len())) {
                list.extend_from_slice(part);
            }
            spreads.extend_from_slice(&group.spreads);
        }
        let mut all = vec![vec![]; steps.len()];
        for ((s, one), mut list) in asked.into_iter().zip(told) {
            // Beyond the horizon nothing changes but how sure it is.
            let known = list.len();
            let last = (list[known - 1], spreads[known - 1]);
            list.resize(steps[s].max(known), last.0);
            let wider =
                (known..list.len()).map(|h| last.1 * ((h + 1) as f64 / known as f64).sqrt());
            let spreads: Vec<f64> = spreads.iter().copied().chain(wider).collect();
            let mut said = one.standing.told(self.how, &list, &spreads);
            if one.positive {
                said.iter_mut().for_each(|(v, _)| *v = v.max(0.0));
            }
            all[s] = said;
        }
        Ok(all)
    }
}

impl<M: Predict + Clone> Predict for DirectModel<M> {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let asked = asked(x, rows)?;
        let mut steps = vec![0; self.series.len()];
        for (series, period) in &asked {
            let one = self.series.get(*series).and_then(Option::as_ref);
            let one = one.ok_or(PredictError::UnknownSeries { number: *series })?;
            let ahead = usize::try_from(period - one.next);
            let ahead = ahead.map_err(|_| PredictError::NotAhead { number: *series })?;
            steps[*series] = steps[*series].max(ahead + 1);
        }
        let told = self.ahead(&steps)?;
        let mut values = Vec::with_capacity(2 * rows.len());
        for (series, period) in asked {
            let Some(one) = &self.series[series] else { continue };
            let (point, spread) = told[series][(period - one.next) as usize];
            values.extend([point, spread]);
        }
        Ok(Predictions::new(2, values))
    }

    fn updated(&self, x: &Frame, y: &Target) -> Option<Self> {
        let Target::Series(lines) = y else { return None };
        let numbers = x.field(SERIES)?.floats()?;
        let mut newer = self.clone();
        for run in 0..lines.series() {
            let number = *numbers.get(lines.span(run).start)? as usize;
            if let Some(Some(one)) = newer.series.get_mut(number) {
                one.take_in(self.how, lines, run);
            }
        }
        Some(newer)
    }

    fn validate(&self) -> Result<(), String> {
        let lags = (2..=LONGEST_WINDOW).contains(&self.how.lags);
        ensure(lags && !self.groups.is_empty(), "there is no model")?;
        let mut from = 0;
        for group in &self.groups {
            let whole = group.steps.start == from && group.spreads.len() == group.steps.len();
            ensure(whole && !group.steps.is_empty(), "steps are not one after the other")?;
            from = group.steps.end;
            group.model.validate()?;
        }
        let mut series = self.series.iter().flatten();
        series.try_for_each(|one| {
            ensure(in_range(one.next), "a period is out of range")?;
            ensure(one.standing.is_sound(), "a series is unknown")
        })
    }
}

impl One {
    /// Takes in what a series of a panel has from the first unknown period on; gaps are filled.
    fn take_in(&mut self, how: Scaling, lines: &Timelines, run: usize) {
        let Ok(known) = usize::try_from(self.next - lines.starts[run]) else { return };
        let span = lines.span(run);
        if known >= span.len() {
            return;
        }
        let newer = &lines.values[span.start + known..span.end];
        let all = filled(&lines.values[span.clone()], lines.season);
        self.standing.update(how, &all[known..]);
        self.positive &= newer.iter().all(|v| *v >= 0.0 || v.is_nan());
        self.next += newer.len() as i64;
    }
}
