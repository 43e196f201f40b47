//! Truth, predictions and weights that are known to belong together.

use super::{Sum, finite, undefined};
use ruska_core::{MeasureError, MeasureInfo, Predictions, TaskKind, Truth};
use std::borrow::Cow;

/// Checked input of a classification measure.
pub(crate) struct ClassInput<'a> {
    /// Class per row, below `n_classes`.
    pub(crate) codes: &'a [u32],
    /// Number of classes, at least 2.
    pub(crate) n_classes: usize,
    /// The positive class.
    pub(crate) positive: usize,
    /// Finite scores, `n_classes` per row.
    pub(crate) predictions: &'a Predictions,
    weights: Weights<'a>,
}

impl<'a> ClassInput<'a> {
    /// Checks the task, rows, classes, finiteness and weights.
    pub(crate) fn new(
        info: &'static MeasureInfo,
        truth: &'a Truth,
        predictions: &'a Predictions,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, MeasureError> {
        let Truth::Classes { codes, n_classes, positive } = truth else {
            return Err(MeasureError::Task { measure: info.id });
        };
        let weights = Weights::new(info, codes.len(), predictions, weights)?;
        let (n_classes, positive) = (*n_classes, *positive as usize);
        if n_classes < 2 {
            return Err(undefined(info, "there are fewer than two classes"));
        }
        if predictions.width() != n_classes {
            return Err(undefined(info, "truth and predictions differ in their number of classes"));
        }
        if positive >= n_classes || codes.iter().any(|&c| c as usize >= n_classes) {
            return Err(undefined(info, "a class code is outside the list of classes"));
        }
        Ok(Self { codes, n_classes, positive, predictions, weights })
    }

    /// The same where predictions must be probabilities, up to rounding.
    pub(crate) fn probabilities(
        info: &'static MeasureInfo,
        truth: &'a Truth,
        predictions: &'a Predictions,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, MeasureError> {
        let input = Self::new(info, truth, predictions, weights)?;
        if predictions.values().iter().any(|p| !(-1e-9..=1.0 + 1e-9).contains(p)) {
            return Err(undefined(info, "a predicted probability is outside of 0..=1"));
        }
        Ok(input)
    }

    /// Row, class and weight of the rows that count.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        let rows = self.codes.iter().enumerate();
        rows.map(|(row, &code)| (row, code as usize, self.weights.of(row)))
            .filter(|&(_, _, weight)| weight > 0.0)
    }

    /// The weighted mean of one number per row.
    pub(crate) fn mean(&self, losses: impl Iterator<Item = f64>) -> Result<f64, MeasureError> {
        self.weights.mean(losses)
    }
}

/// Checked input of a regression measure.
pub(crate) struct ValueInput<'a> {
    /// Finite true value per row.
    pub(crate) truth: Cow<'a, [f64]>,
    /// Finite predicted value per row.
    pub(crate) predicted: Cow<'a, [f64]>,
    weights: Weights<'a>,
}

impl<'a> ValueInput<'a> {
    /// Checks the task, rows, finiteness and weights.
    pub(crate) fn new(
        info: &'static MeasureInfo,
        truth: &'a Truth,
        predictions: &'a Predictions,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, MeasureError> {
        let task = || MeasureError::Task { measure: info.id };
        let (truth, width) = match truth {
            Truth::Values(truth) => (Cow::Borrowed(&truth[..]), 1),
            // Points alone, whatever is said beside them.
            Truth::Ahead(ahead) if info.is_for(TaskKind::Forecasting) => {
                (Cow::Owned(ahead.truth()), 2)
            }
            _ => return Err(task()),
        };
        if predictions.width() != width {
            return Err(task());
        }
        let weights = Weights::new(info, truth.len(), predictions, weights)?;
        if truth.iter().any(|y| !y.is_finite()) {
            return Err(undefined(info, "a true value is not finite"));
        }
        let predicted = match width {
            1 => Cow::Borrowed(predictions.values()),
            _ => predictions.values().iter().step_by(width).copied().collect(),
        };
        Ok(Self { truth, predicted, weights })
    }

    /// True and predicted value of every row.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.truth.iter().copied().zip(self.predicted.iter().copied())
    }

    /// Weight of a row; 1 without weights.
    pub(crate) fn weight(&self, row: usize) -> f64 {
        self.weights.of(row)
    }

    /// Fails where the measure is undefined for the truth and the prediction of a row of some weight.
    pub(crate) fn expect_defined(
        &self,
        undefined_at: impl Fn(f64, f64) -> bool,
        why: &'static str,
    ) -> Result<(), MeasureError> {
        let bad = |(row, (y, p))| self.weight(row) > 0.0 && undefined_at(y, p);
        if self.pairs().enumerate().any(bad) {
            return Err(undefined(self.weights.info, why));
        }
        Ok(())
    }

    /// Whether weights were given.
    pub(crate) fn weighted(&self) -> bool {
        self.weights.weights.is_some()
    }

    /// The weighted mean of one number per row.
    pub(crate) fn mean(&self, losses: impl Iterator<Item = f64>) -> Result<f64, MeasureError> {
        self.weights.mean(losses)
    }
}

/// Weights of at least one row, not negative, not all zero.
pub(super) struct Weights<'a> {
    info: &'static MeasureInfo,
    weights: Option<&'a [f64]>,
}

impl<'a> Weights<'a> {
    /// Checks the number of predictions and weights, and that they are finite.
    pub(super) fn new(
        info: &'static MeasureInfo,
        rows: usize,
        predictions: &Predictions,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, MeasureError> {
        let measure = info.id;
        let expect = |what, got| {
            if got == rows {
                return Ok(());
            }
            Err(MeasureError::Rows { measure, what, got, expected: rows })
        };
        expect("predictions", predictions.rows())?;
        if !predictions.is_finite() {
            return Err(MeasureError::NotFinite { measure });
        }
        if rows == 0 {
            return Err(undefined(info, "there are no rows"));
        }
        if let Some(weights) = weights {
            expect("weights", weights.len())?;
            if weights.iter().any(|w| !w.is_finite() || *w < 0.0) {
                return Err(undefined(info, "a weight is negative or not finite"));
            }
            if weights.iter().all(|w| *w == 0.0) {
                return Err(undefined(info, "all weights are zero"));
            }
        }
        Ok(Self { info, weights })
    }

    /// Weight of a row; 1 without weights.
    pub(super) fn of(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[row])
    }

    fn mean(&self, losses: impl Iterator<Item = f64>) -> Result<f64, MeasureError> {
        let (mut sum, mut total) = (Sum::default(), Sum::default());
        for (row, loss) in losses.enumerate() {
            let weight = self.of(row);
            if weight > 0.0 {
                sum.add(weight * loss);
                total.add(weight);
            }
        }
        finite(self.info, sum.value() / total.value())
    }
}
