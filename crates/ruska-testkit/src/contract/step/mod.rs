//! Checks of steps. A step meets any frame and changes what it is for.

pub(super) mod agrees;
pub(super) mod columns;
pub(super) mod honest;

use super::compare::same_layout;
use super::{Outcome, calm, ensure, must};
use crate::tasks::{Recipe, emptied, halves};
use ruska_core::{
    Catalog, Column, Field, FitError, FittedStep, Frame, Kind, NeverStop, Params, PredictError,
    RunContext, Step, StepInput, Task, UNSEEN,
};
use std::sync::Arc;

/// A step under contract.
pub struct StepCase {
    /// The step.
    pub step: Arc<dyn Step>,
}

/// A fitted step with the frame of its fit.
struct Fitted {
    state: Box<dyn FittedStep>,
    frame: Frame,
}

impl StepCase {
    /// The case of a step of a catalog.
    ///
    /// Panics when the catalog has no such step.
    pub fn new(catalog: &Catalog, id: &str) -> Self {
        Self { step: catalog.step(id).expect("the catalog has the step").clone() }
    }

    /// Runs a check on a task of each shape; the error names the shape.
    fn each(&self, shape: impl Fn(Recipe) -> Recipe, check: impl Fn(&Task) -> Outcome) -> Outcome {
        for recipe in [Recipe::binary(21), Recipe::multiclass(4, 22), Recipe::regression(23)] {
            let task = shape(recipe.clone().mixed().weighted()).build();
            check(&task).map_err(|why| format!("{}: {why}", recipe.title()))?;
        }
        Ok(())
    }

    fn try_fit(
        &self,
        task: &Task,
        rows: &[u32],
        params: &Params,
        sparse: bool,
    ) -> Result<Fitted, FitError> {
        let weights = task.weights.as_ref().map(|w| w.as_slice());
        let input = StepInput { x: &task.x, rows, y: &task.target, weights, sparse };
        let ctx = RunContext::new(7, &NeverStop);
        let (state, frame) = self.step.fit_transform(params, input, &ctx)?;
        Ok(Fitted { state, frame })
    }

    /// Fits default parameters on the rows, which must succeed.
    fn fit(&self, task: &Task, rows: &[u32]) -> Result<Fitted, String> {
        must("fit", || self.try_fit(task, rows, &Params::new(), false))
    }

    /// Fits the training half with default parameters, which must succeed.
    fn fit_half(&self, task: &Task) -> Result<Fitted, String> {
        self.fit(task, &halves(task.rows()).0)
    }

    /// Fits on the rows and transforms all rows: both must succeed and agree on rows and columns.
    fn works(&self, what: &str, task: &Task, rows: &[u32]) -> Result<Fitted, String> {
        let fitted = self.fit(task, rows).map_err(|why| format!("{what}: {why}"))?;
        let out = fitted.transform(what, &task.x)?;
        ensure!(
            fitted.frame.rows() == task.rows(),
            "{what}: {} rows become {}",
            task.rows(),
            fitted.frame.rows()
        );
        same_layout(what, &fitted.frame, &out)?;
        Ok(fitted)
    }
}

impl Fitted {
    /// Transforms, which must succeed and keep the number of rows.
    fn transform(&self, what: &str, x: &Frame) -> Result<Frame, String> {
        let out = must(&format!("{what}: transform"), || self.state.transform(x))?;
        ensure!(out.rows() == x.rows(), "{what}: {} rows become {}", x.rows(), out.rows());
        Ok(out)
    }

    /// Transforms or refuses, but does not panic.
    fn try_transform(&self, what: &str, x: &Frame) -> Result<Result<Frame, PredictError>, String> {
        calm(&format!("{what}: transform"), || self.state.transform(x))
    }
}

/// The frame with every column changed.
fn map(x: &Frame, change: impl Fn(&Field) -> Column) -> Frame {
    let fields = x.fields().iter().map(|f| Field { column: change(f), origin: None, ..f.clone() });
    Frame::with_rows(fields.collect(), x.rows()).expect("names and lengths are as before")
}

/// Frames as later files may bring them: empty cells everywhere, levels never seen.
fn hostile(x: &Frame) -> [(&'static str, Frame); 3] {
    let unseen = |field: &Field| match &field.column {
        Column::Str(c) => {
            let codes = vec![UNSEEN; c.codes.len()];
            Column::text(codes, c.levels.to_vec())
        }
        other => other.clone(),
    };
    let other_words = |field: &Field| match (&field.kind, &field.column) {
        (Kind::Categorical | Kind::Text, Column::Str(c)) => {
            Column::from_strings(c.codes.iter().map(|c| Some(format!("never seen {}", c % 7))))
        }
        (_, other) => other.clone(),
    };
    [
        ("all cells missing", map(x, |f| emptied(&f.column))),
        ("levels the schema does not know", map(x, unseen)),
        ("words never seen", map(x, other_words)),
    ]
}
