//! Whether more trials are worth it: the study's learning curve over trials.

use ruska_core::Trial;

/// Trials before which nothing is said: the portfolio is to have its turn.
const FEWEST: usize = 24;
/// Standard errors of the best loss below which a gain is noise.
const NOISE: f64 = 0.1;
/// The same in parts of what the best is ahead of the first trial, where there is no standard error.
const NOISE_OF_LEAD: f64 = 1e-3;

/// The least loss of the first one, two, three … trials, as far as all before them have ended.
#[derive(Default)]
pub(crate) struct Curve(Vec<f64>);

impl Curve {
    /// Takes the trials, in their order, that follow those it has, up to the first that is still
    /// missing.
    pub(crate) fn follow<'a>(&mut self, trials: impl Iterator<Item = &'a Trial>) {
        for trial in trials.skip(self.0.len()) {
            if trial.number as usize != self.0.len() {
                return;
            }
            let before = self.0.last().copied().unwrap_or(f64::INFINITY);
            self.0.push(trial.loss().map_or(before, |loss| loss.get().min(before)));
        }
    }

    /// Whether as many trials again are expected to bring less than noise: the second half of them
    /// brought no more, and later ones bring less.
    pub(crate) fn is_flat(&self, best: &Trial) -> bool {
        let n = self.0.len();
        if n < FEWEST {
            return false;
        }
        let (half, all) = (self.0[n / 2 - 1], self.0[n - 1]);
        let lead = self.0.iter().find(|loss| loss.is_finite()).map_or(0.0, |first| first - all);
        let noise = best.standard_error().map_or(NOISE_OF_LEAD * lead, |error| NOISE * error);
        half - all <= noise
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Candidate, Params, TrialState};
    use ruska_testkit::fold_result;

    fn trial(number: u32, losses: &[f64]) -> Trial {
        let fold = |(fold, loss): (u32, &f64)| fold_result(fold, *loss, 10);
        let candidate = Candidate { steps: vec![], learner: "a".into(), params: Params::new() };
        let (origin, state) = (String::new(), TrialState::Done);
        let folds = (0u32..).zip(losses).map(fold).collect();
        Trial { number, candidate, origin, state, folds }
    }

    #[test]
    fn a_curve_is_flat_when_its_second_half_brought_nothing() {
        let mut curve = Curve::default();
        let falling: Vec<Trial> =
            (0..40).map(|i| trial(i, &[1.0 / f64::from(i + 1), 1.1 / f64::from(i + 1)])).collect();
        curve.follow(falling.iter().take(20));
        assert!(!curve.is_flat(&falling[19]), "too few");
        curve.follow(falling.iter());
        assert!(!curve.is_flat(&falling[39]));
        let worse: Vec<Trial> = (40..80).map(|i| trial(i, &[0.5, 0.6])).collect();
        curve.follow(falling.iter().chain(&worse));
        assert!(curve.is_flat(&falling[39]));
    }

    #[test]
    fn a_trial_that_ends_late_counts() {
        let mut trials: Vec<Trial> = (0..30).map(|i| trial(i, &[0.5, 0.6])).collect();
        trials[20] = trial(20, &[0.1, 0.2]);
        let mut curve = Curve::default();
        curve.follow(trials.iter().filter(|t| t.number != 20));
        assert_eq!(curve.0.len(), 20);
        curve.follow(trials.iter());
        assert!(curve.0.len() == 30 && !curve.is_flat(&trials[20]));
    }
}
