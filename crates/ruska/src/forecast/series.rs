//! What a model knows of the series that it tells.

use super::covariates::{Covariate, Role, Stretch};
use super::hierarchy::{ByPeriod, Hierarchy};
use super::intervals::{Intervals, PastError};
use ruska_core::{Aggregate, Fold, Frequency, NO_VALUE, Predictions, Timelines};
use serde::{Deserialize, Serialize};

/// The series that a model was fitted on, and what its forecasts of the past say of those to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The column of times.
    pub time: String,
    /// The column that tells series apart; `None` where there is one series.
    pub column: Option<String>,
    /// What the times are equally spaced by.
    pub frequency: Frequency,
    /// Whether times are plain numbers rather than dates.
    pub counted: bool,
    /// Whether times are written as year and month alone.
    pub by_month: bool,
    /// How several rows of a series and time become one.
    pub aggregate: Option<Aggregate>,
    /// Periods that were asked for, at least 1.
    pub horizon: usize,
    /// Periods of the seasons that the data has, ascending; none where it has none.
    pub seasons: Vec<usize>,
    /// Periods of the season by which errors are scaled, at least 1.
    pub season: usize,
    /// The name of each series, ascending; empty where there is one.
    pub names: Vec<String>,
    /// The first period of each series that is not known, by number of the frequency.
    pub next: Vec<i64>,
    /// Whether all values of each series are at least 0, so that nothing below is told.
    pub positive: Vec<bool>,
    /// The columns beside the series that are made use of.
    pub covariates: Vec<Covariate>,
    /// The sums of series that are told too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hierarchy: Option<Hierarchy>,
    /// How far what comes is off what is told.
    pub intervals: Intervals,
    /// The share of what came after the last origin that lay within the 80 % intervals learned from the
    /// earlier ones; `None` where there is one origin.
    pub held: Option<f64>,
}

impl Series {
    /// The same with the intervals that past forecasts tell.
    #[must_use]
    pub(crate) fn learned(
        self,
        lines: &Timelines,
        folds: &[Fold],
        out_of_fold: &[Predictions],
    ) -> Self {
        let by_fold: Vec<Vec<PastError>> = folds
            .iter()
            .zip(out_of_fold)
            .map(|(fold, told)| past_errors(lines, &fold.test, told).collect())
            .collect();
        let changes: Vec<f64> = (0..lines.series())
            .map(|series| change(&lines.values[lines.span(series)], lines.season).unwrap_or(0.0))
            .collect();
        let of = |folds: &[Vec<PastError>]| Intervals::of(&folds.concat(), &changes, lines.horizon);
        let held = match &by_fold[..] {
            [earlier @ .., last] if !earlier.is_empty() => of(earlier).held(last, 0.8),
            _ => None,
        };
        let hierarchy = self.hierarchy.map(|hierarchy| {
            let of_fold =
                |errors: &Vec<PastError>, fold: &Fold| by_period(errors, lines, &fold.test);
            let past: Vec<_> = by_fold.iter().zip(folds).map(|(e, f)| of_fold(e, f)).collect();
            hierarchy.learned(&past, lines.horizon)
        });
        Self { intervals: of(&by_fold), held, hierarchy, ..self }
    }

    /// The covariates that are known ahead.
    pub fn known(&self) -> Vec<Covariate> {
        self.covariates.iter().filter(|c| c.role == Role::Known).cloned().collect()
    }

    /// So many periods of each series that are not known.
    pub(super) fn next(&self, horizon: usize) -> Vec<Stretch<'_>> {
        let next = |(key, first): (_, &i64)| Stretch { key, first: *first, len: horizon };
        self.names.iter().map(String::as_str).zip(&self.next).map(next).collect()
    }

    /// A period as the table writes its times.
    pub(crate) fn written(&self, period: i64) -> String {
        let mut text = self.frequency.format(self.frequency.time(period));
        if self.by_month && !self.counted {
            text.truncate(text.rfind('-').unwrap_or(text.len()));
        }
        text
    }

    /// What does not belong together, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let n = self.names.len();
        if n == 0 || self.next.len() != n || self.positive.len() != n {
            return Err("its series are not complete".to_owned());
        }
        if self.horizon == 0 || self.season == 0 || self.next.contains(&NO_VALUE) {
            return Err("its series have no horizon, season or end".to_owned());
        }
        self.hierarchy.as_ref().map_or(Ok(()), |hierarchy| hierarchy.validate(n))?;
        self.intervals.validate(n)
    }
}

/// How far values are from those so many before, on average; `None` where they never are, or none is known.
pub(super) fn change(values: &[f64], season: usize) -> Option<f64> {
    let of = |lag: usize| {
        let changes = values.iter().skip(lag).zip(values).map(|(a, b)| (a - b).abs());
        let (sum, n) =
            changes.filter(|d| !d.is_nan()).fold((0.0, 0.0), |(s, n), d| (s + d, n + 1.0));
        Some(sum / n).filter(|mean| *mean > 0.0 && mean.is_finite())
    };
    of(season).or_else(|| of(1))
}

/// The errors of forecasts of some rows, by series and period.
fn by_period(errors: &[PastError], lines: &Timelines, rows: &[u32]) -> Vec<ByPeriod> {
    let mut all = vec![ByPeriod::new(); lines.series()];
    for (PastError { series, error, spread, .. }, row) in errors.iter().zip(rows) {
        all[*series].insert(lines.period(*row as usize), (*error, *spread));
    }
    all
}

/// The errors of forecasts of some rows.
fn past_errors<'a>(
    lines: &'a Timelines,
    rows: &'a [u32],
    told: &'a Predictions,
) -> impl Iterator<Item = PastError> + 'a {
    lines.runs(rows).flat_map(move |(series, places)| {
        let origin = rows[places.start];
        places.map(move |place| {
            let (row, said) = (rows[place], told.row(place));
            PastError {
                series,
                step: (row - origin) as usize,
                error: lines.values[row as usize] - said[0],
                spread: said[1].max(0.0),
            }
        })
    })
}
