//! A fit is a pure function that can be saved and stopped.

use super::LearnerCase;
use crate::contract::compare::{same_pipelines, same_predictions};
use crate::contract::{DAMAGES, Outcome, calm, ensure, must};
use crate::tasks::{Recipe, halves};
use crate::{CountingStop, WrapUpAfter, damaged};
use ruska_core::{Derived, FitError, FittedPipeline, NeverStop, Params, Rng, RunContext, Train};

pub(in crate::contract) fn equal_seeds_give_equal_models(case: &LearnerCase) -> Outcome {
    if case.learner.info().nondeterministic.is_some() {
        return Ok(());
    }
    case.each(Recipe::mixed, |task| {
        let (rows, _) = halves(task.rows());
        let (a, b) = (case.fit(task, &rows)?, case.fit(task, &rows)?);
        same_pipelines("fitted twice", &a.pipeline.save(), &b.pipeline.save())
    })
}

/// Folds that share a cache, and fits without one, give the same models.
pub(in crate::contract) fn cache_changes_nothing(case: &LearnerCase) -> Outcome {
    if case.learner.info().nondeterministic.is_some() {
        return Ok(());
    }
    case.each(
        |r| r.levels(&[3]).missing(0.1),
        |task| {
            let (train, test) = halves(task.rows());
            for cap in [0, 1 << 30] {
                let cache = Derived::new(cap);
                for rows in [&train, &test, &train] {
                    let plain = RunContext::new(7, &NeverStop);
                    let cached = plain.with_derived(&cache);
                    let fit = |ctx| must("fit", || case.fit_on(task, rows, &Params::new(), ctx));
                    let (a, b) = (fit(&plain)?.pipeline.save(), fit(&cached)?.pipeline.save());
                    same_pipelines(&format!("without and with a cache of {cap} bytes"), &a, &b)?;
                }
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn saved_models_predict_the_same(case: &LearnerCase) -> Outcome {
    case.each(Recipe::mixed, |task| {
        let fitted = case.fit(task, &halves(task.rows()).0)?;
        let saved = fitted.pipeline.save();
        let loaded = must("load", || FittedPipeline::load(&case.catalog, &saved))?;
        let before = must("predict", || fitted.pipeline.predict(&task.x))?;
        let after = must("predict after load", || loaded.predict(&task.x))?;
        same_predictions("before and after save and load", &before, &after)?;
        same_pipelines("saved twice", &saved, &loaded.save())?;
        let iterations = (fitted.pipeline.model.iterations(), loaded.model.iterations());
        let kept = iterations.0 == iterations.1;
        ensure!(kept, "iterations before and after save and load are {iterations:?}");
        Ok(())
    })
}

/// A truncated state is an error; another damage is refused, or the model predicts without a
/// panic.
pub(in crate::contract) fn damaged_states_are_refused(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.rows(30),
        |task| {
            let state = case.fit(task, &halves(task.rows()).0)?.pipeline.model.save();
            let step = (state.len() / 50).max(1);
            for end in (0..state.len()).step_by(step) {
                let load = calm("load of a truncated state", || case.learner.load(&state[..end]))?;
                ensure!(load.is_err(), "{end} of {} bytes of its state load", state.len());
            }
            let x = case.prepared(task)?;
            let rows: Vec<u32> = (0..task.rows() as u32).collect();
            let mut rng = Rng::new(9);
            for _ in 0..DAMAGES {
                let state = damaged(&state, &mut rng);
                let load = calm("load of a damaged state", || case.learner.load(&state))?;
                if let Ok(model) = load {
                    let predict = || model.predict(&x, &rows);
                    let _ = calm("predict of a damaged state", predict)?;
                }
            }
            Ok(())
        },
    )
}

/// Work units, about nanoseconds, from which on a fit must check more than once.
const LONG: f64 = 1e7;

pub(in crate::contract) fn stops_when_told(case: &LearnerCase) -> Outcome {
    if case.learner.info().uncooperative.is_some() {
        return Ok(());
    }
    case.each(
        |r| r.rows(1200).numeric(8),
        |task| {
            let (rows, _) = halves(task.rows());
            let x = case.prepared(task)?;
            let train = Train { x: &x, rows: &rows, y: &task.target, weights: None };
            let fit = |stop: &CountingStop| {
                let ctx = RunContext::new(7, stop);
                calm("fit", || case.learner.fit(&Params::new(), train, &ctx))
            };
            let never = CountingStop::never();
            fit(&never)?.map_err(|e| format!("fit failed: {e}"))?;
            let work = must("cost", || case.learner.cost(&Params::new(), &task.meta()))?.work;
            let often = never.seen() >= 3 || work < LONG;
            ensure!(often, "a fit of {work:e} work units checks {} times", never.seen());
            for allowed in [0, never.seen() / 2, never.seen().saturating_sub(1)] {
                for reason in [FitError::Deadline, FitError::Cancelled] {
                    let stop = CountingStop::after(allowed, reason.clone());
                    let ended = fit(&stop)?;
                    let ignored = allowed < never.seen() && ended.as_ref().err() != Some(&reason);
                    let got = ended.map_or_else(|e| e.to_string(), |_| "a model".to_owned());
                    ensure!(!ignored, "told to stop at check {allowed}, it returns: {got}");
                }
            }
            Ok(())
        },
    )
}

/// A fit that is told to wrap up gives a model, soon, and the same one when it is told so at the
/// same question again: what a replay of a study with a clock lives on.
pub(in crate::contract) fn wraps_up_when_told(case: &LearnerCase) -> Outcome {
    case.each(Recipe::mixed, |task| {
        let (rows, _) = halves(task.rows());
        let fit = |allowed: u64| {
            let stop = WrapUpAfter::new(allowed);
            let ctx = RunContext::new(7, &stop);
            let fitted = must("fit", || case.fit_on(task, &rows, &Params::new(), &ctx))?;
            Ok::<_, String>((fitted.pipeline.save(), stop.asked()))
        };
        let (whole, asked) = fit(u64::MAX)?;
        let repeatable = case.learner.info().nondeterministic.is_none();
        if repeatable {
            let plain = case.fit(task, &rows)?.pipeline.save();
            same_pipelines("never told to wrap up", &whole, &plain)?;
        }
        for allowed in [0, 1, asked / 2].into_iter().filter(|n| *n < asked) {
            let what = format!("told to wrap up at question {allowed} of {asked}");
            let ((a, first), (b, again)) = (fit(allowed)?, fit(allowed)?);
            ensure!(first <= allowed + 1, "{what}, it asks {first} times");
            if repeatable {
                ensure!(first == again, "{what} twice, it asks {first} and {again} times");
                same_pipelines(&what, &a, &b)?;
            }
        }
        Ok(())
    })
}
