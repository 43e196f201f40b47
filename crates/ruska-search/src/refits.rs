//! The fits on all rows that end a study: which members of the model get one, and the time kept for it.
//!
//! A fold model has not seen the rows it was tested on, and where fits stop early by rows that they set
//! aside it has seen still fewer. One fit on all rows of each member of a model beat the mean of all
//! their fold models on most tables (benches/RESULTS.md), and the model is as many times smaller and
//! faster.

use crate::emit::growth;
use crate::engine::{Coordinator, Emission};
use crate::ensemble::Member;
use crate::evaluate::panic_message;
use crate::worker::{Shared, worker_thread};
use ruska_core::{Candidate, FitError, FittedPipeline, Params, Stop, Trial};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Share of a run that fits on all rows may take.
const SHARE: f64 = 0.3;
/// The same where the latest rows tell most of what comes next.
const SHARE_IN_TIME: f64 = 0.5;
/// Seconds from which on a fit has all threads for itself.
const LONG: f64 = 0.5;
/// What a thread more brings such a fit, in parts of the first.
const THREAD: f64 = 0.6;
/// Trials that may be in the model, the best ones, for whose fits time is kept.
const LIKELY: usize = 4;
/// Times that a fit may take what its slowest fold took.
const MARGIN: f64 = 1.3;

/// Stops a fit at a moment, or when the user says so.
pub(crate) struct Until {
    pub(crate) end: Option<Instant>,
    pub(crate) cancel: Arc<AtomicBool>,
}

impl Stop for Until {
    fn reason(&self) -> Option<FitError> {
        if self.cancel.load(Ordering::Relaxed) {
            return Some(FitError::Cancelled);
        }
        self.end.filter(|end| Instant::now() >= *end).map(|_| FitError::Deadline)
    }
}

/// A member that is to be fitted on all rows.
struct Due {
    /// Its place in the model.
    at: usize,
    params: Params,
    /// Seconds that it may take on one thread.
    seconds: f64,
}

impl Coordinator<'_> {
    /// Seconds kept for fits on all rows: of the trials that are likely in the model, those that fit
    /// into a share of the run, the best first.
    pub(crate) fn refit_seconds(&self) -> f64 {
        let likely: Vec<&Trial> = if self.blends() {
            self.pool.best(LIKELY)
        } else {
            self.chosen().into_iter().collect()
        };
        let most = self.spec.deadline.map_or(f64::INFINITY, |deadline| {
            let share = if self.shared.in_time() { SHARE_IN_TIME } else { SHARE };
            share * deadline.saturating_duration_since(self.began).as_secs_f64()
        });
        let needs = likely.into_iter().map(|trial| {
            let alone = seconds(trial, &self.shared);
            alone / speed_up(self.spec.workers, alone)
        });
        needs.fold(0.0, |sum, need| if sum + need > most { sum } else { sum + need })
    }

    /// Fits the members of the model on all rows: long fits one after the other on all threads, those
    /// first that count most for their time, then the others, several at once. The fold models of a
    /// member stay where there is no time or its fit fails.
    pub(crate) fn refit(&self, members: &mut [Member]) {
        let end = self.spec.deadline.map(|deadline| {
            let saving = Duration::from_secs_f64(self.saving_seconds());
            deadline.checked_sub(saving).unwrap_or(deadline)
        });
        let stop = Until { end, cancel: Arc::clone(&self.spec.cancel) };
        let due = |(at, member): (usize, &Member)| {
            let params = self.params_of_refit(&member.trial)?;
            Some(Due { at, params, seconds: seconds(&member.trial, &self.shared) })
        };
        let mut all: Vec<Due> = members.iter().enumerate().filter_map(due).collect();
        let worth = |due: &Due| f64::from(members[due.at].times) / due.seconds;
        all.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.at.cmp(&b.at)));
        let (long, short): (Vec<_>, Vec<_>) = all.into_iter().partition(|due| due.seconds >= LONG);
        let mut done = fit_members(&self.shared, members, &long, (1, self.spec.workers), &stop);
        done.extend(fit_members(&self.shared, members, &short, (self.spec.workers, 1), &stop));
        for (at, pipeline, params) in done {
            members[at].pipelines = vec![pipeline];
            members[at].emission = Emission::Refit(params);
        }
    }

    /// Parameters with which a trial is fitted on all rows; `None` where a fold was, and where the clock
    /// cut its fits and they do not tell after how many rounds: only they are what was scored.
    fn params_of_refit(&self, trial: &Trial) -> Option<Params> {
        if trial.folds.iter().any(|f| self.shared.trains_on_all(f.fold)) {
            return None;
        }
        let candidate = &trial.candidate;
        let iterations: Vec<u32> = trial.folds.iter().filter_map(|f| f.iterations).collect();
        if trial.folds.iter().any(|f| f.cut) && iterations.len() < trial.folds.len() {
            return None;
        }
        let learner = self.shared.catalog.learner(&candidate.learner)?;
        learner.refit(&candidate.params, &iterations, growth(&self.shared)).ok()
    }
}

/// Fits some members on all rows, so many at once on so many threads each.
fn fit_members(
    shared: &Shared,
    members: &[Member],
    all: &[Due],
    (at_once, threads): (usize, usize),
    stop: &Until,
) -> Vec<(usize, Arc<FittedPipeline>, Params)> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![]));
    let work = || {
        while let Some(due) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Due { at, params, seconds } = due;
            let need = Duration::from_secs_f64(seconds / speed_up(threads, *seconds));
            if stop.end.is_some_and(|end| Instant::now() + need >= end) {
                continue;
            }
            let candidate = &members[*at].trial.candidate;
            let fit = fit_on_all(shared, candidate, params, threads, stop);
            if let Ok(pipeline) = fit {
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                done.push((*at, Arc::new(pipeline), params.clone()));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once.min(all.len()) {
            // Where a thread cannot be started the others do its work.
            let _ = worker_thread("refit").spawn_scoped(scope, work);
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Fits a trial's candidate on all rows with other parameters of its learner; the model does not
/// depend on the number of threads.
pub(crate) fn fit_on_all(
    shared: &Shared,
    candidate: &Candidate,
    params: &Params,
    threads: usize,
    stop: &dyn Stop,
) -> Result<FittedPipeline, String> {
    let ctx = shared.context(candidate, u64::MAX, stop).with_threads(threads);
    let candidate = Candidate { params: params.clone(), ..candidate.clone() };
    let rows: Vec<u32> = (0..shared.task.rows() as u32).collect();
    let fitted = catch_unwind(AssertUnwindSafe(|| {
        FittedPipeline::fit(&shared.catalog, &candidate, &shared.task, &rows, &ctx)
    }));
    match fitted {
        Ok(Ok((pipeline, _))) => Ok(pipeline),
        Ok(Err(error)) => Err(error.to_string()),
        Err(payload) => Err(panic_message(payload.as_ref())),
    }
}

/// Seconds that a fit on all rows may take on one thread, from the slowest fold.
fn seconds(trial: &Trial, shared: &Shared) -> f64 {
    if trial.folds.iter().any(|f| shared.trains_on_all(f.fold)) {
        return 0.0;
    }
    let slowest = trial.folds.iter().map(|f| f.fit_seconds).fold(1e-6, f64::max);
    MARGIN * slowest * growth(shared)
}

/// How many times faster so many threads are for fits of so many seconds: short ones share the threads
/// among them.
fn speed_up(threads: usize, alone: f64) -> f64 {
    let more = threads.saturating_sub(1) as f64;
    if alone >= LONG { 1.0 + THREAD * more } else { 1.0 + more }
}
