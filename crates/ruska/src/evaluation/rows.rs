//! The rows that are judged: what is true of them, what the model says, how much they count.

use crate::error::Error;
use crate::labelled::LabelledRows;
use crate::model::Model;
use ruska_core::{Frame, Predictions, Task, Truth};
use ruska_data::TargetError;

/// Rows with their truth.
pub(crate) struct Judged {
    /// Their places in the table.
    pub(crate) rows: Vec<u32>,
    pub(crate) truth: Truth,
    pub(crate) predictions: Predictions,
    /// Non-negative, one a row, where rows do not count alike.
    pub(crate) weights: Option<Vec<f64>>,
    /// The names of the classes; none of numbers.
    pub(crate) classes: Vec<String>,
}

/// Rows of two classes, of which one is the positive one.
pub(crate) struct Two {
    /// Probability of the positive class.
    pub(crate) score: Vec<f64>,
    pub(crate) positive: Vec<bool>,
    /// Whether the model decides for the positive class.
    pub(crate) decided: Vec<bool>,
    pub(crate) weight: Vec<f64>,
}

impl Judged {
    /// The labelled rows of a table and what a model says of them, and how many have no label.
    pub(super) fn of(model: &Model, table: &Frame) -> Result<(Self, usize), Error> {
        let manifest = model.manifest();
        let labelled = match LabelledRows::weighted(table, manifest) {
            Err(Error::Target(TargetError::AllMissing { column, .. })) => {
                let what = format!("no row has a value of `{column}` to measure the model by");
                return Err(Error::Options(what));
            }
            labelled => labelled?,
        };
        let LabelledRows { task, rows, dropped } = labelled;
        let predictions = model.predict_typed(&task.x)?;
        let all: Vec<u32> = (0..rows.len() as u32).collect();
        let truth = task.target.truth(&all);
        let weights = task.weights.as_ref().map(|w| w.to_vec());
        let classes = manifest.classes.clone();
        Ok((Self { rows, truth, predictions, weights, classes }, dropped))
    }

    /// What a forecasting model said of some rows of a task.
    pub(super) fn ahead(task: &Task, rows: &[u32], predictions: Predictions) -> Self {
        let truth = task.target.truth(rows);
        Self { rows: rows.to_vec(), truth, predictions, weights: None, classes: vec![] }
    }

    /// Only the rows at some places, in that order.
    pub(super) fn take(&self, places: &[u32]) -> Self {
        let at = |place: &u32| *place as usize;
        Self {
            rows: places.iter().map(|p| self.rows[at(p)]).collect(),
            truth: self.truth.take(places),
            predictions: self.predictions.take(places),
            weights: self.weights.as_ref().map(|w| places.iter().map(|p| w[at(p)]).collect()),
            classes: self.classes.clone(),
        }
    }

    /// The weight of every row.
    pub(crate) fn weight(&self) -> Vec<f64> {
        self.weights.clone().unwrap_or_else(|| vec![1.0; self.rows.len()])
    }

    /// The rows as those of two classes, where there are two.
    pub(crate) fn two(&self) -> Option<Two> {
        match &self.truth {
            Truth::Classes { n_classes: 2, positive, .. } => self.against_rest(*positive as usize),
            _ => None,
        }
    }

    /// The rows of a class against all others.
    pub(super) fn against_rest(&self, class: usize) -> Option<Two> {
        let Truth::Classes { codes, .. } = &self.truth else { return None };
        let all = 0..codes.len();
        Some(Two {
            score: all.clone().map(|row| self.predictions.row(row)[class]).collect(),
            positive: codes.iter().map(|code| *code as usize == class).collect(),
            decided: all.map(|row| self.predictions.class(row) == class).collect(),
            weight: self.weight(),
        })
    }

    /// What is true of each row and what is predicted, where these are numbers.
    pub(crate) fn numbers(&self) -> Option<(&[f64], &[f64])> {
        match &self.truth {
            Truth::Values(truth) => Some((truth, self.predictions.values())),
            _ => None,
        }
    }
}
