//! One model for all series and some steps ahead, learned from windows of their past.
//!
//! Reference: Montero-Manso, Hyndman, "Principles and algorithms for forecasting groups of time series:
//! locality and globality", IJF 37, 2021; Ben Taieb, Bontempi, Atiya, Sorjamaa, "A review and comparison of
//! strategies for multi-step ahead time series forecasting", Expert Syst. Appl. 39, 2012.

use super::beside::{Beside, Columns};
use super::history::{History, panel};
use super::known::{Asked, Known, Told, fitted};
use super::windows::{Scaling, Standing, modelled};
use crate::bridge::Watch;
use crate::parameters::at_least;
use crate::sound::ensure;
use ruska_core::{
    Column, Field, FitError, Frame, Kind, Predict, PredictError, Predictions, RunContext, Target,
    TaskMeta, Timelines, Train, hash,
};
use ruska_kernels::series::holes::filled;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// Most models, each of which tells some of the steps.
const MOST_MODELS: usize = 4;
/// Most windows that a model learns from.
const MOST_WINDOWS: usize = 20_000;
/// Most values of a window.
const LONGEST_WINDOW: usize = 1000;
/// Periods that are kept from a learner together, where some are.
const STRETCH: i64 = 8;
/// One of how many stretches is.
const APART: u64 = 5;
/// Fewest rows that are told without having been learned from.
const FEWEST_OTHERS: usize = 20;
/// Values before the first window of a series.
const FIRST: usize = 3;

/// A learner of rows that tells a step ahead from a window.
pub(crate) struct Inner<'a, M> {
    /// Whether it takes columns as they are; otherwise they are brought to one scale, on which what is
    /// missing is the mean.
    pub(crate) as_they_are: bool,
    /// Whether it may follow the rows that it learns from to the last of them, so that what it gets wrong is
    /// seen only on others, which are kept from it.
    pub(crate) follows: bool,
    /// Fits it to rows.
    pub(crate) fit: &'a dyn Fn(Train<'_>, &RunContext<'_>) -> Result<M, FitError>,
}

/// A model of all series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
pub(crate) struct DirectModel<M> {
    how: Scaling,
    beside: Beside,
    groups: Vec<Group<M>>,
    series: Known<Now>,
}

/// A series where its values end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Now {
    standing: Standing,
    /// The covariates of the last period.
    beside: Vec<f64>,
}

/// The model of some steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
struct Group<M> {
    steps: Range<usize>,
    /// Mean and standard deviation of each column; none where it is taken as it is.
    scales: Vec<(f64, f64)>,
    model: M,
    /// Root of the mean squared error of each step.
    spreads: Vec<f64>,
}

/// Values of a window that suit series with these seasons.
pub(crate) fn usual_lags(seasons: &[usize]) -> i64 {
    let season = seasons.iter().copied().filter(|s| *s <= 30).max().unwrap_or(1);
    (season as i64 + 2).clamp(8, 32)
}

/// Values of a window: those asked for, or those that suit a panel.
///
/// Fails where fewer than 2 are asked for.
pub(crate) fn window(id: &str, lags: Option<i64>, lines: &Timelines) -> Result<usize, FitError> {
    let lags = lags.unwrap_or_else(|| usual_lags(&lines.seasons));
    Ok(at_least(id, "lags", lags, 2)?.min(LONGEST_WINDOW))
}

/// Whether logarithms are modelled: where they are not refused and all values are above 0.
pub(crate) fn logarithms(log: Option<bool>, lines: &Timelines) -> bool {
    log.unwrap_or(true) && lines.values.iter().all(|v| *v > 0.0 || v.is_nan())
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
    /// The row of its first value, and the period.
    first: (usize, i64),
}

/// Fits models of all steps.
pub(crate) fn direct<M: Predict>(
    inner: &Inner<'_, M>,
    (how, id): (Scaling, &str),
    train: &Train<'_>,
    ctx: &RunContext<'_>,
) -> Result<DirectModel<M>, FitError> {
    let lines = panel(train, id)?;
    let beside = Beside::new(lines, how.take_seasons);
    let columns = beside.columns(train.x)?;
    let mut series = vec![];
    let mut all = vec![];
    for (number, places) in lines.runs(train.rows) {
        ctx.check()?;
        let (from, last) = (train.rows[places.start] as usize, train.rows[places.end - 1] as usize);
        let one = fitted(lines, from..last + 1, |values| {
            let history = History { values: &values, seasons: &lines.seasons };
            let (values, standing) = modelled(how, history, &Watch(ctx))?;
            all.push(Modelled { number, values, first: (from, lines.period(from)) });
            Ok::<_, FitError>(Now { standing, beside: columns.now(last) })
        });
        series.push((number, one?));
    }
    let series = Known::of(lines.series(), series.into_iter());
    let seen = Seen { how, beside: &beside };
    let models = lines.horizon.min(MOST_MODELS);
    let groups = (0..models).map(|g| {
        let steps = g * lines.horizon / models..(g + 1) * lines.horizon / models;
        let learned = Learned::of(seen, (&all, &columns), steps.clone(), g as u64);
        if learned.target.is_empty() {
            return Err(FitError::Data(format!(
                "no series is longer than {} values",
                steps.start + FIRST
            )));
        }
        let scales = if inner.as_they_are { vec![] } else { scales(&learned.rows) };
        let x = table(&learned.rows, &scales);
        let all: Vec<u32> = (0..x.rows() as u32).collect();
        let (others, rows): (Vec<u32>, Vec<u32>) =
            all.iter().partition(|row| inner.follows && learned.apart[**row as usize]);
        let enough = others.len().min(rows.len()) >= FEWEST_OTHERS;
        let (others, rows) = if enough { (&others, &rows) } else { (&all, &all) };
        let target = Arc::new(learned.target);
        let y = Target::Values(Arc::clone(&target));
        let train = Train { x: &x, rows, y: &y, weights: None };
        let model = (inner.fit)(train, &ctx.part(g as u64 + 1))?;
        let told = model.predict(&x, others)?;
        let errors = others.iter().zip(told.values()).map(|(row, told)| {
            let row = *row as usize;
            (learned.step[row], target[row] - told)
        });
        let spreads = spreads(&steps, errors);
        Ok(Group { steps, scales, model, spreads })
    });
    let groups = groups.collect::<Result<_, _>>()?;
    Ok(DirectModel { how, beside, groups, series })
}

/// Root mean squared errors by step, at least a little; that of all steps where one has none.
fn spreads(steps: &Range<usize>, errors: impl Iterator<Item = (usize, f64)>) -> Vec<f64> {
    let mut sums = vec![(1e-18, 1e-9); steps.len()];
    for (step, error) in errors {
        let (sum, n) = &mut sums[step - steps.start];
        *sum += error.powi(2);
        *n += 1.0;
    }
    let (sum, n) = sums.iter().fold((0.0, 0.0), |(s, n), (sum, count)| (s + sum, n + count));
    let of = |(own, count): &(f64, f64)| if *count < 1.0 { sum / n } else { own / count };
    sums.iter().map(|sums| of(sums).sqrt()).collect()
}

/// Windows with what came after them.
struct Learned {
    rows: Vec<Vec<f64>>,
    target: Vec<f64>,
    step: Vec<usize>,
    /// Whether a row is among those that may be kept from a learner: of some stretches of periods.
    apart: Vec<bool>,
}

/// How a row is seen.
#[derive(Clone, Copy)]
struct Seen<'a> {
    how: Scaling,
    beside: &'a Beside,
}

impl Seen<'_> {
    /// The values up to a moment, the step ahead, the covariates of the moment and of the period ahead.
    fn row(self, known: &[f64], step: usize, now: &[f64], ahead: &[f64], period: i64) -> Vec<f64> {
        let mut row = vec![];
        self.how.seen(known, &mut row);
        row.push(step as f64);
        self.beside.seen(now, ahead, period, &mut row);
        row
    }
}

impl Learned {
    /// Windows of all series and steps, drawn where there are too many.
    fn of(
        seen: Seen<'_>,
        (all, columns): (&[Modelled], &Columns<'_>),
        steps: Range<usize>,
        seed: u64,
    ) -> Self {
        let windows = |m: &Modelled, step: usize| m.values.len().saturating_sub(step + FIRST);
        let pairs = || all.iter().flat_map(|m| steps.clone().map(move |step| (m, step)));
        let count: usize = pairs().map(|(m, step)| windows(m, step)).sum();
        let share = MOST_WINDOWS as f64 / count.max(1) as f64;
        let limit = if share >= 1.0 { u64::MAX } else { (share * u64::MAX as f64) as u64 };
        let mut learned = Self { rows: vec![], target: vec![], step: vec![], apart: vec![] };
        for (m, step) in pairs() {
            for window in 0..windows(m, step) {
                let key = [m.number as u64, step as u64, window as u64, seed];
                if limit < u64::MAX && hash::combine(&key) > limit {
                    continue;
                }
                let known = FIRST + window;
                let ((first, start), then) = (m.first, known + step);
                let now = columns.now(first + known - 1);
                let ahead = columns.ahead(first + then);
                let (values, period) = (&m.values[..known], start + then as i64);
                learned.rows.push(seen.row(values, step, &now, &ahead, period));
                learned.target.push(m.values[then] - seen.how.level(&m.values[..known]));
                learned.step.push(step);
                let stretch = period.div_euclid(STRETCH) as u64;
                learned.apart.push(hash::combine(&[stretch]).is_multiple_of(APART));
            }
        }
        learned
    }
}

/// Mean and standard deviation of the known numbers of each column; 0 and 1 where there are none, or no two.
fn scales(rows: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let of = |k: usize| {
        let known = || rows.iter().map(|row| row[k]).filter(|v| !v.is_nan());
        let n = known().count().max(1) as f64;
        let mean = known().map(|v| v / n).sum::<f64>();
        let deviation = known().map(|v| (v - mean).powi(2) / n).sum::<f64>().sqrt();
        (mean, if deviation > 0.0 && deviation.is_finite() { deviation } else { 1.0 })
    };
    (0..rows[0].len()).map(of).collect()
}

/// Rows as a table, at least one, on these scales where there are any.
fn table(rows: &[Vec<f64>], scales: &[(f64, f64)]) -> Frame {
    let cell = |value: f64, k: usize| match scales.get(k) {
        None => value,
        Some(_) if value.is_nan() => 0.0,
        Some((mean, deviation)) => (value - mean) / deviation,
    };
    let column = |k: usize| {
        let values = rows.iter().map(|row| cell(row[k], k)).collect();
        Field::new(format!("x{k}"), Kind::Numeric, Column::float(values))
    };
    Frame::new((0..rows[0].len()).map(column).collect())
        .expect("columns of one length, each its name")
}

impl<M: Predict> DirectModel<M> {
    /// What is told of the periods ahead of each series that are asked for: points and spreads.
    fn ahead(&self, asked: &Asked<'_>) -> Result<Vec<Told>, PredictError> {
        let columns = self.beside.known(asked.x)?;
        let seen = Seen { how: self.how, beside: &self.beside };
        let series: Vec<_> = self.series.asked(asked).collect();
        let mut told = vec![vec![]; series.len()];
        let mut spreads = vec![];
        for group in &self.groups {
            let mut rows = vec![];
            for (number, one) in &series {
                let Now { standing, beside } = &one.model;
                for step in group.steps.clone() {
                    let ahead = asked.row(*number, step).map_or(vec![], |row| columns.ahead(row));
                    let period = one.next + step as i64;
                    rows.push(seen.row(standing.recent(), step, beside, &ahead, period));
                }
            }
            let x = table(&rows, &group.scales);
            let places: Vec<u32> = (0..rows.len() as u32).collect();
            let said = group.model.predict(&x, &places)?;
            for (list, part) in told.iter_mut().zip(said.values().chunks(group.steps.len())) {
                list.extend_from_slice(part);
            }
            spreads.extend_from_slice(&group.spreads);
        }
        let mut all = vec![vec![]; asked.series()];
        for ((number, one), mut list) in series.into_iter().zip(told) {
            let still = one.model.standing.still(self.how);
            if let Some(step) = still.filter(|_| self.beside.width() == 0) {
                list.fill(step);
            }
            // Beyond the horizon nothing changes but how sure it is.
            let known = list.len();
            let last = (list[known - 1], spreads[known - 1]);
            list.resize(asked.steps(number).max(known), last.0);
            let wider =
                (known..list.len()).map(|h| last.1 * ((h + 1) as f64 / known as f64).sqrt());
            let spreads: Vec<f64> = spreads.iter().copied().chain(wider).collect();
            let said = one.model.standing.told(self.how, &list, &spreads).into_iter();
            all[number] = said.map(|(point, spread)| (one.bounded(point), spread)).collect();
        }
        Ok(all)
    }
}

impl<M: Predict + Clone> Predict for DirectModel<M> {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        self.series.predictions(x, rows, |asked| self.ahead(asked))
    }

    fn updated(&self, x: &Frame, y: &Target) -> Option<Self> {
        let columns = self.beside.columns(x).ok()?;
        let series = self.series.clone().updated(x, y, |one, lines, span, known| {
            one.model.beside = columns.now(span.end - 1);
            let values = filled(&lines.values[span], lines.season);
            one.model.standing.update(self.how, &values[known..]);
        });
        Some(Self { series: series?, ..self.clone() })
    }

    fn validate(&self) -> Result<(), String> {
        let lags = (2..=LONGEST_WINDOW).contains(&self.how.lags);
        ensure(lags && !self.groups.is_empty(), "there is no model")?;
        let mut from = 0;
        for group in &self.groups {
            let whole = group.steps.start == from && group.spreads.len() == group.steps.len();
            ensure(whole && !group.steps.is_empty(), "steps are not one after the other")?;
            from = group.steps.end;
            let sound = |(mean, deviation): &(f64, f64)| mean.is_finite() && *deviation > 0.0;
            ensure(group.scales.iter().all(sound), "a scale is none")?;
            group.model.validate()?;
        }
        self.beside.validate()?;
        self.series.validate(|now| {
            ensure(now.standing.is_sound(), "a series is unknown")?;
            ensure(now.beside.len() == self.beside.width(), "a series has other covariates")
        })
    }
}
