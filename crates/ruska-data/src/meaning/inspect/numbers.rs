//! The numbers of a column, whole and as a sorted sample.

use crate::meaning::{notation, values};
use ruska_core::{Column, NO_VALUE, Notation, hash};
use std::borrow::Cow;

/// Most rows that the shape of a distribution is judged on.
const SAMPLE: usize = 20_000;

/// Rows spread over a table, ascending: one of each of equal stretches, at a place that a hash
/// chooses, so that a period of the file does not show.
pub(super) fn sample(rows: usize) -> Vec<u32> {
    if rows <= SAMPLE {
        return (0..rows as u32).collect();
    }
    let start = |i: usize| i * rows / SAMPLE;
    (0..SAMPLE)
        .map(|i| {
            let stretch = (start(i + 1) - start(i)) as u64;
            (start(i) as u64 + hash::mix(i as u64) % stretch) as u32
        })
        .collect()
}

/// The finite numbers of a column.
pub(super) struct Numbers<'a> {
    all: Cow<'a, [f64]>,
    /// Numbers that are not looked at.
    left_out: Vec<f64>,
    /// Those of the sampled rows, ascending.
    pub(super) sorted: Vec<f64>,
}

impl<'a> Numbers<'a> {
    /// `None` where the column holds no numbers.
    pub(super) fn new(
        column: &'a Column,
        notation: Option<&Notation>,
        rows: &[u32],
    ) -> Option<Self> {
        let all: Cow<'a, [f64]> = match (column, notation) {
            (Column::Float(v), _) => Cow::Borrowed(v.as_slice()),
            (Column::Int(v), _) => {
                let real = |v: &i64| if *v == NO_VALUE { f64::NAN } else { *v as f64 };
                v.iter().map(real).collect()
            }
            (Column::Bool(v), _) => {
                v.iter().map(|v| if *v < 0 { f64::NAN } else { f64::from(*v) }).collect()
            }
            (Column::Str(v), notation) => {
                let read = |level: &String| match notation {
                    Some(notation) => notation::read(notation, level),
                    None => values::number(level),
                };
                let known: Vec<f64> =
                    v.levels.iter().map(|level| read(level).unwrap_or(f64::NAN)).collect();
                let value = |code: &u32| known.get(*code as usize).copied().unwrap_or(f64::NAN);
                v.codes.iter().map(value).collect()
            }
            _ => return None,
        };
        let mut sorted: Vec<f64> =
            rows.iter().map(|r| all[*r as usize] + 0.0).filter(|v| v.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self { all, left_out: vec![], sorted })
    }

    /// The same numbers but for some values.
    pub(super) fn without(&self, values: &[f64]) -> Numbers<'_> {
        let keeps = |v: &f64| !values.contains(v);
        Numbers {
            all: Cow::Borrowed(&self.all),
            left_out: values.to_vec(),
            sorted: self.sorted.iter().copied().filter(keeps).collect(),
        }
    }

    /// All numbers looked at, in row order.
    pub(super) fn each(&self) -> impl Iterator<Item = f64> {
        let looked_at = |v: &f64| v.is_finite() && !self.left_out.contains(v);
        self.all.iter().copied().filter(looked_at)
    }

    /// Rows of the table.
    pub(super) fn rows(&self) -> usize {
        self.all.len()
    }

    /// Rows that have a number.
    pub(super) fn present(&self) -> usize {
        self.all.iter().filter(|v| v.is_finite()).count()
    }

    /// Rows with this number.
    pub(super) fn count(&self, value: f64) -> usize {
        self.all.iter().filter(|v| **v == value).count()
    }
}

/// The value at a share of ascending numbers; 0 where there are none.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len().max(1) - 1) as f64;
    sorted.get(at.round() as usize).copied().unwrap_or(0.0)
}

/// Distinct values of ascending numbers, counted up to a limit.
pub(super) fn distinct(sorted: &[f64], limit: usize) -> usize {
    sorted.chunk_by(|a, b| a == b).take(limit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_spread_and_ascend() {
        assert_eq!(sample(3), [0, 1, 2]);
        for rows in [20_001, 39_999, 1_000_003] {
            let rows_seen = sample(rows);
            assert_eq!(rows_seen.len(), SAMPLE);
            assert!(rows_seen.windows(2).all(|w| w[0] < w[1]));
            assert!((rows_seen[SAMPLE - 1] as usize) < rows);
        }
    }
}
