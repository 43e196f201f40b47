//! What a study is asked to do.

use crate::{Isolation, Wanted};
use ruska_core::{Fold, SplitError, TrialState};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// How far the history that a trial sees lags behind it. It is also the greatest number of trials
/// that can run at once.
pub const LAG: u32 = 8;

/// The settings of one run of a study.
#[derive(Clone, Debug)]
pub struct StudySpec {
    /// Id of the measure to optimise.
    pub metric: String,
    /// What is wanted of the model.
    pub wanted: Wanted,
    /// Whether several trials may share the model where their mean is better than the best of them.
    pub ensemble: bool,
    /// Whether class probabilities of the model may be calibrated, and labels have a cut of their own.
    pub calibrate: bool,
    /// The folds on which every candidate is evaluated, at least one.
    pub folds: Arc<Vec<Fold>>,
    /// Seed of the study.
    pub seed: u64,
    /// Trials run at once, 1..=[`LAG`].
    pub workers: usize,
    /// Trials of the whole study, earlier runs included.
    pub trials: Option<u32>,
    /// Whether the run ends when more trials are not expected to bring more than noise.
    pub until_flat: bool,
    /// When the run must be over, model file included.
    pub deadline: Option<Instant>,
    /// Bytes that the process may use; candidates whose estimate exceeds a worker's share fail.
    pub memory: Option<u64>,
    /// The candidates that an earlier search did not start, by the number of their trial, and why,
    /// where that search is made again: what fits the memory hangs on the machine. Decided here
    /// when `None`.
    pub refused: Option<BTreeMap<u32, TrialState>>,
    /// The child processes that trials run in; all run in this one when `None`.
    pub isolation: Option<Isolation>,
    /// Bytes of out-of-fold predictions to keep, all trials together.
    pub keep_predictions: u64,
    /// Set by the user to stop the run.
    pub cancel: Arc<AtomicBool>,
}

/// Bytes of derived data, and of fitted pipelines, that are kept at most.
pub(crate) const MOST_KEPT: u64 = 1 << 30;

/// How many times what fits a candidate may be declared to need to be tried where a limit is hard.
const DOUBT: f64 = 2.0;

/// Bytes that a candidate may declare to need and be tried, where a study may use so many with so many
/// workers: those of a worker, or more where trials that may need too much run in child processes.
pub fn most_declared(memory: u64, workers: usize, isolated: bool) -> f64 {
    worker_bytes(memory, workers) as f64 * if isolated { DOUBT } else { 1.0 }
}

/// Bytes that a trial may use beyond the data: half of all is for trials.
fn worker_bytes(memory: u64, workers: usize) -> u64 {
    memory / 2 / workers.max(1) as u64
}

impl StudySpec {
    /// Bytes that a trial may use beyond the data.
    pub(crate) fn memory_share(&self) -> Option<u64> {
        self.memory.map(|memory| worker_bytes(memory, self.workers))
    }

    /// Bytes of what is kept between trials, of derived data and of fitted pipelines each.
    pub(crate) fn kept_bytes(&self) -> u64 {
        self.memory.map_or(MOST_KEPT, |cap| (cap / 4).min(MOST_KEPT))
    }
}

/// A study cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// There is no such measure.
    #[error("there is no metric `{0}`; `ruska metrics` lists them")]
    UnknownMetric(String),
    /// Nothing can do the task.
    #[error("no learner is left for this task; check --include and --exclude")]
    NoLearner,
    /// The rows cannot be split.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The journal or the model file could not be written.
    #[error("{0}")]
    Write(String),
    /// Every trial failed.
    #[error("no trial gave a model; the first failure was: {0}")]
    NoModel(String),
    /// A trial cannot be fitted again as it was.
    #[error(
        "the fits of trial {0} were cut short by the clock, and it is not recorded where: an \
         earlier version of ruska ran it"
    )]
    NotRecorded(u32),
    /// The run was over before any trial was.
    #[error("the time was over before a first model was fitted; give more time")]
    NoTime,
}
