//! Measures predictions of the rows that were held out, a sample where they are many.

use crate::evaluate::row_weights;
use crate::worker::Shared;
use ruska_core::{Fold, Measure, Predictions, Truth, hash};
use std::borrow::Borrow;
use std::sync::Arc;

/// Rows that were held out, and how predictions of them are measured.
#[derive(Clone)]
pub(crate) struct Judge {
    measure: Arc<dyn Measure>,
    /// Numbers that a row's prediction has.
    width: usize,
    folds: Arc<Vec<Judging>>,
    /// Whether rows follow each other in time.
    pub(crate) in_time: bool,
    /// Weights of the rows of each fold.
    weights: Vec<Option<Vec<f64>>>,
}

/// The rows of a fold that judge.
pub(crate) struct Judging {
    /// Their places in the fold.
    places: Vec<usize>,
    /// Their numbers in the table.
    pub(crate) rows: Vec<u32>,
    pub(crate) truth: Truth,
    /// The fold's share of the rows.
    pub(crate) share: f64,
}

impl Judge {
    /// A judge of at most so many rows, of all folds together and one of each at least; `None` where
    /// the study's measure is unknown.
    pub(crate) fn new(shared: &Shared, most: usize) -> Option<Self> {
        let measure = Arc::clone(shared.catalog.measure(&shared.metric)?);
        let all: usize = shared.folds.iter().map(|f| f.test.len()).sum();
        let fold = |fold: &Fold| {
            let n = fold.test.len();
            let most = (most as u128 * n as u128 / all.max(1) as u128) as usize;
            let places: Vec<usize> = hash::spread(n, most.clamp(1, n.max(1))).collect();
            let rows: Vec<u32> = places.iter().map(|&i| fold.test[i]).collect();
            let drawn: Vec<u32> = places.iter().map(|&i| i as u32).collect();
            let truth = shared.task.target.truth(&fold.test).take(&drawn);
            Judging { places, rows, truth, share: n as f64 / all as f64 }
        };
        let folds: Vec<Judging> = shared.folds.iter().map(fold).collect();
        let weights = folds.iter().map(|f| row_weights(&shared.task, &f.rows)).collect();
        let width = shared.task.target.width();
        let in_time = shared.in_time();
        Some(Self { measure, width, folds: Arc::new(folds), in_time, weights })
    }

    /// The same with the weight of every row, by fold, times a number.
    pub(crate) fn weighted(&self, times: Vec<Vec<f64>>) -> Self {
        let of = |(mut times, weights): (Vec<f64>, &Option<Vec<f64>>)| {
            if let Some(weights) = weights {
                times.iter_mut().zip(weights).for_each(|(t, w)| *t *= w);
            }
            Some(times)
        };
        let weights = times.into_iter().zip(&self.weights).map(of).collect();
        Self { weights, ..self.clone() }
    }

    pub(crate) fn folds(&self) -> &[Judging] {
        &self.folds
    }

    /// The numbers of the rows that judge, by fold.
    pub(crate) fn numbers(&self, out_of_fold: &[impl Borrow<Predictions>]) -> Vec<Vec<f64>> {
        let of = |(fold, p): (&Judging, &_)| {
            let p: &Predictions = Borrow::borrow(p);
            fold.places.iter().flat_map(|&i| p.row(i).iter().copied()).collect()
        };
        self.folds.iter().zip(out_of_fold).map(of).collect()
    }

    /// The loss of each fold; `None` where the measure is undefined.
    pub(crate) fn losses(
        &self,
        numbers: impl Iterator<Item = Vec<f64>>,
    ) -> impl Iterator<Item = Option<f64>> {
        self.folds.iter().zip(&self.weights).zip(numbers).map(|((fold, weights), numbers)| {
            let predictions = Predictions::new(self.width, numbers);
            let score = self.measure.score(&fold.truth, &predictions, weights.as_deref()).ok()?;
            Some(self.measure.loss_of(score)).filter(|loss| loss.is_finite())
        })
    }

    /// Mean loss of the folds; `None` where the measure is undefined.
    pub(crate) fn loss(&self, numbers: impl Iterator<Item = Vec<f64>>) -> Option<f64> {
        let mut losses = self.losses(numbers).zip(self.folds.iter());
        losses.try_fold(0.0, |sum, (loss, fold)| Some(sum + fold.share * loss?))
    }
}
