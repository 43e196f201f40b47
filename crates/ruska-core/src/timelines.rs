//! What takes the place of a target where it is asked what comes next.

use crate::Derived;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// The column of features that numbers the series of each row, from 0.
pub const SERIES: &str = "series number";
/// The column of features that numbers the period of each row, by the panel's frequency.
pub const PERIOD: &str = "period number";

/// Series of equally spaced values, and how far ahead is to be told. The rows of the task are those of
/// its series, one after the other, each in the order of time and without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timelines {
    /// The values, one per row; NaN where one is missing.
    pub values: Arc<Vec<f64>>,
    /// Rows `offsets[i]..offsets[i + 1]` are those of series `i`; one more than series.
    pub offsets: Arc<Vec<usize>>,
    /// The period of the first row of each series.
    pub starts: Arc<Vec<i64>>,
    /// Periods of the seasons, each above 1, ascending; none where there is no season.
    pub seasons: Vec<usize>,
    /// Periods of the season by which errors are scaled, at least 1.
    pub season: usize,
    /// Periods to be told, at least 1.
    pub horizon: usize,
    /// What is known beside the values.
    #[serde(default, skip_serializing_if = "Covariates::is_empty")]
    pub covariates: Covariates,
}

/// Columns of features beside series and period, numbers that are NaN where one is missing, by what is known
/// of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Covariates {
    /// Of the periods that are asked for as well.
    pub known: Vec<String>,
    /// Of periods that have come alone.
    pub past: Vec<String>,
    /// The same in all periods of a series.
    pub fixed: Vec<String>,
}

impl Covariates {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.past.is_empty() && self.fixed.is_empty()
    }
}

impl Timelines {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len()
    }

    /// Number of series.
    pub fn series(&self) -> usize {
        self.starts.len()
    }

    /// The rows of a series.
    pub fn span(&self, series: usize) -> Range<usize> {
        self.offsets[series]..self.offsets[series + 1]
    }

    /// The series that a row belongs to.
    pub fn series_of(&self, row: usize) -> usize {
        self.offsets.partition_point(|start| *start <= row) - 1
    }

    /// The period of a row.
    pub fn period(&self, row: usize) -> i64 {
        let series = self.series_of(row);
        self.starts[series] + (row - self.offsets[series]) as i64
    }

    /// Each series with its places in ascending rows, as `(series, from..to)`; series without a row are
    /// left out.
    pub fn runs<'a>(&'a self, rows: &'a [u32]) -> impl Iterator<Item = (usize, Range<usize>)> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let first = *rows.get(from)? as usize;
            let series = self.series_of(first);
            let end = self.offsets[series + 1];
            let to = from + rows[from..].partition_point(|row| (*row as usize) < end);
            let run = (series, from..to);
            from = to;
            Some(run)
        })
    }

    /// The given rows, ascending, which have no gap within a series. Series without a row are left out.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        let mut offsets = vec![0];
        let mut starts = vec![];
        for (_, places) in self.runs(rows) {
            starts.push(self.period(rows[places.start] as usize));
            offsets.push(places.end);
        }
        let values = rows.iter().map(|&row| self.values[row as usize]).collect();
        Self {
            values: Arc::new(values),
            offsets: Arc::new(offsets),
            starts: Arc::new(starts),
            ..self.clone()
        }
    }

    /// Why its parts do not belong together, if they do not.
    pub fn validate(&self) -> Result<(), String> {
        let ordered = self.offsets.first() == Some(&0)
            && self.offsets.last() == Some(&self.values.len())
            && self.offsets.windows(2).all(|w| w[0] < w[1]);
        if !ordered || self.offsets.len() != self.starts.len() + 1 {
            return Err("the series are not one after the other".to_owned());
        }
        if let Some(row) = self.values.iter().position(|v| v.is_infinite()) {
            return Err(format!("the value of row {row} is infinite"));
        }
        if self.season == 0 || self.horizon == 0 || self.seasons.iter().any(|s| *s < 2) {
            return Err("a season or the horizon has no period".to_owned());
        }
        Ok(())
    }
}

/// Rows of a panel that were told before they came.
#[derive(Clone, Debug, PartialEq)]
pub struct Ahead {
    /// The panel.
    pub panel: Timelines,
    /// The rows told, ascending, none of them missing.
    pub rows: Vec<u32>,
    /// The first row of each series that was not known when they were told, for each series of the panel.
    pub origins: Arc<Vec<u32>>,
    /// The series of each row.
    pub series: Vec<u32>,
    /// How often each series of the panel counts; once where nothing is said.
    times: Option<Arc<Vec<f64>>>,
    kept: Kept,
}

/// What measures have made of what was known, so that they need not make it again.
#[derive(Clone, Debug)]
struct Kept(Arc<Derived>);

impl PartialEq for Kept {
    /// What is kept follows from the rest.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Ahead {
    /// Of some rows, ascending: what comes before the first row of a series was known.
    pub fn new(panel: &Timelines, rows: Vec<u32>) -> Self {
        let mut origins: Vec<u32> = panel.offsets[1..].iter().map(|end| *end as u32).collect();
        for (series, places) in panel.runs(&rows) {
            origins[series] = rows[places.start];
        }
        let series = rows.iter().map(|row| panel.series_of(*row as usize) as u32).collect();
        let kept = Kept(Arc::new(Derived::new(usize::MAX)));
        let (panel, origins) = (panel.clone(), Arc::new(origins));
        Self { panel, rows, origins, series, times: None, kept }
    }

    /// The true value of each row.
    pub fn truth(&self) -> Vec<f64> {
        self.rows.iter().map(|&row| self.panel.values[row as usize]).collect()
    }

    /// What was known of a series; NaN where a value is missing.
    pub fn known(&self, series: usize) -> &[f64] {
        &self.panel.values[self.panel.offsets[series]..self.origins[series] as usize]
    }

    /// By how many periods the row at a place is after the last one known of its series, from 0.
    pub fn step(&self, place: usize) -> usize {
        (self.rows[place] - self.origins[self.series[place] as usize]) as usize
    }

    /// What `of` makes of what was known of each series, by a name of its own; made once.
    pub fn of_series<T: Send + Sync + 'static>(
        &self,
        name: &str,
        of: impl Fn(&[f64]) -> T,
    ) -> Arc<Vec<T>> {
        self.kept.0.get(name, || {
            let made: Vec<_> = (0..self.panel.series()).map(|s| of(self.known(s))).collect();
            let bytes = size_of_val(&made[..]);
            (made, bytes)
        })
    }

    /// The same where each series of the panel counts so often, by measures that are means over series.
    #[must_use]
    pub fn counting(self, times: Vec<f64>) -> Self {
        Self { times: Some(Arc::new(times)), ..self }
    }

    /// How often a series counts.
    pub fn times(&self, series: usize) -> f64 {
        self.times.as_ref().map_or(1.0, |times| times[series])
    }

    /// The given places, in the given order.
    #[must_use]
    pub fn take(&self, places: &[u32]) -> Self {
        let rows = places.iter().map(|&place| self.rows[place as usize]).collect();
        let series = places.iter().map(|&place| self.series[place as usize]).collect();
        Self { rows, series, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel() -> Timelines {
        Timelines {
            values: Arc::new(vec![1.0, 2.0, 3.0, 10.0, f64::NAN]),
            offsets: Arc::new(vec![0, 3, 5]),
            starts: Arc::new(vec![7, -2]),
            seasons: vec![],
            season: 1,
            horizon: 1,
            covariates: Covariates::default(),
        }
    }

    #[test]
    fn rows_know_their_series_and_period() {
        let panel = panel();
        assert_eq!(panel.validate(), Ok(()));
        let places: Vec<_> =
            (0..panel.rows()).map(|row| (panel.series_of(row), panel.period(row))).collect();
        assert_eq!(places, [(0, 7), (0, 8), (0, 9), (1, -2), (1, -1)]);
        assert_eq!(panel.runs(&[1, 2, 4]).collect::<Vec<_>>(), [(0, 0..2), (1, 2..3)]);
    }

    #[test]
    fn a_part_keeps_periods_and_leaves_out_series_without_a_row() {
        let part = panel().take(&[1, 2]);
        assert_eq!((part.series(), part.rows(), part.starts.to_vec()), (1, 2, vec![8]));
        assert_eq!(part.validate(), Ok(()));
    }

    #[test]
    fn what_comes_before_the_first_row_was_known() {
        let ahead = Ahead::new(&panel(), vec![2, 3]);
        assert_eq!((ahead.known(0), ahead.known(1).len()), (&[1.0, 2.0][..], 0));
        assert_eq!(ahead.truth(), [3.0, 10.0]);
        // A part of the rows was told from the same origins.
        assert_eq!(ahead.take(&[1]).known(0), [1.0, 2.0]);
        let ahead = Ahead::new(&panel(), vec![1, 2, 3]);
        assert_eq!((ahead.step(1), ahead.take(&[1, 2]).step(0), ahead.step(2)), (1, 1, 0));
    }

    #[test]
    fn what_is_made_of_a_series_is_made_once() {
        let ahead = Ahead::new(&panel(), vec![2, 3]);
        let lengths = ahead.of_series("length", <[f64]>::len);
        let lists = ahead.take(&[1]).of_series("values", <[f64]>::to_vec);
        assert_eq!((lengths.to_vec(), lists.to_vec()), (vec![2, 0], vec![vec![1.0, 2.0], vec![]]));
        assert_eq!(ahead.of_series("length", |_| -> usize { panic!("again") }), lengths);
    }

    #[test]
    fn parts_that_do_not_belong_together_are_told() {
        let bad = |change: fn(&mut Timelines)| {
            let mut panel = panel();
            change(&mut panel);
            panel.validate().is_err()
        };
        assert!(bad(|p| p.offsets = Arc::new(vec![0, 5])));
        assert!(bad(|p| p.offsets = Arc::new(vec![0, 0, 5])));
        assert!(bad(|p| p.values = Arc::new(vec![1.0, 2.0, 3.0, 10.0, f64::INFINITY])));
        assert!(bad(|p| p.horizon = 0));
    }
}
