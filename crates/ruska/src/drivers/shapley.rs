//! Contributions of columns to what a model says of rows.

use ruska_core::Link;
use serde::Serialize;

/// What contributions are added up on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The number predicted, in its unit.
    Number,
    /// The natural logarithm of the number predicted.
    Logarithm,
    /// The probability of each class, 0 to 1.
    Probability,
    /// The log-odds of the one class: the natural logarithm of its probability over that of the other.
    LogOdds,
    /// Scores of the classes, whose exponentials are as their probabilities.
    LogScore,
}

impl Scale {
    /// What is added up, for people, before the name of the target or of a class; empty for the number itself.
    pub fn words(self) -> &'static str {
        match self {
            Self::Number => "",
            Self::Logarithm => "the logarithm of ",
            Self::Probability => "the probability of ",
            Self::LogOdds => "the log-odds of ",
            Self::LogScore => "the log-score of ",
        }
    }

    /// The scale of scores that become predictions by a link, each of one of these classes.
    pub(super) fn of(link: Link, classes: &[u32]) -> Self {
        match link {
            Link::Identity if classes.is_empty() => Self::Number,
            Link::Identity => Self::Probability,
            Link::Log => Self::Logarithm,
            Link::Logit => Self::LogOdds,
            Link::Softmax => Self::LogScore,
        }
    }
}

/// What columns add to the scores of rows: base and values of a row add up to them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shapley {
    pub(super) scale: Scale,
    /// The class that each score is of; empty for regression.
    pub(super) classes: Vec<usize>,
    /// Mean scores of the background.
    pub(super) base: Vec<f64>,
    /// Number of columns.
    pub(super) width: usize,
    /// Row by row and column by column, those of several scores next to each other.
    pub(super) values: Vec<f64>,
    /// Their standard errors, where they were sampled.
    pub(super) errors: Option<Vec<f64>>,
}

impl Shapley {
    /// Scores of a row.
    pub(super) fn outputs(&self) -> usize {
        self.base.len()
    }

    /// Place of what a column adds to the first score of a row.
    pub(super) fn place(&self, row: usize, column: usize) -> usize {
        (row * self.width + column) * self.outputs()
    }

    /// What base and contributions of a row add up to.
    pub(super) fn scores(&self, row: usize) -> Vec<f64> {
        let mut scores = self.base.clone();
        for column in 0..self.width {
            let place = self.place(row, column);
            let values = &self.values[place..place + scores.len()];
            scores.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        scores
    }

    pub(super) fn scale_by(&mut self, factor: f64) {
        self.base.iter_mut().chain(&mut self.values).for_each(|v| *v *= factor);
    }

    /// Adds others of the same rows, columns and scores.
    pub(super) fn add(&mut self, other: &Self) {
        let mine = self.base.iter_mut().chain(&mut self.values);
        mine.zip(other.base.iter().chain(&other.values)).for_each(|(sum, v)| *sum += v);
    }

    /// Where there is one score, of one of two classes: tells it of the other if that is asked for.
    pub(super) fn turn_to(&mut self, class: Option<usize>) {
        let (Some(class), [of]) = (class, &mut self.classes[..]) else { return };
        if class == *of {
            return;
        }
        *of = class;
        self.scale_by(-1.0);
        if self.scale == Scale::Probability {
            self.base[0] += 1.0;
        }
    }
}
