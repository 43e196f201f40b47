//! What is done to rows, added up: shares of decisions, of hits, of errors.

use super::rows::Judged;
use super::thresholds::share;
use ruska_core::Truth;
use serde::Serialize;
use std::iter::Sum;

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Two,
    Several,
    Numbers,
}

/// What is done to some rows, by weight. `None` is what has no sense, or no rows to be of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Rates {
    /// Share decided for the positive class.
    pub selection_rate: Option<f64>,
    /// Share of the positive class that is decided for.
    pub true_positive_rate: Option<f64>,
    /// Share of the others that is decided for.
    pub false_positive_rate: Option<f64>,
    /// Share of the positive class that is not decided for.
    pub false_negative_rate: Option<f64>,
    /// Share rightly predicted, of classes.
    pub accuracy: Option<f64>,
    /// Mean absolute error, of numbers.
    pub mae: Option<f64>,
    /// Mean probability of the positive class, or mean number.
    pub predicted: Option<f64>,
    /// Share of the positive class, or mean truth.
    pub observed: Option<f64>,
}

/// Weights of rows, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// Rows of the positive class, and those decided for.
    positive: f64,
    hits: f64,
    false_alarms: f64,
    right: f64,
    error: f64,
    predicted: f64,
    observed: f64,
    weight: f64,
}

impl Sums {
    /// What each row adds.
    pub(super) fn of(judged: &Judged) -> (Kind, Vec<Self>) {
        let weight = judged.weight();
        let empty = |weight: f64| Self { weight, ..Self::default() };
        if let Some(two) = judged.two() {
            let row = |row: usize| {
                let (w, positive, decided) = (weight[row], two.positive[row], two.decided[row]);
                let counted = |counts: bool| if counts { w } else { 0.0 };
                Self {
                    positive: counted(positive),
                    hits: counted(positive && decided),
                    false_alarms: counted(!positive && decided),
                    right: counted(positive == decided),
                    predicted: w * two.score[row],
                    observed: counted(positive),
                    ..empty(w)
                }
            };
            return (Kind::Two, (0..weight.len()).map(row).collect());
        }
        if let Some((truth, predicted)) = judged.numbers() {
            let row = |row: usize| {
                let (w, y, p) = (weight[row], truth[row], predicted[row]);
                Self { error: w * (p - y).abs(), predicted: w * p, observed: w * y, ..empty(w) }
            };
            return (Kind::Numbers, (0..weight.len()).map(row).collect());
        }
        let Truth::Classes { codes, .. } = &judged.truth else {
            return (Kind::Several, vec![]);
        };
        let row = |(row, code): (usize, &u32)| {
            let right = judged.predictions.class(row) == *code as usize;
            Self { right: if right { weight[row] } else { 0.0 }, ..empty(weight[row]) }
        };
        (Kind::Several, codes.iter().enumerate().map(row).collect())
    }
}

impl Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(rows: I) -> Self {
        rows.fold(Self::default(), |a, b| Self {
            positive: a.positive + b.positive,
            hits: a.hits + b.hits,
            false_alarms: a.false_alarms + b.false_alarms,
            right: a.right + b.right,
            error: a.error + b.error,
            predicted: a.predicted + b.predicted,
            observed: a.observed + b.observed,
            weight: a.weight + b.weight,
        })
    }
}

impl Rates {
    pub(super) fn of(kind: Kind, sums: &Sums) -> Self {
        let Sums { positive, hits, false_alarms, weight, .. } = *sums;
        let of_all = |part: f64| share(part, weight);
        match kind {
            Kind::Two => Self {
                selection_rate: of_all(hits + false_alarms),
                true_positive_rate: share(hits, positive),
                false_positive_rate: share(false_alarms, weight - positive),
                false_negative_rate: share(positive - hits, positive),
                accuracy: of_all(sums.right),
                mae: None,
                predicted: of_all(sums.predicted),
                observed: of_all(sums.observed),
            },
            Kind::Several => Self { accuracy: of_all(sums.right), ..Self::default() },
            Kind::Numbers => Self {
                mae: of_all(sums.error),
                predicted: of_all(sums.predicted),
                observed: of_all(sums.observed),
                ..Self::default()
            },
        }
    }

    /// A part of the way to others.
    pub(super) fn towards(&self, other: &Self, part: f64) -> Self {
        self.with(other, |from, to| match (from, to) {
            (Some(from), Some(to)) => Some(from + (to - from) * part),
            (from, _) => from,
        })
    }

    /// Those that others have too.
    pub(super) fn known_in(&self, other: &Self) -> Self {
        self.with(other, |mine, theirs| theirs.and(mine))
    }

    /// Every rate by it and another's.
    fn with(&self, other: &Self, of: impl Fn(Option<f64>, Option<f64>) -> Option<f64>) -> Self {
        let each = |rate: fn(&Self) -> Option<f64>| of(rate(self), rate(other));
        Self {
            selection_rate: each(|r| r.selection_rate),
            true_positive_rate: each(|r| r.true_positive_rate),
            false_positive_rate: each(|r| r.false_positive_rate),
            false_negative_rate: each(|r| r.false_negative_rate),
            accuracy: each(|r| r.accuracy),
            mae: each(|r| r.mae),
            predicted: each(|r| r.predicted),
            observed: each(|r| r.observed),
        }
    }
}
