//! Which trial gives the model.

use ruska_core::{Catalog, Trial};
use serde::{Deserialize, Serialize};

/// What "best" means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefer {
    /// The least loss.
    #[default]
    Accuracy,
    /// The simplest learner that is not worse than the best by more than one standard error.
    ///
    /// Reference: Breiman, Friedman, Olshen, Stone, Classification and Regression Trees (1984),
    /// section 3.4.3.
    Simple,
    /// The fastest to predict with that is not worse than the best by more than one standard error.
    Speed,
}

/// What is wanted of the model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wanted {
    /// What "best" means.
    pub prefer: Prefer,
    /// Most microseconds that predicting a row may take on this machine, > 0; where no trial is so
    /// fast, the fastest gives the model.
    pub predict_us: Option<f64>,
}

impl Wanted {
    /// Whether a trial predicts fast enough.
    pub(crate) fn allows(self, trial: &Trial) -> bool {
        self.predict_us.is_none_or(|most| trial.predict_us() <= most)
    }

    /// The trial that gives the model; `None` when none has a loss.
    pub(crate) fn choose<'a>(
        self,
        trials: impl Iterator<Item = &'a Trial> + Clone,
        catalog: &Catalog,
    ) -> Option<&'a Trial> {
        let fast = trials.clone().filter(|t| self.allows(t));
        let Some(best) = best(fast.clone()) else {
            return fastest(trials.filter(|t| t.loss().is_some()));
        };
        match self.prefer {
            Prefer::Accuracy => Some(best),
            Prefer::Simple => simplest(best, fast, catalog).or(Some(best)),
            Prefer::Speed => fastest(near(best, fast)).or(Some(best)),
        }
    }
}

/// The trial that predicts fastest, the earliest of equals.
fn fastest<'a>(trials: impl Iterator<Item = &'a Trial>) -> Option<&'a Trial> {
    trials.min_by(|a, b| a.predict_us().total_cmp(&b.predict_us()).then(a.number.cmp(&b.number)))
}

/// The trial of the least (loss, number).
fn best<'a>(trials: impl Iterator<Item = &'a Trial>) -> Option<&'a Trial> {
    let scored = trials.filter_map(|t| Some((t.loss()?, t)));
    scored.min_by_key(|(loss, t)| (*loss, t.number)).map(|(_, t)| t)
}

/// The trial of the least complex learner that is [`near`] the best; `None` when there is none.
pub(crate) fn simplest<'a>(
    best: &Trial,
    trials: impl Iterator<Item = &'a Trial>,
    catalog: &Catalog,
) -> Option<&'a Trial> {
    near(best, trials).min_by_key(|t| (complexity(t, catalog), t.loss(), t.number))
}

/// The trials whose loss is within one standard error of the best's: that of their difference where
/// both were tested on the same folds, otherwise that of the best's loss. None when the best has no
/// standard error.
fn near<'a>(
    best: &Trial,
    trials: impl Iterator<Item = &'a Trial>,
) -> impl Iterator<Item = &'a Trial> {
    let known = best.loss().zip(best.standard_error());
    trials.filter(move |t| {
        known.zip(t.loss()).is_some_and(|((least, error), loss)| {
            loss.get() - least.get() <= paired_error(t, best).unwrap_or(error)
        })
    })
}

/// Standard error of the difference of two trials' losses, from their differences on each fold: what
/// makes a fold hard for both cancels out. `None` where they were not tested on the same folds, or
/// on fewer than two.
///
/// Training parts overlap, so the differences are not independent, and their variance over the number
/// of folds k would be too small: test over training rows, 1/(k − 1), are added to 1/k.
///
/// Reference: Nadeau, Bengio, "Inference for the generalization error", Machine Learning 52 (2003).
fn paired_error(a: &Trial, b: &Trial) -> Option<f64> {
    let k = a.folds.len() as f64;
    let same = a.folds.len() == b.folds.len()
        && a.folds.iter().zip(&b.folds).all(|(a, b)| (a.fold, a.rows) == (b.fold, b.rows));
    if !same || k < 2.0 {
        return None;
    }
    let differences = || a.folds.iter().zip(&b.folds).map(|(a, b)| a.loss.get() - b.loss.get());
    let mean = differences().sum::<f64>() / k;
    let variance = differences().map(|d| (d - mean).powi(2)).sum::<f64>() / (k - 1.0);
    Some((variance * (1.0 / k + 1.0 / (k - 1.0))).sqrt())
}

fn complexity(trial: &Trial, catalog: &Catalog) -> u8 {
    catalog.learner(&trial.candidate.learner).map_or(u8::MAX, |l| l.info().complexity)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Candidate, Params, TrialState};
    use ruska_testkit::{fake_catalog, fold_result};

    fn trial(number: u32, learner: &str, losses: &[f64]) -> Trial {
        let fold = |(fold, loss): (u32, &f64)| fold_result(fold, *loss, 10);
        Trial {
            number,
            candidate: Candidate {
                steps: vec![],
                learner: learner.to_owned(),
                params: Params::new(),
            },
            origin: "random".into(),
            state: TrialState::Done,
            folds: (0u32..).zip(losses).map(fold).collect(),
        }
    }

    fn chosen(prefer: Prefer, trials: &[Trial]) -> Option<u32> {
        Wanted { prefer, predict_us: None }.choose(trials.iter(), &fake_catalog()).map(|t| t.number)
    }

    #[test]
    fn simple_takes_the_simplest_within_one_standard_error_of_the_difference() {
        // Four differences of ±d/2 have the variance d²/3, and their mean d²/3 · (1/4 + 1/3).
        let d: f64 = 0.6;
        let error = d / 3.0f64.sqrt() * (7.0f64 / 12.0).sqrt();
        let best = trial(3, "debug", &[1.0, 2.0, 3.0, 4.0]);
        let near = |gap: f64| {
            let (low, high) = (gap - d / 2.0, gap + d / 2.0);
            let simple = trial(1, "mean", &[1.0 + low, 2.0 + high, 3.0 + low, 4.0 + high]);
            [simple, trial(2, "debug", &[2.9; 4]), best.clone()]
        };
        assert_eq!(chosen(Prefer::Simple, &near(error - 1e-9)), Some(1));
        assert_eq!(chosen(Prefer::Simple, &near(error + 1e-9)), Some(3));
        assert_eq!(chosen(Prefer::Accuracy, &near(error - 1e-9)), Some(3));
    }

    #[test]
    fn what_is_worse_on_every_fold_is_not_as_good_however_much_folds_differ() {
        let best = trial(0, "debug", &[1.0, 2.0, 3.0, 4.0]);
        let simple = trial(1, "mean", &[1.1, 2.12, 3.1, 4.08]);
        let gap = simple.loss().unwrap().get() - best.loss().unwrap().get();
        assert!(gap < best.standard_error().unwrap());
        assert_eq!(chosen(Prefer::Simple, &[best.clone(), simple]), Some(0));
        // Of other folds nothing but the spread of the best is known.
        let mut other = trial(1, "mean", &[1.1, 2.12, 3.1, 4.08]);
        other.folds[3].rows = 11;
        assert_eq!(chosen(Prefer::Simple, &[best, other]), Some(1));
    }

    #[test]
    fn of_equally_simple_ones_the_best_is_taken_and_the_earliest_of_equals() {
        let trials = [
            trial(0, "debug", &[1.0, 3.0]),
            trial(1, "mean", &[2.0, 2.4]),
            trial(2, "mean", &[2.0, 2.2]),
            trial(4, "mean", &[2.2, 2.0]),
        ];
        assert_eq!(chosen(Prefer::Simple, &trials), Some(2));
    }

    /// With so many microseconds a row.
    fn timed(number: u32, losses: &[f64], us: f64) -> Trial {
        let mut trial = trial(number, "debug", losses);
        trial.folds.iter_mut().for_each(|f| f.predict_seconds = us * f64::from(f.rows) / 1e6);
        trial
    }

    #[test]
    fn speed_takes_the_fastest_near_the_best_and_a_limit_holds() {
        let (near, far) = ([1.1, 2.0, 3.0], [2.0, 3.0, 4.0]);
        let trials = [timed(0, &[1.0, 2.0, 3.1], 9.0), timed(1, &near, 5.0), timed(2, &far, 1.0)];
        let chosen = |prefer, predict_us| {
            let wanted = Wanted { prefer, predict_us };
            wanted.choose(trials.iter(), &fake_catalog()).unwrap().number
        };
        assert_eq!(chosen(Prefer::Accuracy, None), 0);
        assert_eq!(chosen(Prefer::Speed, None), 1);
        assert_eq!(chosen(Prefer::Accuracy, Some(6.0)), 1);
        assert_eq!(chosen(Prefer::Accuracy, Some(2.0)), 2);
        // Where nothing is fast enough the fastest is the nearest to it.
        assert_eq!(chosen(Prefer::Accuracy, Some(0.5)), 2);
    }

    #[test]
    fn without_a_standard_error_the_best_is_taken() {
        let trials = [trial(0, "mean", &[1.1]), trial(1, "debug", &[1.0])];
        assert_eq!(chosen(Prefer::Simple, &trials), Some(1));
        assert_eq!(chosen(Prefer::Simple, &[]), None);
    }
}
