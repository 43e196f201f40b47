//! What is said of drift: one object for tables, JSON, pages and triggers.

use ruska::Kind;
use serde::Serialize;
use std::collections::BTreeMap;

/// An answer to whether something has drifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has, by more than the threshold and by more than chance gives.
    Drift,
    /// There are too few rows to tell a change worth naming from chance.
    InsufficientData,
    /// It has not.
    NoDrift,
    /// It is not judged, for the reason given.
    NotCompared,
}

impl State {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Drift => "drift",
            Self::InsufficientData => "insufficient data",
            Self::NoDrift => "no drift",
            Self::NotCompared => "not compared",
        }
    }
}

/// The verdict on a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// Drift if any column, the target or the predictions drifted; otherwise insufficient data where more
    /// than half of what was to be judged could not be.
    pub verdict: State,
    /// What is compared with.
    pub reference: Source,
    /// Rows of the current table.
    pub rows: usize,
    /// Columns that were to be judged.
    pub compared: usize,
    /// Columns that drifted.
    pub drifted: usize,
    /// Columns with too few rows.
    pub insufficient: usize,
    /// Share of the judged columns that drifted, in [0, 1].
    pub share: f64,
    /// Share of what moves the model's predictions that is in drifted columns, in [0, 1]; with a model.
    pub weighted_share: Option<f64>,
    /// Probability with which chance alone makes a verdict of drift, at most, over all columns.
    pub significance: f64,
    /// Columns: drifted ones first, then by weight and size.
    pub columns: Vec<ColumnDrift>,
    /// The target, where a model names it and both sides know it.
    pub target: Option<ColumnDrift>,
    /// The model's predictions: the number, or the probability of each class.
    pub predictions: Vec<ColumnDrift>,
    /// Why there are no predictions, where a model was given.
    pub without_predictions: Option<String>,
    /// What the model is expected to achieve, as far as its probabilities hold.
    pub performance: Option<super::Performance>,
    /// Columns that the reference has not.
    pub new_columns: Vec<String>,
    /// What the measures are.
    pub definitions: BTreeMap<&'static str, &'static str>,
}

impl Verdict {
    /// Whether drift was found.
    pub fn is_drift(&self) -> bool {
        self.verdict == State::Drift
    }

    /// What drifted: columns, the target, predictions.
    pub fn drifted(&self) -> impl Iterator<Item = &ColumnDrift> {
        let all = self.columns.iter().chain(&self.target).chain(&self.predictions);
        all.filter(|column| column.state == State::Drift)
    }
}

/// What a table is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// `table`, or `model` for what a model file remembers of its training data.
    pub kind: &'static str,
    /// Its rows.
    pub rows: usize,
}

/// How one column is now beside the reference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnDrift {
    /// Its name.
    pub name: String,
    /// What it means in the reference.
    pub kind: Kind,
    /// The answer.
    #[serde(rename = "verdict")]
    pub state: State,
    /// Why, where the numbers do not say it themselves; empty otherwise.
    pub why: String,
    /// Share of what moves the model's predictions, in [0, 1]; with a model that sees the column.
    pub weight: Option<f64>,
    /// It in the reference.
    pub reference: Side,
    /// It now.
    pub current: Side,
    /// What the answer goes by.
    pub effects: Vec<Effect>,
    /// Further measures, for information.
    pub statistics: Vec<Statistic>,
    /// A test, for information.
    pub test: Option<Test>,
    /// What Evidently's own choice for such a column says; only between tables.
    pub evidently: Option<Evidently>,
    /// Levels that the reference has not, most frequent first, at most 10.
    pub new_levels: Vec<NewLevel>,
}

impl ColumnDrift {
    /// The effect that is largest beside what it must exceed.
    pub fn largest(&self) -> Option<&Effect> {
        // The last of equal ones from behind is the first.
        self.effects.iter().rev().max_by(|a, b| a.ratio().total_cmp(&b.ratio()))
    }
}

/// A column on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Side {
    /// Rows.
    pub rows: usize,
    /// Share of rows without a value, in [0, 1].
    pub missing: f64,
    /// Mean of numbers.
    pub mean: Option<f64>,
    /// Population standard deviation of numbers.
    pub deviation: Option<f64>,
}

/// A size of change that decides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Name of the measure, one of [`Verdict::definitions`].
    pub measure: &'static str,
    /// Its value, at least 0.
    pub value: f64,
    /// What is worth naming.
    pub threshold: f64,
    /// What chance alone gives at these sizes, with all columns in view.
    pub by_chance: f64,
    /// Whether it is above both.
    pub drift: bool,
}

impl Effect {
    pub(super) fn new(measure: &'static str, value: f64, threshold: f64, by_chance: f64) -> Self {
        let drift = value > threshold && value > by_chance;
        Self { measure, value, threshold, by_chance, drift }
    }

    /// What it must exceed.
    pub fn limit(&self) -> f64 {
        self.threshold.max(self.by_chance)
    }

    /// Its value over what it must exceed.
    pub(super) fn ratio(&self) -> f64 {
        self.value / self.limit().max(1e-12)
    }
}

/// A number by the way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Statistic {
    /// Name of the measure.
    pub measure: &'static str,
    /// Its value.
    pub value: f64,
}

/// A test of equal distributions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Test {
    /// Its name.
    pub name: &'static str,
    /// Probability of at least such a difference between samples of one distribution.
    pub p: f64,
    /// The least rate of false discoveries among all columns at which this is one (Benjamini and
    /// Hochberg).
    pub p_adjusted: f64,
}

/// What Evidently 0.7.23 says of a pair of columns by its own choice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Evidently {
    /// The test it chooses by rows and distinct values.
    pub stattest: &'static str,
    /// Its score: a p-value or a distance.
    pub score: f64,
    /// Whether it calls that drift.
    pub drift: bool,
}

/// A level that the reference has not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewLevel {
    /// The level, masked where fewer than three rows have it.
    pub level: String,
    /// Share of the rows with a level that have it, in (0, 1].
    pub share: f64,
}
