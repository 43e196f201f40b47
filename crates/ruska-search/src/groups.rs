//! What a fold tells where groups are found that nobody knows.
//!
//! A fold that trains on all rows gives the model and is judged; one that trains on a part tells only how
//! far it agrees with the fold before, as both are tested on the same rows.

use crate::evaluate::FoldOutcome;
use crate::worker::Shared;
use ruska_core::{Fold, Grouping, Loss, Measure, Predictions, Truth};
use std::collections::BTreeMap;

/// Scores by the id of a measure or of what is counted.
type Scores = BTreeMap<String, f64>;

/// The groups that a fold's model finds.
pub(crate) struct Grouped<'a> {
    pub(crate) asked: &'a Grouping,
    pub(crate) fold: &'a Fold,
    pub(crate) predictions: &'a Predictions,
}

impl Grouped<'_> {
    /// Whether the model has learned from all rows.
    fn is_whole(&self) -> bool {
        self.fold.train.len() == self.asked.rows()
    }

    /// Fails unless there are as many groups, and rows in each, as were asked for.
    pub(crate) fn fits(&self) -> Result<(), String> {
        if !self.is_whole() {
            return Ok(());
        }
        let sizes = self.sizes();
        if let Some(clusters) = self.asked.clusters.filter(|asked| *asked != sizes.len()) {
            return Err(format!("found more or fewer than the {clusters} clusters asked for"));
        }
        let tested = self.asked.rows() as f64 / self.predictions.rows().max(1) as f64;
        let smallest = sizes.values().map(|n| *n as f64 * tested).fold(f64::INFINITY, f64::min);
        match self.asked.min_cluster_size {
            Some(least) if smallest < least as f64 => {
                Err(format!("a cluster has fewer than the {least} rows asked for"))
            }
            _ => Ok(()),
        }
    }

    /// The scores of a fold and its loss by the metric, given what all measures and the model itself
    /// tell; of a part only a loss in place of the one that [`agree`] gives it.
    pub(crate) fn judge(
        &self,
        measure: &dyn Measure,
        truth: &Truth,
        scores: impl FnOnce() -> Scores,
    ) -> (Scores, f64) {
        if !self.is_whole() {
            return (Scores::new(), Loss::WORST.get());
        }
        let mut scores = scores();
        scores.extend(self.counts().map(|(id, v)| (id.to_owned(), v)));
        // A single group is an answer, of which an index says nothing.
        let several = self.sizes().len() > 1;
        let score = measure.score(truth, self.predictions, None).ok().filter(|_| several);
        (scores, score.map_or(Loss::WORST.get(), |score| measure.loss_of(score)))
    }

    /// Rows of each group; noise is none.
    fn sizes(&self) -> BTreeMap<i32, usize> {
        let mut sizes = BTreeMap::new();
        let groups = self.predictions.groups().into_iter().filter(|group| *group >= 0);
        groups.for_each(|group| *sizes.entry(group).or_default() += 1);
        sizes
    }

    /// How many groups there are, and the shares of the rows that the smallest and the largest have and
    /// that are in none.
    fn counts(&self) -> [(&'static str, f64); 4] {
        let sizes = self.sizes();
        let rows = self.predictions.rows().max(1) as f64;
        let share = |size: Option<&usize>| size.map_or(0.0, |n| *n as f64 / rows);
        [
            ("clusters", sizes.len() as f64),
            ("smallest", share(sizes.values().min())),
            ("largest", share(sizes.values().max())),
            ("noise", 1.0 - sizes.values().sum::<usize>() as f64 / rows),
        ]
    }
}

/// Gives the fold of a part its scores and loss: how far its model agrees with that of the fold before,
/// where both were tested on the same rows, and for a metric that does not ask for that the loss of the
/// fold before. Nothing where no measure asks how far models agree.
pub(crate) fn agree(shared: &Shared, before: &FoldOutcome, outcome: &mut FoldOutcome) {
    let tested = |o: &FoldOutcome| shared.folds.get(o.result.fold as usize).map(|f| &f.test);
    if shared.has_truth() || tested(before) != tested(outcome) {
        return;
    }
    outcome.result.loss = before.result.loss;
    for measure in &shared.catalog.measures {
        let Some(score) = measure.between(&before.predictions, &outcome.predictions) else {
            continue;
        };
        let id = measure.info().id;
        outcome.result.scores.insert(id.to_owned(), score);
        let asked = id == shared.metric && before.result.loss < Loss::WORST;
        if let Some(loss) = Loss::new(measure.loss_of(score)).filter(|_| asked) {
            outcome.result.loss = loss;
        }
    }
}
