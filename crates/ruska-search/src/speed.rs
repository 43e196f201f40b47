//! How fast this machine is: seconds of the trials so far over the work they declared.

use ruska_core::Trial;
use std::collections::BTreeMap;

/// Seconds that a unit of work takes as long as nothing was measured.
const USUAL: f64 = 1e-9;

/// Work and seconds of finished trials, by learner.
#[derive(Default)]
pub(crate) struct Speed(BTreeMap<String, (f64, f64)>);

impl Speed {
    /// Takes a trial whose fit on all rows declared so much work. Fits that the clock cut short tell
    /// nothing.
    pub(crate) fn take(&mut self, trial: &Trial, work: f64) {
        let whole = trial.folds.iter().filter(|f| !f.cut);
        let (number, seconds) = whole.fold((0.0, 0.0), |(number, seconds), f| {
            (number + 1.0, seconds + f.fit_seconds + f.predict_seconds)
        });
        let of_it = self.0.entry(trial.candidate.learner.clone()).or_default();
        *of_it = (of_it.0 + work * number, of_it.1 + seconds);
    }

    /// Seconds that so much work of a learner takes.
    pub(crate) fn seconds(&self, learner: &str, work: f64) -> f64 {
        let known = self.0.get(learner).filter(|(work, _)| *work > 0.0);
        work * known.map_or(USUAL, |(work, seconds)| seconds / work)
    }
}
