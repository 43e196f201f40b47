//! What is told of two models on a table.

use ruska::TaskKind;
use serde::Serialize;

/// How the predictions of two models differ on the rows of a table. Shares lie in [0, 1].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What both predict.
    pub task: TaskKind,
    /// The column that both predict.
    pub target: String,
    /// Rows of the table.
    pub rows: usize,
    /// Rows whose decision changes.
    pub changed: usize,
    /// Their share.
    pub share: f64,
    /// What the labels say; `None` where the table has no column of the target.
    pub labels: Option<Labels>,
    /// For regression: how far a number must move for its decision to change.
    pub threshold: Option<Threshold>,
    /// For classification: the changes of decisions by old and new class, most rows first.
    pub decisions: Vec<Transition>,
    /// What `spread` is of.
    pub quantity: Quantity,
    /// Distribution of the change over all rows.
    pub spread: Spread,
    /// For regression: the size of the change against that of the old prediction.
    pub relative: Option<Relative>,
    /// Measures of both models on the rows with a target, the old model's metric first.
    pub metrics: Vec<Measured>,
    /// What the new model is worth, where asked.
    pub money: Option<Money>,
    /// Which columns explain the change.
    pub drivers: Drivers,
    /// Of the rows whose decision changes those with the largest change, largest first.
    pub largest: Vec<Row>,
}

/// Rows with a target, and which changes of decisions it speaks for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Labels {
    /// Rows with a target that one of the models knows.
    pub rows: usize,
    /// Rows without a target.
    pub missing: usize,
    /// Rows with a class that neither model knows.
    pub unknown: usize,
    /// Of the rows with a target, those whose decision changes.
    pub changed: usize,
    /// Of these, the ones for the better: wrong before and right now, or nearer to the truth.
    pub better: usize,
    /// The ones for the worse.
    pub worse: usize,
    /// The old model's column of weights, by which rows count in `metrics`, where the table has it.
    pub weight: Option<String>,
    /// Rows with a target that each model may have learned from, on which it looks better than it
    /// is.
    pub learned: Learned,
}

/// Rows with a target that a model has learned from, or is not newer than what it has. `None` where
/// its file or the table cannot tell. So few that they may only seem so count as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Learned {
    /// The old model.
    pub old: Option<usize>,
    /// The new model.
    pub new: Option<usize>,
}

/// What a change of a decision is, seen from the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Wrong before and right now, or nearer to the truth.
    Better,
    /// Right before and wrong now, or further from the truth.
    Worse,
    /// The decision is the same, or as wrong as before.
    Neither,
}

impl Effect {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Neither => "neither",
        }
    }
}

/// How far a number must move for its decision to change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Threshold {
    /// In units of the target, at least 0; a decision changes beyond it.
    pub value: f64,
    /// Where it comes from.
    pub source: ThresholdSource,
}

/// Where a threshold comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdSource {
    /// It was given.
    Given,
    /// The median size of the old model's out-of-fold errors.
    OldErrors,
    /// A tenth of the target's standard deviation in the old model's training: it made no errors.
    TargetSpread,
}

/// Rows that go from one predicted class to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transition {
    /// The class that the old model predicts.
    pub old: String,
    /// The class that the new model predicts.
    pub new: String,
    /// How many rows there are.
    pub rows: usize,
    /// Their share of all rows.
    pub share: f64,
    /// Rows for the better, where the table has a column of the target.
    pub better: Option<usize>,
    /// Rows for the worse.
    pub worse: Option<usize>,
}

/// What a change is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The probability of this class, the positive one of two.
    ProbabilityOf(String),
    /// The probability of the class that the old model predicts.
    ProbabilityOfOldClass,
    /// The predicted number.
    Prediction,
}

/// Distribution of the change, new less old.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Mean size.
    pub mean_absolute: f64,
    /// Quantiles, rising.
    pub quantiles: Vec<Quantile>,
    /// The change of the largest size.
    pub largest: f64,
    /// Its row, from 1.
    pub largest_row: usize,
}

/// What a share of the rows stays below.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantile {
    /// The share, in [0, 1].
    pub share: f64,
    /// The value, interpolated between rows.
    pub value: f64,
}

/// Size of the change divided by the size of the old prediction, over the rows where that is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Relative {
    /// Rows counted.
    pub rows: usize,
    /// What half of them stay below.
    pub median: f64,
    /// What 95 % of them stay below.
    pub most: f64,
}

/// A measure of both models on the rows with a target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Id of the measure.
    pub metric: String,
    /// Whether more is better.
    pub higher_is_better: bool,
    /// The old model's value.
    pub old: f64,
    /// The new model's value.
    pub new: f64,
    /// How much better the new one is; positive is better whatever the measure's direction.
    pub gain: f64,
    /// Lower end of the gain's 95 % interval; none of too few rows.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// How the interval was made: `delong` or `bootstrap`.
    pub method: Option<&'static str>,
}

/// What both models are worth on the rows with a target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Money {
    /// `profit` or `cost`.
    pub kind: &'static str,
    /// Rows with a target.
    pub rows: usize,
    /// Of the old model's predictions, per 1,000 rows.
    pub old: f64,
    /// Of the new model's predictions, per 1,000 rows.
    pub new: f64,
    /// What is won per 1,000 rows: profit more, or cost less.
    pub gain: f64,
    /// Lower end of the gain's 95 % interval (paired bootstrap over rows); none of too few rows.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// What it is made of.
    pub parts: Vec<MoneyPart>,
}

/// A kind of outcome.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MoneyPart {
    /// `tp`, `fp`, `fn`, `tn`, or `over`, `under`.
    pub name: &'static str,
    /// What one is worth, or costs.
    pub each: f64,
    /// How many the old model has: rows, or units of the target.
    pub old: f64,
    /// How many the new model has.
    pub new: f64,
}

/// Which columns explain the change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drivers {
    /// Columns that one of the models looks at.
    pub columns: usize,
    /// Those that the old model alone looks at.
    pub old_only: Vec<String>,
    /// Those that the new model alone looks at.
    pub new_only: Vec<String>,
    /// Rows on which they were examined.
    pub rows: usize,
    /// What the best of all columns explains by chance: the most in 19 shufflings of the changes.
    pub chance: f64,
    /// Columns that explain more than that.
    pub found: usize,
    /// The first of them, best first.
    pub listed: Vec<Driver>,
}

/// A column that explains the change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Driver {
    /// Its name.
    pub column: String,
    /// Share of the change's variance that its values explain.
    pub explains: f64,
    /// Which model looks at it.
    pub used_by: UsedBy,
    /// The rows that stand out by its values.
    pub segment: Option<Segment>,
}

/// Which model looks at a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UsedBy {
    /// Both.
    Both,
    /// The old model alone.
    Old,
    /// The new model alone.
    New,
}

/// The rows of the table that have some values of a column, and how they change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// The values.
    pub values: Values,
    /// How many rows have them.
    pub rows: usize,
    /// Mean change of these rows.
    pub mean_change: f64,
    /// How many of their decisions change.
    pub changed: usize,
    /// Changes for the better, where the table has a column of the target.
    pub better: Option<usize>,
    /// Changes for the worse.
    pub worse: Option<usize>,
}

/// Some values of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Any of some levels.
    Among {
        /// The levels.
        levels: Vec<String>,
        /// No value as well.
        missing: bool,
        /// Values as well that the model does not know from training.
        unseen: bool,
    },
    /// Numbers between two, these included; without one, to that side all.
    Between {
        /// The least.
        low: Option<f64>,
        /// The greatest.
        high: Option<f64>,
    },
    /// Times between two, these included.
    Times {
        /// The first.
        from: Option<String>,
        /// The last.
        to: Option<String>,
    },
}

/// A row whose decision changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its number in the table, from 1.
    pub row: usize,
    /// What is true, where known.
    pub truth: Option<Said>,
    /// What the old model says.
    pub old: Said,
    /// What the new model says.
    pub new: Said,
    /// The old model's probability that `change` is of.
    pub old_probability: Option<f64>,
    /// The new model's.
    pub new_probability: Option<f64>,
    /// The change.
    pub change: f64,
    /// Seen from the truth, where known.
    pub effect: Option<Effect>,
    /// What the columns that explain the change hold, in their order.
    pub values: Vec<RowValue>,
}

/// A class or a number.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Said {
    /// A class.
    Class(String),
    /// A number.
    Number(f64),
}

/// What a column holds in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowValue {
    /// The column.
    pub column: String,
    /// Its value as text, where there is one.
    pub value: Option<String>,
}
