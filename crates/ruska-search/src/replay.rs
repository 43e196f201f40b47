//! Recorded trials fitted again, without a clock.
//!
//! What the clock decided is recorded: which trials there were, where their fits were cut, which of
//! them gave the model and whether it was fitted again on all rows. All else follows from data and
//! seeds, so the same fits give the same bytes, however many of them run at once.

use crate::calibrate::calibrate;
use crate::engine::{Best, Emission};
use crate::ensemble::{Fitted, blend};
use crate::evaluate::FoldOutcome;
use crate::groups::agree;
use crate::refits::fit_on_all;
use crate::stop::{FoldStop, WrapUp};
use crate::worker::{Shared, no_thread, run_fold, worker_thread};
use crate::{NeverPrune, SearchError};
use ruska_core::{Catalog, Event, Fold, FoldResult, NeverStop, Share, Task, Trial, TrialState};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;

/// What of a study decides its fits, beside its task and its trials.
#[derive(Clone, Debug)]
pub struct ReplaySpec {
    /// Id of the measure that was optimised.
    pub metric: String,
    /// Its folds.
    pub folds: Arc<Vec<Fold>>,
    /// Its seed.
    pub seed: u64,
    /// Whether its model was calibrated.
    pub calibrated: bool,
    /// Fits at once, at least 1.
    pub workers: usize,
}

/// What came of a recorded fold now.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldReplay {
    /// Number of the trial.
    pub trial: u32,
    /// Index of the fold.
    pub fold: u32,
    /// Its result, or why there is none.
    pub again: Result<FoldResult, TrialState>,
}

/// What a replay gave.
pub struct Replayed {
    /// Every fold, by trial and fold.
    pub folds: Vec<FoldReplay>,
    /// The model's source.
    pub best: Best,
}

/// Fits the recorded folds of trials again, each cut where it was cut, and makes the model's source
/// of the trials of `shares`, which are among them, as it was made. `tell` hears of trials and folds as
/// in a search.
///
/// Fails when a fit of a share gives no model, or is not [repeatable](FoldResult::is_repeatable);
/// other trials' folds that are not are passed over.
pub fn replay(
    spec: &ReplaySpec,
    (catalog, task): (&Arc<Catalog>, &Arc<Task>),
    trials: &[&Trial],
    shares: &[Share],
    tell: &mut dyn FnMut(&Event),
) -> Result<Replayed, SearchError> {
    let cancel = Arc::new(AtomicBool::new(false));
    let pruner = Arc::new(NeverPrune);
    let study = (spec.metric.as_str(), &spec.folds, spec.seed);
    let shared = Shared::new(study, (catalog, task), pruner, cancel);
    let numbers: Vec<u32> = shares.iter().map(|s| s.trial).collect();
    let (folds, mut again) = refit(&shared, trials, &numbers, spec.workers, tell)?;
    let mut fitted = vec![];
    for Share { trial, times, params } in shares {
        let mut found = again.remove(trial).ok_or(SearchError::NotRecorded(*trial))?;
        found.member.times = *times;
        if let Some(params) = params {
            let candidate = &found.member.trial.candidate;
            let pipeline = fit_on_all(&shared, candidate, params, spec.workers, &NeverStop)
                .map_err(|why| SearchError::NoModel(format!("fitting on all rows: {why}")))?;
            found.member.pipelines = vec![Arc::new(pipeline)];
            found.member.emission = Emission::Refit(params.clone());
        }
        fitted.push(found);
    }
    let source = numbers.first().copied().unwrap_or_default();
    let best = blend(&shared, fitted).ok_or(SearchError::NotRecorded(source))?;
    let best = if spec.calibrated { calibrate(&shared, best) } else { best };
    Ok(Replayed { folds, best })
}

/// Fits the folds of trials again and keeps what some of them fitted, by their numbers.
///
/// Fails when one of these gives no model.
pub(crate) fn refit(
    shared: &Shared,
    trials: &[&Trial],
    keep: &[u32],
    workers: usize,
    tell: &mut dyn FnMut(&Event),
) -> Result<(Vec<FoldReplay>, BTreeMap<u32, Fitted>), SearchError> {
    let mut folds = vec![];
    let mut by_trial: BTreeMap<u32, Vec<FoldOutcome>> = BTreeMap::new();
    for (fold, outcome) in refit_folds(shared, trials, keep, workers, tell)? {
        by_trial.entry(fold.trial).or_default().extend(outcome);
        folds.push(fold);
    }
    let mut fitted = BTreeMap::new();
    for trial in trials.iter().filter(|t| keep.contains(&t.number)) {
        let outcomes = by_trial.remove(&trial.number).unwrap_or_default();
        fitted.insert(trial.number, whole(shared, (*trial).clone(), outcomes, &folds)?);
    }
    Ok((folds, fitted))
}

/// What a trial fitted, from the outcomes of all its folds.
fn whole(
    shared: &Shared,
    trial: Trial,
    outcomes: Vec<FoldOutcome>,
    folds: &[FoldReplay],
) -> Result<Fitted, SearchError> {
    let failed = folds.iter().find(|f| f.trial == trial.number && f.again.is_err());
    if let Some(FoldReplay { again: Err(state), .. }) = failed {
        return Err(SearchError::NoModel(match state {
            TrialState::Failed { why, .. } => why.clone(),
            _ => "its fit was stopped".to_owned(),
        }));
    }
    let loss = trial.loss().filter(|_| outcomes.len() == trial.folds.len());
    let loss = loss.ok_or(SearchError::NotRecorded(trial.number))?;
    Ok(Fitted::new(trial, loss, outcomes, shared))
}

type Job<'a> = (&'a Trial, &'a FoldResult);

/// What came of a job; the outcome only where it is kept.
struct Done {
    again: Result<FoldResult, TrialState>,
    outcome: Option<FoldOutcome>,
}

/// Fits the repeatable folds of trials again, several at once; keeps the outcomes of some trials.
fn refit_folds(
    shared: &Shared,
    trials: &[&Trial],
    keep: &[u32],
    workers: usize,
    tell: &mut dyn FnMut(&Event),
) -> Result<Vec<(FoldReplay, Option<FoldOutcome>)>, SearchError> {
    let jobs: Vec<Job<'_>> = trials
        .iter()
        .flat_map(|t| t.folds.iter().filter(|f| f.is_repeatable()).map(move |f| (*t, f)))
        .collect();
    let mut progress = Progress::new();
    for (trial, _) in &jobs {
        progress.entry(trial.number).or_insert((0, None)).0 += 1;
    }
    let mut done: BTreeMap<usize, Done> = BTreeMap::new();
    let next = AtomicUsize::new(0);
    let (outbox, inbox) = channel();
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, jobs.len().max(1)) {
            let (outbox, jobs, next) = (outbox.clone(), &jobs, &next);
            let work = move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(at) else { return };
                    // Nobody listens any more only where another thread could not be started.
                    if outbox.send((at, None)).is_err() {
                        return;
                    }
                    let _ = outbox.send((at, Some(fit(shared, *job, keep))));
                }
            };
            worker_thread("replay").spawn_scoped(scope, work).map_err(no_thread)?;
        }
        drop(outbox);
        for (at, result) in inbox {
            report(jobs[at], result.as_ref().map(|d| &d.again), &mut progress, tell);
            if let Some(result) = result {
                done.insert(at, result);
                settle(shared, &jobs, at, &mut done, keep);
            }
        }
        Ok::<(), SearchError>(())
    })?;
    let pair = |((trial, fold), done): (Job<'_>, Done)| {
        let replay = FoldReplay { trial: trial.number, fold: fold.fold, again: done.again };
        (replay, done.outcome)
    };
    Ok(jobs.into_iter().zip(done.into_values()).map(pair).collect())
}

/// Where groups are found, lets the folds of a job's trial tell how far they agree once all are there,
/// and lets go of what is not kept.
fn settle(
    shared: &Shared,
    jobs: &[Job<'_>],
    at: usize,
    done: &mut BTreeMap<usize, Done>,
    keep: &[u32],
) {
    let number = jobs[at].0.number;
    let of_it: Vec<usize> = (0..jobs.len()).filter(|&i| jobs[i].0.number == number).collect();
    if shared.has_truth() || of_it.iter().any(|i| !done.contains_key(i)) {
        return;
    }
    let mut outcomes: Vec<FoldOutcome> =
        of_it.iter().filter_map(|i| done.get_mut(i)?.outcome.take()).collect();
    if outcomes.len() < of_it.len() {
        return;
    }
    for i in 1..outcomes.len() {
        let (before, rest) = outcomes.split_at_mut(i);
        agree(shared, &before[i - 1], &mut rest[0]);
    }
    for (i, outcome) in of_it.into_iter().zip(outcomes) {
        let again = Ok(outcome.result.clone());
        done.insert(i, Done { again, outcome: keep.contains(&number).then_some(outcome) });
    }
}

fn fit(shared: &Shared, (trial, fold): Job<'_>, keep: &[u32]) -> Done {
    let stop = FoldStop::new(shared, true, WrapUp::recorded(fold.cut_after));
    match run_fold(shared, &trial.candidate, fold.fold as usize, stop) {
        Ok(outcome) => {
            let again = Ok(outcome.result.clone());
            let kept = keep.contains(&trial.number) || !shared.has_truth();
            Done { again, outcome: kept.then_some(outcome) }
        }
        Err(state) => Done { again: Err(state), outcome: None },
    }
}

/// Folds that each trial still has before it, and what became of a fold that failed.
type Progress = BTreeMap<u32, (usize, Option<TrialState>)>;

/// Tells of a fold that begins (`None`) or ends, and of its trial where that does so too.
fn report(
    (trial, fold): Job<'_>,
    again: Option<&Result<FoldResult, TrialState>>,
    progress: &mut Progress,
    tell: &mut dyn FnMut(&Event),
) {
    let number = trial.number;
    let Some(again) = again else {
        let first = trial.folds.iter().find(|f| f.is_repeatable());
        if first.is_some_and(|f| f.fold == fold.fold) {
            let (candidate, origin) = (trial.candidate.clone(), trial.origin.clone());
            tell(&Event::TrialStarted { trial: number, candidate, origin });
        }
        return;
    };
    let Some((left, failed)) = progress.get_mut(&number) else { return };
    match again {
        Ok(result) => tell(&Event::FoldDone { trial: number, result: result.clone() }),
        Err(state) => *failed = Some(state.clone()),
    }
    *left -= 1;
    if *left == 0 {
        let state = failed.take().unwrap_or_else(|| trial.state.clone());
        let seconds = trial.folds.iter().map(|f| f.fit_seconds).sum();
        tell(&Event::TrialEnded { trial: number, state, seconds, predictions: None });
    }
}
