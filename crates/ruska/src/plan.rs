//! What a search would try, without running it.

use crate::automl::AutoMl;
use crate::error::Error;
use crate::setup::{SetUp, set_up};
use crate::study::{introduction, trial_memory};
use ruska_core::{Candidate, Finding};
use ruska_data::ReadTable;
use ruska_search::most_declared;
use serde::Serialize;

/// What a search would try.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// One line about the data and the question.
    pub introduction: String,
    /// What is odd about the data.
    pub findings: Vec<Finding>,
    /// Id of the measure that would be optimised.
    pub metric: String,
    /// Id of the splitter.
    pub splitter: String,
    /// Folds that each candidate is evaluated on.
    pub folds: usize,
    /// Trials at once.
    pub workers: usize,
    /// Seconds of the budget; `None` where trials alone are counted.
    pub seconds: Option<f64>,
    /// Trials of the budget.
    pub trials: Option<u32>,
    /// What is tried first, in this order; after it comes the adaptive search.
    pub first: Vec<Planned>,
}

/// A candidate that would be tried.
#[derive(Clone, Debug, Serialize)]
pub struct Planned {
    /// Where it comes from: `baseline`, `default`, `portfolio`.
    pub origin: &'static str,
    /// Steps, learner and parameters.
    pub candidate: Candidate,
    /// Seconds that all its folds are declared to take on one core of a recent machine; a search
    /// measures how fast its own is.
    pub seconds: f64,
    /// Bytes that a fit is declared to need beyond the data.
    pub bytes: f64,
    /// Whether there is memory enough for it to be tried.
    pub fits: bool,
}

/// Sets a search up and tells what it would try.
pub(crate) fn plan(search: &AutoMl<'_>, table: &ReadTable) -> Result<Plan, Error> {
    let options = &search.options;
    let part = options.rows.as_ref().map(|rows| rows.of(table)).transpose()?;
    let table = part.as_ref().unwrap_or(table);
    let seconds = search.time.map(|t| t.as_secs_f64());
    let SetUp { task, plan, sampler, manifest, series, .. } =
        set_up(table, options, &search.catalog, seconds)?;
    let workers = search.spec_workers();
    let isolated = search.isolation.is_some();
    let most = trial_memory(search.memory).map(|bytes| most_declared(bytes, workers, isolated));
    // Folds of (k − 1)/k of the rows cost as much as k − 1 fits on all rows.
    let fits = plan.folds.len().saturating_sub(1).max(1) as f64;
    let planned = sampler.first().map(|(asked, cost)| Planned {
        origin: asked.origin,
        candidate: asked.candidate.clone(),
        seconds: cost.work * 1e-9 * fits,
        bytes: cost.bytes,
        fits: most.is_none_or(|most| cost.bytes <= most),
    });
    Ok(Plan {
        introduction: introduction(
            search.data.as_deref(),
            table,
            &task,
            (&manifest.metric, series.as_ref()),
            &plan,
        ),
        findings: manifest.findings,
        metric: manifest.metric,
        splitter: plan.splitter.clone(),
        folds: plan.folds.len(),
        workers,
        seconds,
        trials: search.trials,
        first: planned.collect(),
    })
}

impl AutoMl<'_> {
    /// Reads the data and tells what would be tried; runs nothing and keeps nothing.
    pub fn plan(&self) -> Result<Plan, Error> {
        let table = ruska_data::read(self.data_source(), &self.options.reading)?;
        plan(self, &table)
    }
}
