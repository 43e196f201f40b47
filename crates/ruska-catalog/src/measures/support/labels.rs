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

    /// A score of (hits, truth, predicted): of the positive class where there are two classes,
    /// otherwise the mean over the classes that occur in the truth or in the predictions.
    pub(crate) fn average(&self, score: impl Fn(f64, f64, f64) -> f64) -> f64 {
        let of = |k: usize| score(self.hits[k], self.truth[k], self.predicted[k]);
        if self.hits.len() == 2 {
            return of(self.positive);
        }
        let occurs = |&k: &usize| self.truth[k] > 0.0 || self.predicted[k] > 0.0;
        let scores: Vec<f64> = (0..self.hits.len()).filter(occurs).map(of).collect();
        scores.iter().copied().collect::<Sum>().value() / scores.len() as f64
    }
}

/// A quotient; 0 where the denominator is 0.
pub(crate) fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator > 0.0 { numerator / denominator } else { 0.0 }
}
