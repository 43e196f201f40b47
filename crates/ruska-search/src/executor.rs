//! Where the folds of a trial are evaluated: on the worker's thread, or elsewhere.

use crate::evaluate::FoldOutcome;
use crate::stop::{FoldStop, WrapUp};
use crate::worker::{Job, Shared, run_fold};
use ruska_core::TrialState;
use std::time::Instant;

/// Share of the time left that a trial may take before its fits are asked to wrap up.
pub(crate) const TRIAL_SHARE: f64 = 0.7;

/// Evaluates the folds of a trial one after the other. What is pruned, recorded and reported is not
/// its business, so that it is the same wherever a trial runs.
pub(crate) trait Executor: Send + Sync {
    /// Hands over each fold as it ends, and goes on to the next while it is told to. Fails with what
    /// became of the trial where a fold gives nothing.
    fn folds(
        &self,
        shared: &Shared,
        job: &Job,
        next: &mut dyn FnMut(FoldOutcome) -> bool,
    ) -> Result<(), TrialState>;
}

/// On the thread that calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InProcess;

impl Executor for InProcess {
    fn folds(
        &self,
        shared: &Shared,
        job: &Job,
        next: &mut dyn FnMut(FoldOutcome) -> bool,
    ) -> Result<(), TrialState> {
        let start = Instant::now();
        let trial_end = || {
            let end = shared.end().into_iter().chain(job.end).min()?;
            Some(start + end.saturating_duration_since(start).mul_f64(TRIAL_SHARE))
        };
        for i in 0..shared.folds.len() {
            let now = Instant::now();
            let left = (shared.folds.len() - i) as u32;
            let wrap_up = trial_end().map_or(WrapUp::Never, |end| {
                WrapUp::At(now + end.saturating_duration_since(now) / left)
            });
            let stop = FoldStop::new(shared, job.always, wrap_up);
            if !next(run_fold(shared, &job.candidate, i, stop)?) {
                break;
            }
        }
        Ok(())
    }
}
