//! What a forecaster declares is true: facts, space, cost, parameters, tasks.

use super::{ForecasterCase, tell};
use crate::contract::learner::declared;
use crate::contract::{Outcome, calm, ensure, must};
use crate::panels::Recipe;
use ruska_core::{FitError, NeverStop, Params, Rng, RunContext, TaskKind, Value};

pub(in crate::contract) fn forecaster_facts_are_declared(case: &ForecasterCase) -> Outcome {
    let info = case.learner.info();
    ensure!(info.tasks == [TaskKind::Forecasting], "its tasks are {:?}", info.tasks);
    ensure!(info.needs.is_empty(), "its columns are series and periods; no step makes them");
    declared::facts_are_declared(&case.as_learner())
}

pub(in crate::contract) fn forecaster_space_is_valid(case: &ForecasterCase) -> Outcome {
    declared::space_is_valid(&case.as_learner())
}

pub(in crate::contract) fn forecaster_cost_is_finite_and_grows(case: &ForecasterCase) -> Outcome {
    declared::cost_is_finite_and_grows(&case.as_learner())
}

pub(in crate::contract) fn other_tasks_are_refused(case: &ForecasterCase) -> Outcome {
    declared::another_task_is_refused(&case.as_learner())
}

pub(in crate::contract) fn names_of_no_parameter_are_refused(case: &ForecasterCase) -> Outcome {
    const NAME: &str = "no_such_parameter";
    let params = Params::from([(NAME.to_owned(), Value::Int(1))]);
    let panel = Recipe::new(1).build();
    let (ctx, meta) = (RunContext::new(7, &NeverStop), panel.task().meta());
    let refusals = [
        ("fit", calm("fit", || case.fit_with(&panel, &params, &ctx))?.err()),
        ("cost", calm("cost", || case.learner.cost(&params, &meta))?.err()),
        ("refit", calm("refit", || case.learner.refit(&params, &[], 1.2))?.err()),
    ];
    for (what, refusal) in refusals {
        let error = refusal.ok_or(format!("{what} accepts the parameter `{NAME}`"))?;
        let text = error.to_string();
        let named = text.contains(case.learner.info().id) && text.contains(NAME);
        let kind = matches!(error, FitError::Params { .. });
        ensure!(kind && named, "{what} does not name forecaster and parameter: {text}");
    }
    Ok(())
}

/// Corners of the space and random points of it fit and tell.
pub(in crate::contract) fn all_of_the_space_fits(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let space = case.learner.space(&panel.task().meta());
        let mut rng = Rng::new(5);
        let random = (0..8).map(|_| space.sample(&mut rng));
        let ctx = RunContext::new(7, &NeverStop);
        for point in space.corners().into_iter().chain(random) {
            let what = format!("parameters {point:?}");
            let fitted = must(&what, || case.fit_with(panel, &point, &ctx))?;
            tell(&fitted, &panel.ahead(18)).map_err(|why| format!("{what}: {why}"))?;
        }
        Ok(())
    })
}

/// Values that a user may type although no search would are refused, or fit.
pub(in crate::contract) fn typed_values_do_not_panic(case: &ForecasterCase) -> Outcome {
    let panel = Recipe::new(1).build();
    let ctx = RunContext::new(7, &NeverStop);
    for dimension in case.learner.space(&panel.task().meta()).dimensions {
        for value in declared::senseless(&dimension.domain) {
            let point = Params::from([(dimension.name.clone(), value)]);
            let what = format!("parameters {point:?}");
            if let Ok(fitted) = calm(&what, || case.fit_with(&panel, &point, &ctx))? {
                tell(&fitted, &panel.ahead(6)).map_err(|why| format!("{what}: {why}"))?;
            }
        }
    }
    Ok(())
}
