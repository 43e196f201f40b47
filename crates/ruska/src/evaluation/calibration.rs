//! Whether what is said to be likely happens as often.
//!
//! Rows fall into ten bins by what is said: of equal width, and of about as many rows; the first shows
//! the whole range, the second is steady where most rows are. Expected calibration error: mean distance
//! of what is said from what happens, over bins by weight. The Brier score of two classes splits into
//! reliability − resolution + uncertainty, and what bins do not see: what varies within them. Of more
//! classes the probability of the predicted class is looked at, and whether it was right.
//!
//! References: Murphy, "A new vector partition of the probability score", J. Appl. Meteorology 12, 1973;
//! Stephenson, Coelho, Jolliffe, "Two extra components in the Brier score decomposition", Weather and
//! Forecasting 23, 2008; Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using
//! Bayesian binning", AAAI 2015.

use super::rows::{Judged, Two};
use serde::Serialize;

/// Bins.
const BINS: usize = 10;

/// How far probabilities are those of what happens.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Ten bins of equal width.
    pub equal_width: CalibrationBins,
    /// Ten bins of about as many rows.
    pub equal_rows: CalibrationBins,
    /// The parts of the Brier score, in the bins of as many rows; of two classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brier: Option<BrierParts>,
}

/// Rows in bins by what is said of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationBins {
    /// Expected calibration error, in [0, 1].
    pub expected_error: f64,
    /// Largest calibration error of a bin.
    pub largest_error: f64,
    /// The bins that have rows, rising.
    pub bins: Vec<CalibrationBin>,
}

/// What is said and what happens in a bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Rows.
    pub rows: usize,
    /// Share of the weight of all rows.
    pub share: f64,
    /// Mean probability that was told.
    pub predicted: f64,
    /// Share that happened.
    pub observed: f64,
}

/// The Brier score = reliability − resolution + uncertainty + within.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BrierParts {
    /// The score.
    pub score: f64,
    /// How far bins are from what happens in them; 0 is perfect.
    pub reliability: f64,
    /// How far what happens differs between bins; more is better.
    pub resolution: f64,
    /// What the share of the positive class leaves open, whatever the model.
    pub uncertainty: f64,
    /// What differs within bins.
    pub within: f64,
}

impl Calibration {
    /// `None` of numbers and of no rows.
    pub(super) fn of(judged: &Judged) -> Option<Self> {
        match judged.two() {
            Some(two) => Self::of_two(&two),
            None => Self::of_two(&confidence(judged)?).map(|c| Self { brier: None, ..c }),
        }
    }

    /// Of two classes.
    pub(super) fn of_two(two: &Two) -> Option<Self> {
        let total: f64 = two.weight.iter().sum();
        let in_range = two.score.iter().all(|p| (-1e-9..=1.0 + 1e-9).contains(p));
        if !(total > 0.0 && in_range) {
            return None;
        }
        let width: Vec<f64> = (1..BINS).map(inner).collect();
        let rows = quantiles(&two.score);
        let equal_rows = binned(two, &rows, total);
        Some(Self {
            equal_width: binned(two, &width, total),
            brier: Some(parts(two, &equal_rows, total)),
            equal_rows,
        })
    }
}

/// Whether the predicted class is right, and how probable it was said to be.
fn confidence(judged: &Judged) -> Option<Two> {
    let ruska_core::Truth::Classes { codes, .. } = &judged.truth else { return None };
    let label = |row: usize| judged.predictions.class(row);
    let rows = 0..codes.len();
    Some(Two {
        score: rows.clone().map(|row| judged.predictions.row(row)[label(row)]).collect(),
        positive: rows.clone().map(|row| label(row) == codes[row] as usize).collect(),
        decided: rows.map(|_| true).collect(),
        weight: judged.weight(),
    })
}

/// The place of an edge between bins within [0, 1].
fn inner(edge: usize) -> f64 {
    edge as f64 * (1.0 / BINS as f64)
}

/// The edges between bins of as many rows, by linear interpolation between values.
fn quantiles(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let edge = |edge: usize| {
        let place = inner(edge) * (sorted.len() - 1) as f64;
        let low = sorted[place as usize];
        let high = sorted.get(place as usize + 1).copied().unwrap_or(low);
        low + (high - low) * place.fract()
    };
    (1..BINS).map(edge).collect()
}

/// Rows in the bins between edges; one on an edge is in the lower bin.
fn binned(two: &Two, edges: &[f64], total: f64) -> CalibrationBins {
    let mut sums = vec![(0usize, 0.0, 0.0, 0.0); BINS];
    for (row, score) in two.score.iter().enumerate() {
        let (weight, bin) = (two.weight[row], edges.partition_point(|edge| edge < score));
        let sum = &mut sums[bin];
        sum.0 += 1;
        sum.1 += weight;
        sum.2 += weight * score;
        sum.3 += if two.positive[row] { weight } else { 0.0 };
    }
    let held = sums.iter().filter(|sum| sum.1 > 0.0);
    let bins: Vec<CalibrationBin> = held
        .map(|&(rows, weight, said, happened)| CalibrationBin {
            rows,
            share: weight / total,
            predicted: said / weight,
            observed: happened / weight,
        })
        .collect();
    let off = |bin: &CalibrationBin| (bin.predicted - bin.observed).abs();
    CalibrationBins {
        expected_error: bins.iter().map(|bin| bin.share * off(bin)).sum(),
        largest_error: bins.iter().map(off).fold(0.0, f64::max),
        bins,
    }
}

fn parts(two: &Two, bins: &CalibrationBins, total: f64) -> BrierParts {
    let happened = |row: usize| f64::from(u8::from(two.positive[row]));
    let rows = 0..two.score.len();
    let mean = |value: &dyn Fn(usize) -> f64| {
        rows.clone().map(|row| two.weight[row] * value(row)).sum::<f64>() / total
    };
    let score = mean(&|row| (two.score[row] - happened(row)).powi(2));
    let base = mean(&happened);
    let over_bins = |value: &dyn Fn(&CalibrationBin) -> f64| {
        bins.bins.iter().map(|bin| bin.share * value(bin)).sum::<f64>()
    };
    let reliability = over_bins(&|bin| (bin.predicted - bin.observed).powi(2));
    let resolution = over_bins(&|bin| (bin.observed - base).powi(2));
    let uncertainty = base * (1.0 - base);
    let within = score - (reliability - resolution + uncertainty);
    BrierParts { score, reliability, resolution, uncertainty, within }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Where all rows of a bin are told the same, nothing differs within bins (Murphy's identity).
    #[test]
    fn the_parts_add_up() {
        let said = [0.1, 0.3, 0.6, 0.95];
        let two = Two {
            score: (0..400).map(|i| said[i % 4]).collect(),
            positive: (0..400).map(|i| i * 7 % 10 < [1, 2, 7, 9][i % 4]).collect(),
            decided: vec![true; 400],
            weight: (0..400).map(|i| 1.0 + f64::from(i % 3)).collect(),
        };
        let found = Calibration::of_two(&two).unwrap();
        let parts = found.brier.unwrap();
        assert!(parts.within.abs() < 1e-12, "{parts:?}");
        assert!(parts.reliability > 0.0 && parts.resolution > 0.0);
        assert_eq!(found.equal_width.bins.len(), 4);
    }
}
