//! The values of a column in a few bins, so that columns of all kinds can be compared.
//!
//! Numbers and times fall into at most [`RANGES`] ranges of about as many rows each, equal values
//! together; with no more distinct values than that each is its own. Of levels the [`LEVELS`] most
//! frequent are told apart, where they have enough rows. No value is a bin, and so is a value that
//! the model does not know from training.

use ruska::{Column, Field, MISSING, Meaning, NO_VALUE, StrColumn};
use std::cmp::Reverse;

/// Ranges of numbers at most.
const RANGES: usize = 10;
/// Levels told apart at most.
const LEVELS: usize = 30;

/// The values of a column as a model reads them.
pub(super) enum Cells<'a> {
    /// Numbers; NaN is missing.
    Numbers(&'a [f64]),
    /// 0 and 1 with their labels; NaN is missing.
    Truths(&'a [f64], [&'a str; 2]),
    /// Milliseconds since 1970.
    Times(&'a [i64]),
    /// Levels and texts.
    Texts(&'a StrColumn),
}

/// What the rows of a bin have in common.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bin {
    /// No value.
    Missing,
    /// A value that the model does not know.
    Unseen,
    /// This level.
    Level(String),
    /// One of the levels that are not told apart.
    Rest,
    /// A number, or a time in milliseconds, between two, these included.
    Between {
        /// The least there is.
        low: f64,
        /// The greatest there is.
        high: f64,
    },
}

/// A column in bins; ranges come first, rising.
pub(super) struct Binned {
    /// The bin of every row.
    pub(super) codes: Vec<u32>,
    /// The bins.
    pub(super) bins: Vec<Bin>,
}

impl<'a> Cells<'a> {
    /// The values of a typed column; `None` of one without values of its own.
    pub(super) fn of(field: &'a Field, meaning: &'a Meaning) -> Option<Self> {
        match (&field.column, meaning) {
            (Column::Float(v), Meaning::Boolean { no, yes }) => Some(Self::Truths(v, [no, yes])),
            (Column::Float(v), _) => Some(Self::Numbers(v)),
            (Column::Time(v), _) => Some(Self::Times(v)),
            (Column::Str(v), _) => Some(Self::Texts(v)),
            _ => None,
        }
    }

    /// The number of a row, or its time in milliseconds; NaN where there is none.
    pub(super) fn number(&self, row: usize) -> f64 {
        match self {
            Self::Numbers(v) => v[row],
            Self::Times(v) if v[row] != NO_VALUE => v[row] as f64,
            _ => f64::NAN,
        }
    }

    /// The level of a row.
    pub(super) fn level(&self, row: usize) -> Option<&str> {
        match self {
            Self::Truths(v, labels) if !v[row].is_nan() => Some(labels[usize::from(v[row] > 0.5)]),
            Self::Texts(v) => v.get(row),
            _ => None,
        }
    }

    /// Whether a row has no value.
    pub(super) fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(_) | Self::Times(_) => self.number(row).is_nan(),
            Self::Truths(v, _) => v[row].is_nan(),
            Self::Texts(v) => v.codes[row] == MISSING,
        }
    }

    fn rows(&self) -> usize {
        match self {
            Self::Numbers(v) | Self::Truths(v, _) => v.len(),
            Self::Times(v) => v.len(),
            Self::Texts(v) => v.codes.len(),
        }
    }

    /// The column in bins; levels of fewer than `least` rows are not told apart.
    pub(super) fn binned(&self, least: usize) -> Binned {
        let mut binned = match self {
            Self::Numbers(_) | Self::Times(_) => self.ranges(),
            Self::Truths(v, labels) => {
                let codes =
                    v.iter().map(|v| if v.is_nan() { MISSING } else { u32::from(*v > 0.5) });
                levels(codes.collect(), labels, least)
            }
            Self::Texts(v) => {
                let names: Vec<&str> = v.levels.iter().map(String::as_str).collect();
                levels(v.codes.to_vec(), &names, least)
            }
        };
        for (bin, rows) in [(Bin::Missing, true), (Bin::Unseen, false)] {
            let code = binned.bins.len() as u32;
            let open = (0..self.rows()).filter(|row| binned.codes[*row] == MISSING);
            let found: Vec<usize> = open.filter(|row| self.is_missing(*row) == rows).collect();
            if !found.is_empty() {
                found.into_iter().for_each(|row| binned.codes[row] = code);
                binned.bins.push(bin);
            }
        }
        binned
    }

    /// Ranges of about as many rows; rows without a number get [`MISSING`].
    fn ranges(&self) -> Binned {
        let mut order: Vec<usize> =
            (0..self.rows()).filter(|row| !self.number(*row).is_nan()).collect();
        order.sort_unstable_by(|a, b| self.number(*a).total_cmp(&self.number(*b)));
        let equal = |a: &usize, b: &usize| self.number(*a) == self.number(*b);
        let distinct = order.chunk_by(equal).count();
        let full = if distinct <= RANGES { 1 } else { order.len().div_ceil(RANGES) };
        let mut binned = Binned { codes: vec![MISSING; self.rows()], bins: vec![] };
        let mut rows = full;
        for run in order.chunk_by(equal) {
            let value = self.number(run[0]);
            if rows >= full {
                binned.bins.push(Bin::Between { low: value, high: value });
                rows = 0;
            }
            if let Some(Bin::Between { high, .. }) = binned.bins.last_mut() {
                *high = value;
            }
            rows += run.len();
            run.iter().for_each(|row| binned.codes[*row] = binned.bins.len() as u32 - 1);
        }
        binned
    }
}

/// The most frequent levels, then the rest; codes that are no level get [`MISSING`].
fn levels(codes: Vec<u32>, names: &[&str], least: usize) -> Binned {
    let mut counts = vec![0; names.len()];
    for &code in &codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    let mut frequent: Vec<usize> =
        (0..names.len()).filter(|level| counts[*level] >= least.max(1)).collect();
    frequent.sort_by_key(|level| Reverse(counts[*level]));
    frequent.truncate(LEVELS);
    let rest = frequent.len() as u32;
    let mut place = vec![rest; names.len()];
    (0..).zip(&frequent).for_each(|(bin, level)| place[*level] = bin);
    let code = |code: &u32| place.get(*code as usize).copied().unwrap_or(MISSING);
    let codes: Vec<u32> = codes.iter().map(code).collect();
    let mut bins: Vec<Bin> = frequent.iter().map(|l| Bin::Level(names[*l].to_owned())).collect();
    if codes.contains(&rest) {
        bins.push(Bin::Rest);
    }
    Binned { codes, bins }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn ranges_are_neighbours_of_about_as_many_rows() {
        let values: Vec<f64> = (0..103)
            .map(|i| if i % 20 == 7 { f64::NAN } else { f64::from(i * 37 % 103) })
            .collect();
        let binned = Cells::Numbers(&values).binned(5);
        assert_eq!((binned.bins.len(), binned.bins.last()), (11, Some(&Bin::Missing)));
        let mut before = f64::NEG_INFINITY;
        for (code, bin) in (0..).zip(&binned.bins) {
            let rows = (0..values.len()).filter(|row| binned.codes[*row] == code);
            let held: Vec<f64> = rows.map(|row| values[row]).collect();
            let Bin::Between { low, high } = bin else {
                assert!(held.iter().all(|v| v.is_nan()));
                continue;
            };
            assert!(*low > before && low <= high && (5..=12).contains(&held.len()), "{bin:?}");
            assert_eq!(held.iter().copied().fold(f64::MAX, f64::min), *low);
            assert_eq!(held.iter().copied().fold(f64::MIN, f64::max), *high);
            before = *high;
        }
    }

    #[test]
    fn few_numbers_are_told_apart_and_equal_ones_stay_together() {
        let values = [2.0, 1.0, 2.0, 3.0];
        let bins = Cells::Numbers(&values).binned(1).bins;
        let single = |v| Bin::Between { low: v, high: v };
        assert_eq!(bins, [single(1.0), single(2.0), single(3.0)]);
        let mostly: Vec<f64> = (0..200).map(|i| if i < 150 { 0.0 } else { f64::from(i) }).collect();
        let binned = Cells::Numbers(&mostly).binned(1);
        assert_eq!(binned.bins[0], single(0.0));
        assert!(binned.codes[..150].iter().all(|code| *code == 0));
    }

    #[test]
    fn rare_levels_missing_and_unknown_ones_are_bins_of_their_own() {
        let text = |codes: Vec<u32>| {
            let levels = ["a", "b", "c"].map(str::to_owned).to_vec();
            Column::text(codes, levels)
        };
        let Column::Str(column) = text(vec![1, 1, 0, MISSING, ruska::UNSEEN, 2, 1]) else {
            panic!("text")
        };
        let binned = Cells::Texts(&column).binned(2);
        let bins = [Bin::Level("b".into()), Bin::Rest, Bin::Missing, Bin::Unseen];
        assert_eq!(binned.bins, bins);
        assert_eq!(binned.codes, [0, 0, 1, 2, 3, 1, 0]);
        let truths = Cells::Truths(&[1.0, f64::NAN, 0.0, 1.0], ["no", "yes"]).binned(1);
        assert_eq!(truths.bins[0], Bin::Level("yes".into()));
        assert_eq!(truths.codes, [0, 2, 1, 0]);
        let none = Cells::Numbers(&[f64::NAN; 3]).binned(1);
        assert_eq!((none.bins, none.codes), (vec![Bin::Missing], vec![0; 3]));
        let times = Cells::Times(&[5, NO_VALUE, 9]).binned(1);
        assert_eq!((times.bins.len(), times.codes), (3, vec![0, 2, 1]));
    }
}
