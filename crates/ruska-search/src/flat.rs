//! Whether more trials are worth it: the study's learning curve over trials.

use ruska_core::Trial;

/// Trials before which nothing is said: the portfolio is to have its turn.
const FEWEST: usize = 24;
/// Standard errors of the best loss below which a gain is noise.
const NOISE: f64 = 0.1;
/// The same in parts of what the best is ahead of the first trial, where there is no standard error.
const NOISE_OF_LEAD: f64 = 1e-3;

/// The least loss of the first one, two, three … trials.
#[derive(Default)]
pub(crate) struct Curve(Vec<f64>);

impl Curve {
    /// Takes the trials that follow those it has.
    pub(crate) fn follow<'a>(&mut self, trials: impl Iterator<Item = &'a Trial>) {
        for trial in trials.skip(self.0.len()) {
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

    fn trial(losses: &[f64]) -> Trial {
        let fold = |(fold, loss): (u32, &f64)| fold_result(fold, *loss, 10);
        let candidate = Candidate { steps: vec![], learner: "a".into(), params: Params::new() };
        let (number, origin, state) = (0, String::new(), TrialState::Done);
        let folds = (0u32..).zip(losses).map(fold).collect();
        Trial { number, candidate, origin, state, folds }
    }

    #[test]
    fn a_curve_is_flat_when_its_second_half_brought_nothing() {
        let mut curve = Curve::default();
        let falling: Vec<Trial> =
            (0..40).map(|i| trial(&[1.0 / f64::from(i + 1), 1.1 / f64::from(i + 1)])).collect();
        curve.follow(falling.iter().take(20));
        assert!(!curve.is_flat(&falling[19]), "too few");
        curve.follow(falling.iter());
        assert!(!curve.is_flat(&falling[39]));
        let worse: Vec<Trial> = (0..40).map(|_| trial(&[0.5, 0.6])).collect();
        curve.follow(falling.iter().chain(&worse));
        assert!(curve.is_flat(&falling[39]));
    }
}
