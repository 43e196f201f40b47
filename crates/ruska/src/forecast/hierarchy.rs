//! Sums of series: of a store, a region, of all of them, that add up exactly.
//!
//! What is told of a sum is the sum of what is told of its parts, in the order of their names (bottom-up).
//! Its bounds are learned from the sums of past errors, so that errors that go together make them wider.
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 11.2.

use super::intervals::{Intervals, PastError};
use super::prepare::names;
use crate::error::Error;
use ruska_core::{Frame, Panel};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The levels above the series, and the sums there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hierarchy {
    /// The columns that name the levels, from the top; the series are below.
    pub columns: Vec<String>,
    /// The sums, those of all series first, then level by level by name.
    pub sums: Vec<Sum>,
    intervals: Intervals,
}

/// A sum of series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// Its name in each level down to its own; none of that of all series.
    pub path: Vec<String>,
    /// What it is of: places among the sums of the next level, numbers of series in the last one.
    parts: Vec<usize>,
}

/// Point and spread, or error and spread, of some periods.
pub(super) type ByPeriod = BTreeMap<i64, (f64, f64)>;

impl Hierarchy {
    /// Of the series of a panel, by columns that are the same in all rows of a series.
    ///
    /// Fails where a column is missing, or a series has none or several of its values.
    pub(super) fn new(columns: Vec<String>, table: &Frame, panel: &Panel) -> Result<Self, Error> {
        let mut paths: Vec<Vec<String>> = vec![vec![]; panel.len()];
        for column in &columns {
            let values = names(table, column)?;
            for (series, path) in panel.iter().zip(&mut paths) {
                let mut of_rows = series.rows.iter().map(|row| values.get(*row as usize));
                let first = of_rows.next().flatten();
                let key = series.key;
                let first = first.ok_or_else(|| {
                    Error::Options(format!("--hierarchy: `{column}` of series `{key}` is missing"))
                })?;
                if let Some(other) = of_rows.find(|value| *value != Some(first)) {
                    let other = other.map_or("missing".to_owned(), |o| format!("`{o}`"));
                    return Err(Error::Options(format!(
                        "--hierarchy: `{column}` of series `{key}` is `{first}` and {other}; a series lies \
                         in one place"
                    )));
                }
                path.push(first.to_owned());
            }
        }
        let mut of_sum: BTreeMap<(usize, &[String]), Vec<usize>> = BTreeMap::new();
        for (number, path) in paths.iter().enumerate() {
            for level in 0..path.len() {
                of_sum.entry((level, &path[..level])).or_default();
            }
            of_sum.entry((path.len(), path)).or_default().push(number);
        }
        let places: BTreeMap<(usize, &[String]), usize> =
            of_sum.keys().enumerate().map(|(at, key)| (*key, at)).collect();
        let mut sums: Vec<Sum> = of_sum
            .iter()
            .map(|((_, path), series)| Sum { path: path.to_vec(), parts: series.clone() })
            .collect();
        for ((level, path), at) in &places {
            if let Some(above) = level.checked_sub(1) {
                sums[places[&(above, &path[..above])]].parts.push(*at);
            }
        }
        Ok(Self { columns, sums, intervals: Intervals::default() })
    }

    /// What each sum has of the periods that all its parts have something of, given what each series has.
    /// Spreads are those of errors that do not go together.
    pub(super) fn summed(&self, series: &[ByPeriod]) -> Vec<ByPeriod> {
        let mut all: Vec<ByPeriod> = vec![ByPeriod::new(); self.sums.len()];
        for at in (0..self.sums.len()).rev() {
            let Sum { path, parts } = &self.sums[at];
            let of: &[ByPeriod] = if path.len() == self.columns.len() { series } else { &all };
            let parts: Vec<&ByPeriod> = parts.iter().map(|part| &of[*part]).collect();
            let sum = |period: &i64| {
                let mut sum = (0.0, 0.0_f64);
                for part in &parts {
                    let (value, spread) = part.get(period)?;
                    sum = (sum.0 + value, sum.1.hypot(*spread));
                }
                Some((*period, sum))
            };
            let first = parts.first().into_iter().flat_map(|part| part.keys());
            all[at] = first.filter_map(sum).collect();
        }
        all
    }

    /// The same with bounds learned from the errors of the series in past forecasts, of up to so many steps.
    #[must_use]
    pub(super) fn learned(self, past: &[Vec<ByPeriod>], steps: usize) -> Self {
        let mut errors = vec![];
        for series in past {
            for (number, sum) in self.summed(series).into_iter().enumerate() {
                let Some(first) = sum.keys().next().copied() else { continue };
                errors.extend(sum.into_iter().map(|(period, (error, spread))| {
                    let step = usize::try_from(period - first).unwrap_or(usize::MAX);
                    PastError { series: number, step, error, spread }
                }));
            }
        }
        let intervals = Intervals::of(&errors, &vec![0.0; self.sums.len()], steps);
        Self { intervals, ..self }
    }

    /// The quantile of the error of a sum so many steps ahead, from 0; see [`Intervals`].
    pub(super) fn error(&self, sum: usize, step: usize, level: f64, spread: f64) -> f64 {
        self.intervals.error(sum, step, level, spread)
    }

    /// The place of the sum of the last level that each series is part of.
    pub(super) fn homes(&self) -> BTreeMap<usize, usize> {
        let last = self.sums.iter().enumerate().filter(|(_, s)| s.path.len() == self.columns.len());
        last.flat_map(|(at, sum)| sum.parts.iter().map(move |series| (*series, at))).collect()
    }

    /// The series that a sum is of.
    pub(super) fn series(&self, sum: usize) -> Vec<usize> {
        let Sum { path, parts } = &self.sums[sum];
        if path.len() == self.columns.len() {
            return parts.clone();
        }
        parts.iter().flat_map(|part| self.series(*part)).collect()
    }

    /// What does not belong together for so many series, if anything.
    pub(super) fn validate(&self, series: usize) -> Result<(), String> {
        let wrong = || Err("its sums do not belong together".to_owned());
        for (at, Sum { path, parts }) in self.sums.iter().enumerate() {
            let last = path.len() == self.columns.len();
            // Parts come after their sum, so that sums end.
            let (least, most) = if last { (0, series) } else { (at + 1, self.sums.len()) };
            let there = |part: &usize| (least..most).contains(part);
            if path.len() > self.columns.len() || !parts.iter().all(there) {
                return wrong();
            }
        }
        self.intervals.validate(self.sums.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Axis, Column, Field, Kind, SeriesRows};

    /// Stores a, b and c; a and c lie in the north.
    fn made(regions: &[&str]) -> Result<Hierarchy, Error> {
        let stores = Column::from_strings(["a", "b", "c", "a", "b", "c"].map(Some));
        let table = Frame::new(vec![
            Field::new("store", Kind::Categorical, stores.clone()),
            Field::new(
                "region",
                Kind::Categorical,
                Column::from_strings(regions.iter().map(|r| (!r.is_empty()).then_some(*r))),
            ),
        ]);
        let Column::Str(stores) = &stores else { panic!("text") };
        let rows = SeriesRows::new(Some(stores), &[1, 1, 1, 2, 2, 2], &[0, 1, 2, 3, 4, 5]);
        let frequency = rows.infer(Axis::Numbers).unwrap().frequency;
        let panel = rows.arrange(frequency, None).unwrap();
        Hierarchy::new(vec!["region".to_owned()], &table.unwrap(), &panel)
    }

    #[test]
    fn sums_add_up_level_by_level() {
        let hierarchy = made(&["n", "s", "n", "n", "s", "n"]).unwrap();
        let paths: Vec<Vec<String>> = hierarchy.sums.iter().map(|s| s.path.clone()).collect();
        assert_eq!(paths, [vec![], vec!["n".to_owned()], vec!["s".to_owned()]]);
        assert_eq!(hierarchy.series(0), [0, 2, 1]);
        let told = |first: i64, values: [f64; 2]| -> ByPeriod {
            values.into_iter().enumerate().map(|(i, v)| (first + i as i64, (v, v))).collect()
        };
        let series = [told(3, [1.0, 2.0]), told(3, [10.0, 20.0]), told(4, [4.0, 5.0])];
        let sums = hierarchy.summed(&series);
        // Series c is told from period 4 on, so that what it is part of is too.
        assert_eq!(sums[1].iter().collect::<Vec<_>>(), [(&4, &(6.0, 2.0_f64.hypot(4.0)))]);
        assert_eq!(sums[2][&3], (10.0, 10.0));
        assert_eq!((sums[0].len(), sums[0][&4].0), (1, 26.0));
        assert_eq!(hierarchy.validate(2), Err("its sums do not belong together".to_owned()));
    }

    #[test]
    fn errors_that_go_together_make_bounds_wider() {
        let hierarchy = made(&["n", "s", "n", "n", "s", "n"]).unwrap();
        let past = |together: bool| -> Vec<Vec<ByPeriod>> {
            let error = |origin: i64, series: i64, step: i64| {
                let turn =
                    if together { origin + step } else { origin + step + series * (1 + step) };
                if turn % 2 == 0 { 1.0 } else { -1.0 }
            };
            let series = |origin, s| (0..40).map(|h| (h, (error(origin, s, h), 1.0))).collect();
            (0..20).map(|origin| (0..3).map(|s| series(origin, s)).collect()).collect()
        };
        let upper =
            |together| hierarchy.clone().learned(&past(together), 40).error(0, 3, 0.9, 3f64.sqrt());
        assert!(upper(true) > 1.3 * upper(false), "{} {}", upper(true), upper(false));
        assert_eq!(hierarchy.clone().learned(&past(true), 40).validate(3), Ok(()));
    }

    #[test]
    fn a_series_lies_in_one_place() {
        let message = |regions: &[&str]| made(regions).unwrap_err().to_string();
        let moved = message(&["n", "s", "n", "s", "s", "n"]);
        assert!(moved.contains("`region` of series `a` is `n` and `s`"), "{moved}");
        let missing = message(&["n", "", "n", "n", "", "n"]);
        assert!(missing.contains("`region` of series `b` is missing"), "{missing}");
    }
}
