//! From the best trial to the model: on the way, and at the end of a study.

use crate::SearchError;
use crate::engine::{Best, Coordinator, Emission, Outcome};
use crate::evaluate::panic_message;
use crate::replay::{best_of, refit_folds};
use crate::worker::{Job, Shared, TRIAL_SHARE, run_folds};
use ruska_core::{
    Candidate, Event, FittedPipeline, FoldResult, NeverStop, Params, Trial, TrialState,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Least time between two writes of the model file while the search goes on.
const WRITE_EVERY: Duration = Duration::from_secs(2);

impl Coordinator<'_> {
    /// Writes the first two models at once, since any model beats none and the second is the first
    /// that may beat the constant; later ones now and then.
    pub(crate) fn save_when_due(&mut self) -> Result<(), SearchError> {
        let Some(best) = self.chosen_fitted() else { return Ok(()) };
        if self.running.values().any(|r| r.always) {
            // The manifest is to tell what the constant has.
            return Ok(());
        }
        let due = match self.saved {
            None => true,
            Some((trial, _)) if trial == best.trial.number => false,
            Some((trial, at)) => {
                let baseline = self.finished.get(&trial).is_some_and(|t| t.origin == "baseline");
                baseline || at.elapsed() > WRITE_EVERY
            }
        };
        if !due {
            return Ok(());
        }
        let best = best.clone();
        self.save(&best)
    }

    /// Writes the model file of a trial.
    fn save(&mut self, best: &Best) -> Result<(), SearchError> {
        let start = Instant::now();
        self.hooks.save(best, false).map_err(SearchError::Write)?;
        self.save_seconds = start.elapsed().as_secs_f64();
        self.saved = Some((best.trial.number, Instant::now()));
        Ok(())
    }

    /// Makes the final model, writes it and records the end, which a search without a model has too.
    pub(crate) fn conclude(mut self, why: &'static str) -> Result<Outcome, SearchError> {
        let made = self.finish();
        if !matches!(made, Err(SearchError::Write(_))) {
            self.emit(&Event::Ended { why: why.to_owned() })?;
        }
        Ok(Outcome { best: made?, why })
    }

    fn finish(&mut self) -> Result<Best, SearchError> {
        let Some(trial) = self.chosen().cloned() else { return Err(self.no_model()) };
        let fitted = std::mem::take(&mut self.fitted).into_values();
        let mut best = match fitted.into_iter().find(|b| b.trial.number == trial.number) {
            Some(best) => best,
            None => self.rebuild(trial)?,
        };
        // A fit that the clock cut short cannot be repeated on all rows, only its fold model is what
        // was scored.
        let cut = best.trial.folds.iter().any(|f| f.cut);
        if !self.spec.partition && !cut && self.refit_in_time(&best.trial) {
            self.refit(&mut best);
        }
        let model = self.hooks.save(&best, true).map_err(SearchError::Write)?;
        let (emitted, params) = match &best.emission {
            Emission::Folds => ("folds", None),
            Emission::Refit(params) => ("refit", Some(params.clone())),
        };
        let (trial, emitted) = (best.trial.number, emitted.to_owned());
        self.emit(&Event::ModelSaved { trial, model, emitted, params })?;
        Ok(best)
    }

    fn no_model(&self) -> SearchError {
        let first = self.finished.values().find_map(|t| match &t.state {
            TrialState::Failed { why, .. } => Some(why.clone()),
            _ => None,
        });
        first.map_or(SearchError::NoTime, SearchError::NoModel)
    }

    /// Fits the fold models of a trial of an earlier run again; its seeds, and the places where the
    /// clock cut its fits, give the same models.
    fn rebuild(&self, trial: Trial) -> Result<Best, SearchError> {
        if trial.folds.iter().all(FoldResult::is_repeatable) {
            let (number, workers) = (trial.number, self.spec.workers);
            let (folds, outcomes) =
                refit_folds(&self.shared, &[&trial], number, workers, &mut |_| {})?;
            return best_of(trial, outcomes, &folds);
        }
        // An earlier version did not record where the clock cut fits: they get the time they had.
        let (number, candidate) = (trial.number, trial.candidate.clone());
        let seconds: f64 = trial.folds.iter().map(|f| f.fit_seconds).sum();
        let end = Some(Instant::now() + Duration::from_secs_f64(seconds / TRIAL_SHARE));
        let job = Job { number, candidate, best: None, end, always: true };
        let (state, outcomes) = run_folds(&self.shared, &job, |_| {});
        if let TrialState::Failed { why, .. } = state {
            return Err(SearchError::NoModel(why));
        }
        let loss = trial.loss().ok_or(SearchError::NoTime)?;
        Ok(Best::from_folds(trial, loss, outcomes))
    }

    fn refit_in_time(&self, trial: &Trial) -> bool {
        let need = Duration::from_secs_f64(refit_seconds(trial, &self.shared));
        self.spec.deadline.is_none_or(|deadline| Instant::now() + need < deadline)
    }

    /// Fits the best pipeline on all rows; where that fails, the fold models stay.
    fn refit(&self, best: &mut Best) {
        let shared = &self.shared;
        let candidate = &best.trial.candidate;
        let iterations: Vec<u32> = best.trial.folds.iter().filter_map(|f| f.iterations).collect();
        let Some(learner) = shared.catalog.learner(&candidate.learner) else { return };
        let Ok(params) = learner.refit(&candidate.params, &iterations, growth(shared)) else {
            return;
        };
        if let Ok(pipeline) = fit_on_all(shared, candidate, &params, self.spec.workers) {
            best.pipelines = vec![Arc::new(pipeline)];
            best.emission = Emission::Refit(params);
        }
    }
}

/// Fits a trial's candidate on all rows with other parameters of its learner, on several threads as
/// nothing else runs; the model does not depend on their number.
pub(crate) fn fit_on_all(
    shared: &Shared,
    candidate: &Candidate,
    params: &Params,
    workers: usize,
) -> Result<FittedPipeline, String> {
    let ctx = shared.context(candidate, u64::MAX, &NeverStop).with_threads(workers);
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

/// Rows of the study over rows of the largest training part, at least 1.
fn growth(shared: &Shared) -> f64 {
    let largest = shared.folds.iter().map(|f| f.train.len()).max().unwrap_or(1).max(1);
    (shared.task.rows() as f64 / largest as f64).max(1.0)
}

/// Seconds a fit on all rows may take, from the slowest fold.
pub(crate) fn refit_seconds(trial: &Trial, shared: &Shared) -> f64 {
    let slowest = trial.folds.iter().map(|f| f.fit_seconds).fold(0.0, f64::max);
    slowest * growth(shared)
}
