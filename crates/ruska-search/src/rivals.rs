//! The row losses of the trials that others race against.

use crate::engine::Coordinator;
use crate::pruner::{FoldLoss, Rival};
use ruska_core::{Loss, Predictions, Trial};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Row losses by fold, where the measure has them.
type RowLosses = Vec<Option<Arc<[f64]>>>;

/// The row losses of those trials that are, or may become, the best that a trial sees.
#[derive(Default)]
pub(crate) struct Rivals(BTreeMap<u32, (Loss, RowLosses)>);

impl Rivals {
    /// Takes a trial, and lets go of all that are no trial's best any more. Every trial to come sees
    /// those up to `seen`, and with a trial all before it.
    pub(crate) fn offer(&mut self, number: u32, loss: Loss, rows: RowLosses, seen: Option<u32>) {
        self.0.insert(number, (loss, rows));
        let ranks: Vec<(Loss, u32)> = self.0.iter().map(|(n, (loss, _))| (*loss, *n)).collect();
        self.0.retain(|n, (loss, _)| {
            let known = Some(*n).max(seen);
            !ranks.iter().any(|better| *better < (*loss, *n) && Some(better.1) <= known)
        });
    }
}

impl Coordinator<'_> {
    /// The best of the trials up to `seen`. Its row losses are those of this run, or follow from the
    /// predictions that an earlier run kept; where these are gone, only its folds tell. Nothing races for
    /// groups that nobody knows.
    pub(crate) fn rival(&mut self, seen: Option<u32>) -> Option<Rival> {
        if !self.shared.has_truth() {
            return None;
        }
        let visible: Vec<&Trial> = self.finished.range(..=seen?).map(|(_, t)| t).collect();
        let ranked = visible.iter().filter_map(|t| Some((t.loss()?, t.number)));
        let (loss, number) = ranked.min()?;
        let constant = visible.iter().find(|t| t.origin == "baseline").and_then(|t| t.loss());
        let losses: Vec<Loss> = self.finished[&number].folds.iter().map(|f| f.loss).collect();
        if !self.rivals.0.contains_key(&number) {
            let rows = self.recalled(number);
            self.rivals.offer(number, loss, rows, seen);
        }
        let rows = self.rivals.0.get(&number).map(|(_, rows)| rows.clone()).unwrap_or_default();
        let rows = rows.into_iter().chain(std::iter::repeat(None));
        let folds = losses.iter().zip(rows);
        Some(Rival {
            loss: loss.get(),
            constant: constant.map(Loss::get),
            folds: folds.map(|(loss, rows)| FoldLoss { loss: loss.get(), rows }).collect(),
        })
    }

    /// The row losses of a trial of an earlier run.
    fn recalled(&mut self, number: u32) -> RowLosses {
        let predictions: Vec<Predictions> = self.hooks.recall(number).unwrap_or_default();
        let shared = &self.shared;
        let Some(measure) = shared.catalog.measure(&shared.metric) else { return vec![] };
        let folds = (0..shared.folds.len()).zip(&predictions);
        folds.map(|(fold, p)| shared.tested(fold).row_losses(&**measure, p)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Whatever the order in which trials end and however many run, the best that any trial to come
    /// sees is there, and hardly any other.
    #[test]
    fn the_best_of_every_view_stays() {
        let lag = crate::LAG;
        let mut rng = ruska_core::Rng::new(3);
        for workers in [1, 3, 8] {
            let losses: Vec<Loss> = (0..60).map(|_| Loss::new(rng.unit()).unwrap()).collect();
            let (mut rivals, mut ended, mut running) = (Rivals::default(), vec![], vec![]);
            let mut next = 0;
            while next < 60 {
                let seen = u32::checked_sub(next, lag);
                let waits = running.iter().any(|&n| Some(n) <= seen);
                if running.len() < workers && !waits {
                    let view = ended.iter().filter(|&&n| Some(n) <= seen);
                    if let Some(best) = view.min_by_key(|&&n: &&u32| (losses[n as usize], n)) {
                        assert!(rivals.0.contains_key(best), "trial {next} misses {best}");
                    }
                    running.push(next);
                    next += 1;
                    continue;
                }
                let at = (rng.unit() * running.len() as f64) as usize;
                let number = running.swap_remove(at);
                ended.push(number);
                rivals.offer(number, losses[number as usize], vec![], next.checked_sub(lag));
                assert!(rivals.0.len() <= 1 + lag as usize);
            }
        }
    }
}
