//! What intervals of numbers and sets of classes hold of the rows.

use super::rows::Judged;
use crate::model::{Model, Predicted};
use ruska_core::Truth;
use serde::Serialize;
use std::sync::Arc;

/// The share that intervals or sets are to hold.
const SHARE: f64 = 0.9;
/// Ranges of predictions.
const RANGES: usize = 10;
/// Rows of a range or class, at least, whose share is told.
const FEWEST: usize = 30;

/// What intervals or sets hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Held {
    /// The share of the weight that they are to hold.
    pub share: f64,
    /// The share of the weight whose truth they hold.
    pub held: f64,
    /// The least and the greatest share held of ten ranges of predictions of as many rows each, or of a class;
    /// of those with at least 30 rows, where there are two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<(f64, f64)>,
    /// Mean width of the intervals, in the unit of the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<f64>,
    /// Mean number of classes in a set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<f64>,
}

impl Held {
    /// `None` for models without intervals, and of no rows.
    pub(super) fn of(model: &Model, judged: &Judged) -> Option<Self> {
        let classes = Arc::new(judged.classes.clone());
        let numbers = judged.predictions.clone();
        let predicted = Predicted { classes, beside: None, numbers };
        let weight = judged.weight();
        match &judged.truth {
            Truth::Values(truth) => {
                let intervals = model.intervals(&predicted, SHARE).ok()?;
                let hit = |((low, high), y): (&(f64, f64), &f64)| low <= y && y <= high;
                let hits: Vec<bool> = intervals.iter().zip(truth.iter()).map(hit).collect();
                let widths: Vec<f64> = intervals.iter().map(|(low, high)| high - low).collect();
                let told = predicted.numbers.values();
                let mut rows: Vec<usize> = (0..told.len()).collect();
                rows.sort_by(|a, b| told[*a].total_cmp(&told[*b]));
                let parts: Vec<&[usize]> =
                    rows.chunks(rows.len().div_ceil(RANGES).max(1)).collect();
                let width = Some(mean(&widths, &weight)?);
                Self::told(&hits, &weight, &parts, (width, None))
            }
            Truth::Classes { codes, .. } => {
                let sets = model.sets(&predicted, SHARE).ok()?;
                let hit = |(set, code): (&Vec<u32>, &u32)| set.contains(code);
                let hits: Vec<bool> = sets.iter().zip(codes.iter()).map(hit).collect();
                let sizes: Vec<f64> = sets.iter().map(|set| set.len() as f64).collect();
                let mut parts = vec![vec![]; judged.classes.len()];
                for (row, code) in codes.iter().enumerate() {
                    parts[*code as usize].push(row);
                }
                let parts: Vec<&[usize]> = parts.iter().map(Vec::as_slice).collect();
                let size = Some(mean(&sizes, &weight)?);
                Self::told(&hits, &weight, &parts, (None, size))
            }
            _ => None,
        }
    }

    fn told(
        hits: &[bool],
        weight: &[f64],
        parts: &[&[usize]],
        (width, size): (Option<f64>, Option<f64>),
    ) -> Option<Self> {
        let hits: Vec<f64> = hits.iter().map(|hit| f64::from(*hit)).collect();
        let of = |rows: &&[usize]| {
            let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
            mean(&pick(&hits), &pick(weight))
        };
        let many = parts.iter().filter(|rows| rows.len() >= FEWEST);
        let shares: Vec<f64> = many.filter_map(of).collect();
        let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
        let most = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let between = (shares.len() > 1).then_some((least, most));
        Some(Self { share: SHARE, held: mean(&hits, weight)?, between, width, size })
    }
}

/// `None` of no weight.
fn mean(values: &[f64], weight: &[f64]) -> Option<f64> {
    let total: f64 = weight.iter().sum();
    let sum: f64 = values.iter().zip(weight).map(|(v, w)| v * w).sum();
    (total > 0.0).then(|| sum / total)
}
