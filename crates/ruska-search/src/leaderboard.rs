//! The leaderboard: a pure function of the recorded events.

use crate::choice::simplest;
use crate::history::record;
use crate::standing::{is_relative, stand};
use ruska_core::{Catalog, FailureKind, Loss, TaskKind, Timed, Trial, TrialState, trials};
use serde::Serialize;
use std::collections::BTreeMap;

/// One trial on the leaderboard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// From 1; `None` for trials without a loss.
    pub rank: Option<usize>,
    /// Number of the trial.
    pub trial: u32,
    /// Steps → learner.
    pub pipeline: String,
    /// Id of the learner.
    pub learner: String,
    /// Parameters that were set.
    pub params: ruska_core::Params,
    /// Where the candidate came from.
    pub origin: String,
    /// The metric in its usual direction, mean over folds.
    pub score: Option<f64>,
    /// Standard error of that mean over folds.
    pub standard_error: Option<f64>,
    /// Other measures, mean over folds, by id.
    pub scores: BTreeMap<String, f64>,
    /// Mean seconds of a fold's fit.
    pub fit_seconds: f64,
    /// Mean microseconds of predicting a row with a fold's model.
    pub predict_us: f64,
    /// Mean bytes of a fold's pipeline before compression.
    pub bytes: u64,
    /// Folds scored.
    pub folds: usize,
    /// Iterations reached, mean over folds.
    pub iterations: Option<f64>,
    /// Whether it is the simplest learner that is not worse than the best by more than one standard
    /// error of their difference, and not the best.
    pub simplest: bool,
    /// What became of it.
    pub note: String,
}

/// Ranked trials, then those without a loss.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leaderboard {
    /// Name of the study.
    pub study: String,
    /// Id of the metric.
    pub metric: String,
    /// Whether a higher score is better.
    pub higher_is_better: bool,
    /// Best first.
    pub entries: Vec<Entry>,
}

impl Leaderboard {
    /// The leaderboard of a study's events. The catalog says in which direction the metric goes
    /// and how complex learners are.
    pub fn from_events(events: &[Timed], catalog: &Catalog) -> Self {
        let record = record(events);
        let metric = record.map(|r| r.metric.clone()).unwrap_or_default();
        let groups = record.is_some_and(|r| r.meta.kind == TaskKind::Clustering);
        let measure = catalog.measure(&metric);
        let higher = measure.is_some_and(|m| m.info().higher_is_better);
        let mut trials = trials(events);
        let relative = measure.filter(|m| is_relative(&***m));
        if let Some(measure) = relative {
            stand(&**measure, &mut trials);
        }
        let mut all: Vec<&Trial> = trials.values().collect();
        all.sort_by_key(|t| (t.loss().is_none(), t.loss(), t.number));
        let near = all.first().and_then(|best| simplest(best, all.iter().copied(), catalog));
        let simplest = near.map(|t| t.number);
        let entries = all
            .iter()
            .enumerate()
            .map(|(i, t)| {
                let mut entry = entry(t, &metric);
                entry.rank = t.loss().map(|_| i + 1);
                if let Some((measure, loss)) = relative.zip(t.loss()) {
                    entry.score = Some(measure.score_of(loss.get())).filter(|_| loss < Loss::WORST);
                }
                // Parts tell only how far they agree, so their losses are those of the whole.
                entry.standard_error = entry.standard_error.filter(|_| !groups);
                entry.simplest = simplest == Some(t.number) && i > 0;
                entry
            })
            .collect();
        Self {
            study: record.map(|r| r.name.clone()).unwrap_or_default(),
            metric,
            higher_is_better: higher,
            entries,
        }
    }

    /// The best trial's entry.
    pub fn best(&self) -> Option<&Entry> {
        self.entries.first().filter(|e| e.rank.is_some())
    }
}

fn entry(trial: &Trial, metric: &str) -> Entry {
    let n = trial.folds.len().max(1) as f64;
    let mean =
        |f: &dyn Fn(&ruska_core::FoldResult) -> f64| trial.folds.iter().map(f).sum::<f64>() / n;
    let iterations: Vec<f64> =
        trial.folds.iter().filter_map(|f| f.iterations.map(f64::from)).collect();
    let scores = trial
        .folds
        .iter()
        .flat_map(|f| f.scores.keys())
        .filter_map(|id| Some((id.clone(), trial.score(id)?)))
        .collect();
    let done = trial.loss().is_some();
    Entry {
        rank: None,
        trial: trial.number,
        pipeline: trial.candidate.title(),
        learner: trial.candidate.learner.clone(),
        params: trial.candidate.params.clone(),
        origin: trial.origin.clone(),
        score: trial.score(metric).filter(|_| done),
        standard_error: trial.standard_error().filter(|_| done),
        scores,
        fit_seconds: mean(&|f| f.fit_seconds),
        predict_us: trial.predict_us(),
        bytes: mean(&|f| f.bytes as f64) as u64,
        folds: trial.folds.len(),
        iterations: (!iterations.is_empty())
            .then(|| iterations.iter().sum::<f64>() / iterations.len() as f64),
        simplest: false,
        note: note(trial),
    }
}

fn note(trial: &Trial) -> String {
    match &trial.state {
        TrialState::Done if trial.folds.iter().any(|f| f.cut) => {
            "fits cut short by the clock".to_owned()
        }
        TrialState::Done => String::new(),
        TrialState::Running => "unfinished".to_owned(),
        TrialState::Pruned { at } => format!("pruned after fold {at}"),
        TrialState::TimedOut => "cut off by the deadline".to_owned(),
        TrialState::Failed { kind, why } => {
            let kind = match kind {
                FailureKind::Panic => "panicked: ",
                FailureKind::Memory => "memory: ",
                FailureKind::Budget => "not run: ",
                FailureKind::Crash => "crashed: ",
                FailureKind::Error | FailureKind::NotFinite => "",
            };
            format!("failed: {kind}{why}")
        }
    }
}
