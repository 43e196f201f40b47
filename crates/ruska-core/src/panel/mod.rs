//! Rows of a table as series of equal steps.
//!
//! ```text
//! series, times, rows ─▶ SeriesRows ─ infer ─▶ Frequency
//!                            │ within (rows of a coarser period belong together)
//!                            └─ arrange ─▶ Panel: per series a first step, and the rows of each
//! ```
//!
//! Series are sorted by name and rows by time, so the order of the table does not matter. Only
//! rows are kept, no gaps, so memory is that of the rows however long a series is.

mod arrange;
mod error;
mod rows;

pub use error::{PanelError, Repeated};
pub use rows::SeriesRows;

use crate::Frequency;
use serde::{Deserialize, Serialize};

/// How the rows of a step become one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// What they add up to.
    Sum,
    /// Their mean.
    Mean,
}

impl Aggregate {
    /// One value of several, NaN left out; NaN where there is none. Their order does not matter.
    pub fn of(self, values: &mut [f64]) -> f64 {
        if let [value] = values {
            return *value;
        }
        values.sort_unstable_by(f64::total_cmp);
        let known = values.iter().filter(|v| !v.is_nan());
        let (sum, n) = known.fold((0.0, 0_usize), |(sum, n), v| (sum + v, n + 1));
        match self {
            _ if n == 0 => f64::NAN,
            Self::Sum => sum,
            Self::Mean => sum / n as f64,
        }
    }
}

/// A row that is not where the frequency has a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its series.
    pub series: String,
    /// Its time.
    pub time: i64,
    /// Its row in the table, from 0.
    pub row: u32,
}

/// How many rows, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strays {
    /// Rows.
    pub count: usize,
    /// The first one, by series and time.
    pub first: Option<Stray>,
}

/// Series of equal steps, made by [`SeriesRows::arrange`].
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The grid of all series.
    pub frequency: Frequency,
    /// How rows of one step become one value; without it no step has several, but for the hour
    /// that clocks have twice in autumn, of which the mean is taken.
    pub aggregate: Option<Aggregate>,
    /// Rows that belong to the step nearest to their time.
    pub moved: Strays,
    /// Rows between steps that have rows of their own; not used.
    pub left_out: Strays,
    /// Rows of an hour that is there twice because clocks were set back.
    pub set_back: usize,
    series: Vec<Stretch>,
    /// Rows of the table, series by series in the order of time.
    rows: Vec<u32>,
    /// The step of each row, counted from the first of its series.
    steps: Vec<u32>,
}

/// Where the rows of a series are.
#[derive(Clone, Debug, PartialEq)]
struct Stretch {
    key: String,
    first: i64,
    end: usize,
}

impl Panel {
    /// Number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is no series; never after [`SeriesRows::arrange`].
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Rows in use.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// A series, by its place in the order of names.
    pub fn series(&self, at: usize) -> Series<'_> {
        let from = if at == 0 { 0 } else { self.series[at - 1].end };
        let Stretch { key, first, end } = &self.series[at];
        let aggregate = self.aggregate.unwrap_or(Aggregate::Mean);
        let (rows, steps) = (&self.rows[from..*end], &self.steps[from..*end]);
        Series { key, first: *first, rows, steps, aggregate }
    }

    /// All series in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = Series<'_>> {
        (0..self.len()).map(|at| self.series(at))
    }

    /// The index of the latest step of any series.
    pub fn last(&self) -> Option<i64> {
        self.iter().map(|s| s.last()).max()
    }
}

/// One series of a panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Series<'a> {
    /// Its name; empty where the table has one series only.
    pub key: &'a str,
    /// Index of its first step in the grid of the frequency.
    pub first: i64,
    /// Its rows of the table by step, at least one; of one step the nearest to its time first.
    pub rows: &'a [u32],
    /// The step of each row, counted from 0, ascending.
    pub steps: &'a [u32],
    aggregate: Aggregate,
}

impl<'a> Series<'a> {
    /// Number of steps from the first row to the last, gaps included; at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a series has a row")]
    pub fn len(&self) -> usize {
        self.steps.last().map_or(0, |step| *step as usize + 1)
    }

    /// Index of its last step in the grid of the frequency.
    pub fn last(&self) -> i64 {
        self.first + self.len() as i64 - 1
    }

    /// The rows of every step in order; none for a gap.
    pub fn steps(&self) -> impl Iterator<Item = &'a [u32]> {
        let (rows, steps, mut at) = (self.rows, self.steps, 0);
        (0..self.len() as u32).map(move |step| {
            let from = at;
            while steps.get(at) == Some(&step) {
                at += 1;
            }
            &rows[from..at]
        })
    }

    /// The values of every step, of a column of the table; NaN for a gap.
    pub fn values(&self, column: &[f64]) -> Vec<f64> {
        self.by_step(self.aggregate, column)
    }

    /// The mean of the rows of every step, of a column of the table; NaN for a gap.
    pub fn means(&self, column: &[f64]) -> Vec<f64> {
        self.by_step(Aggregate::Mean, column)
    }

    fn by_step(&self, aggregate: Aggregate, column: &[f64]) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.len()];
        let mut several = vec![];
        let mut at = 0;
        for same in self.steps.chunk_by(|a, b| a == b) {
            several.clear();
            several.extend(self.rows[at..at + same.len()].iter().map(|r| column[*r as usize]));
            values[same[0] as usize] = aggregate.of(&mut several);
            at += same.len();
        }
        values
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
