//! Measures of the decisions between two classes at a few thresholds.
//!
//! F-score with β: recall counts β times as much as precision. Of the thresholds at which a score
//! stands, the one of highest F1 is told; it is chosen on the rows it is told of.
//!
//! Reference: van Rijsbergen, "Information Retrieval", 1979, ch. 7.

use super::curves::steps;
use super::rows::Two;
use serde::Serialize;

/// Thresholds of the table: this many parts of [0, 1], ends left out.
const PARTS: u32 = 20;

/// What deciding comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Thresholds {
    /// As the model decides.
    pub model: Operating,
    /// At the threshold of highest F1 on these rows; `None` where none is of the positive class.
    pub best_f1: Option<Operating>,
    /// At 0.05, 0.1, … 0.95.
    pub table: Vec<Operating>,
}

/// Decisions for the positive class, by weight of rows. What is undefined is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Operating {
    /// Probability from which on a row is decided for the positive class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Share of rows decided for it.
    pub alerts: f64,
    /// Share of these that are of it.
    pub precision: Option<f64>,
    /// Share of its rows that are decided for it.
    pub recall: Option<f64>,
    /// Share of the other rows that are not.
    pub specificity: Option<f64>,
    /// Precision and recall, as important.
    pub f1: Option<f64>,
    /// Recall twice as important.
    pub f2: Option<f64>,
    /// Precision twice as important.
    pub f05: Option<f64>,
}

impl Thresholds {
    pub(super) fn of(two: &Two) -> Self {
        let at = |threshold: f64| {
            let told = Operating::of(two, |row| two.score[row] >= threshold);
            Operating { threshold: Some(threshold), ..told }
        };
        let table = (1..PARTS).map(|part| at(f64::from(part) / f64::from(PARTS))).collect();
        let all: f64 = two.positive.iter().zip(&two.weight).filter(|r| *r.0).map(|r| r.1).sum();
        let (mut decided, mut hits, mut best) = (0.0, 0.0, (f64::NEG_INFINITY, 0.5));
        for step in steps(two) {
            decided += step.inside + step.outside;
            hits += step.inside;
            let f1 = 2.0 * hits / (decided + all);
            if f1 > best.0 {
                best = (f1, step.score);
            }
        }
        let best_f1 = (all > 0.0).then(|| at(best.1));
        Self { model: Operating::of(two, |row| two.decided[row]), best_f1, table }
    }
}

impl Operating {
    fn of(two: &Two, decided: impl Fn(usize) -> bool) -> Self {
        let [mut hits, mut false_alarms, mut missed, mut rest] = [0.0; 4];
        for row in 0..two.score.len() {
            let sum = match (decided(row), two.positive[row]) {
                (true, true) => &mut hits,
                (true, false) => &mut false_alarms,
                (false, true) => &mut missed,
                (false, false) => &mut rest,
            };
            *sum += two.weight[row];
        }
        let f = |beta: f64| {
            let hits = (1.0 + beta * beta) * hits;
            share(hits, hits + beta * beta * missed + false_alarms)
        };
        Self {
            threshold: None,
            alerts: share(hits + false_alarms, hits + false_alarms + missed + rest).unwrap_or(0.0),
            precision: share(hits, hits + false_alarms),
            recall: share(hits, hits + missed),
            specificity: share(rest, rest + false_alarms),
            f1: f(1.0),
            f2: f(2.0),
            f05: f(0.5),
        }
    }
}

/// A part of a whole; `None` of nothing.
pub(super) fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}
