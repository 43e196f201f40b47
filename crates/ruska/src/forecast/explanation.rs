//! Series for people: what they are made of, what comes next, and how far off that usually is.
//!
//! ```text
//! table ─ arrange ─┬─▶ components ─▶ words
//!                  ├─▶ history ──────────┬─▶ drawing ─▶ one picture a series
//!                  └─▶ Forecast ─▶ told ─┘
//! ```

use super::ahead::{Forecast, arranged, check_levels, numbers};
use super::components::{SeriesComponents, rough};
use super::drawing;
use super::influence::Influence;
use super::series::change;
use crate::error::Error;
use crate::model::write_atomically;
use rayon::prelude::*;
use ruska_core::{Frame, Frequency};
use serde::{Serialize, Serializer};
use std::path::Path;

/// Most series that are drawn.
const PICTURES: usize = 200;
/// Fewest values of the past that are shown, where there are as many.
const FEWEST: usize = 24;
/// Horizons and seasons of the past that are shown, where that is more.
const HORIZONS: usize = 3;
const SEASONS: usize = 2;
/// Most characters of a picture's file name that are those of the series.
const SLUG: usize = 40;
/// The quantile of the normal distribution at 0.9, and the mean size of its numbers.
const AT_90: f64 = 1.281_551_565_544_600_4;
const MEAN_SIZE: f64 = 0.797_884_560_802_865_4;

/// The series of a table, and what a model tells of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesExplanation {
    /// The column that is told ahead.
    pub target: String,
    /// What the times are equally spaced by.
    #[serde(serialize_with = "by_name")]
    pub frequency: Frequency,
    /// Periods that are told, at least 1.
    pub horizon: usize,
    /// The shares of what comes that bounds are to hold, each in (0, 1).
    pub levels: Vec<f64>,
    /// Periods of the season by which errors are compared, 1 for none.
    pub season: usize,
    /// What covariates known ahead do to what is told, the largest influence first.
    pub covariates: Vec<Influence>,
    /// The series: that with the largest [error](SeriesProfile::error), that with the smallest, that with the
    /// second largest, and so on; those without an error at the end.
    pub series: Vec<SeriesProfile>,
}

/// A series, and what a model tells of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesProfile {
    /// Its name; empty where there is one series.
    pub name: String,
    /// Values of the table that are there, at least 1.
    pub values: usize,
    /// Periods between the first and the last of them that have none.
    pub missing: usize,
    /// The time of the first value.
    pub from: String,
    /// The time of the last value.
    pub to: String,
    /// How far forecasts usually are off, at least 0, in units of the target: the mean absolute error that the
    /// 80 % bounds, which are learned from errors of the past, stand for in a normal distribution, on average
    /// over the horizon. `None` where bounds are infinite.
    pub usually_off: Option<f64>,
    /// The same over how far values of the table are from those a season before, on average (the scale of
    /// MASE); 1 is as good as repeating the last season. `None` where those are all the same. Source of the
    /// scale: Hyndman, Koehler, IJF 22, 2006.
    pub error: Option<f64>,
    /// Its place among the series by error, 1 for the smallest; `None` without one.
    pub place: Option<usize>,
    /// What it is made of.
    pub components: SeriesComponents,
    /// The time of the first value of [`history`](Self::history).
    pub history_from: String,
    /// The latest values up to what is told, those that a picture shows; missing ones are NaN, in JSON null.
    pub history: Vec<f64>,
    /// What comes next, one a period.
    pub ahead: Vec<Told>,
    /// Periods of the season by which errors are compared.
    #[serde(skip)]
    season: usize,
    /// The period of the first value of the history.
    #[serde(skip)]
    pub(super) start: i64,
    /// The first period that is told.
    #[serde(skip)]
    pub(super) next: i64,
}

/// What is told of a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Its time.
    pub time: String,
    /// The value, in units of the target.
    pub prediction: f64,
    /// The lower and the upper bound of each level, in their order.
    pub bounds: Vec<[f64; 2]>,
}

fn by_name<S: Serializer>(frequency: &Frequency, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(frequency)
}

impl Forecast<'_> {
    /// The series of a table like the one that was learned from, of which what the model does not know yet is
    /// taken in: what they are made of, and what comes next, `horizon` periods (the model's own when `None`)
    /// with bounds for every level in (0, 1). Series of the model that the table has not are left out.
    ///
    /// Fails as [`with`](Self::with) and [`table`](Self::table) do.
    pub fn explained(
        self,
        table: &Frame,
        horizon: Option<usize>,
        levels: &[f64],
    ) -> Result<SeriesExplanation, Error> {
        check_levels(levels)?;
        let (panel, lines) = arranged(self.model, &self.series, table)?;
        let of_model = numbers(&self.series, &panel)?;
        let forecast = self.taken_in(table, &panel, lines.clone())?;
        let known = &forecast.series;
        let horizon = horizon.unwrap_or(known.horizon);
        let ahead = forecast.known_ahead(horizon)?;
        let told = forecast.lines_beside(horizon, ahead.clone())?;
        let covariates = forecast.influences((table, &panel), &of_model, (&ahead, &told))?;
        let sides = |level: &f64| {
            let at = [(1.0 - level) / 2.0, f64::midpoint(1.0, *level)];
            at.map(|at| told.iter().map(|line| forecast.quantile_of(line, at)).collect())
        };
        let bounds: Vec<[Vec<f64>; 2]> = levels.iter().map(sides).collect();
        let shown = (HORIZONS * horizon).max(FEWEST);
        let shown = shown.max(SEASONS * known.seasons.last().copied().unwrap_or(1));
        let profile = |run: usize| {
            let (values, first) = (&lines.values[lines.span(run)], lines.starts[run]);
            let number = of_model[run];
            let next = known.next[number];
            let start = next.saturating_sub(shown as i64).max(first);
            let value = |period: i64| {
                let place = usize::try_from(period.saturating_sub(first)).ok();
                place.and_then(|p| values.get(p)).copied().unwrap_or(f64::NAN)
            };
            let history: Vec<f64> = (start..next).map(value).collect();
            let unknown = history.iter().take_while(|v| v.is_nan()).count();
            let start = start + unknown as i64;
            let rows = number * horizon..(number + 1) * horizon;
            let usually_off = usually_off(known, number, rows.clone().map(|row| told[row].spread));
            let tell = |row: usize| Told {
                time: known.written(next.saturating_add((row - rows.start) as i64)),
                prediction: told[row].point,
                bounds: bounds.iter().map(|[lower, upper]| [lower[row], upper[row]]).collect(),
            };
            let there = values.iter().filter(|v| !v.is_nan()).count();
            let error =
                usually_off.zip(change(values, known.season)).map(|(off, scale)| off / scale);
            SeriesProfile {
                name: panel.series(run).key.to_owned(),
                values: there,
                missing: values.len() - there,
                from: known.written(first),
                to: known.written(first.saturating_add(values.len() as i64 - 1)),
                usually_off,
                error: error.filter(|e| e.is_finite()),
                place: None,
                components: SeriesComponents::of(values, first, known.frequency, &known.seasons),
                history_from: known.written(start),
                history: history[unknown..].to_vec(),
                ahead: rows.clone().map(tell).collect(),
                season: known.season,
                start,
                next,
            }
        };
        let series = (0..panel.len()).into_par_iter().map(profile).collect();
        Ok(SeriesExplanation {
            target: forecast.model.manifest().target.clone(),
            frequency: known.frequency,
            horizon,
            levels: levels.to_vec(),
            season: known.season,
            covariates,
            series: worst_and_best_first(series),
        })
    }
}

/// The mean absolute error that the bounds of a series stand for, given the standard deviations told.
fn usually_off(
    known: &super::Series,
    number: usize,
    spreads: impl ExactSizeIterator<Item = f64>,
) -> Option<f64> {
    let n = spreads.len().max(1) as f64;
    let half = |(step, spread): (usize, f64)| {
        let at = |level| known.intervals.error(number, step, level, spread);
        (at(0.9) - at(0.1)) / 2.0
    };
    let mean = spreads.enumerate().map(half).sum::<f64>() / n;
    Some(mean / AT_90 * MEAN_SIZE).filter(|off| off.is_finite())
}

/// That with the largest error, that with the smallest, and so on; those without one at the end.
fn worst_and_best_first(series: Vec<SeriesProfile>) -> Vec<SeriesProfile> {
    let (mut by_error, without): (Vec<_>, Vec<_>) =
        series.into_iter().partition(|s| s.error.is_some());
    by_error.sort_by(|a, b| a.error.unwrap_or(0.0).total_cmp(&b.error.unwrap_or(0.0)));
    by_error.iter_mut().zip(1..).for_each(|(series, place)| series.place = Some(place));
    let mut left = std::collections::VecDeque::from(by_error);
    let mut ordered = vec![];
    while let Some(worst) = left.pop_back() {
        ordered.push(worst);
        ordered.extend(left.pop_front());
    }
    ordered.extend(without);
    ordered
}

impl SeriesProfile {
    /// What it is made of and how far off forecasts usually are, in a few sentences.
    pub fn words(&self) -> String {
        let against =
            if self.season > 1 { "repeating the last season" } else { "repeating the last value" };
        let off = match (self.usually_off, self.error) {
            (Some(off), Some(error)) => {
                format!(
                    " Forecasts are usually off by {}, {error:.2} times as far as {against}.",
                    rough(off)
                )
            }
            (Some(off), None) => format!(" Forecasts are usually off by {}.", rough(off)),
            _ => String::new(),
        };
        self.components.words.clone() + &off
    }

    /// The value before the first that is told, if it is known.
    pub(super) fn last(&self) -> Option<f64> {
        self.history.last().copied().filter(|v| v.is_finite())
    }
}

impl SeriesExplanation {
    /// A series as an SVG picture of 900 × 456: its past, what comes next, and the bounds of each level.
    pub fn svg(&self, series: &SeriesProfile) -> String {
        drawing::draw(self, series)
    }

    /// Writes such pictures of at most 200 series, the first of [`series`](Self::series), into a folder, which
    /// is made if it is not there. Gives the names of the files in the order of the series: the place there and
    /// what of the name is letters and digits, such as `001-air-purifier.svg`. Each is a temporary file in the
    /// folder, then renamed.
    ///
    /// Fails when the folder or a file cannot be written.
    pub fn draw(&self, folder: impl AsRef<Path>) -> std::io::Result<Vec<String>> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder)?;
        let drawn = &self.series[..self.series.len().min(PICTURES)];
        let draw = |(place, series): (usize, &SeriesProfile)| -> std::io::Result<String> {
            let name = if series.name.is_empty() { &self.target } else { &series.name };
            let file = format!("{:03}-{}.svg", place + 1, slug(name));
            write_atomically(&folder.join(&file), self.svg(series).as_bytes())?;
            Ok(file)
        };
        drawn.par_iter().enumerate().map(draw).collect()
    }
}

/// The letters and digits of a name that any file system takes, in small letters, with a dash for what is
/// between.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if slug.len() >= SLUG {
            break;
        }
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    match slug.trim_end_matches('-') {
        "" => "series".to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
#[path = "explanation_tests.rs"]
mod tests;
