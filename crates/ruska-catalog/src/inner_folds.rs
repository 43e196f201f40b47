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
