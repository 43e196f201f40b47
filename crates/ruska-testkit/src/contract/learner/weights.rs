//! A weight of k is a row k times over.

use super::LearnerCase;
use crate::contract::compare::{close, well_formed};
use crate::contract::{Outcome, calm, ensure, must};
use crate::tasks::{Recipe, halves};
use ruska_core::{NeverStop, Params, Predictions, RunContext, Task, Train};

/// Fits the learner alone on the prepared frame and predicts every row of it.
fn predictions(
    case: &LearnerCase,
    task: &Task,
    rows: &[u32],
    weights: Option<&[f64]>,
) -> Result<Predictions, String> {
    let x = case.prepared(task)?;
    let model = case.fit_prepared(&case.exact, Train { x: &x, rows, y: &task.target, weights })?;
    let all: Vec<u32> = (0..task.rows() as u32).collect();
    must("predict", || model.predict(&x, &all))
}

pub(in crate::contract) fn weight_is_repetition(case: &LearnerCase) -> Outcome {
    if !case.learner.info().weights {
        return Ok(());
    }
    case.each(
        |r| r.rows(150),
        |task| {
            let (rows, _) = halves(task.rows());
            let times = |r: u32| [1, 0, 2, 3, 1][r as usize % 5];
            let weights: Vec<f64> = (0..task.rows() as u32).map(|r| times(r) as f64).collect();
            let repeated: Vec<u32> =
                rows.iter().flat_map(|&r| std::iter::repeat_n(r, times(r))).collect();
            let weighted = predictions(case, task, &rows, Some(&weights))?;
            let repeated = predictions(case, task, &repeated, None)?;
            close("weighted and repeated", &weighted, &repeated, 1e-4)?;
            let plain = predictions(case, task, &rows, None)?;
            let read = close("", &weighted, &plain, 1e-9).is_err();
            ensure!(read, "weights change nothing although they are declared");
            Ok(())
        },
    )
}

/// Weights do not disturb a learner that ignores them, nor do rows that all weigh nothing.
pub(in crate::contract) fn weights_are_accepted(case: &LearnerCase) -> Outcome {
    case.each(Recipe::weighted, |task| {
        let (rows, _) = halves(task.rows());
        case.fits("weights between 0.5 and 2", task, &rows)?;
        let x = case.prepared(task)?;
        let none = vec![0.0; task.rows()];
        let train = Train { x: &x, rows: &rows, y: &task.target, weights: Some(&none) };
        let ctx = RunContext::new(7, &NeverStop);
        let what = "training rows that weigh nothing";
        match calm(what, || case.learner.fit(&Params::new(), train, &ctx))? {
            Err(_) => Ok(()),
            Ok(model) => {
                let p = must(what, || model.predict(&x, &rows))?;
                well_formed(what, &p, task, rows.len())
            }
        }
    })
}
