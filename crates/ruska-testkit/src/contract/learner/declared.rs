//! What a learner declares is true: facts, space, cost, parameters, tasks.

use super::LearnerCase;
use crate::contract::{Outcome, calm, described, ensure, must};
use crate::tasks::{Recipe, halves};
use ruska_core::{
    Domain, FitError, Need, NeverStop, Params, Rng, RunContext, TaskKind, TaskMeta, Train, Value,
};

/// Shapes of tasks that a learner may be asked about, from one row to very large.
fn metas(case: &LearnerCase) -> Vec<TaskMeta> {
    let info = case.learner.info();
    let mut metas = vec![];
    let kinds = [
        TaskKind::Classification,
        TaskKind::Regression,
        TaskKind::Clustering,
        TaskKind::Forecasting,
    ];
    for kind in kinds {
        let ahead = kind == TaskKind::Forecasting;
        for (rows, numeric, levels, classes) in
            [(1, 1, vec![], 2), (1000, 10, vec![3, 500], 2), (10_000_000, 5000, vec![], 50)]
        {
            let meta = TaskMeta {
                kind,
                rows,
                n_classes: if kind == TaskKind::Classification { classes } else { 0 },
                numeric,
                levels,
                text: 0,
                time: 0,
                missing_share: 0.1,
                weighted: false,
                least_target: 0.0,
                clusters: None,
                min_cluster_size: None,
                long_tailed: None,
                series: ahead.then_some(rows.div_ceil(100)),
                seasons: if ahead && rows > 1 { vec![7, 365] } else { vec![] },
                horizon: ahead.then_some(14),
                known: if ahead { numeric } else { 0 },
            };
            if info.takes(&meta) {
                metas.push(meta);
            }
        }
    }
    metas
}

pub(in crate::contract) fn facts_are_declared(case: &LearnerCase) -> Outcome {
    let info = case.learner.info();
    described(info.id, info.summary, info.reference)?;
    ensure!(!info.tasks.is_empty(), "it can do no task");
    let twice = info.needs.iter().enumerate().any(|(i, n)| info.needs[..i].contains(n));
    ensure!(!twice, "a need is declared twice");
    for (fact, why) in
        [("nondeterministic", info.nondeterministic), ("uncooperative", info.uncooperative)]
    {
        let told = why.is_none_or(|w| w.len() >= 10);
        ensure!(told, "`{fact}` is declared without a reason: {why:?}");
    }
    for need in info.needs.iter().filter(|n| Need::ALL.contains(n)) {
        for meta in metas(case) {
            let closed = !ruska_core::alternatives(&case.catalog, info, &meta, *need).is_empty();
            ensure!(closed, "no step of the catalog closes its need {need:?}");
        }
    }
    Ok(())
}

pub(in crate::contract) fn space_is_valid(case: &LearnerCase) -> Outcome {
    for meta in metas(case) {
        let space = must("space", || Ok::<_, FitError>(case.learner.space(&meta)))?;
        let at = format!("for {} rows of {} features", meta.rows, meta.features());
        space.validate().map_err(|e| format!("{at}: {e}"))?;
        for point in [space.defaults(), space.sample(&mut Rng::new(1))] {
            space.check(&point).map_err(|e| format!("{at}: {e}"))?;
            let cost = || case.learner.cost(&point, &meta);
            must(&format!("{at}: parameters {point:?}"), cost)?;
        }
    }
    Ok(())
}

pub(in crate::contract) fn cost_is_finite_and_grows(case: &LearnerCase) -> Outcome {
    let mut rng = Rng::new(3);
    for meta in metas(case) {
        let space = case.learner.space(&meta);
        let more = TaskMeta { rows: meta.rows * 10, ..meta.clone() };
        let points = (0..10).map(|_| space.sample(&mut rng));
        for point in [Params::new(), space.defaults()].into_iter().chain(points) {
            let cost = must("cost", || case.learner.cost(&point, &meta))?;
            let sane = cost.work.is_finite() && cost.work > 0.0;
            let sane = sane && cost.bytes.is_finite() && cost.bytes >= 0.0;
            ensure!(sane, "{} rows and {point:?} cost {cost:?}", meta.rows);
            let larger = must("cost", || case.learner.cost(&point, &more))?;
            let grows = larger.work >= cost.work;
            ensure!(grows, "{point:?}: ten times the rows cost {larger:?}, less than {cost:?}");
        }
    }
    Ok(())
}

pub(in crate::contract) fn unknown_parameters_are_refused(case: &LearnerCase) -> Outcome {
    const NAME: &str = "no_such_parameter";
    let params = Params::from([(NAME.to_owned(), Value::Int(1))]);
    let id = case.learner.info().id;
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            let train = Train { x: &task.x, rows: &rows, y: &task.target, weights: None };
            let ctx = RunContext::new(7, &NeverStop);
            let learner = &case.learner;
            let refusals = [
                ("fit", calm("fit", || learner.fit(&params, train, &ctx))?.err()),
                ("cost", calm("cost", || learner.cost(&params, &task.meta()))?.err()),
                ("refit", calm("refit", || learner.refit(&params, &[10], 1.2))?.err()),
            ];
            for (what, refusal) in refusals {
                let error = refusal.ok_or(format!("{what} accepts the parameter `{NAME}`"))?;
                let kind = matches!(error, FitError::Params { .. });
                let text = error.to_string();
                let named = text.contains(id) && text.contains(NAME);
                ensure!(kind && named, "{what} does not name learner and parameter: {text}");
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn points_of_the_space_fit(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.rows(45).levels(&[3]),
        |task| {
            let (rows, _) = halves(task.rows());
            let space = case.learner.space(&task.meta());
            let mut rng = Rng::new(5);
            let random: Vec<Params> = (0..30).map(|_| space.sample(&mut rng)).collect();
            let points: Vec<Params> = space.corners().into_iter().chain(random).collect();
            let mut fitted = 0;
            for point in &points {
                let what = format!("parameters {point:?}");
                fitted += usize::from(case.survives(&what, task, &rows, point)?);
            }
            let most = 2 * fitted > points.len();
            ensure!(most, "only {fitted} of {} points of its space fit", points.len());
            Ok(())
        },
    )
}

/// Values that a user may type although no search would.
pub(in crate::contract) fn senseless(domain: &Domain) -> Vec<Value> {
    let mut values = vec![Value::Text("no such choice".to_owned())];
    match domain {
        Domain::Int { .. } => values.extend([Value::Int(-1), Value::Int(0)]),
        Domain::Float { .. } => values.extend([-1.0, 0.0, f64::NAN].map(Value::Float)),
        Domain::Choice(_) => values.extend([Value::Int(-1), Value::Float(0.5)]),
        Domain::Bool => values.push(Value::Int(2)),
    }
    values
}

pub(in crate::contract) fn values_outside_the_space_do_not_panic(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.rows(45),
        |task| {
            let (rows, _) = halves(task.rows());
            for dimension in case.learner.space(&task.meta()).dimensions {
                for value in senseless(&dimension.domain) {
                    let point = Params::from([(dimension.name.clone(), value)]);
                    case.survives(&format!("parameters {point:?}"), task, &rows, &point)?;
                }
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn refit_parameters_are_accepted(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (train, _) = halves(task.rows());
            let ctx = RunContext::new(7, &NeverStop);
            let fitted = case.fit(task, &train)?;
            let reached: Vec<u32> = fitted.pipeline.model.iterations().into_iter().collect();
            let all: Vec<u32> = (0..task.rows() as u32).collect();
            let mut params = Params::new();
            for growth in [1.0, 1.5] {
                params = must("refit", || case.learner.refit(&params, &reached, growth))?;
                let again = || case.fit_on(task, &all, &params, &ctx);
                must(&format!("a fit of refit parameters {params:?}"), again)?;
            }
            for odd in [&[][..], &[1], &[u32::MAX, 1]] {
                calm("refit", || case.learner.refit(&Params::new(), odd, 1.25))?
                    .map_err(|e| format!("refit after {odd:?} iterations failed: {e}"))?;
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn another_task_is_refused(case: &LearnerCase) -> Outcome {
    let info = case.learner.info();
    let all = [
        Recipe::binary(1),
        Recipe::multiclass(3, 1),
        Recipe::regression(1),
        Recipe::clustering(3, 1),
    ];
    for recipe in all {
        let task = recipe.build();
        if info.takes(&task.meta()) {
            continue;
        }
        let (rows, _) = halves(task.rows());
        let ctx = RunContext::new(7, &NeverStop);
        let title = recipe.title();
        let fit = calm(&title, || case.fit_on(&task, &rows, &Params::new(), &ctx))?;
        ensure!(fit.is_err(), "{title} is not declared and yet fits");
    }
    Ok(())
}
