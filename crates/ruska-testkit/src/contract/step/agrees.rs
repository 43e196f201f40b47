//! Training and prediction agree: state depends on training rows, output on the row alone.

use super::{StepCase, hostile, map};
use crate::contract::compare::{other_truth, other_values, same_frames, same_layout};
use crate::contract::{Outcome, ensure};
use crate::tasks::halves;
use ruska_core::{Column, Rng, Task};
use std::sync::Arc;

pub(in crate::contract) fn rows_and_names_are_kept(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let fitted = case.works("as it is", task, &halves(task.rows()).0)?;
            for (what, x) in hostile(&task.x) {
                same_layout(what, &fitted.frame, &fitted.transform(what, &x)?)?;
            }
            Ok(())
        },
    )
}

/// Neither features, truth nor weights of rows that are not trained on reach the state.
pub(in crate::contract) fn other_rows_are_not_looked_at(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            let outside = |r: usize| rows.binary_search(&(r as u32)).is_err();
            let weights = task.weights.as_ref().map(|w| {
                let w = w.iter().enumerate();
                Arc::new(w.map(|(r, w)| if outside(r) { 9.0 * w } else { *w }).collect())
            });
            let target = other_truth(&task.target, &rows);
            let other = Task { target, weights, ..task.clone() };
            let moved = Task { x: other_values(&task.x, &rows), ..task.clone() };
            let before = case.fit(task, &rows)?;
            for (what, task) in [("truth and weights", &other), ("features", &moved)] {
                let after = case.fit(task, &rows)?;
                let same = before.state.save() == after.state.save();
                ensure!(same, "{what} of rows that are not trained on change the state");
                let (a, b) = (before.frame.take(&rows), after.frame.take(&rows));
                same_frames(&format!("training rows after a change of other {what}"), &a, &b)?;
            }
            Ok(())
        },
    )
}

/// Rows that are not trained on come out of the fit as they come out of the state.
pub(in crate::contract) fn training_agrees_with_prediction(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (_, test) = halves(task.rows());
            let fitted = case.fit_half(task)?;
            let later = fitted.transform("as it is", &task.x)?;
            same_frames("rows not trained on", &fitted.frame.take(&test), &later.take(&test))
        },
    )
}

/// Neither the order of rows nor that of the dictionary matters.
pub(in crate::contract) fn order_of_rows_does_not_matter(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let fitted = case.fit_half(task)?;
            let expected = fitted.transform("as it is", &task.x)?;
            let mut order: Vec<u32> = (0..task.rows() as u32).collect();
            Rng::new(1).shuffle(&mut order);
            let shuffled = fitted.transform("shuffled", &task.x.take(&order))?;
            same_frames("shuffled rows", &shuffled, &expected.take(&order))?;
            let recoded = map(&task.x, |field| match &field.column {
                Column::Str(c) => Column::from_strings((0..c.codes.len()).map(|r| c.get(r))),
                other => other.clone(),
            });
            let recoded = fitted.transform("another dictionary", &recoded)?;
            same_frames("with another dictionary", &recoded, &expected)
        },
    )
}

pub(in crate::contract) fn one_row_equals_the_batch(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let fitted = case.fit_half(task)?;
            let batch = fitted.transform("as it is", &task.x)?;
            for row in (0..task.rows() as u32).step_by(4) {
                let one = fitted.transform("one row", &task.x.take(&[row]))?;
                same_frames(&format!("row {row} alone"), &one, &batch.take(&[row]))?;
            }
            let none = fitted.transform("no row", &task.x.take(&[]))?;
            same_layout("no row", &none, &batch)
        },
    )
}
