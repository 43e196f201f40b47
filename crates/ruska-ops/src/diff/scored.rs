//! Two models' predictions of the same rows, in one set of classes.

use super::report::{Quantity, Said};
use crate::Error;
use ruska::{Frame, Model, Predictions, SharedTruth, Truth};

/// What two models say of every row of a table.
pub(super) struct Scored {
    /// The truth where there is one; classes and the positive one are the old model's first.
    pub(super) shared: SharedTruth,
    /// Whether the table has a column of the target.
    pub(super) has_target: bool,
    pub(super) old: Predictions,
    pub(super) new: Predictions,
}

impl Scored {
    /// Asks both models.
    pub(super) fn of(old: &Model, new: &Model, table: &Frame) -> Result<Self, Error> {
        let models = [old, new];
        let has_target = table.field(&old.manifest().target).is_some();
        let shared = if has_target {
            SharedTruth::of(table, &models)?
        } else {
            SharedTruth::unlabelled(table.rows(), &models)?
        };
        if table.rows() == 0 {
            return Err(Error::Refused("the table has no rows, so nothing can differ".into()));
        }
        let [old, new] = [("old", old), ("new", new)].map(|(side, model)| {
            let predicted = model.predict(table).map_err(|error| Error::Side { side, error })?;
            finite(side, shared.align(&predicted))
        });
        Ok(Self { has_target, old: old?, new: new?, shared })
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.old.rows()
    }

    /// The positive class of two.
    pub(super) fn positive(&self) -> Option<usize> {
        match self.shared.truth {
            Truth::Classes { n_classes: 2, positive, .. } => Some(positive as usize),
            _ => None,
        }
    }

    /// What changes are of.
    pub(super) fn quantity(&self) -> Quantity {
        match self.positive() {
            _ if self.shared.classes.is_empty() => Quantity::Prediction,
            Some(positive) => Quantity::ProbabilityOf(self.shared.classes[positive].clone()),
            None => Quantity::ProbabilityOfOldClass,
        }
    }

    /// The two numbers of a row whose difference is its change.
    pub(super) fn numbers(&self, row: usize) -> (f64, f64) {
        let place = match self.positive() {
            _ if self.shared.classes.is_empty() => 0,
            Some(positive) => positive,
            None => self.old.class(row),
        };
        (self.old.row(row)[place], self.new.row(row)[place])
    }

    /// What a model's predictions say of a row.
    pub(super) fn said(&self, predictions: &Predictions, row: usize) -> Said {
        match self.shared.classes.get(predictions.class(row)) {
            Some(class) => Said::Class(class.clone()),
            None => Said::Number(predictions.row(row)[0]),
        }
    }

    /// The truth of the row at a place within [`SharedTruth::rows`].
    pub(super) fn truth(&self, place: usize) -> Said {
        match &self.shared.truth {
            Truth::Classes { codes, .. } => {
                Said::Class(self.shared.classes[codes[place] as usize].clone())
            }
            Truth::Values(values) => Said::Number(values[place]),
            Truth::Points { .. } | Truth::Ahead(_) => Said::Number(0.0),
        }
    }
}

/// Refuses predictions of which one is not a finite number.
fn finite(side: &str, predictions: Predictions) -> Result<Predictions, Error> {
    let infinite = |row: &usize| predictions.row(*row).iter().any(|v| !v.is_finite());
    match (0..predictions.rows()).find(infinite) {
        None => Ok(predictions),
        Some(row) => Err(Error::Refused(format!(
            "the {side} model predicts no finite number for row {}; look at its values, or leave \
             it out",
            row + 1
        ))),
    }
}
