//! What a classifier is expected to achieve on rows without labels.
//!
//! Confidence-based performance estimation (CBPE): where probabilities hold, a row is of each class
//! with the probability that is told of it. So every row counts as a row of each class, with that
//! weight, and the measures are those of the weighted rows: a ratio of expected counts in the place of
//! the expected ratio. It sees what a change of the features does to a model, not a change of what
//! they mean for the target (concept drift), which no method can see without labels.
//!
//! Reference: NannyML, "Confidence-based Performance Estimation", documentation 0.13; Guillory et al.,
//! "Predicting with confidence on unseen distributions", ICCV 2021 (the same for accuracy).

use super::compare::LEAST_ROWS;
use ruska::{Model, Predicted, Predictions, TaskKind, Truth};
use serde::Serialize;

/// Measures told, beside that which the model was chosen by.
const TOLD: [&str; 4] = ["auc", "accuracy", "f1", "logloss"];
/// Expected cells of rows by classes at most; more rows are looked at by an even sample.
const CELLS: usize = 400_000;

/// What a model is expected to achieve on a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Performance {
    /// How it is estimated.
    pub method: &'static str,
    /// Rows looked at.
    pub rows: usize,
    /// The measures.
    pub scores: Vec<ExpectedScore>,
}

/// A measure that is expected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExpectedScore {
    /// Id of the measure.
    pub metric: String,
    /// What is expected of the rows.
    pub expected: f64,
    /// What it was on the folds of training, as the model's file tells.
    pub in_training: Option<f64>,
    /// Whether more of it is better.
    pub higher_is_better: bool,
}

/// The performance that a model's probabilities promise; `None` for other models than classifiers, and
/// of no rows.
pub(super) fn expected(model: &Model, predicted: &Predicted) -> Option<Performance> {
    let manifest = model.manifest();
    if manifest.task != TaskKind::Classification || predicted.numbers.rows() < LEAST_ROWS {
        return None;
    }
    let positive = predicted.classes.iter().position(|c| Some(c) == manifest.positive.as_ref());
    let metric = manifest.metric.as_str();
    let ids: Vec<&str> =
        [metric].into_iter().chain(TOLD.into_iter().filter(|id| *id != metric)).collect();
    let (rows, told) = promised(&predicted.numbers, positive.unwrap_or(0), &ids);
    let score = |(metric, expected, higher_is_better): (&str, f64, bool)| ExpectedScore {
        metric: metric.to_owned(),
        expected,
        in_training: manifest.scores.get(metric).copied(),
        higher_is_better,
    };
    let scores = told.into_iter().map(score).collect();
    Some(Performance { method: "cbpe/nannyml", rows, scores })
}

/// The measures that probabilities promise, with the rows looked at; of each its id, its value and
/// whether more of it is better. Those that are undefined are left out.
fn promised<'a>(
    numbers: &Predictions,
    positive: usize,
    ids: &[&'a str],
) -> (usize, Vec<(&'a str, f64, bool)>) {
    let (rows, classes) = numbers.shape();
    let step = (rows * classes).div_ceil(CELLS).max(1);
    let sample: Vec<u32> = (0..rows as u32).step_by(step).collect();
    let each: Vec<u32> = sample.iter().flat_map(|row| std::iter::repeat_n(*row, classes)).collect();
    let predictions = numbers.take(&each);
    let weights: Vec<f64> =
        sample.iter().flat_map(|row| numbers.row(*row as usize).iter().copied()).collect();
    let truth = Truth::Classes {
        codes: (0..sample.len()).flat_map(|_| 0..classes as u32).collect(),
        n_classes: classes,
        positive: positive as u32,
    };
    let catalog = ruska::builtin();
    let score = |id: &&'a str| {
        let measure = catalog.measure(id)?;
        let value = measure.score(&truth, &predictions, Some(&weights)).ok()?;
        Some((*id, value, measure.info().higher_is_better))
    };
    (sample.len(), ids.iter().filter_map(score).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruska::Rng;

    /// Probabilities that hold, of a logistic score of two normal columns; rows are drawn with the first
    /// column moved and the spread changed.
    fn drawn(rows: usize, shift: f64, spread: f64) -> (Predictions, Truth) {
        let mut rng = Rng::new(4);
        let (mut p, mut codes) = (vec![], vec![]);
        for _ in 0..rows {
            let score = 1.5 * (spread * rng.normal() + shift) - rng.normal() * spread - 0.7;
            let probability = 1.0 / (1.0 + (-score).exp());
            p.push(probability);
            codes.push(u32::from(rng.unit() < probability));
        }
        (Predictions::binary(p), Truth::Classes { codes, n_classes: 2, positive: 1 })
    }

    #[test]
    fn what_is_promised_comes_true_under_covariate_shift() {
        let catalog = ruska::builtin();
        for (shift, spread) in [(0.0, 1.0), (1.5, 1.0), (-1.0, 0.5), (0.5, 1.7)] {
            let (numbers, truth) = drawn(20_000, shift, spread);
            let (rows, told) = promised(&numbers, 1, &TOLD);
            assert_eq!((rows, told.len()), (20_000, 4));
            for (id, expected, _) in told {
                let measure = catalog.measure(id);
                let true_value = measure.map(|m| m.score(&truth, &numbers, None));
                let Some(Ok(true_value)) = true_value else { panic!("{id} is not defined") };
                assert!((expected - true_value).abs() < 0.02, "{id}: {expected} and {true_value}");
            }
        }
    }

    #[test]
    fn sums_are_those_of_the_definition() {
        let numbers = Predictions::binary([0.9, 0.6, 0.2]);
        let (_, told) = promised(&numbers, 1, &["accuracy", "f1", "logloss"]);
        let (tp, fp, fnn) = (1.5, 0.5, 0.2);
        let entropy = |p: f64| -p * p.ln() - (1.0 - p) * (1.0 - p).ln();
        let expected = [
            (0.9 + 0.6 + 0.8) / 3.0,
            2.0 * tp / (2.0 * tp + fp + fnn),
            (entropy(0.9) + entropy(0.6) + entropy(0.2)) / 3.0,
        ];
        for ((id, got, _), expected) in told.into_iter().zip(expected) {
            assert!((got - expected).abs() < 1e-12, "{id}: {got} and {expected}");
        }
    }
}
