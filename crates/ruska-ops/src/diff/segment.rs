//! The rows that stand out by the values of a column.
//!
//! Of a column's numbers every run of neighbouring ranges is looked at, and the rows without one; of
//! levels up to three with the least or the greatest mean change, since the best split of levels
//! lies between means. What splits the variance of the change best is told, from the side that
//! changes more. The bins are a sample's; the rows counted are the whole table's.
//!
//! Reference: Fisher, "On grouping for maximum homogeneity", JASA 53, 1958.

use super::bins::{Bin, Binned, Cells};
use super::changes::Changes;
use super::report::{Effect, Segment, Values};
use ruska::time_text;

/// Levels told together at most.
const TOGETHER: usize = 3;

/// Some values of a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Choice {
    /// Numbers, or times in milliseconds, between two, these included.
    Between { low: Option<f64>, high: Option<f64> },
    /// Any of these.
    Among { levels: Vec<String>, missing: bool, unseen: bool },
}

impl Choice {
    /// The values whose rows split the changes best; `None` when there are no two bins or no choice
    /// of at least `least` rows. The changes are those of the binned rows.
    pub(super) fn of(binned: &Binned, change: &[f64], least: usize) -> Option<Self> {
        let mean = change.iter().sum::<f64>() / change.len() as f64;
        let mut bins = vec![Sums::default(); binned.bins.len()];
        for (&code, change) in binned.codes.iter().zip(change) {
            let bin = &mut bins[code as usize];
            bin.rows += 1;
            bin.change += change - mean;
        }
        let n = change.len() as f64;
        let mut best: Option<(f64, Vec<usize>)> = None;
        for chosen in candidates(&binned.bins, &bins) {
            let rows: usize = chosen.iter().map(|bin| bins[*bin].rows).sum();
            let sum: f64 = chosen.iter().map(|bin| bins[*bin].change).sum();
            let (within, without) = (rows as f64, n - rows as f64);
            if rows < least || without < 1.0 {
                continue;
            }
            let quieter = (mean + sum / within).abs() < (mean - sum / without).abs();
            let split = sum * sum * n / (within * without);
            if !quieter && best.as_ref().is_none_or(|(most, _)| split > *most) {
                best = Some((split, chosen));
            }
        }
        best.map(|(_, chosen)| Self::told(&binned.bins, &chosen))
    }

    /// The values of some bins; ranges next to the least or the greatest are open there.
    fn told(bins: &[Bin], chosen: &[usize]) -> Self {
        let between = |bin: usize| match bins.get(bin) {
            Some(Bin::Between { low, high }) => Some((*low, *high)),
            _ => None,
        };
        let (first, last) = (chosen[0], chosen[chosen.len() - 1]);
        if let (Some((low, _)), Some((_, high))) = (between(first), between(last)) {
            let single = low == high;
            return Self::Between {
                low: (first > 0 || single).then_some(low),
                high: (between(last + 1).is_some() || single).then_some(high),
            };
        }
        let level = |bin: &usize| match &bins[*bin] {
            Bin::Level(level) => Some(level.clone()),
            _ => None,
        };
        Self::Among {
            levels: chosen.iter().filter_map(level).collect(),
            missing: chosen.iter().any(|bin| bins[*bin] == Bin::Missing),
            unseen: chosen.iter().any(|bin| bins[*bin] == Bin::Unseen),
        }
    }

    /// Whether a row has one of the values.
    fn holds(&self, cells: &Cells<'_>, row: usize) -> bool {
        match self {
            Self::Between { low, high } => {
                let value = cells.number(row);
                !value.is_nan()
                    && low.is_none_or(|low| low <= value)
                    && high.is_none_or(|high| value <= high)
            }
            Self::Among { levels, missing, unseen } => match cells.level(row) {
                Some(level) => levels.iter().any(|l| l == level),
                None if cells.is_missing(row) => *missing,
                None => *unseen && matches!(cells, Cells::Texts(_)),
            },
        }
    }

    /// The rows of the whole table that have them.
    pub(super) fn segment(&self, cells: &Cells<'_>, changes: &Changes, labelled: bool) -> Segment {
        let rows: Vec<usize> =
            (0..changes.change.len()).filter(|row| self.holds(cells, *row)).collect();
        let sum: f64 = rows.iter().map(|row| changes.change[*row]).sum();
        let count = |effect| rows.iter().filter(|r| changes.effect[**r] == Some(effect)).count();
        Segment {
            values: self.values(matches!(cells, Cells::Times(_))),
            rows: rows.len(),
            mean_change: sum / rows.len().max(1) as f64,
            changed: rows.iter().filter(|row| changes.changed[**row]).count(),
            better: labelled.then(|| count(Effect::Better)),
            worse: labelled.then(|| count(Effect::Worse)),
        }
    }

    fn values(&self, times: bool) -> Values {
        match self.clone() {
            Self::Among { levels, missing, unseen } => Values::Among { levels, missing, unseen },
            Self::Between { low, high } if times => {
                let text = |ms: f64| time_text(ms as i64);
                Values::Times { from: low.map(text), to: high.map(text) }
            }
            Self::Between { low, high } => Values::Between { low, high },
        }
    }
}

/// Rows of a bin and the sum of their changes, less the mean of all.
#[derive(Clone, Default)]
struct Sums {
    rows: usize,
    change: f64,
}

/// The bins that may be told together.
fn candidates(bins: &[Bin], sums: &[Sums]) -> Vec<Vec<usize>> {
    let ranges = bins.iter().filter(|bin| matches!(bin, Bin::Between { .. })).count();
    let mut candidates: Vec<Vec<usize>> = (0..ranges)
        .flat_map(|first| (first..ranges).map(move |last| (first..=last).collect()))
        .collect();
    let mean = |bin: &usize| sums[*bin].change / sums[*bin].rows.max(1) as f64;
    let mut others: Vec<usize> = (ranges..bins.len()).filter(|b| bins[*b] != Bin::Rest).collect();
    others.sort_by(|a, b| mean(a).total_cmp(&mean(b)));
    for together in 1..=TOGETHER.min(others.len()) {
        candidates.push(others[..together].to_vec());
        candidates.push(others[others.len() - together..].to_vec());
    }
    candidates
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska::{Column, StrColumn};

    fn between(low: impl Into<Option<f64>>, high: impl Into<Option<f64>>) -> Choice {
        Choice::Between { low: low.into(), high: high.into() }
    }

    #[test]
    fn a_run_of_numbers_that_moves_is_found() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let cells = Cells::Numbers(&values);
        let binned = cells.binned(5);
        let of = |moved: std::ops::Range<usize>| {
            let change = (0..100).map(|row| if moved.contains(&row) { 0.3 } else { 0.01 });
            Choice::of(&binned, &change.collect::<Vec<_>>(), 5)
        };
        assert_eq!(of(30..60), Some(between(30.0, 59.0)));
        assert_eq!(of(0..20), Some(between(None, 19.0)));
        assert_eq!(of(80..100), Some(between(80.0, None)));
        assert_eq!(Choice::of(&binned, &[0.1; 100], 101), None, "no choice has so many rows");
    }

    #[test]
    fn the_side_that_moves_more_is_told() {
        let levels = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let Column::Str(column) = Column::text((0..100).map(|i| i % 5).collect(), levels) else {
            panic!("text")
        };
        let cells = Cells::Texts(&column);
        let choice = |change: [f64; 5]| {
            let change: Vec<f64> = (0..100).map(|row| change[row % 5]).collect();
            Choice::of(&cells.binned(5), &change, 5)
        };
        let among = |levels: &[&str]| {
            let levels = levels.iter().map(|l| (*l).to_owned()).collect();
            Some(Choice::Among { levels, missing: false, unseen: false })
        };
        assert_eq!(choice([0.0, 0.5, 0.0, 0.5, 0.0]), among(&["b", "d"]));
        assert_eq!(choice([0.0, 0.0, -0.5, 0.0, 0.0]), among(&["c"]));
        // `a` alone stands still, which is no place of change; the best of the others is told.
        let Some(Choice::Among { levels, .. }) = choice([0.0, 0.5, 0.5, 0.5, 0.5]) else {
            panic!("a choice")
        };
        assert!(!levels.contains(&"a".to_owned()), "{levels:?}");
    }

    #[test]
    fn rows_without_a_value_can_be_what_stands_out() {
        let values: Vec<f64> =
            (0..60).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i) }).collect();
        let change: Vec<f64> = values.iter().map(|v| f64::from(u8::from(v.is_nan()))).collect();
        let cells = Cells::Numbers(&values);
        let found = Choice::of(&cells.binned(5), &change, 5).unwrap();
        assert_eq!(found, Choice::Among { levels: vec![], missing: true, unseen: false });
        assert!(found.holds(&cells, 0) && !found.holds(&cells, 1));
    }

    #[test]
    fn unknown_levels_are_held_apart_from_missing_ones() {
        let codes = vec![0, ruska::MISSING, ruska::UNSEEN];
        let column = StrColumn { codes: codes.into(), levels: vec!["a".to_owned()].into() };
        let cells = Cells::Texts(&column);
        let unseen = Choice::Among { levels: vec![], missing: false, unseen: true };
        assert_eq!([0, 1, 2].map(|row| unseen.holds(&cells, row)), [false, false, true]);
        let missing = Choice::Among { levels: vec!["a".into()], missing: true, unseen: false };
        assert_eq!([0, 1, 2].map(|row| missing.holds(&cells, row)), [true, true, false]);
    }
}
