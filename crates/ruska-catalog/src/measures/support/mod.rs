//! What the measures share: checked inputs, exact sums, counts of labels, rankings.
//!
//! Rules that hold for every measure: a row of weight zero counts as if it were not there; sums
//! are compensated, so that a score does not depend on the order of rows beyond the last bit;
//! a score that exceeds the range of a float is undefined rather than infinite.

mod ahead;
mod groups;
mod input;
mod labels;
mod ranking;
mod sum;

pub(crate) use ahead::{
    AheadInput, ForecastMeasure, Found, NORMAL_DECILES, OfForecasts, Parts, seasonal_difference,
    squared_step, symmetric,
};
pub(crate) use groups::{GroupInput, index};
pub(crate) use input::{ClassInput, ValueInput};
pub(crate) use labels::{HitRate, Labels};
pub(crate) use ranking::{Ranking, one_vs_rest, rankings};
pub(crate) use sum::Sum;

use ruska_core::{MeasureError, MeasureInfo};

/// The error of a measure without a value here.
pub(crate) fn undefined(info: &MeasureInfo, why: &'static str) -> MeasureError {
    MeasureError::Undefined { measure: info.id, why }
}

/// The score, unless it left the range of a float.
pub(crate) fn finite(info: &MeasureInfo, score: f64) -> Result<f64, MeasureError> {
    if score.is_finite() {
        return Ok(score);
    }
    Err(undefined(info, "the errors are too large for a floating-point number"))
}

/// The losses as a list, unless one of them left the range of a float.
pub(crate) fn collect(losses: impl Iterator<Item = f64>) -> Option<Vec<f64>> {
    losses.map(|loss| loss.is_finite().then_some(loss)).collect()
}

/// Row losses of the root of a mean of terms, from the terms and their mean.
pub(crate) fn roots(terms: impl Iterator<Item = f64>, mean: f64) -> impl Iterator<Item = f64> {
    let root = mean.sqrt();
    // The square root's slope at the mean is 1 / (2 root); where the mean is 0, so is every term.
    terms.map(move |term| if root > 0.0 { root + (term - mean) / root / 2.0 } else { 0.0 })
}

/// x − ln(1 + x) ≥ 0 for x ≥ −1, by its series where the difference would cancel.
pub(crate) fn beyond_log(x: f64) -> f64 {
    if x.abs() > 0.01 {
        return x - x.ln_1p();
    }
    x * x * (0..9).rev().fold(0.0, |sum, k| 1.0 / f64::from(k + 2) - x * sum)
}
