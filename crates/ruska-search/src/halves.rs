//! What more rows would bring: a trial of the model fitted again on half of the rows it learned from.
//!
//! From half the rows to all of them the loss falls by a gain that is measured on the same test rows;
//! the next doubling brings a part of it, as learning curves fall with a power of the rows.
//!
//! Reference: Viering, Loog, "The shape of learning curves: a review", IEEE TPAMI 45 (2023).

use crate::engine::{Best, Coordinator};
use crate::evaluate::evaluate;
use crate::mean::mean_and_error;
use crate::refits::Until;
use ruska_core::{Event, Fold, Predictions, Rng, Trial, hash};
use serde::Serialize;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Folds that are fitted on half their rows at most.
const FOLDS: usize = 3;
/// Share of a run that these fits may take.
const SHARE: f64 = 0.03;
/// Fewest rows that a half may have.
const FEWEST: usize = 20;

/// What a doubling brings of what the one before brought: as a rule, at least, at most.
///
/// Losses fall with a power of the rows between the root and the first.
const NEXT: Gain = Gain { gain: 0.7, low: 0.5, high: 0.87 };
/// Standard errors on either side of a gain between which nine in ten lie.
pub(crate) const WIDTH: f64 = 1.645;

/// By how much the loss would fall.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gain {
    /// What is expected, at least 0.
    pub gain: f64,
    /// The lower end of an interval of about nine in ten.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What all rows brought over half of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Halved {
    trial: u32,
    folds: u32,
    gain: f64,
    error: f64,
}

impl Halved {
    /// What is recorded of it.
    pub(crate) fn event(self) -> Event {
        let Self { trial, folds, gain, error } = self;
        Event::Halved { trial, folds, gain, error }
    }

    /// From what is recorded.
    pub fn from_event(event: &Event) -> Option<Self> {
        match *event {
            Event::Halved { trial, folds, gain, error } => Some(Self { trial, folds, gain, error }),
            _ => None,
        }
    }

    /// The same where the model's loss owes so much to having been chosen by, which its trials on half of
    /// the rows owe to nothing.
    pub(crate) fn without(self, optimism: f64) -> Self {
        Self { gain: self.gain - optimism.max(0.0), ..self }
    }

    /// What so many doublings of the rows would bring, ≥ 0 of them.
    pub fn rows(self, doublings: f64) -> Gain {
        let Self { gain, error, .. } = self;
        let of = |next: f64, gain: f64| {
            (gain * next * (1.0 - next.powf(doublings)) / (1.0 - next)).max(0.0)
        };
        Gain {
            gain: of(NEXT.gain, gain),
            low: of(NEXT.low, gain - WIDTH * error),
            high: of(NEXT.high, gain + WIDTH * error),
        }
    }
}

impl Coordinator<'_> {
    /// What all rows brought over half of them: to the trial chosen, or where there is no time for that
    /// to another of the model, the longest fit first, or to the best other trial for which there is;
    /// `None` where there is none.
    pub(crate) fn halved(&mut self, best: &Best) -> Option<Halved> {
        if !self.shared.has_truth() || self.shared.in_time() {
            return None;
        }
        let mut end = self.spec.deadline.map(|deadline| {
            let run = deadline.saturating_duration_since(self.began);
            deadline.min(Instant::now() + run.mul_f64(SHARE))
        });
        if let Some(before) = end.as_mut() {
            let seconds = self.refit_seconds() + self.saving_seconds();
            let latest = self.spec.deadline?.checked_sub(Duration::from_secs_f64(seconds))?;
            *before = latest.min(*before);
        }
        let need = |trial: &Trial, fold: usize| {
            let seconds = trial.folds.get(fold).map_or(f64::INFINITY, |f| 0.6 * f.fit_seconds);
            Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
        };
        let fits = |trial: &Trial, fold| {
            let now = Instant::now();
            end.is_none_or(|end| now.checked_add(need(trial, fold)).is_some_and(|at| at < end))
        };
        // Where time grows the first folds have the fewest rows.
        let mut order: Vec<usize> = (0..self.shared.folds.len()).collect();
        order.sort_by_key(|&fold| Reverse(self.shared.folds[fold].train.len()));
        order.truncate(FOLDS);
        let mut trials: Vec<&Trial> = best.members.iter().map(|m| &m.trial).collect();
        trials.get_mut(1..)?.sort_by_key(|trial| Reverse(need(trial, 0)));
        let learned = |trial: &&Trial| trial.number != 0;
        trials.extend(self.pool.best(usize::MAX).into_iter().filter(learned));
        let trial =
            trials.into_iter().find(|trial| fits(trial, *order.first().unwrap_or(&0)))?.clone();
        let out_of_fold = match self.pool.get(trial.number) {
            Some(fitted) => Cow::Borrowed(&fitted.out_of_fold),
            None => Cow::Owned(self.hooks.recall(trial.number)?),
        };
        let stop = Until { end, cancel: Arc::clone(&self.spec.cancel) };
        let mut pairs: Vec<(f64, f64)> = vec![];
        let mut differences: Vec<f64> = vec![];
        for fold in order {
            let Some(all) = out_of_fold.get(fold).filter(|_| fits(&trial, fold)) else { break };
            let Some((pair, rows)) = self.halved_fold(&trial, (fold, all), &stop) else { break };
            pairs.push(pair);
            differences.extend(rows);
        }
        let (gain, error) = gain(&pairs, &differences)?;
        let (own, loss) = (trial.loss()?.get(), best.loss.get());
        let scale = if own > 0.0 && loss > 0.0 { loss / own } else { 1.0 };
        let (gain, error) = (scale * gain, scale * error);
        Some(Halved { trial: trial.number, folds: pairs.len() as u32, gain, error })
    }

    /// The losses of a fold with half of its rows and with all, and the differences of its rows.
    fn halved_fold(
        &self,
        trial: &Trial,
        (fold, all): (usize, &Predictions),
        stop: &Until,
    ) -> Option<((f64, f64), Vec<f64>)> {
        let shared = &self.shared;
        let rows = &shared.folds[fold];
        let half = half(rows, shared.seed)?;
        let ctx = shared.context(&trial.candidate, fold as u64, stop);
        let ctx = ctx.with_threads(self.spec.workers);
        let part = (fold as u32, &half);
        let outcome = evaluate(shared, &trial.candidate, part, &ctx).ok()?;
        let measure = shared.catalog.measure(&shared.metric)?;
        let all = shared.tested(fold).row_losses(&**measure, all);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn halved(gain: f64, error: f64) -> Halved {
        Halved { trial: 1, folds: 3, gain, error }
    }

    #[test]
    fn rows_that_brought_nothing_bring_nothing() {
        let worse = halved(-0.01, 0.02).rows(1.0);
        assert_eq!((worse.gain, worse.low), (0.0, 0.0));
        assert!(worse.high > 0.0);
        let sure = halved(0.1, 0.01).rows(1.0);
        assert!(0.0 < sure.low && sure.low < sure.gain && sure.gain < sure.high);
        assert_eq!(halved(0.1, 0.01).rows(0.0), Gain { gain: 0.0, low: 0.0, high: 0.0 });
    }

    /// 1 + n^−½: each doubling brings 0.71 of the one before, so a quarter more rows than 800 bring
    /// 800^−½ − 1000^−½.
    #[test]
    fn a_part_of_a_doubling_brings_its_part() {
        let loss = |n: f64| 1.0 + n.powf(-0.5);
        let told = halved(loss(400.0) - loss(800.0), 0.0).rows(1.25f64.log2()).gain;
        let truth = loss(800.0) - loss(1000.0);
        assert!((told / truth - 1.0).abs() < 0.03, "{told} for {truth}");
    }
}
