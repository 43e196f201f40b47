//! Consensus: where a trial stands among the others of its study by several indices at once.
//!
//! No single index is right for groups of every shape, so each ranks the trials, and the mean of the ranks
//! is the loss, 0 for a trial that is first by all and 1 for one that is last by all: silhouette,
//! Calinski–Harabasz, Davies–Bouldin, DBCV and stability of all trials, and Schwarz's criterion of those
//! that tell it after the same steps. A trial that an index says nothing of is not ranked by it; one group
//! is behind all others. A single trial has its silhouette.
//!
//! Reference: Arbelaitz et al., "An extensive comparative study of cluster validity indices", Pattern
//! Recognition 46, 2013 (no index is best); Pihur, Datta, Datta, "Weighted rank aggregation of cluster
//! validation measures", Bioinformatics 23, 2007.

use super::silhouette::Silhouette;
use ruska_core::{
    Loss, Measure, MeasureError, MeasureInfo, Needs, Predictions, StepSpec, TaskKind, Trial, Truth,
};
use std::collections::BTreeMap;

/// See the module.
pub(crate) struct Consensus;

static INFO: MeasureInfo = MeasureInfo {
    id: "consensus",
    summary: "The mean rank among the trials of the study by several indices",
    task: TaskKind::Clustering,
    needs: Needs::Groups,
    multiclass: true,
    higher_is_better: true,
    reference: "Pihur, Datta, Datta, Weighted rank aggregation of cluster validation measures, Bioinformatics 23, 2007",
};

/// Indices that rank all trials, and whether more is better.
const INDICES: [(&str, bool); 5] = [
    ("silhouette", true),
    ("calinski_harabasz", true),
    ("davies_bouldin", false),
    ("dbcv", true),
    ("stability", true),
];
/// What is told of mixtures; less is better.
const BIC: &str = "bic";

impl Measure for Consensus {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        Silhouette.score(truth, predictions, weights)
    }

    fn beside(&self, trials: &[&Trial]) -> Option<Vec<Loss>> {
        let mut ranks: Vec<Vec<f64>> = vec![vec![]; trials.len()];
        // What an index says of a trial with one group only is nothing, or says nothing of it.
        let several = |i: usize| trials[i].score(INDICES[0].0).is_some();
        for (id, more_is_better) in INDICES {
            let score = |i: usize| trials[i].score(id).filter(|_| several(i));
            let sign = if more_is_better { -1.0 } else { 1.0 };
            let scored = (0..trials.len()).filter_map(|i| Some((sign * score(i)?, i)));
            rank(scored.collect(), &mut ranks);
        }
        let mut alike: BTreeMap<String, Vec<(f64, usize)>> = BTreeMap::new();
        for (i, trial) in trials.iter().enumerate().filter(|(i, _)| several(*i)) {
            if let Some(bic) = trial.score(BIC) {
                alike.entry(steps(&trial.candidate.steps)).or_default().push((bic, i));
            }
        }
        alike.into_values().for_each(|scored| rank(scored, &mut ranks));
        let mean = |ranks: &Vec<f64>| ranks.iter().sum::<f64>() / ranks.len() as f64;
        let losses = ranks.iter().map(|r| if r.is_empty() { 1.0 } else { mean(r) });
        losses.map(Loss::new).collect()
    }
}

/// Steps in words.
fn steps(steps: &[StepSpec]) -> String {
    format!("{steps:?}")
}

/// Adds the place of each among some, by a number that should be small: 0 to 1, equal ones alike.
fn rank(mut scored: Vec<(f64, usize)>, ranks: &mut [Vec<f64>]) {
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let last = scored.len().saturating_sub(1).max(1) as f64;
    let mut before = 0.0;
    for equal in scored.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let place = before + (equal.len() - 1) as f64 / 2.0;
        equal.iter().for_each(|(_, i)| ranks[*i].push(place / last));
        before += equal.len() as f64;
    }
}
