//! One truth for several models, so that they can be measured on the same rows.

use crate::error::Error;
use crate::labelled::MODEL_WEIGHT;
use crate::manifest::Manifest;
use crate::model::{Model, Predicted};
use crate::prepare::weights;
use ruska_core::{Frame, MISSING, Predictions, Target, TaskKind, Truth, UNSEEN};
use ruska_data::{TargetError, class_codes, class_position};
use std::sync::Arc;

/// The truth of a labelled table in the classes of several models.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedTruth {
    /// The first model's classes, then those that only others know; empty for regression.
    pub classes: Vec<String>,
    /// Rows of the table with a target that one of the models knows, ascending.
    pub rows: Vec<u32>,
    /// The truth of these rows in `classes`; the positive class is the first model's.
    pub truth: Truth,
    /// Weights of these rows, where the table has the first model's column of weights.
    pub weights: Option<Vec<f64>>,
    /// Rows without a target.
    pub missing: usize,
    /// Rows with a label that none of the models knows.
    pub unknown: usize,
}

impl SharedTruth {
    /// The truth for models with the same target and task, of which there is at least one.
    ///
    /// Fails when the table has not their target, and when the models do not ask the same.
    pub fn of(table: &Frame, models: &[&Model]) -> Result<Self, Error> {
        let first = question(models)?;
        let mut shared = Self::unlabelled(table.rows(), models)?;
        match shared.truth {
            Truth::Classes { positive, .. } => {
                shared = labels(table, &first.target, shared.classes, positive)?;
            }
            _ => shared = numbers(table, first)?,
        }
        let weight = first.roles.get("weight").filter(|w| table.field(w).is_some());
        if let Some(weight) = weight {
            shared.weights = Some(weights(table, &shared.rows, (MODEL_WEIGHT, weight))?);
        }
        Ok(shared)
    }

    /// The same for a table of so many rows that has not their target: no row has a truth.
    pub fn unlabelled(rows: usize, models: &[&Model]) -> Result<Self, Error> {
        let first = question(models)?;
        let classes = classes(models);
        let positive = classes.iter().position(|c| Some(c) == first.positive.as_ref());
        let truth = if classes.is_empty() {
            Truth::Values(vec![])
        } else {
            let (n_classes, positive) = (classes.len(), positive.unwrap_or(0) as u32);
            Truth::Classes { codes: vec![], n_classes, positive }
        };
        Ok(Self { classes, rows: vec![], truth, weights: None, missing: rows, unknown: 0 })
    }

    /// Only the rows at these places within [`Self::rows`].
    #[must_use]
    pub fn take(&self, places: &[u32]) -> Self {
        let at = |place: &u32| *place as usize;
        Self {
            classes: self.classes.clone(),
            rows: places.iter().map(|p| self.rows[at(p)]).collect(),
            truth: self.truth.take(places),
            weights: self.weights.as_ref().map(|w| places.iter().map(|p| w[at(p)]).collect()),
            ..*self
        }
    }

    /// A model's predictions in these classes. One that it does not know has probability 0.
    pub fn align(&self, predicted: &Predicted) -> Predictions {
        if self.classes.is_empty() || self.classes == *predicted.classes {
            return predicted.numbers.clone();
        }
        let places: Vec<Option<usize>> =
            self.classes.iter().map(|class| class_position(&predicted.classes, class)).collect();
        let mut values = Vec::with_capacity(predicted.numbers.rows() * places.len());
        for row in 0..predicted.numbers.rows() {
            let numbers = predicted.numbers.row(row);
            values.extend(places.iter().map(|place| place.map_or(0.0, |p| numbers[p])));
        }
        Predictions::new(places.len(), values)
    }
}

/// What all models ask, told by the first.
fn question<'a>(models: &[&'a Model]) -> Result<&'a Manifest, Error> {
    let Some(first) = models.first().map(|m| m.manifest()) else {
        return Err(Error::Options("there is no model to be measured".into()));
    };
    if first.task == TaskKind::Clustering {
        let what = "the models find groups, and no column tells which are right";
        return Err(Error::Options(what.to_owned()));
    }
    let asks_the_same = |m: &&Manifest| m.task == first.task && m.target == first.target;
    match models.iter().map(|m| m.manifest()).find(|m| !asks_the_same(m)) {
        None => Ok(first),
        Some(other) => Err(Error::Options(format!(
            "one model predicts {} of `{}`, another {} of `{}`",
            first.task.name(),
            first.target,
            other.task.name(),
            other.target
        ))),
    }
}

/// The classes of the first model and those that only others know.
fn classes(models: &[&Model]) -> Vec<String> {
    let mut classes: Vec<String> = vec![];
    for class in models.iter().flat_map(|m| &m.manifest().classes) {
        if class_position(&classes, class).is_none() {
            classes.push(class.clone());
        }
    }
    classes
}

fn labels(
    table: &Frame,
    target: &str,
    classes: Vec<String>,
    positive: u32,
) -> Result<SharedTruth, Error> {
    let codes = class_codes(table, target, &classes).map_err(Error::of_model)?;
    let is = |code: u32| codes.iter().filter(|c| **c == code).count();
    let known = (0u32..).zip(&codes).filter(|(_, code)| !matches!(**code, MISSING | UNSEEN));
    let (rows, known) = known.unzip();
    let truth = Truth::Classes { codes: known, n_classes: classes.len(), positive };
    let (missing, unknown) = (is(MISSING), is(UNSEEN));
    Ok(SharedTruth { classes, rows, truth, weights: None, missing, unknown })
}

fn numbers(table: &Frame, like: &Manifest) -> Result<SharedTruth, Error> {
    let (rows, values) = match like.truth(table, &Target::Values(Arc::new(vec![]))) {
        Ok(found) => {
            let all: Vec<u32> = (0..found.kept.len() as u32).collect();
            (found.kept, found.target.truth(&all))
        }
        Err(TargetError::AllMissing { .. }) => (vec![], Truth::Values(vec![])),
        Err(other) => return Err(Error::of_model(other)),
    };
    let missing = table.rows() - rows.len();
    Ok(SharedTruth { classes: vec![], rows, truth: values, weights: None, missing, unknown: 0 })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::AutoMl;
    use ruska_core::{Column, Field, Kind};

    fn table(labels: &[&str]) -> Frame {
        let rows = 20 * labels.len();
        let x = Column::float((0..rows).map(|i| (i % labels.len()) as f64).collect());
        let y = Column::from_strings(labels.iter().cycle().take(rows).map(|l| Some(*l)));
        let field = |name: &str, column| Field::new(name, Kind::Numeric, column);
        Frame::new(vec![field("x", x), field("y", y)]).unwrap()
    }

    fn model(labels: &[&str]) -> Model {
        AutoMl::classification("y").trials(2).fit(&table(labels)).unwrap().into_best()
    }

    #[test]
    fn classes_of_all_models_count() {
        let (new, old) = (model(&["a", "b", "d"]), model(&["b", "c"]));
        let labels = Column::from_strings([Some("c"), None, Some("x"), Some("b"), Some("a")]);
        let x = Column::float(vec![0.0, 1.0, 2.0, 0.0, 1.0]);
        let fields = [("x", x), ("y", labels)];
        let fields = fields.map(|(name, c)| Field::new(name, Kind::Numeric, c)).to_vec();
        let table = Frame::new(fields).unwrap();
        let shared = SharedTruth::of(&table, &[&new, &old]).unwrap();
        assert_eq!(shared.classes, ["a", "b", "d", "c"]);
        assert_eq!(
            (shared.rows.as_slice(), shared.missing, shared.unknown),
            (&[0, 3, 4][..], 1, 1)
        );
        let Truth::Classes { codes, n_classes: 4, .. } = &shared.truth else { panic!("4 classes") };
        assert_eq!(codes, &[3, 1, 0]);
        let rows = table.take(&shared.rows);
        let predicted = old.predict(&rows).unwrap();
        let aligned = shared.align(&predicted);
        let numbers = predicted.numbers.row(1);
        assert_eq!(aligned.row(1), [0.0, numbers[0], 0.0, numbers[1]]);
        let one = shared.take(&[2]);
        assert_eq!((one.rows.as_slice(), one.truth.rows()), (&[4][..], 1));
    }

    #[test]
    fn without_labels_there_are_the_classes_alone() {
        let (new, old) = (model(&["a", "b"]), model(&["b", "c"]));
        let shared = SharedTruth::unlabelled(7, &[&new, &old]).unwrap();
        assert_eq!(shared.classes, ["a", "b", "c"]);
        assert_eq!((shared.rows.len(), shared.missing, shared.truth.rows()), (0, 7, 0));
    }

    #[test]
    fn models_of_other_questions_are_refused() {
        let classes = model(&["a", "b"]);
        let numbers = AutoMl::regression("x").trials(1).fit(&table(&["a", "b"])).unwrap();
        let error = SharedTruth::of(&table(&["a", "b"]), &[&classes, numbers.best()]);
        assert_eq!(
            error.unwrap_err().to_string(),
            "one model predicts classification of `y`, another regression of `x`"
        );
    }
}
