//! R²: share of the target's variance that the predictions explain, at most 1.
//!
//! 0 is as good as the mean of the scored rows, negative is worse. Where all true values are equal it
//! is 1 for exact predictions and 0 otherwise. Undefined for fewer than two rows. Cost O(n).
//!
//! Reference: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", 2009, ch. 3.

use super::support::{ValueInput, collect, finite, undefined};
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// See the module.
pub(crate) struct R2;

static INFO: MeasureInfo = MeasureInfo {
    id: "r2",
    summary: "Share of the variance explained",
    tasks: &[TaskKind::Regression],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: true,
    reference: "https://scikit-learn.org/1.9/modules/generated/sklearn.metrics.r2_score.html",
};

impl Measure for R2 {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let input = ValueInput::new(&INFO, truth, predictions, weights)?;
        let error = input.mean(errors(&input))?;
        let Some(mean) = mean_of_several(&input)? else {
            return Ok(if error == 0.0 { 1.0 } else { 0.0 });
        };
        finite(&INFO, 1.0 - error / input.mean(squares(&input, mean))?)
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = ValueInput::new(&INFO, truth, predictions, weights).ok()?;
        let mean = mean_of_several(&input).ok()??;
        let variance = input.mean(squares(&input, mean)).ok()?;
        let loss = input.mean(errors(&input)).ok()? / variance;
        // A row adds to the error, and to the variance by which it is divided.
        let row = |(error, square): (f64, f64)| loss + (error - loss * square) / variance;
        collect(errors(&input).zip(squares(&input, mean)).map(row))
    }
}

/// Squared error of each row.
fn errors(input: &ValueInput<'_>) -> impl Iterator<Item = f64> {
    input.pairs().map(|(y, p)| (y - p).powi(2))
}

/// Squared distance of each true value from their mean.
fn squares(input: &ValueInput<'_>, mean: f64) -> impl Iterator<Item = f64> {
    input.truth.iter().map(move |y| (y - mean).powi(2))
}

/// The mean of the true values; `None` where they are all equal. Undefined for fewer than two rows.
fn mean_of_several(input: &ValueInput<'_>) -> Result<Option<f64>, MeasureError> {
    let mut counting = (0..input.truth.len()).filter(|&row| input.weight(row) > 0.0);
    let first = counting.next().map_or(0.0, |row| input.truth[row]);
    let (mut rows, mut constant) = (1, true);
    for row in counting {
        rows += 1;
        constant &= input.truth[row] == first;
    }
    if rows < 2 {
        return Err(undefined(&INFO, "it needs at least two rows"));
    }
    if constant {
        return Ok(None);
    }
    input.mean(input.truth.iter().copied()).map(Some)
}
