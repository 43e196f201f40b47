//! Rows sorted by series and time.

use crate::{Axis, Frequency, FrequencyError, Inferred, NO_VALUE, StrColumn};

/// The rows of a table that have a series and a time, sorted by both.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesRows {
    /// Rows without a time, which are in no series, as they were given.
    pub undated: Vec<u32>,
    /// Rows with a time but without the name of their series, as they were given.
    pub unnamed: Vec<u32>,
    pub(super) named: bool,
    /// Name and end of each series, by name.
    pub(super) series: Vec<(String, usize)>,
    pub(super) times: Vec<i64>,
    pub(super) rows: Vec<u32>,
}

impl SeriesRows {
    /// Sorts some rows of a table: by the name of the series, then time, then row. Without names
    /// all rows are one series, named by the empty text. O(n log n), less where rows are in order.
    ///
    /// `names` and `times` are columns of the table; `rows` are rows of it, each once.
    pub fn new(names: Option<&StrColumn>, times: &[i64], rows: &[u32]) -> Self {
        let ranks = names.map(Ranks::new);
        let rank = |row: u32| match (names, &ranks) {
            (Some(names), Some(ranks)) => ranks.of.get(names.codes[row as usize] as usize).copied(),
            _ => Some(0),
        };
        let (mut undated, mut unnamed) = (vec![], vec![]);
        let mut ends = vec![0_usize; ranks.as_ref().map_or(1, |ranks| ranks.order.len())];
        for &row in rows {
            match rank(row) {
                _ if times[row as usize] == NO_VALUE => undated.push(row),
                Some(rank) => ends[rank as usize] += 1,
                None => unnamed.push(row),
            }
        }
        let mut used = 0;
        for end in &mut ends {
            used += *end;
            *end = used - *end;
        }
        // `ends` are where the next row of a series goes, and its end when all are there.
        let mut sorted = vec![(0, 0); used];
        for &row in rows {
            let time = times[row as usize];
            if let Some(rank) = rank(row).filter(|_| time != NO_VALUE) {
                let place = &mut ends[rank as usize];
                sorted[*place] = (time, row);
                *place += 1;
            }
        }
        let mut series = vec![];
        let mut from = 0;
        for (rank, &end) in ends.iter().enumerate() {
            let part = &mut sorted[from..end];
            if !part.is_sorted() {
                part.sort_unstable();
            }
            let key = match (names, &ranks) {
                (Some(names), Some(ranks)) => names.levels[ranks.order[rank] as usize].clone(),
                _ => String::new(),
            };
            series.extend((end > from).then_some((key, end)));
            from = end;
        }
        let (times, rows) = sorted.into_iter().unzip();
        Self { undated, unnamed, named: names.is_some(), series, times, rows }
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether no row has a series and a time.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// The name of a series; empty where the table has one only.
    pub fn key(&self, at: usize) -> &str {
        &self.series[at].0
    }

    /// The times of a series, ascending; equal ones as often as there are rows.
    pub fn times(&self, at: usize) -> &[i64] {
        &self.times[self.range(at)]
    }

    pub(super) fn range(&self, at: usize) -> std::ops::Range<usize> {
        let from = if at == 0 { 0 } else { self.series[at - 1].1 };
        from..self.series[at].1
    }

    /// The frequency of the times, see [`Frequency::infer`]; series are counted as here.
    pub fn infer(&self, axis: Axis) -> Result<Inferred, FrequencyError> {
        Frequency::infer(axis, (0..self.len()).map(|at| self.times(at)))
    }

    /// The same rows with the time of the period that each lies in: for a frequency coarser than
    /// that of the times, of which the rows are to be aggregated.
    #[must_use]
    pub fn within(mut self, frequency: Frequency) -> Self {
        for time in &mut self.times {
            *time = frequency.time(frequency.period(*time));
        }
        self
    }
}

/// Levels in the order of their text.
struct Ranks {
    /// The level of each rank.
    order: Vec<u32>,
    /// The rank of each level.
    of: Vec<u32>,
}

impl Ranks {
    fn new(names: &StrColumn) -> Self {
        let mut order: Vec<u32> = (0..names.levels.len() as u32).collect();
        order.sort_by_key(|level| &names.levels[*level as usize]);
        let mut of = vec![0; order.len()];
        for (rank, level) in order.iter().enumerate() {
            of[*level as usize] = rank as u32;
        }
        Self { order, of }
    }
}
