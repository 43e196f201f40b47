//! What a step declares is true, and a fit of it is a pure function that can be saved.

use super::{StepCase, hostile};
use crate::contract::compare::same_frames;
use crate::contract::{DAMAGES, Outcome, calm, described, ensure, must};
use crate::damaged;
use crate::tasks::{halves, with_awkward_columns, with_huge_scales};
use ruska_core::{
    FitError, Frame, Kind, Need, Params, Predictions, Rng, Stage, Target, Task, Value,
};

pub(in crate::contract) fn facts_are_declared(case: &StepCase) -> Outcome {
    let info = case.step.info();
    described(info.id, info.summary, info.reference)?;
    let twice = info.closes.iter().enumerate().any(|(i, n)| info.closes[..i].contains(n));
    ensure!(!twice, "a need is declared twice");
    for need in info.closes {
        let stage = match need {
            Need::Missing => Stage::Fill,
            Need::Scale => Stage::Scale,
            _ => Stage::Encode,
        };
        let expected = stage == info.stage;
        ensure!(expected, "{need:?} is closed at {stage:?}, not at {:?}", info.stage);
    }
    Ok(())
}

/// Only steps of the stage for it change the target; what they change they restore.
pub(in crate::contract) fn the_target_is_restored(case: &StepCase) -> Outcome {
    let stage = case.step.info().stage;
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            let space = case.step.space(&task.meta());
            for point in space.corners() {
                let fit = || case.try_fit(task, &rows, &point, false);
                let fitted = must("fit", fit)?;
                let Some(changed) = fitted.state.target(&task.target) else { continue };
                ensure!(stage == Stage::Target, "the target is changed at {stage:?}");
                let (Target::Values(before), Target::Values(after)) = (&task.target, &changed)
                else {
                    return Err("the target is no longer of its kind".to_owned());
                };
                ensure!(after.len() == before.len(), "the target has {} rows", after.len());
                let finite = after.iter().all(|v| v.is_finite());
                ensure!(finite, "the changed target is not finite");
                let predicted = Predictions::new(1, after.to_vec());
                let restored = fitted.state.restore(predicted);
                for &row in &rows {
                    let (got, want) = (restored.row(row as usize)[0], before[row as usize]);
                    let close = (got - want).abs() <= 1e-6 * (1.0 + want.abs());
                    ensure!(close, "{point:?}: {want} of row {row} is restored as {got}");
                }
                let wild = vec![f64::MAX, -f64::MAX, 1e9, -1e9, 0.0];
                let restored = fitted.state.restore(Predictions::new(1, wild));
                ensure!(restored.is_finite(), "{point:?}: wild predictions are not finite");
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn space_is_valid(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let space = case.step.space(&task.meta());
            space.validate().map_err(|e| e.to_string())?;
            space.check(&space.sample(&mut Rng::new(1))).map_err(|e| e.to_string())
        },
    )
}

pub(in crate::contract) fn unknown_parameters_are_refused(case: &StepCase) -> Outcome {
    const NAME: &str = "no_such_parameter";
    let params = Params::from([(NAME.to_owned(), Value::Int(1))]);
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            let refusal = calm("fit", || case.try_fit(task, &rows, &params, false))?.err();
            let error = refusal.ok_or(format!("the parameter `{NAME}` is accepted"))?;
            let text = error.to_string();
            let named = text.contains(case.step.info().id) && text.contains(NAME);
            let kind = matches!(error, FitError::Params { .. });
            ensure!(kind && named, "the error does not name step and parameter: {text}");
            Ok(())
        },
    )
}

pub(in crate::contract) fn points_of_the_space_fit(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            let space = case.step.space(&task.meta());
            let mut rng = Rng::new(5);
            let random: Vec<Params> = (0..30).map(|_| space.sample(&mut rng)).collect();
            for point in space.corners().into_iter().chain(random) {
                for sparse in [false, true] {
                    let fit = || case.try_fit(task, &rows, &point, sparse);
                    let fitted = must(&format!("parameters {point:?}: fit"), fit)?;
                    fitted.transform(&format!("parameters {point:?}"), &task.x)?;
                }
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn values_outside_the_space_do_not_panic(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            for dimension in case.step.space(&task.meta()).dimensions {
                let numbers =
                    [Value::Int(-1), Value::Int(0), Value::Float(-1.0), Value::Float(0.0)];
                for value in numbers.into_iter().chain([Value::Text("no such choice".into())]) {
                    let point = Params::from([(dimension.name.clone(), value)]);
                    let what = format!("parameters {point:?}");
                    let fit = || case.try_fit(task, &rows, &point, false);
                    if let Ok(fitted) = calm(&what, fit)? {
                        fitted.transform(&what, &task.x)?;
                    }
                }
            }
            Ok(())
        },
    )
}

/// The column that leaves a need open, where there is one.
fn open(need: Need, x: &Frame, rows: &[u32]) -> Option<String> {
    let of_kind = |kind| x.fields().iter().find(|f| f.kind == kind).map(|f| f.name.to_string());
    let number = |test: &dyn Fn(Kind, &[f64]) -> bool| {
        let open = x.fields().iter().find(|f| f.floats().is_some_and(|v| test(f.kind, v)));
        open.map(|f| f.name.to_string())
    };
    match need {
        Need::Dates => of_kind(Kind::Time),
        Need::Text => of_kind(Kind::Text),
        Need::FewLevels | Need::ManyLevels => of_kind(Kind::Categorical),
        Need::Missing => number(&|_, v| v.iter().any(|v| v.is_nan())),
        Need::Scale => number(&|kind, v| kind == Kind::Numeric && unscaled(v, rows)),
    }
}

/// Whether a column that varies has another scale than about 1 on the training rows.
fn unscaled(values: &[f64], rows: &[u32]) -> bool {
    let known: Vec<f64> =
        rows.iter().map(|&r| values[r as usize]).filter(|v| !v.is_nan()).collect();
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let sd = (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    sd > 0.0 && !(0.01..=100.0).contains(&sd)
}

pub(in crate::contract) fn closes_what_it_declares(case: &StepCase) -> Outcome {
    let closes = case.step.info().closes;
    let many = closes.contains(&Need::ManyLevels);
    let scale = closes.contains(&Need::Scale);
    case.each(
        |r| if many { r.levels(&[2, 5, 60]) } else { r.levels(&[2, 5]) },
        |task| {
            let task = with_awkward_columns(task);
            let task = if scale { with_huge_scales(&task) } else { task };
            let (rows, _) = halves(task.rows());
            let fitted = case.works("with awkward columns", &task, &rows)?;
            let mut frames = vec![("training", fitted.frame.clone())];
            for (what, x) in hostile(&task.x) {
                frames.push((what, fitted.transform(what, &x)?));
            }
            for &need in closes {
                // Later files are scaled as the training rows were, whatever they hold.
                let count = if need == Need::Scale { 1 } else { frames.len() };
                for (what, frame) in &frames[..count] {
                    let column = open(need, frame, &rows);
                    ensure!(column.is_none(), "{what}: {need:?} is open in {column:?}");
                }
            }
            Ok(())
        },
    )
}

fn states(case: &StepCase, task: &Task) -> Result<(Vec<u8>, Frame), String> {
    let fitted = case.fit_half(task)?;
    Ok((fitted.state.save(), fitted.frame))
}

pub(in crate::contract) fn equal_seeds_give_equal_states(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (a, b) = (states(case, task)?, states(case, task)?);
            ensure!(a.0 == b.0, "fitted twice, the states differ");
            same_frames("fitted twice", &a.1, &b.1)
        },
    )
}

pub(in crate::contract) fn saved_states_transform_the_same(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let fitted = case.fit_half(task)?;
            let bytes = fitted.state.save();
            let loaded = must("load", || case.step.load(&bytes))?;
            ensure!(loaded.save() == bytes, "saved twice, the bytes differ");
            for (what, x) in hostile(&task.x).into_iter().chain([("as it is", task.x.clone())]) {
                let before = fitted.transform(what, &x)?;
                let after = must("transform after load", || loaded.transform(&x))?;
                same_frames(&format!("{what}: before and after load"), &before, &after)?;
            }
            Ok(())
        },
    )
}

/// A truncated state is an error; another damage is refused, or the step transforms without a
/// panic.
pub(in crate::contract) fn damaged_states_are_refused(case: &StepCase) -> Outcome {
    case.each(
        |r| r.rows(30),
        |task| {
            let (rows, _) = halves(task.rows());
            let fit = |sparse| case.try_fit(task, &rows, &Params::new(), sparse);
            let states = [must("fit", || fit(false))?, must("fit", || fit(true))?];
            let states = states.map(|fitted| fitted.state.save());
            let state = &states[0];
            for end in (0..state.len()).step_by((state.len() / 50).max(1)) {
                let load = calm("load of a truncated state", || case.step.load(&state[..end]))?;
                ensure!(load.is_err(), "{end} of {} bytes of its state load", state.len());
            }
            let mut rng = Rng::new(9);
            for i in 0..DAMAGES {
                let state = damaged(&states[i % 2], &mut rng);
                let load = calm("load of a damaged state", || case.step.load(&state))?;
                if let Ok(step) = load {
                    let transform = || step.transform(&task.x);
                    let _ = calm("transform of a damaged state", transform)?;
                }
            }
            Ok(())
        },
    )
}
