//! Counts of true, predicted and rightly predicted labels.

use super::{ClassInput, Sum};

/// Weight per class; without weights, number of rows.
pub(crate) struct Labels {
    /// Rows of the class that are predicted as such.
    pub(crate) hits: Vec<f64>,
    /// Rows of the class.
    pub(crate) truth: Vec<f64>,
    /// Rows predicted as the class.
    pub(crate) predicted: Vec<f64>,
    positive: usize,
}

impl Labels {
    /// Counts the rows; a row's label is [`ruska_core::Predictions::class`].
    pub(crate) fn count(input: &ClassInput<'_>) -> Self {
        let none = vec![Sum::default(); input.n_classes];
        let (mut hits, mut truth, mut predicted) = (none.clone(), none.clone(), none);
        for (row, class, weight) in input.rows() {
            let label = input.predictions.class(row);
            if label == class {
                hits[class].add(weight);
            }
            truth[class].add(weight);
            predicted[label].add(weight);
        }
        let values = |sums: Vec<Sum>| sums.into_iter().map(Sum::value).collect();
        let positive = input.positive;
        Self { hits: values(hits), truth: values(truth), predicted: values(predicted), positive }
    }

    /// The classes that a score is the mean of: the positive class where there are two, otherwise
    /// those that occur in the truth or in the predictions.
    pub(crate) fn scored(&self) -> Vec<usize> {
        if self.hits.len() == 2 {
            return vec![self.positive];
        }
        let occurs = |&k: &usize| self.truth[k] > 0.0 || self.predicted[k] > 0.0;
        (0..self.hits.len()).filter(occurs).collect()
    }

    /// The classes that have rows.
    pub(crate) fn present(&self) -> Vec<usize> {
        (0..self.hits.len()).filter(|&k| self.truth[k] > 0.0).collect()
    }

    /// Mean of a rate over classes.
    pub(crate) fn mean(&self, rate: HitRate, classes: &[usize]) -> f64 {
        classes.iter().map(|&k| self.rate(rate, k)).collect::<Sum>().value() / classes.len() as f64
    }

    /// Row losses of the mean of a rate over classes: a row pulls the rates of its class and its label.
    pub(crate) fn row_losses(
        &self,
        input: &ClassInput<'_>,
        rate: HitRate,
        classes: &[usize],
    ) -> Vec<f64> {
        let loss = 1.0 - self.mean(rate, classes);
        let total = self.truth.iter().copied().collect::<Sum>().value();
        let mut losses = vec![loss; input.codes.len()];
        for &k in classes {
            let (score, below) = (self.rate(rate, k), rate.below(self.truth[k], self.predicted[k]));
            if below == 0.0 {
                continue;
            }
            for (row, class, _) in input.rows() {
                let [truth, predicted] =
                    [class, input.predictions.class(row)].map(|of| f64::from(of == k));
                let pull = truth * predicted - score * rate.below(truth, predicted);
                losses[row] -= pull / below * total / classes.len() as f64;
            }
        }
        losses
    }

    /// The rate of a class; 0 where no row says anything of it.
    fn rate(&self, rate: HitRate, k: usize) -> f64 {
        let below = rate.below(self.truth[k], self.predicted[k]);
        if below > 0.0 { self.hits[k] / below } else { 0.0 }
    }
}

/// Rows of a class that are labelled as it over a mixture of the rows of the class and of the rows
/// labelled as it.
#[derive(Clone, Copy)]
pub(crate) struct HitRate {
    /// Share of the rows of the class in the mixture; the rest are those labelled as it.
    pub(crate) truth: f64,
}

impl HitRate {
    /// Hits over the rows of the class.
    pub(crate) const RECALL: Self = Self { truth: 1.0 };
    /// Hits over the rows labelled as the class.
    pub(crate) const PRECISION: Self = Self { truth: 0.0 };
    /// Their harmonic mean: hits over the mean of both.
    pub(crate) const F1: Self = Self { truth: 0.5 };

    fn below(self, truth: f64, predicted: f64) -> f64 {
        self.truth * truth + (1.0 - self.truth) * predicted
    }
}
