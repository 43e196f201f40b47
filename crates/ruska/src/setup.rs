//! A study before its first trial: what options make of a table.

use crate::error::Error;
use crate::forecast::Series;
use crate::manifest::{Manifest, empty_manifest};
use crate::options::Options;
use crate::prepare::{Prepared, prepare};
use ruska_core::{
    Catalog, Learner, Measure, MeasureError, Predictions, Target, Task, TaskKind, Truth,
};
use ruska_data::ReadTable;
use ruska_search::{Budget, Portfolio, Search, SplitPlan, plan_split};
use std::sync::Arc;

/// A study that is set up.
pub(crate) struct SetUp {
    /// The rows to learn from.
    pub(crate) task: Arc<Task>,
    /// Their places in the table, where each has a target of its own; otherwise none.
    pub(crate) rows: Vec<u32>,
    /// Rows of the table kept aside.
    pub(crate) holdout: Option<Task>,
    /// How candidates are evaluated.
    pub(crate) plan: SplitPlan,
    /// Which candidates are tried.
    pub(crate) sampler: Search,
    /// What the model file will say, but for what the best trial decides.
    pub(crate) manifest: Manifest,
    /// What is known of the series, where it is asked what comes next.
    pub(crate) series: Option<Series>,
}

/// Sets a study up on the rows to learn from. `seconds` of its time budget decide how many folds
/// there are.
///
/// Fails when options do not fit the table, and when there is nothing to learn.
pub(crate) fn set_up(
    table: &ReadTable,
    options: &Options,
    catalog: &Catalog,
    seconds: Option<f64>,
) -> Result<SetUp, Error> {
    check_ids(catalog, options)?;
    if let Some(most) = options.max_predict_us.filter(|most| !(*most > 0.0 && most.is_finite())) {
        let what = format!("--max-predict-us {most}: expected microseconds above 0");
        return Err(Error::Options(what));
    }
    let Prepared {
        task,
        rows,
        holdout,
        schema,
        features,
        target_notation,
        roles,
        findings,
        series,
    } = prepare(&table.frame, options, catalog)?;
    let metric = metric(catalog, &task, options)?;
    let mut exclude = options.exclude.clone();
    exclude.extend(unable(catalog, &task, options));
    let named = (&options.include[..], &exclude[..]);
    let usual = usual_portfolio();
    let portfolio = options.portfolio.as_ref().unwrap_or(&usual);
    let sampler = Search::new(catalog, &task.meta(), portfolio, named, options.seed)?;
    let budget = Budget { seconds, opening: sampler.opening() };
    let plan = plan_split(catalog, &task, options.folds, budget, options.seed)?;
    let manifest = Manifest {
        target: options.target.clone(),
        target_notation,
        schema,
        features,
        roles,
        sensitive: options.sensitive.clone(),
        metric,
        seed: options.seed,
        data: ruska_data::fingerprint(&table.frame),
        split: plan.fingerprint.clone(),
        cutoff_ms: task.times.as_ref().and_then(|t| t.iter().max().copied()),
        findings: table.findings.iter().cloned().chain(findings).collect(),
        ..empty_manifest(&task.target)
    };
    Ok(SetUp { task: Arc::new(task), rows, holdout, plan, sampler, manifest, series })
}

/// The portfolio that is learned by `benches/peers/portfolio.py`, for clustering the trials that
/// `consensus` chooses well among, and for forecasting the usual models, simple ones first.
fn usual_portfolio() -> Portfolio {
    let files = [
        include_str!("../portfolio.json"),
        include_str!("../portfolio_clustering.json"),
        include_str!("../portfolio_forecasting.json"),
    ];
    // A test reads them.
    let read = |file: &str| serde_json::from_str::<Portfolio>(file).unwrap_or_default().lists;
    Portfolio { lists: files.into_iter().flat_map(read).collect() }
}

/// Clusterers that cannot be told how many groups to find, where that is asked for and they are not.
fn unable(catalog: &Catalog, task: &Task, options: &Options) -> Vec<String> {
    if options.clusters.is_none() {
        return vec![];
    }
    let meta = task.meta();
    let told = |l: &dyn Learner| l.space(&meta).dimensions.iter().any(|d| d.name == "clusters");
    let able = |l: &dyn Learner| !l.info().takes(&meta) || l.info().complexity == 0 || told(l);
    let others = catalog.learners.iter().filter(|l| !able(&***l));
    let ids = others.map(|l| l.info().id.to_owned());
    ids.filter(|id| !options.include.contains(id)).collect()
}

fn check_ids(catalog: &Catalog, options: &Options) -> Result<(), Error> {
    let learners = catalog.learners.iter().map(|l| l.info().id);
    let known: Vec<&str> = learners.chain(catalog.steps.iter().map(|s| s.info().id)).collect();
    for (option, ids) in [("--include", &options.include), ("--exclude", &options.exclude)] {
        if let Some(id) = ids.iter().find(|id| !known.contains(&id.as_str())) {
            let kinds = "learner or step";
            return Err(Error::NoSuchId { option, id: id.clone(), kinds, known: known.join(", ") });
        }
    }
    if let Some(id) = options.include.iter().find(|id| options.exclude.contains(id)) {
        let what = format!("`{id}` is both in --include and in --exclude; leave it out of one");
        return Err(Error::Options(what));
    }
    Ok(())
}

/// The metric asked for, or the usual one of the task: `rmse`, `logloss` for several classes, `auc`
/// for two, where each fold can have rows of both.
fn metric(catalog: &Catalog, task: &Task, options: &Options) -> Result<String, Error> {
    let asked = options.metric.as_deref();
    let fits = |m: &ruska_core::MeasureInfo| {
        m.is_for(task.kind()) && (m.multiclass || task.target.n_classes() <= 2)
    };
    let Some(id) = asked else {
        let usual = match (task.kind(), task.target.n_classes()) {
            (TaskKind::Regression, _) => "rmse",
            (TaskKind::Clustering, _) => "consensus",
            (TaskKind::Forecasting, _) => "mase",
            (TaskKind::Classification, 2) if rarest(task) >= options.folds.unwrap_or(2) => "auc",
            (TaskKind::Classification, _) => "logloss",
        };
        return Ok(usual.to_owned());
    };
    match catalog.measure(id) {
        Some(measure) if fits(measure.info()) => defined(&**measure, task).map(|()| id.to_owned()),
        _ => {
            let ids = catalog.measures.iter().filter(|m| fits(m.info())).map(|m| m.info().id);
            Err(Error::NoSuchId {
                option: "--metric",
                id: id.to_owned(),
                kinds: "metric of this task",
                known: ids.collect::<Vec<_>>().join(", "),
            })
        }
    }
}

/// Refuses a metric that not even perfect predictions of the target have, as a deviance of negative
/// counts.
fn defined(measure: &dyn Measure, task: &Task) -> Result<(), Error> {
    let Target::Values(values) = &task.target else { return Ok(()) };
    let weights = task.weights.as_ref().map(|w| w.as_slice());
    let (truth, perfect) = (values.to_vec(), Predictions::new(1, values.to_vec()));
    match measure.score(&Truth::Values(truth), &perfect, weights) {
        Err(e @ MeasureError::Undefined { .. }) => Err(Error::Options(format!(
            "--metric {e}; choose another metric for this target, see `ruska metrics`"
        ))),
        _ => Ok(()),
    }
}

/// Rows of the rarest class.
fn rarest(task: &Task) -> usize {
    let Target::Classes { codes, classes, .. } = &task.target else { return 0 };
    let count = |class: u32| codes.iter().filter(|c| **c == class).count();
    (0..classes.len() as u32).map(count).min().unwrap_or(0)
}

#[cfg(test)]
#[path = "setup_tests.rs"]
mod tests;
