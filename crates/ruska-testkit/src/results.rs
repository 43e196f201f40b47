//! Results of folds that were never fitted.

use ruska_core::{FoldResult, Loss};
use std::collections::BTreeMap;

/// A fold of so many rows with a finite loss; it took no time and has no scores.
///
/// # Panics
/// Where the loss is not finite.
pub fn fold_result(fold: u32, loss: f64, rows: usize) -> FoldResult {
    FoldResult {
        fold,
        loss: Loss::new(loss).expect("a finite loss"),
        scores: BTreeMap::new(),
        rows: rows as u32,
        iterations: None,
        fit_seconds: 0.0,
        predict_seconds: 0.0,
        bytes: 1,
        cut: false,
        cut_after: None,
    }
}
