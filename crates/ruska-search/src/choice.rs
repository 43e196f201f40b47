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
    /// The simplest learner within one standard error of the least loss.
    ///
    /// Reference: Breiman, Friedman, Olshen, Stone, Classification and Regression Trees (1984),
    /// section 3.4.3.
    Simple,
}

impl Prefer {
    /// The trial that gives the model; `None` when none has a loss.
    pub(crate) fn choose<'a>(
        self,
        trials: impl Iterator<Item = &'a Trial> + Clone,
        catalog: &Catalog,
    ) -> Option<&'a Trial> {
        let best = best(trials.clone())?;
        match self {
            Self::Accuracy => Some(best),
            Self::Simple => simplest(best, trials, catalog).or(Some(best)),
        }
    }
}

/// The trial of the least (loss, number).
fn best<'a>(trials: impl Iterator<Item = &'a Trial>) -> Option<&'a Trial> {
    let scored = trials.filter_map(|t| Some((t.loss()?, t)));
    scored.min_by_key(|(loss, t)| (*loss, t.number)).map(|(_, t)| t)
}

/// The trial of the least complex learner whose loss is within one standard error of the best's;
/// `None` when the best has no standard error.
pub(crate) fn simplest<'a>(
    best: &Trial,
    trials: impl Iterator<Item = &'a Trial>,
    catalog: &Catalog,
) -> Option<&'a Trial> {
    let limit = best.loss()?.get() + best.standard_error()?;
    trials
        .filter(|t| t.loss().is_some_and(|loss| loss.get() <= limit))
        .min_by_key(|t| (complexity(t, catalog), t.loss(), t.number))
}

fn complexity(trial: &Trial, catalog: &Catalog) -> u8 {
    catalog.learner(&trial.candidate.learner).map_or(u8::MAX, |l| l.info().complexity)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Candidate, FoldResult, Loss, Params, TrialState};
    use ruska_testkit::fake_catalog;
    use std::collections::BTreeMap;

    fn trial(number: u32, learner: &str, losses: &[f64]) -> Trial {
        let fold = |(fold, loss): (u32, &f64)| FoldResult {
            fold,
            loss: Loss::new(*loss).unwrap(),
            scores: BTreeMap::new(),
            rows: 10,
            fit_seconds: 0.0,
            predict_seconds: 0.0,
            bytes: 1,
            iterations: None,
            cut: false,
            cut_after: None,
        };
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
        prefer.choose(trials.iter(), &fake_catalog()).map(|t| t.number)
    }

    #[test]
    fn simple_takes_the_simplest_within_one_standard_error() {
        // Four folds at 2 ± d have the standard error d / √3.
        let spread = 3.0f64.sqrt() / 2.0;
        let best = trial(3, "debug", &[2.0 - spread, 2.0 + spread, 2.0 - spread, 2.0 + spread]);
        assert!((best.standard_error().unwrap() - 0.5).abs() < 1e-12);
        let near =
            |loss: f64| [trial(1, "mean", &[loss; 4]), trial(2, "debug", &[2.2; 4]), best.clone()];
        assert_eq!(chosen(Prefer::Simple, &near(2.499)), Some(1));
        assert_eq!(chosen(Prefer::Simple, &near(2.501)), Some(3));
        assert_eq!(chosen(Prefer::Accuracy, &near(2.499)), Some(3));
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

    #[test]
    fn without_a_standard_error_the_best_is_taken() {
        let trials = [trial(0, "mean", &[1.1]), trial(1, "debug", &[1.0])];
        assert_eq!(chosen(Prefer::Simple, &trials), Some(1));
        assert_eq!(chosen(Prefer::Simple, &[]), None);
    }
}
