//! What twice the rows would bring: the chosen trial fitted again on half of the rows it learned from.
//!
//! From half the rows to all of them the loss falls by a gain that is measured on the same test rows;
//! the next doubling brings a part of it, as learning curves fall with a power of the rows.
//!
//! Reference: Viering, Loog, "The shape of learning curves: a review", IEEE TPAMI 45 (2023).

use crate::engine::Coordinator;
use crate::ensemble::Fitted;
use crate::evaluate::{evaluate, row_losses};
use crate::mean::mean_and_error;
use crate::refits::Until;
use ruska_core::{Event, Fold, Rng, hash};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Folds that are fitted on half their rows at most.
const FOLDS: usize = 3;
/// Share of a run that these fits may take.
const SHARE: f64 = 0.02;
/// Fewest rows that a half may have.
const FEWEST: usize = 20;

impl Coordinator<'_> {
    /// What all rows brought over half of them, as an event; `None` where there was no time for it.
    pub(crate) fn halved(&self, chosen: &Fitted) -> Option<Event> {
        let trial = &chosen.member.trial;
        let mut end = self.spec.deadline.map(|deadline| {
            let run = deadline.saturating_duration_since(self.began);
            deadline.min(Instant::now() + run.mul_f64(SHARE))
        });
        if let Some(before) = end.as_mut() {
            let seconds = self.refit_seconds() + self.saving_seconds();
            let latest = self.spec.deadline?.checked_sub(Duration::from_secs_f64(seconds))?;
            *before = latest.min(*before);
        }
        let stop = Until { end, cancel: Arc::clone(&self.spec.cancel) };
        let mut pairs: Vec<(f64, f64)> = vec![];
        let mut differences: Vec<f64> = vec![];
        for fold in 0..self.shared.folds.len().min(FOLDS) {
            let need = Duration::from_secs_f64(0.6 * trial.folds.get(fold)?.fit_seconds);
            if end.is_some_and(|end| Instant::now() + need >= end) {
                break;
            }
            let Some((pair, rows)) = self.halved_fold(chosen, fold, &stop) else { break };
            pairs.push(pair);
            differences.extend(rows);
        }
        let (gain, error) = gain(&pairs, &differences)?;
        Some(Event::Halved { trial: trial.number, folds: pairs.len() as u32, gain, error })
    }

    /// The losses of a fold with half of its rows and with all, and the differences of its rows.
    fn halved_fold(
        &self,
        chosen: &Fitted,
        fold: usize,
        stop: &Until,
    ) -> Option<((f64, f64), Vec<f64>)> {
        let (shared, trial) = (&self.shared, &chosen.member.trial);
        let rows = &shared.folds[fold];
        let half = half(rows, shared.seed)?;
        let ctx = shared.context(&trial.candidate, fold as u64, stop);
        let ctx = ctx.with_threads(self.spec.workers);
        let (catalog, metric, task) = (&shared.catalog, &shared.metric, &shared.task);
        let part = (fold as u32, &half);
        let outcome = evaluate(catalog, metric, task, &trial.candidate, part, &ctx).ok()?;
        let measure = catalog.measure(metric)?;
        let all = row_losses(&**measure, task, &rows.test, chosen.out_of_fold.get(fold)?);
        let differences = match (&outcome.row_losses, all) {
            (Some(half), Some(all)) => half.iter().zip(&*all).map(|(h, a)| h - a).collect(),
            _ => vec![],
        };
        Some(((outcome.result.loss.get(), trial.folds[fold].loss.get()), differences))
    }
}

/// The same fold with half of the rows to learn from.
fn half(fold: &Fold, seed: u64) -> Option<Fold> {
    let mut train = fold.train.clone();
    Rng::new(hash::combine(&[seed, hash::bytes(b"half")])).shuffle(&mut train);
    train.truncate(train.len() / 2);
    train.sort_unstable();
    (train.len() >= FEWEST).then(|| Fold { train, test: fold.test.clone() })
}

/// The mean gain over folds and its error: from the differences of rows, where the measure has them,
/// otherwise from those of folds.
fn gain(pairs: &[(f64, f64)], differences: &[f64]) -> Option<(f64, f64)> {
    let gains: Vec<f64> = pairs.iter().map(|(half, all)| half - all).collect();
    let (gain, of_folds) = mean_and_error(&gains);
    let error = if differences.len() > 1 { mean_and_error(differences).1 } else { of_folds };
    (gain.is_finite() && error.is_finite()).then_some((gain, error))
}
