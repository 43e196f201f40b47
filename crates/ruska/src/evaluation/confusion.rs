//! What was predicted of which class, and each of several classes against the rest.

use super::curves::steps;
use super::rows::{Judged, Two};
use super::thresholds::share;
use ruska_core::Truth;
use serde::Serialize;

/// Weights of rows by class and predicted class; numbers of rows where all weigh one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// One row per true class, one column per predicted class.
    pub counts: Vec<Vec<f64>>,
}

/// A class against the rest, by weight of rows. What is undefined is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassMeasures {
    /// The class.
    pub class: String,
    /// Weight of its rows.
    pub support: f64,
    /// Weight of the rows predicted as it.
    pub predicted: f64,
    /// Share of these that are of it.
    pub precision: Option<f64>,
    /// Share of its rows that are predicted as it.
    pub recall: Option<f64>,
    /// Harmonic mean of both.
    pub f1: Option<f64>,
    /// Area under the ROC curve of its probability against the rest.
    pub auc: Option<f64>,
}

impl Confusion {
    /// `None` of numbers.
    pub(super) fn of(judged: &Judged) -> Option<Self> {
        let Truth::Classes { codes, n_classes, .. } = &judged.truth else { return None };
        let mut counts = vec![vec![0.0; *n_classes]; *n_classes];
        for (row, (code, weight)) in codes.iter().zip(judged.weight()).enumerate() {
            counts[*code as usize][judged.predictions.class(row)] += weight;
        }
        Some(Self { classes: judged.classes.clone(), counts })
    }
}

/// Every class against the rest.
pub(super) fn classes(judged: &Judged) -> Vec<ClassMeasures> {
    let classes = judged.classes.iter().enumerate();
    classes.filter_map(|(k, name)| Some(against_rest(name, &judged.against_rest(k)?))).collect()
}

fn against_rest(name: &str, two: &Two) -> ClassMeasures {
    let sum = |counts: &dyn Fn(usize) -> bool| {
        let rows = (0..two.weight.len()).filter(|row| counts(*row));
        rows.map(|row| two.weight[row]).fold(0.0, |sum, weight| sum + weight)
    };
    let hits = sum(&|row| two.positive[row] && two.decided[row]);
    let support = sum(&|row| two.positive[row]);
    let predicted = sum(&|row| two.decided[row]);
    ClassMeasures {
        class: name.to_owned(),
        support,
        predicted,
        precision: share(hits, predicted),
        recall: share(hits, support),
        f1: share(2.0 * hits, support + predicted),
        auc: area(two),
    }
}

fn area(two: &Two) -> Option<f64> {
    let (mut above, mut outside, mut pairs) = (0.0, 0.0, 0.0);
    for step in steps(two) {
        pairs += step.outside * (above + step.inside / 2.0);
        above += step.inside;
        outside += step.outside;
    }
    share(pairs, above * outside)
}
