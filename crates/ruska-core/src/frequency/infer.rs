//! Which frequency the times of a panel of series have.
//!
//! Does: takes the coarsest grid that holds all times but a few. A series may have a phase of its
//! own, as one that ends its years in June; then the grid is that of most series. Where no grid is
//! well filled, a coarser one is taken to which every time is near: clocks that jitter, last
//! working days, local midnights written in UTC. Fails: on events at any time, with examples.
//! Cost: O(n log n) for n times in all, by the sort of gaps; memory of n gaps.

use super::grids::{self, Gaps};
use super::words::written;
use super::{DAY, Frequency, snap};
use thiserror::Error;

/// What the times of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Milliseconds since 1970-01-01.
    Dates,
    /// Numbers as they stand: 1, 2, 3 or years.
    Numbers,
}

/// A frequency that was told from times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The grid of most times.
    pub frequency: Frequency,
    /// Times looked at.
    pub times: usize,
    /// Those that are not on the grid.
    pub strays: usize,
    /// The first of them, with the place of its series in the order given.
    pub stray: Option<(usize, i64)>,
    /// No series has two different times, so the frequency is that of all times together, or
    /// daily (steps of 1 for numbers) where that tells nothing.
    pub assumed: bool,
}

/// No frequency fits.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrequencyError {
    /// There are no times.
    #[error("there are no times to tell a frequency from")]
    NoTimes,
    /// Times are at irregular distances.
    #[error(
        "the times are not equally spaced: {} follow each other in one series; check the time column, or name a frequency and how the rows of a period become one value",
        examples.join(", ")
    )]
    Irregular {
        /// Place of a series in the order given, from 0.
        series: usize,
        /// Three of its times, one after the other.
        examples: Vec<String>,
    },
    /// Numbers are dates: 202312, 202401 or 20240131.
    #[error(
        "the times look like dates written as numbers, such as {example}; write them as dates, such as {date}"
    )]
    DatesAsNumbers {
        /// One of them.
        example: i64,
        /// How it is to be written.
        date: String,
    },
}

/// Times that may be off the grid: one in twenty, and one of ten to nineteen.
pub(super) fn tolerated(times: usize) -> usize {
    (times / 20).max(usize::from(times >= 10))
}

impl Frequency {
    /// The frequency of a panel, from the ascending times of each of its series; equal times count
    /// as often as they are there. Series of a single time tell nothing, gaps do no harm.
    ///
    /// Fails where nothing fits, see [`FrequencyError`].
    pub fn infer<'a>(
        axis: Axis,
        series: impl IntoIterator<Item = &'a [i64]>,
    ) -> Result<Inferred, FrequencyError> {
        let series: Vec<&[i64]> = series.into_iter().collect();
        let times = series.iter().map(|s| s.len()).sum();
        if times == 0 {
            return Err(FrequencyError::NoTimes);
        }
        if axis == Axis::Numbers
            && let Some((example, date)) = dates_as_numbers(&series)
        {
            return Err(FrequencyError::DatesAsNumbers { example, date });
        }
        let telling: Vec<&[i64]> =
            series.iter().copied().filter(|s| s.first() < s.last()).collect();
        let assumed = telling.is_empty();
        let frequency = if assumed {
            assume(axis, &series)
        } else {
            grid(axis, &telling).ok_or_else(|| irregular(axis, &series))?
        };
        let on_grid = |time: &i64| frequency.index(*time).is_some();
        let astray = |s: &[i64]| s.iter().filter(|t| !on_grid(t)).count();
        let strays = series.iter().map(|s| astray(s)).sum();
        let first = |(at, s): (usize, &&[i64])| Some((at, *s.iter().find(|t| !on_grid(t))?));
        let stray = if strays > 0 { series.iter().enumerate().find_map(first) } else { None };
        Ok(Inferred { frequency, times, strays, stray, assumed })
    }
}

/// The frequency of series that each have two different times.
fn grid(axis: Axis, series: &[&[i64]]) -> Option<Frequency> {
    let gaps = Gaps::new(series);
    if axis == Axis::Numbers {
        return grids::counts(series, &gaps);
    }
    let exact = grids::exact(series, &gaps);
    match exact {
        Some(found) if found.filled => Some(found.frequency),
        _ => snap::coarser(series, &gaps)
            .or_else(|| exact.filter(|found| found.plausible).map(|found| found.frequency)),
    }
}

/// What single times tell: the frequency of all together, or days.
fn assume(axis: Axis, series: &[&[i64]]) -> Frequency {
    let mut all: Vec<i64> = series.iter().filter_map(|s| s.first().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let together = if all.len() > 1 { grid(axis, &[&all]) } else { None };
    together.unwrap_or(match axis {
        Axis::Dates => Frequency::Milliseconds { step: DAY, offset: all[0].rem_euclid(DAY) },
        Axis::Numbers => Frequency::COUNTS,
    })
}

/// A number such as 202401 or 20240131 and its date, where all are such and a month or a year ends.
fn dates_as_numbers(series: &[&[i64]]) -> Option<(i64, String)> {
    let all = || series.iter().flat_map(|s| s.iter());
    let is_month = |t: i64| (180_001..=220_012).contains(&t) && (1..=12).contains(&(t % 100));
    let is_day = |t: i64| is_month(t / 100) && (1..=31).contains(&(t % 100));
    let first = *all().next()?;
    let passes = |s: &&[i64]| s.windows(2).any(|w| w[0] / 100 < w[1] / 100);
    if !series.iter().any(passes) {
        None
    } else if all().all(|t| is_month(*t)) {
        Some((first, format!("{}-{:02}", first / 100, first % 100)))
    } else if all().all(|t| is_day(*t)) {
        let (month, day) = (first / 100, first % 100);
        Some((first, format!("{}-{:02}-{day:02}", month / 100, month % 100)))
    } else {
        None
    }
}

/// Three times at unequal distances, or the first there are.
fn irregular(axis: Axis, series: &[&[i64]]) -> FrequencyError {
    let unequal =
        |w: &[i64]| w[0] < w[1] && w[1] < w[2] && w[0].abs_diff(w[1]) != w[1].abs_diff(w[2]);
    let of = |(at, s): (usize, &&[i64])| Some((at, s.windows(3).find(|w| unequal(w))?.to_vec()));
    let found = series.iter().enumerate().find_map(of);
    let (series, times) = found.unwrap_or_else(|| {
        let at = series.iter().position(|s| s.first() < s.last()).unwrap_or(0);
        (at, series[at].iter().copied().take(3).collect())
    });
    let dates = times.iter().all(|t| t.rem_euclid(DAY) == 0);
    let text = |t: &i64| if axis == Axis::Numbers { t.to_string() } else { written(*t, dates) };
    FrequencyError::Irregular { series, examples: times.iter().map(text).collect() }
}
