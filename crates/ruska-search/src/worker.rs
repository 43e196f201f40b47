//! Worker threads: each evaluates one candidate at a time, fold by fold.

use crate::SearchError;
use crate::children::Children;
use crate::evaluate::{FoldOutcome, Tested, evaluate, failed};
use crate::executor::{Executor, InProcess};
use crate::groups::agree;
use crate::pruner::{FoldLoss, Pruner, Rival};
use crate::spec::MOST_KEPT;
use crate::stop::FoldStop;
use ruska_core::{
    Candidate, Catalog, Derived, FailureKind, FitError, Fold, FoldResult, RunContext, Stop, Target,
    Task, TaskMeta, TrialState, hash,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// A trial to evaluate.
pub(crate) struct Job {
    pub(crate) number: u32,
    pub(crate) candidate: Candidate,
    /// The best trial this one may see.
    pub(crate) rival: Option<Rival>,
    /// When trials must end.
    pub(crate) end: Option<Instant>,
    /// Runs to its end even when the run is over; for the baseline, so that there is a model.
    pub(crate) always: bool,
    /// Runs in a child process, where there are any.
    pub(crate) isolated: bool,
}

/// What a worker reports.
pub(crate) enum Message {
    Fold { number: u32, result: FoldResult },
    End { number: u32, state: TrialState, outcomes: Vec<FoldOutcome>, seconds: f64 },
}

/// What all workers share.
pub(crate) struct Shared {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) task: Arc<Task>,
    /// The task's facts.
    pub(crate) meta: TaskMeta,
    pub(crate) folds: Arc<Vec<Fold>>,
    /// What is true of the test rows of each fold, once it was asked for.
    tested: Vec<OnceLock<Tested>>,
    pub(crate) metric: String,
    pub(crate) seed: u64,
    pub(crate) derived: Derived,
    pub(crate) pruner: Arc<dyn Pruner>,
    /// Set by the coordinator when the time is over.
    pub(crate) over: AtomicBool,
    /// When trials must end, as far as the coordinator knows; it keeps more time for the model as
    /// better trials come to light.
    end: Mutex<Option<Instant>>,
    /// Set by the user.
    pub(crate) cancel: Arc<AtomicBool>,
}

impl Stop for Shared {
    fn reason(&self) -> Option<FitError> {
        if self.cancel.load(Ordering::Relaxed) {
            Some(FitError::Cancelled)
        } else if self.over.load(Ordering::Relaxed) {
            Some(FitError::Deadline)
        } else {
            None
        }
    }
}

impl Shared {
    /// What is shared of a study: metric, folds and seed, what is fitted and on what.
    pub(crate) fn new(
        (metric, folds, seed): (&str, &Arc<Vec<Fold>>, u64),
        (catalog, task): (&Arc<Catalog>, &Arc<Task>),
        pruner: Arc<dyn Pruner>,
        cancel: Arc<AtomicBool>,
    ) -> Self {
        Self {
            catalog: Arc::clone(catalog),
            task: Arc::clone(task),
            meta: task.meta(),
            folds: Arc::clone(folds),
            tested: folds.iter().map(|_| OnceLock::new()).collect(),
            metric: metric.to_owned(),
            seed,
            derived: Derived::new(MOST_KEPT as usize),
            pruner,
            over: AtomicBool::new(false),
            end: Mutex::new(None),
            cancel,
        }
    }

    /// The same with so many bytes for derived data.
    pub(crate) fn with_derived(self, bytes: u64) -> Self {
        Self { derived: Derived::new(bytes as usize), ..self }
    }

    /// Whether there is a truth to be told, by which new rows would be predicted well or badly.
    pub(crate) fn has_truth(&self) -> bool {
        !matches!(self.task.target, Target::Groups(_))
    }

    /// Whether rows follow each other in time, and folds do: each learns from all that the one before has
    /// learned from.
    pub(crate) fn in_time(&self) -> bool {
        matches!(self.task.target, Target::Series(_))
    }

    /// Whether all rows are learned from in a fold.
    pub(crate) fn trains_on_all(&self, fold: u32) -> bool {
        let fold = self.folds.get(fold as usize);
        fold.is_some_and(|fold| fold.train.len() == self.task.rows())
    }

    /// What is true of the test rows of a fold of the study.
    pub(crate) fn tested(&self, fold: usize) -> &Tested {
        self.tested[fold].get_or_init(|| Tested::of(&self.task, &self.folds[fold].test))
    }

    /// When trials must end.
    pub(crate) fn end(&self) -> Option<Instant> {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_end(&self, end: Option<Instant>) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = end;
    }

    /// The context of a part of a candidate's work: a fold, or `u64::MAX` for all rows.
    pub(crate) fn context<'a>(
        &'a self,
        candidate: &Candidate,
        part: u64,
        stop: &'a dyn Stop,
    ) -> RunContext<'a> {
        let seed = hash::combine(&[self.seed, candidate.hash(), part]);
        RunContext::new(seed, stop).with_derived(&self.derived)
    }
}

/// A thread to fit on, with room for deep recursion.
pub(crate) fn worker_thread(name: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(name.to_owned()).stack_size(16 << 20)
}

pub(crate) fn no_thread(error: std::io::Error) -> SearchError {
    SearchError::Write(format!("cannot start a worker thread: {error}"))
}

/// Takes jobs until their sender is gone.
pub(crate) fn work(
    shared: &Shared,
    children: Option<&Children>,
    jobs: &Mutex<Receiver<Job>>,
    reports: &Sender<Message>,
) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let start = Instant::now();
        let number = job.number;
        let executor: &dyn Executor = match children {
            Some(children) if job.isolated => children,
            _ => &InProcess,
        };
        let (state, outcomes) = run_folds(executor, shared, &job, |result| {
            let _ = reports.send(Message::Fold { number, result });
        });
        let seconds = start.elapsed().as_secs_f64();
        if reports.send(Message::End { number, state, outcomes, seconds }).is_err() {
            return;
        }
    }
}

/// Evaluates a job's folds until one fails or the pruner stops it.
pub(crate) fn run_folds(
    executor: &dyn Executor,
    shared: &Shared,
    job: &Job,
    mut report: impl FnMut(FoldResult),
) -> (TrialState, Vec<FoldOutcome>) {
    let mut outcomes: Vec<FoldOutcome> = vec![];
    let mut pruned = false;
    let ended = executor.folds(shared, job, &mut |mut outcome| {
        if let Some(before) = outcomes.last() {
            agree(shared, before, &mut outcome);
        }
        report(outcome.result.clone());
        outcomes.push(outcome);
        let last = outcomes.len() == shared.folds.len();
        pruned = job.rival.as_ref().filter(|_| !last).is_some_and(|rival| {
            let folds: Vec<FoldLoss> = outcomes.iter().map(FoldOutcome::losses).collect();
            shared.pruner.prune(&folds, rival)
        });
        !pruned
    });
    let state = match ended {
        Err(state) => state,
        Ok(()) if pruned => TrialState::Pruned { at: outcomes.len() as u32 },
        Ok(()) => TrialState::Done,
    };
    (state, outcomes)
}

/// Evaluates a candidate on one fold, and tells where its fit was cut.
pub(crate) fn run_fold(
    shared: &Shared,
    candidate: &Candidate,
    fold: usize,
    stop: FoldStop<'_>,
) -> Result<FoldOutcome, TrialState> {
    let ctx = shared.context(candidate, fold as u64, &stop);
    if ctx.check().is_err() {
        return Err(TrialState::TimedOut);
    }
    let Some(rows) = shared.folds.get(fold) else {
        return Err(failed(FailureKind::Error, format!("the split has no fold {fold}")));
    };
    let rows = (fold as u32, rows);
    let mut outcome = evaluate(shared, candidate, rows, &ctx)?;
    outcome.result.cut_after = stop.cut_after();
    outcome.result.cut = outcome.result.cut_after.is_some();
    Ok(outcome)
}
