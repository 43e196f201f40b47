//! A column of numbers: its finite values in order, and how many rows have none.

use super::chance::Quantile;
use super::merge::walk;
use ruska::{Column, NO_VALUE};

/// Steps of quantiles between the tails.
const STEPS: usize = 64;
/// Least bits that order a number without its sign.
const SIGN: u32 = 63;

/// The values of a column.
pub(super) struct Numbers {
    /// Finite values, ascending.
    pub(super) sorted: Vec<f64>,
    /// Rows in all.
    pub(super) rows: usize,
}

impl Numbers {
    /// Of any values; those that are not finite are missing.
    pub(super) fn new(values: impl Iterator<Item = f64>) -> Self {
        let mut rows = 0;
        let kept = values.inspect(|_| rows += 1).filter(|v| v.is_finite());
        // Zero has two signs and is one value. Whole numbers in the order of the reals sort faster.
        let mut keys: Vec<i64> = kept.map(|v| key(v + 0.0)).collect();
        keys.sort_unstable();
        Self { sorted: keys.into_iter().map(value).collect(), rows }
    }

    /// The numbers of a column: points in time in milliseconds, texts by their number of characters.
    pub(super) fn of(column: &Column) -> Self {
        let whole = |v: &i64| if *v == NO_VALUE { f64::NAN } else { *v as f64 };
        match column {
            Column::Float(v) => Self::new(v.iter().copied()),
            Column::Int(v) | Column::Time(v) => Self::new(v.iter().map(whole)),
            Column::Bool(v) => {
                Self::new(v.iter().map(|v| if *v < 0 { f64::NAN } else { f64::from(*v) }))
            }
            Column::Str(v) => {
                let lengths: Vec<f64> = v.levels.iter().map(|l| l.chars().count() as f64).collect();
                let length = |code: &u32| lengths.get(*code as usize).copied().unwrap_or(f64::NAN);
                Self::new(v.codes.iter().map(length))
            }
            Column::Sparse(v) => Self::new(v.values.iter().copied()),
        }
    }

    /// Rows without a finite value.
    pub(super) fn missing(&self) -> usize {
        self.rows - self.sorted.len()
    }

    /// Evenly spaced quantiles 0, 1/`steps`, …, 1, by linear interpolation between order statistics;
    /// none of nothing.
    pub(super) fn quantiles(&self, steps: usize) -> Vec<f64> {
        let Some(last) = self.sorted.len().checked_sub(1) else { return vec![] };
        let quantile = |i: usize| {
            let (low, part) = (last * i / steps, last * i % steps);
            let (a, b) = (self.sorted[low], self.sorted[(low + 1).min(last)]);
            if part == 0 || a == b { a } else { a + (b - a) * (part as f64 / steps as f64) }
        };
        (0..=steps).map(quantile).collect()
    }
}

/// A whole number that orders as a real one does.
fn key(v: f64) -> i64 {
    let bits = v.to_bits() as i64;
    bits ^ (((bits >> SIGN) as u64) >> 1) as i64
}

/// The real number of a key.
fn value(key: i64) -> f64 {
    f64::from_bits((key ^ (((key >> SIGN) as u64) >> 1) as i64) as u64)
}

/// Quantiles of two ascending samples together, close to each other in the tails.
pub(super) fn pooled(reference: &[f64], current: &[f64]) -> Vec<Quantile> {
    let rows = (reference.len() + current.len()) as f64;
    let places = places(0.5 / rows);
    let mut out: Vec<Quantile> = Vec::with_capacity(places.len());
    walk(reference, current, |value, i, j| {
        while let Some(u) = places.get(out.len()).filter(|u| **u * rows <= (i + j) as f64) {
            out.push((*u, value));
        }
    });
    out
}

/// The same of quantiles of a reference of `m` rows and of `n` rows, both evenly spaced, but for the
/// ends.
pub(super) fn pooled_quantiles(
    reference: &[f64],
    m: f64,
    current: &[f64],
    n: f64,
) -> Vec<Quantile> {
    let steps = (reference.len().max(2) - 1) as f64;
    let weighted = |quantiles: &[f64], weight: f64| {
        quantiles.iter().map(|q| (*q, weight / steps)).collect::<Vec<_>>()
    };
    let mut all = weighted(reference, m / (m + n));
    all.extend(weighted(current, n / (m + n)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut sum = 0.0;
    let whole: f64 = all.iter().map(|(_, w)| w).sum();
    let place = |(value, weight): &(f64, f64)| {
        sum += weight / whole;
        (sum - weight / whole / 2.0, *value)
    };
    let places: Vec<Quantile> = all.iter().map(place).collect();
    let within = |(u, _): &Quantile| (1.0 / steps..=1.0 - 1.0 / steps).contains(u);
    places.into_iter().filter(within).collect()
}

/// Places in (0, 1): steps of 1/64, halved again and again towards `least` and 1 − `least`.
fn places(least: f64) -> Vec<f64> {
    let mut tail = vec![];
    let mut u = 0.5 / STEPS as f64;
    while u > least {
        tail.push(u);
        u /= 2.0;
    }
    tail.push(least);
    let upper: Vec<f64> = tail.iter().map(|u| 1.0 - u).collect();
    let inner = (1..STEPS).map(|i| i as f64 / STEPS as f64);
    let mut all: Vec<f64> = tail.into_iter().rev().chain(inner).chain(upper).collect();
    all.sort_by(f64::total_cmp);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_order_and_missing_ones_counted() {
        let values = [3.0, f64::NAN, -1.5, f64::INFINITY, -0.0, 0.0, 1e300, -1e300, 3.0];
        let numbers = Numbers::new(values.into_iter());
        assert_eq!(numbers.sorted, [-1e300, -1.5, 0.0, 0.0, 3.0, 3.0, 1e300]);
        assert_eq!((numbers.rows, numbers.missing()), (9, 2));
        assert!(numbers.sorted[2].is_sign_positive());
    }

    #[test]
    fn quantiles_are_between_order_statistics() {
        let numbers = Numbers::new((0..=128).map(f64::from));
        assert_eq!(numbers.quantiles(64), (0..=64).map(|i| 2.0 * f64::from(i)).collect::<Vec<_>>());
        assert_eq!(Numbers::new([1.0, 3.0].into_iter()).quantiles(4), [1.0, 1.5, 2.0, 2.5, 3.0]);
        assert!(Numbers::new([].into_iter()).quantiles(4).is_empty());
    }

    #[test]
    fn pooled_quantiles_are_those_of_both() {
        let (left, right): (Vec<f64>, Vec<f64>) = (
            (0..5000).map(|i| f64::from(2 * i)).collect(),
            (0..5000).map(|i| f64::from(2 * i + 1)).collect(),
        );
        let both = pooled(&left, &right);
        assert!(both.iter().all(|(u, v)| (v - u * 10_000.0).abs() <= 1.0), "{both:?}");
        assert_eq!(
            (both.first().map(|q| q.1), both.last().map(|q| q.1)),
            (Some(0.0), Some(9999.0))
        );
        let quantiles: Vec<f64> = (0..=64).map(f64::from).collect();
        let same = pooled_quantiles(&quantiles, 100.0, &quantiles, 900.0);
        assert!(same.iter().all(|(u, v)| (v - u * 64.0).abs() <= 1.0), "{same:?}");
    }
}
