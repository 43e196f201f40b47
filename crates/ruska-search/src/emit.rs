//! The end of a study: from the best trial to the model.

use crate::SearchError;
use crate::engine::{Best, Coordinator, Emission, Outcome};
use crate::worker::{Job, Shared, TRIAL_SHARE, run_folds};
use ruska_core::{Event, FittedPipeline, Loss, NeverStop, Trial, TrialState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

impl Coordinator<'_> {
    /// Makes the final model, writes it and records the end, which a search without a model has too.
    pub(crate) fn conclude(mut self, why: &'static str) -> Result<Outcome, SearchError> {
        let made = self.finish();
        if !matches!(made, Err(SearchError::Write(_))) {
            self.emit(&Event::Ended { why: why.to_owned() })?;
        }
        made?;
        let best = self.best.ok_or(SearchError::NoTime)?;
        Ok(Outcome { best, why })
    }

    fn finish(&mut self) -> Result<(), SearchError> {
        let Some((loss, number)) = self.best_of_history() else {
            return Err(self.no_model());
        };
        let known = self.best.as_ref().is_some_and(|b| b.trial.number == number);
        if !known {
            self.best = Some(self.rebuild(number, loss)?);
        }
        // A fit that the clock cut short cannot be repeated on all rows, only its fold model is what
        // was scored.
        let cut = self.finished[&number].folds.iter().any(|f| f.cut);
        let refit = !self.spec.partition
            && !cut
            && self.best.as_ref().is_some_and(|b| b.emission == Emission::Folds)
            && self.refit_in_time();
        if refit {
            self.refit()?;
        }
        self.save(true)
    }

    fn no_model(&self) -> SearchError {
        let first = self.finished.values().find_map(|t| match &t.state {
            TrialState::Failed { why, .. } => Some(why.clone()),
            _ => None,
        });
        first.map_or(SearchError::NoTime, SearchError::NoModel)
    }

    /// Fits the fold models of a trial of an earlier run again; its seeds give
    /// the same models, and fits that the clock cut short get as much time as they had.
    fn rebuild(&self, number: u32, loss: Loss) -> Result<Best, SearchError> {
        let trial = self.finished[&number].clone();
        let candidate = trial.candidate.clone();
        let cut = trial.folds.iter().any(|f| f.cut);
        let seconds: f64 = trial.folds.iter().map(|f| f.fit_seconds).sum();
        let end = cut.then(|| Instant::now() + Duration::from_secs_f64(seconds / TRIAL_SHARE));
        let job = Job { number, candidate, best: None, end, always: true };
        let (state, outcomes) = run_folds(&self.shared, &job, |_| {});
        if let TrialState::Failed { why, .. } = state {
            return Err(SearchError::NoModel(why));
        }
        Ok(Best::from_folds(trial, loss, outcomes))
    }

    fn refit_in_time(&self) -> bool {
        match (self.spec.deadline, &self.best) {
            (Some(deadline), Some(best)) => {
                let need = Duration::from_secs_f64(refit_seconds(&best.trial, &self.shared));
                Instant::now() + need < deadline
            }
            (None, Some(_)) => true,
            (_, None) => false,
        }
    }

    /// Fits the best pipeline on all rows; where that fails, the fold models stay.
    fn refit(&mut self) -> Result<(), SearchError> {
        let Some(best) = &mut self.best else { return Ok(()) };
        let shared = &self.shared;
        let mut candidate = best.trial.candidate.clone();
        let iterations: Vec<u32> = best.trial.folds.iter().filter_map(|f| f.iterations).collect();
        let learner = shared.catalog.learner(&candidate.learner).ok_or(SearchError::NoLearner)?;
        let params = learner.refit(&candidate.params, &iterations, growth(shared));
        let Ok(params) = params else { return Ok(()) };
        let ctx = shared.context(&candidate, u64::MAX, &NeverStop);
        candidate.params = params;
        let rows: Vec<u32> = (0..shared.task.rows() as u32).collect();
        let fitted = catch_unwind(AssertUnwindSafe(|| {
            FittedPipeline::fit(&shared.catalog, &candidate, &shared.task, &rows, &ctx)
        }));
        if let Ok(Ok((pipeline, _))) = fitted {
            best.pipelines = vec![Arc::new(pipeline)];
            best.emission = Emission::Refit(candidate.params);
        }
        Ok(())
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
