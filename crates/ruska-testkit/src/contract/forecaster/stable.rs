//! A fit of a forecaster is a pure function that can be saved and stopped.

use super::{ForecasterCase, ask, same, tell};
use crate::contract::compare::same_pipelines;
use crate::contract::{DAMAGES, Outcome, calm, ensure, must};
use crate::panels::{Recipe, asked};
use crate::{CountingStop, WrapUpAfter, damaged};
use ruska_core::{FitError, FittedPipeline, NeverStop, Params, Rng, RunContext};

pub(in crate::contract) fn seeds_and_threads_change_nothing(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let fit = |threads| {
            let ctx = RunContext::new(7, &NeverStop).with_threads(threads);
            must("fit", || case.fit_with(panel, &Params::new(), &ctx)).map(|model| model.save())
        };
        let one = fit(1)?;
        same_pipelines("fitted twice", &one, &fit(1)?)?;
        same_pipelines("fitted by one and by two threads", &one, &fit(2)?)
    })
}

/// A model is the same after save and load, and so is one that has taken in newer values.
pub(in crate::contract) fn saved_forecasters_tell_the_same(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let fitted = case.fit(&panel.split(5).0)?;
        let task = panel.task();
        let newer = fitted.with_newer(&task.x, &task.target);
        let newer = newer.ok_or("it takes in no newer values")?;
        for (what, model) in [("fitted", fitted), ("with newer values", newer)] {
            let saved = model.save();
            let loaded = must("load", || FittedPipeline::load(&case.catalog, &saved))?;
            let places = panel.ahead(9);
            same(what, &tell(&model, &places)?, &tell(&loaded, &places)?)?;
            same_pipelines(&format!("{what}, saved twice"), &saved, &loaded.save())?;
        }
        Ok(())
    })
}

/// A truncated state is an error; another damage is refused, or the model tells, and takes in newer
/// values, without a panic.
pub(in crate::contract) fn damaged_forecasters_are_refused(case: &ForecasterCase) -> Outcome {
    for recipe in [Recipe::new(31).lengths(&[40, 30]), Recipe::new(32).lengths(&[30]).season(1)] {
        let panel = recipe.build();
        let state = case.fit(&panel)?.model.save();
        let step = (state.len() / 50).max(1);
        for end in (0..state.len()).step_by(step) {
            let load = calm("load of a truncated state", || case.learner.load(&state[..end]))?;
            ensure!(load.is_err(), "{end} of {} bytes of its state load", state.len());
        }
        let (x, rows) = (asked(&panel.ahead(3)), [0, 1, 2]);
        let task = panel.followed_by(&vec![vec![90.0, f64::NAN, 95.0]; panel.series.len()]).task();
        let mut rng = Rng::new(9);
        for _ in 0..DAMAGES {
            let state = damaged(&state, &mut rng);
            let load = calm("load of a damaged state", || case.learner.load(&state))?;
            if let Ok(model) = load {
                let _ = calm("predict of a damaged state", || model.predict(&x, &rows))?;
                let newer = || Ok::<_, FitError>(model.with_newer(&task.x, &task.target));
                must("a damaged state with newer values", newer)?;
            }
        }
    }
    Ok(())
}

/// Work units, about nanoseconds, from which on a fit must check more than once.
const LONG: f64 = 1e7;

pub(in crate::contract) fn forecaster_stops_when_told(case: &ForecasterCase) -> Outcome {
    if case.learner.info().uncooperative.is_some() {
        return Ok(());
    }
    let panel = Recipe::new(33).lengths(&[300, 150]).season(12).build();
    let fit = |stop: &CountingStop| {
        let ctx = RunContext::new(7, stop);
        calm("fit", || case.fit_with(&panel, &Params::new(), &ctx))
    };
    let never = CountingStop::never();
    fit(&never)?.map_err(|e| format!("fit failed: {e}"))?;
    let meta = panel.task().meta();
    let work = must("cost", || case.learner.cost(&Params::new(), &meta))?.work;
    let often = never.seen() >= 3 || work < LONG;
    ensure!(often, "a fit of {work:e} work units checks {} times", never.seen());
    ensure!(never.seen() > 0, "a fit does not check");
    for allowed in [0, never.seen() / 2, never.seen() - 1] {
        for reason in [FitError::Deadline, FitError::Cancelled] {
            let ended = fit(&CountingStop::after(allowed, reason.clone()))?;
            let stopped = ended.as_ref().err() == Some(&reason);
            let got = ended.map_or_else(|e| e.to_string(), |_| "a model".to_owned());
            ensure!(stopped, "told to stop at check {allowed}, it returns: {got}");
        }
    }
    Ok(())
}

/// A fit that is told to wrap up gives a model, and the same one when it is told so at the same question
/// again.
pub(in crate::contract) fn forecaster_wraps_up_when_told(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let fit = |allowed: u64| {
            let stop = WrapUpAfter::new(allowed);
            let ctx = RunContext::new(7, &stop);
            let fitted = must("fit", || case.fit_with(panel, &Params::new(), &ctx))?;
            must("predict", || ask(&fitted, &panel.ahead(9)))?;
            Ok::<_, String>((fitted.save(), stop.asked()))
        };
        let (whole, asked) = fit(u64::MAX)?;
        same_pipelines("never told to wrap up", &whole, &case.fit(panel)?.save())?;
        for allowed in [0, 1, asked / 2].into_iter().filter(|n| *n < asked) {
            let what = format!("told to wrap up at question {allowed} of {asked}");
            let ((a, first), (b, again)) = (fit(allowed)?, fit(allowed)?);
            ensure!(first == again, "{what} twice, it asks {first} and {again} times");
            same_pipelines(&what, &a, &b)?;
        }
        Ok(())
    })
}
