//! Folds inside a fit, by which it chooses what it is not told.
//!
//! Rows are ordered within their class by a hash of their features, and each fold holds out a part
//! of every class's weight, one after the other. So folds do not depend on the order of rows, a row
//! of weight k is k rows, and equal rows are together. A row that outweighs a fold is divided
//! between folds, so that no class is ever held out as a whole.

use crate::design::Columns;

/// A row at a boundary belongs to what follows, whatever the rounding.
const ROUNDING: f64 = 1e-9;

/// Rows, and what each fold holds out of their weight.
pub(crate) struct InnerFolds {
    /// Positions among the training rows, fold after fold.
    pub(crate) rows: Vec<usize>,
    /// For each fold the weight of each of `rows` that it holds out.
    pub(crate) held: Vec<Vec<f64>>,
}

impl InnerFolds {
    /// So many folds of a share of the weight, > 0, ≤ 1. `codes` are the classes of the rows.
    pub(crate) fn of(
        columns: &Columns<'_>,
        rows: &[u32],
        codes: Option<&[u32]>,
        weights: &[f64],
        (folds, share): (usize, f64),
    ) -> Self {
        let hashes = columns.hashes(rows);
        let class = |i: usize| codes.map_or(0, |codes| codes[i]);
        let mut order: Vec<usize> = (0..rows.len()).filter(|&i| weights[i] > 0.0).collect();
        order.sort_by_key(|&i| (class(i), hashes[i]));
        // Each row with the first fold that holds some of it, and how much each fold holds.
        let mut parts: Vec<(usize, usize, Vec<f64>)> = vec![];
        for stratum in order.chunk_by(|&a, &b| class(a) == class(b)) {
            let total: f64 = stratum.iter().map(|&i| weights[i]).sum();
            let unit = folds as f64 / share / total;
            let mut sum = 0.0;
            for equal in stratum.chunk_by(|&a, &b| hashes[a] == hashes[b]) {
                let from = sum * unit;
                sum += equal.iter().map(|&i| weights[i]).sum::<f64>();
                let held = shares(from, sum * unit, folds);
                if let Some(first) = held.iter().position(|h| *h > 0.0) {
                    parts.extend(equal.iter().map(|&i| (first, i, held.clone())));
                }
            }
        }
        parts.sort_by_key(|(first, i, _)| (*first, *i));
        let of_fold = |k: usize| parts.iter().map(|(_, i, held)| weights[*i] * held[k]).collect();
        let held = (0..folds).map(of_fold).collect();
        Self { rows: parts.iter().map(|(_, i, _)| *i).collect(), held }
    }
}

/// The share of each fold in rows that take `from..to` of the weight, in folds: all of them for the
/// fold in their middle, unless they outweigh a fold.
fn shares(from: f64, to: f64, folds: usize) -> Vec<f64> {
    let mut shares = vec![0.0; folds];
    let whole = to - from <= 1.0 + ROUNDING;
    let middle = (0.5 * (from + to) + ROUNDING) as usize;
    for (k, share) in shares.iter_mut().enumerate() {
        let (start, end) = (k as f64, k as f64 + 1.0);
        *share = if whole {
            f64::from(u8::from(k == middle))
        } else {
            (to.min(end) - from.max(start)).max(0.0) / (to - from)
        };
    }
    shares
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::design::Features;
    use ruska_core::{Column, Field, Frame, Kind, Rng};

    fn folds(
        values: &[f64],
        codes: &[u32],
        weights: &[f64],
        (k, share): (usize, f64),
    ) -> InnerFolds {
        let field = Field::new("x", Kind::Numeric, Column::float(values.to_vec()));
        let x = Frame::new(vec![field]).unwrap();
        let rows: Vec<u32> = (0..values.len() as u32).collect();
        let columns = Features::of(&x).find(&x).unwrap();
        InnerFolds::of(&columns, &rows, Some(codes), weights, (k, share))
    }

    #[test]
    fn every_fold_holds_its_part_of_every_class_and_never_all() {
        let mut rng = Rng::new(5);
        let values: Vec<f64> = (0..600).map(|_| rng.normal()).collect();
        // Class 2 has one row, class 3 two, class 4 one of much weight and one of little.
        let codes: Vec<u32> =
            (0..600).map(|i| [2, 3, 3, 4, 4].get(i).copied().unwrap_or(i as u32 % 2)).collect();
        let mut weights: Vec<f64> = (0..600).map(|i| f64::from(i % 3)).collect();
        weights[..5].copy_from_slice(&[1.0, 1.0, 1.0, 100.0, 0.1]);
        for (k, share) in [(5, 1.0), (3, 1.0), (3, 0.3)] {
            let folds = folds(&values, &codes, &weights, (k, share));
            for class in 0..5 {
                let weight = |of: &dyn Fn(usize) -> f64| -> f64 {
                    let rows = folds.rows.iter().enumerate();
                    rows.filter(|(_, i)| codes[**i] == class).map(|(at, _)| of(at)).sum()
                };
                let all = weight(&|at| folds.held.iter().map(|held| held[at]).sum());
                let total: f64 = (0..600).filter(|&i| codes[i] == class).map(|i| weights[i]).sum();
                let wide = class < 2;
                assert!((all - share * total).abs() <= 3.0 || !wide, "class {class}: {all}");
                for held in &folds.held {
                    let part = weight(&|at| held[at]);
                    assert!(part < all, "class {class} is held out as a whole");
                    assert!((part - all / k as f64).abs() <= 3.0 || !wide, "{class}: {part}");
                }
            }
            let whole = folds.rows.len() == weights.iter().filter(|w| **w > 0.0).count();
            assert_eq!(whole, share == 1.0);
        }
    }

    #[test]
    fn last_bits_do_not_matter() {
        let mut rng = Rng::new(6);
        let values: Vec<f64> =
            (0..300).map(|i| if i % 3 == 0 { 0.0 } else { rng.normal() }).collect();
        let (codes, weights) = (vec![0; 300], vec![1.0; 300]);
        let of = |values: &[f64]| folds(values, &codes, &weights, (5, 1.0));
        // Numbers of all sizes, and ones that stand at a power of two.
        let balanced = (0..300).map(|i| f64::from(1 - 2 * (i % 2))).collect();
        for values in [values, balanced] {
            let before = of(&values);
            for by in [1e-15, -1e-15] {
                let moved: Vec<f64> = values.iter().map(|v| v * (1.0 + by) + 0.1 * by).collect();
                let after = of(&moved);
                assert_eq!((&before.rows, &before.held), (&after.rows, &after.held));
            }
        }
    }

    #[test]
    fn equal_rows_are_together_unless_they_outweigh_a_fold() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i / 4)).collect();
        let (codes, weights) = (vec![0; 100], vec![1.0; 100]);
        let of = |values: &[f64]| folds(values, &codes, &weights, (5, 1.0));
        let together = of(&values);
        for held in &together.held {
            for (at, i) in together.rows.iter().enumerate() {
                let twin = together.rows.iter().position(|j| *j == i / 4 * 4).unwrap();
                assert_eq!(held[at], held[twin]);
                assert!(held[at] == 0.0 || held[at] == 1.0);
            }
        }
        for held in of(&[7.0; 100]).held {
            assert!(held.iter().all(|h| (h - 0.2).abs() < 1e-12));
        }
    }
}
