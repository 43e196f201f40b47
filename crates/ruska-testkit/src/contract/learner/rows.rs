//! Predictions belong to rows and columns, whatever is around them.

use super::LearnerCase;
use crate::contract::compare::{other_truth, same_pipelines, same_predictions};
use crate::contract::{Outcome, calm, ensure, must};
use crate::tasks::{Recipe, halves};
use ruska_core::{Column, Field, Frame, Kind, Params, Predictions, Rng, Task, Train};
use std::sync::Arc;

/// The predictions of some rows.
fn pick(p: &Predictions, rows: &[u32]) -> Predictions {
    Predictions::new(p.width(), rows.iter().flat_map(|&r| p.row(r as usize).to_vec()).collect())
}

pub(in crate::contract) fn one_row_equals_the_batch(case: &LearnerCase) -> Outcome {
    case.each(Recipe::mixed, |task| {
        let fitted = case.fit(task, &halves(task.rows()).0)?;
        let batch = must("predict", || fitted.pipeline.predict(&task.x))?;
        for row in (0..task.rows() as u32).step_by(4) {
            let x = task.x.take(&[row]);
            let one = must("predict of one row", || fitted.pipeline.predict(&x))?;
            same_predictions(&format!("row {row} alone"), &one, &pick(&batch, &[row]))?;
            let predict = || fitted.pipeline.model.predict(&fitted.frame, &[row]);
            let p = must("predict of one row", predict)?;
            ensure!(p.rows() == 1, "one row gives {} predictions", p.rows());
        }
        let none = must("predict of no row", || fitted.pipeline.predict(&task.x.take(&[])))?;
        ensure!(none.rows() == 0, "no row gives {} predictions", none.rows());
        Ok(())
    })
}

pub(in crate::contract) fn order_of_rows_does_not_matter(case: &LearnerCase) -> Outcome {
    case.each(Recipe::mixed, |task| {
        let fitted = case.fit(task, &halves(task.rows()).0)?;
        let batch = must("predict", || fitted.pipeline.predict(&task.x))?;
        let mut order: Vec<u32> = (0..task.rows() as u32).collect();
        Rng::new(1).shuffle(&mut order);
        let x = task.x.take(&order);
        let shuffled = must("predict of shuffled rows", || fitted.pipeline.predict(&x))?;
        same_predictions("shuffled rows", &shuffled, &pick(&batch, &order))
    })
}

/// Truth and weights of rows that are not trained on do not reach the model.
pub(in crate::contract) fn other_rows_are_not_looked_at(case: &LearnerCase) -> Outcome {
    if case.learner.info().nondeterministic.is_some() {
        return Ok(());
    }
    case.each(
        |r| r.mixed().weighted(),
        |task| {
            let (rows, _) = halves(task.rows());
            let outside = |r: usize| rows.binary_search(&(r as u32)).is_err();
            let weights = task.weights.as_ref().map(|w| {
                let w = w.iter().enumerate();
                Arc::new(w.map(|(r, w)| if outside(r) { 9.0 * w } else { *w }).collect())
            });
            let target = other_truth(&task.target, &rows);
            let other = Task { target, weights, ..task.clone() };
            let (a, b) = (case.fit(task, &rows)?, case.fit(&other, &rows)?);
            let what = "with another truth in rows that are not trained on";
            same_pipelines(what, &a.pipeline.save(), &b.pipeline.save())
        },
    )
}

/// A frame without a column, or with another type or order, is refused unless the answer is the
/// same because the model does not look there.
pub(in crate::contract) fn other_columns_are_refused_or_harmless(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            let x = case.prepared(task)?;
            let train = Train { x: &x, rows: &rows, y: &task.target, weights: None };
            let model = case.fit_prepared(&Params::new(), train)?;
            let all: Vec<u32> = (0..task.rows() as u32).collect();
            let expected = must("predict", || model.predict(&x, &all))?;
            for (what, frame) in others(&x)? {
                if let Ok(p) = calm(what, || model.predict(&frame, &all))? {
                    same_predictions(what, &p, &expected)?;
                }
            }
            Ok(())
        },
    )
}

fn others(x: &Frame) -> Result<Vec<(&'static str, Frame)>, String> {
    let words = || Column::from_strings((0..x.rows()).map(|_| Some("word")));
    let first = &x.fields()[0];
    let rest = || x.fields()[1..].iter().cloned();
    let mut reversed: Vec<Field> = x.fields().to_vec();
    reversed.reverse();
    let retyped = Field { kind: Kind::Categorical, column: words(), ..first.clone() };
    let renamed = Field { name: "another".into(), ..first.clone() };
    let extra = Field::new("extra", Kind::Numeric, Column::float(vec![5.0; x.rows()]));
    let frames = [
        ("without the first column", rest().collect()),
        ("with the first column of another type", [retyped].into_iter().chain(rest()).collect()),
        ("with the first column renamed", [renamed].into_iter().chain(rest()).collect()),
        ("with columns in another order", reversed),
        ("with another column first", [extra].into_iter().chain(x.fields().to_vec()).collect()),
        ("without columns", vec![]),
    ];
    let frame = |(what, fields)| {
        Frame::with_rows(fields, x.rows()).map(|f| (what, f)).map_err(|e| e.to_string())
    };
    frames.into_iter().map(frame).collect()
}
