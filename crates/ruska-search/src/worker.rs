//! Worker threads: each evaluates one candidate at a time, fold by fold.

use crate::Pruner;
use crate::evaluate::{FoldOutcome, evaluate};
use ruska_core::{
    Candidate, Catalog, Derived, FitError, Fold, FoldResult, RunContext, Stop, Task, TrialState,
    hash,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A trial to evaluate.
pub(crate) struct Job {
    pub(crate) number: u32,
    pub(crate) candidate: Candidate,
    /// Fold losses of the best trial this one may see.
    pub(crate) best: Option<Vec<f64>>,
    /// When trials must end.
    pub(crate) end: Option<Instant>,
    /// Runs to its end even when the run is over; for the baseline, so that there is a model.
    pub(crate) always: bool,
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
    pub(crate) folds: Arc<Vec<Fold>>,
    pub(crate) metric: String,
    pub(crate) seed: u64,
    pub(crate) derived: Derived,
    pub(crate) pruner: Arc<dyn Pruner>,
    /// Set by the coordinator when the time is over.
    pub(crate) over: AtomicBool,
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

/// Share of the time left that a trial may take before its fits are asked to wrap up.
pub(crate) const TRIAL_SHARE: f64 = 0.7;

/// Stops a fold's fit when the run is over, unless it must be done, and asks it to wrap up after its share of the time.
struct FoldStop<'a> {
    shared: &'a Shared,
    always: bool,
    wrap_up: Option<Instant>,
    asked: AtomicBool,
}

impl Stop for FoldStop<'_> {
    fn reason(&self) -> Option<FitError> {
        if self.always { None } else { self.shared.reason() }
    }

    fn wrap_up(&self) -> bool {
        let asked = self.wrap_up.is_some_and(|at| Instant::now() >= at);
        if asked {
            self.asked.store(true, Ordering::Relaxed);
        }
        asked
    }
}

/// Takes jobs until their sender is gone.
pub(crate) fn work(shared: &Shared, jobs: &Mutex<Receiver<Job>>, reports: &Sender<Message>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let start = Instant::now();
        let number = job.number;
        let (state, outcomes) = run_folds(shared, &job, |result| {
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
    shared: &Shared,
    job: &Job,
    mut report: impl FnMut(FoldResult),
) -> (TrialState, Vec<FoldOutcome>) {
    let mut outcomes: Vec<FoldOutcome> = vec![];
    let start = Instant::now();
    let trial_end =
        job.end.map(|end| start + end.saturating_duration_since(start).mul_f64(TRIAL_SHARE));
    for (i, fold) in shared.folds.iter().enumerate() {
        let now = Instant::now();
        let left = (shared.folds.len() - i) as u32;
        let wrap_up = trial_end.map(|end| now + end.saturating_duration_since(now) / left);
        let asked = AtomicBool::new(false);
        let stop = FoldStop { shared, always: job.always, wrap_up, asked };
        let ctx = shared.context(&job.candidate, i as u64, &stop);
        if ctx.check().is_err() {
            return (TrialState::TimedOut, outcomes);
        }
        let fold = (i as u32, fold);
        match evaluate(&shared.catalog, &shared.metric, &shared.task, &job.candidate, fold, &ctx) {
            Ok(mut outcome) => {
                outcome.result.cut = stop.asked.load(Ordering::Relaxed);
                report(outcome.result.clone());
                outcomes.push(outcome);
            }
            Err(state) => return (state, outcomes),
        }
        let last = i + 1 == shared.folds.len();
        if let Some(best) = job.best.as_ref().filter(|_| !last) {
            let losses: Vec<f64> = outcomes.iter().map(|o| o.result.loss.get()).collect();
            if shared.pruner.prune(&losses, best) {
                return (TrialState::Pruned { at: i as u32 + 1 }, outcomes);
            }
        }
    }
    (TrialState::Done, outcomes)
}
