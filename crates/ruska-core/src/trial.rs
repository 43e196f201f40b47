//! A trial: a candidate and what became of it.

use crate::{Candidate, Loss};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a trial failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The fit returned an error.
    Error,
    /// The fit panicked.
    Panic,
    /// Predictions or scores were not finite.
    NotFinite,
    /// It would not fit under the memory cap, or did not.
    Memory,
    /// It cannot be interrupted and might have overrun the time budget.
    Budget,
    /// The child process that ran it ended, or could not be started.
    Crash,
}

/// What became of a trial. A finished trial never changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TrialState {
    /// Not finished.
    Running,
    /// All folds scored.
    Done,
    /// Stopped because others were better.
    Pruned {
        /// Folds scored before.
        at: u32,
    },
    /// Could not be scored.
    Failed {
        /// What sort of failure.
        kind: FailureKind,
        /// The reason, for people.
        why: String,
    },
    /// Cut off by the deadline.
    TimedOut,
}

/// The outcome of one fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldResult {
    /// Index of the fold.
    pub fold: u32,
    /// Loss under the study's metric.
    pub loss: Loss,
    /// Every measure that is defined here, in its usual direction, by id.
    pub scores: BTreeMap<String, f64>,
    /// Rows tested.
    pub rows: u32,
    /// Iterations the learner reached, where it stops early.
    pub iterations: Option<u32>,
    /// Seconds of the fit.
    pub fit_seconds: f64,
    /// Seconds of predicting the test rows.
    pub predict_seconds: f64,
    /// Bytes of the fitted pipeline.
    pub bytes: u64,
    /// Whether the fit returned early because its share of the time was used up.
    #[serde(default)]
    pub cut: bool,
    /// How often that fit had asked whether to wrap up, and was told to go on, before it was told
    /// to: what a replay needs to stop it at the same place. `None` where it was not cut, and where
    /// an earlier version of ruska cut it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_after: Option<u64>,
}

impl FoldResult {
    /// Whether the same fit can be made again: either no clock had a say in it, or what the clock
    /// said is recorded.
    pub fn is_repeatable(&self) -> bool {
        !self.cut || self.cut_after.is_some()
    }
}

/// A candidate and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Number within the study, from 0.
    pub number: u32,
    /// What was tried.
    pub candidate: Candidate,
    /// Where the candidate came from: `baseline`, `default`, `random`.
    pub origin: String,
    /// What became of it.
    pub state: TrialState,
    /// Scored folds, ascending.
    pub folds: Vec<FoldResult>,
}

impl Trial {
    /// Mean loss over folds, weighted by rows; `None` until every fold is scored.
    pub fn loss(&self) -> Option<Loss> {
        if self.state != TrialState::Done || self.folds.is_empty() {
            return None;
        }
        let rows: f64 = self.folds.iter().map(|f| f64::from(f.rows)).sum();
        let sum: f64 = self.folds.iter().map(|f| f64::from(f.rows) * f.loss.get()).sum();
        Loss::new(sum / rows)
    }

    /// Standard error of the mean loss over folds; `None` with fewer than two folds.
    pub fn standard_error(&self) -> Option<f64> {
        let n = self.folds.len() as f64;
        if n < 2.0 {
            return None;
        }
        let mean = self.folds.iter().map(|f| f.loss.get()).sum::<f64>() / n;
        let squares: f64 = self.folds.iter().map(|f| (f.loss.get() - mean).powi(2)).sum();
        Some((squares / (n - 1.0) / n).sqrt())
    }

    /// Mean microseconds of predicting a row with a fold's model.
    pub fn predict_us(&self) -> f64 {
        let each = self.folds.iter().map(|f| f.predict_seconds / f64::from(f.rows.max(1)));
        each.sum::<f64>() / self.folds.len().max(1) as f64 * 1e6
    }

    /// Mean of a measure over the folds that have it, weighted by rows.
    pub fn score(&self, measure: &str) -> Option<f64> {
        let (mut sum, mut rows) = (0.0, 0.0);
        for fold in &self.folds {
            if let Some(score) = fold.scores.get(measure) {
                sum += score * f64::from(fold.rows);
                rows += f64::from(fold.rows);
            }
        }
        (rows > 0.0).then(|| sum / rows)
    }
}
