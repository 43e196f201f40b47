//! Shares of two samples over common cells, as Evidently makes them.
//!
//! Numbers with more than 20 distinct values in the reference are counted in bins of equal width
//! over both samples, as many as Sturges' rule gives for both together; others, and levels, by value.
//!
//! Reference: Sturges, "The choice of a class interval", JASA 21, 1926; the edges are those of
//! `numpy.histogram_bin_edges(…, bins="sturges")`.

use super::merge::{distinct, walk};

/// Distinct values of the reference above which numbers are binned.
const MANY: usize = 20;

/// Rows of both sides over common cells, the reference first.
pub(super) type Counts = Vec<(f64, f64)>;

/// Rows by bin or value of two ascending samples that are not empty; `None` where their range is no
/// number.
pub(super) fn of_numbers(reference: &[f64], current: &[f64]) -> Option<Counts> {
    if distinct(reference) > MANY {
        binned(reference, current)
    } else {
        Some(by_value(reference, current))
    }
}

/// Rows by distinct value.
pub(super) fn by_value(reference: &[f64], current: &[f64]) -> Counts {
    let mut counts = vec![];
    let mut before = (0, 0);
    walk(reference, current, |_, i, j| {
        counts.push(((i - before.0) as f64, (j - before.1) as f64));
        before = (i, j);
    });
    counts
}

fn binned(reference: &[f64], current: &[f64]) -> Option<Counts> {
    let low = reference.first()?.min(*current.first()?);
    let high = reference.last()?.max(*current.last()?);
    let range = high - low;
    let rows = (reference.len() + current.len()) as f64;
    let width = range / (rows.log2() + 1.0);
    let bins = (range / width).ceil();
    if !(bins.is_finite() && bins >= 1.0) {
        return None;
    }
    let bins = bins as usize;
    let step = range / bins as f64;
    let edge = |i: usize| if i == bins { high } else { i as f64 * step + low };
    let below = |sample: &[f64], i: usize| {
        let edge = edge(i);
        // The last bin holds its upper edge.
        sample.partition_point(|v| if i == bins { *v <= edge } else { *v < edge }) as f64
    };
    let count = |sample: &[f64], i: usize| below(sample, i + 1) - below(sample, i);
    Some((0..bins).map(|i| (count(reference, i), count(current, i))).collect())
}

/// Rows between the reference's quantiles 0, 1/16, …, 1, of which evenly spaced ones are known, in
/// shares of a reference of so many rows. Equal quantiles make wider cells.
pub(super) fn of_quantiles(quantiles: &[f64], rows: f64, current: &[f64]) -> Counts {
    const CELLS: usize = 16;
    let Some(last) = quantiles.len().checked_sub(1).filter(|last| *last >= CELLS) else {
        return vec![];
    };
    let mut edges: Vec<f64> = (1..CELLS).map(|i| quantiles[i * last / CELLS]).collect();
    edges.dedup();
    let mut counts = vec![];
    let mut before = (0.0, 0.0);
    for edge in edges.into_iter().chain([f64::INFINITY]) {
        let known = quantiles.partition_point(|q| *q <= edge);
        let share = if known > last { 1.0 } else { known.saturating_sub(1) as f64 / last as f64 };
        let until = (share * rows, current.partition_point(|v| *v <= edge) as f64);
        counts.push((until.0 - before.0, until.1 - before.1));
        before = until;
    }
    counts
}

/// The shares of each side.
pub(super) fn shares(counts: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    let (m, n) = counts.iter().fold((0.0, 0.0), |(m, n), (a, b)| (m + a, n + b));
    counts.iter().map(|(a, b)| (a / m, b / n)).unzip()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cells_hold_all_rows() {
        let reference: Vec<f64> = (0..100).map(f64::from).collect();
        let current: Vec<f64> = (50..90).map(f64::from).collect();
        let counts = of_numbers(&reference, &current).unwrap();
        // ⌈log₂ 140 + 1⌉ bins.
        assert_eq!(counts.len(), 9);
        let sums = counts.iter().fold((0.0, 0.0), |(m, n), (a, b)| (m + a, n + b));
        assert_eq!(sums, (100.0, 40.0));
        assert_eq!(of_numbers(&[1.0, 1.0, 2.0], &[2.0, 3.0]).unwrap().len(), 3);
        let far = [-f64::MAX, f64::MAX];
        let many: Vec<f64> = (0..30).map(f64::from).collect();
        assert_eq!(of_numbers(&many, &far), None);
    }

    #[test]
    fn cells_of_quantiles_are_sixteenths() {
        let quantiles: Vec<f64> = (0..=64).map(f64::from).collect();
        let counts = of_quantiles(&quantiles, 640.0, &[1.0, 63.0]);
        assert_eq!(counts.len(), 16);
        assert!(counts.iter().all(|(a, _)| (a - 40.0).abs() < 1e-9));
        assert_eq!((counts[0].1, counts[15].1), (1.0, 1.0));
        let constant = of_quantiles(&[5.0; 65], 100.0, &[5.0, 6.0]);
        assert_eq!(constant, [(100.0, 1.0), (0.0, 1.0)]);
    }
}
