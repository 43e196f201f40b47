//! BIC: how well a mixture describes the rows, less what its parameters would by chance.
//!
//! Schwarz's criterion for one row, as a mixture tells it of the rows it was fitted to; less is better.
//! Wins on groups that are normal distributions, which it counts; fails on groups of another shape, which it
//! covers with several. One group has it as well, and may be the answer. What is no mixture has none and
//! stands behind all that have. Steps change the columns that are described, so only mixtures after the
//! same steps as the first one compare, and the others stand behind as well.
//!
//! Reference: Schwarz, "Estimating the dimension of a model", Ann. Statist. 6, 1978; Fraley, Raftery,
//! "Model-based clustering, discriminant analysis, and density estimation", JASA 97, 2002.

use super::support::{GroupInput, undefined};
use ruska_core::{
    Beside, Loss, Measure, MeasureError, MeasureInfo, Needs, Predictions, StepSpec, TaskKind,
    Trial, Truth,
};
use std::collections::BTreeMap;

/// See the module.
pub(crate) struct Bic;

static INFO: MeasureInfo = MeasureInfo {
    id: "bic",
    summary: "How well a mixture describes a row, less what its parameters would by chance",
    tasks: &[TaskKind::Clustering],
    needs: Needs::Fit,
    multiclass: false,
    higher_is_better: false,
    reference: "https://doi.org/10.1214/aos/1176344136",
};

impl Measure for Bic {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        GroupInput::new(&INFO, truth, predictions, weights)?;
        Err(undefined(&INFO, "a mixture tells it of its fit, and no groups by themselves"))
    }

    fn beside(&self) -> Option<Box<dyn Beside>> {
        Some(Box::new(Mixtures::default()))
    }
}

/// What mixtures told and the steps before them, by the number of the trial; `None` of what is none.
#[derive(Default)]
struct Mixtures(BTreeMap<u32, Option<(f64, Vec<StepSpec>)>>);

impl Beside for Mixtures {
    fn take(&mut self, trial: &Trial) {
        let told = || Some((trial.score(INFO.id)?, trial.candidate.steps.clone()));
        self.0.entry(trial.number).or_insert_with(told);
    }

    fn losses(&self) -> Vec<(u32, Loss)> {
        let first = self.0.values().flatten().next().map(|(_, steps)| steps);
        let loss = |(number, told): (&u32, &Option<(f64, Vec<StepSpec>)>)| {
            let compares = told.as_ref().filter(|(_, steps)| first == Some(steps));
            let loss = compares.and_then(|(bic, _)| Loss::new(*bic)).unwrap_or(Loss::WORST);
            (*number, loss)
        };
        self.0.iter().map(loss).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Candidate, Params, TrialState};
    use ruska_testkit::fold_result;

    #[test]
    fn what_has_none_or_does_not_compare_stands_behind() {
        let trial = |number, bic: Option<f64>, steps: usize| {
            let mut fold = fold_result(0, 0.5, 10);
            fold.scores = bic.map(|v| ("bic".to_owned(), v)).into_iter().collect();
            let steps = vec![StepSpec { step: "pca".into(), params: Params::new() }; steps];
            let candidate = Candidate { steps, learner: "any".into(), params: Params::new() };
            let (origin, state) = (String::new(), TrialState::Done);
            Trial { number, candidate, origin, state, folds: vec![fold] }
        };
        let trials = [(4, Some(-9.0), 1), (3, Some(2.0), 0), (1, None, 1), (2, Some(-1.0), 0)];
        let mut beside = Bic.beside().unwrap();
        trials.into_iter().for_each(|(n, bic, steps)| beside.take(&trial(n, bic, steps)));
        let losses: Vec<(u32, f64)> =
            beside.losses().into_iter().map(|(n, loss)| (n, loss.get())).collect();
        let worst = Loss::WORST.get();
        assert_eq!(losses, [(1, worst), (2, -1.0), (3, 2.0), (4, worst)]);
    }
}
