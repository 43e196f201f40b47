//! One error type per boundary. Messages say what, where, got and expected, and the way out.

use thiserror::Error;

/// A task cannot be built.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TaskError {
    /// Columns of unequal length.
    #[error("column `{column}` has {got} rows, the others have {expected}")]
    Length {
        /// The column.
        column: String,
        /// Its rows.
        got: usize,
        /// Rows of the others.
        expected: usize,
    },
    /// A name occurs twice.
    #[error("two columns are named `{column}`; rename one of them")]
    DuplicateName {
        /// The name.
        column: String,
    },
    /// There is nothing to learn from.
    #[error("there are no rows to learn from")]
    NoRows,
    /// All rows have one class.
    #[error("the target has one class only (`{class}`), so there is nothing to tell apart")]
    OneClass {
        /// The class.
        class: String,
    },
    /// A class code is outside the list of classes.
    #[error("a class code is outside the list of classes")]
    UnknownClass,
    /// The target holds a NaN or an infinity.
    #[error("the target of row {} is not a finite number", row + 1)]
    NotFinite {
        /// The row, from 0; messages count from 1.
        row: usize,
    },
    /// A weight is negative or not finite.
    #[error("the weight of row {} is {got}; weights must be finite and not negative", row + 1)]
    BadWeight {
        /// The row, from 0; messages count from 1.
        row: usize,
        /// Its weight.
        got: f64,
    },
    /// An exposure is not above 0, or not finite.
    #[error("the exposure of row {} is {got}; exposures must be finite and above 0", row + 1)]
    BadExposure {
        /// The row, from 0; messages count from 1.
        row: usize,
        /// Its exposure.
        got: f64,
    },
    /// Classes are not counted.
    #[error("an exposure needs a target of numbers, such as counts or amounts, not classes")]
    ExposureOfClasses,
    /// The parts of a panel of series do not belong together.
    #[error("the series: {0}")]
    Timelines(String),
    /// All weights are zero.
    #[error("all weights are zero")]
    NoWeight,
    /// A column cannot be a feature.
    #[error("column `{column}` has no type that can be a feature")]
    NotAFeature {
        /// The column.
        column: String,
    },
}

impl TaskError {
    /// The same with the row's number in a table of which the task has these rows.
    #[must_use]
    pub fn of_rows(self, rows: &[u32]) -> Self {
        let of = |row: usize| rows.get(row).map_or(row, |row| *row as usize);
        match self {
            Self::BadWeight { row, got } => Self::BadWeight { row: of(row), got },
            Self::BadExposure { row, got } => Self::BadExposure { row: of(row), got },
            other => other,
        }
    }
}

/// A fit ended without a model.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FitError {
    /// The deadline passed.
    #[error("stopped at its deadline")]
    Deadline,
    /// The user stopped the run.
    #[error("stopped by the user")]
    Cancelled,
    /// A parameter is unknown or ill-typed.
    #[error("parameters of `{id}`: {why}")]
    Params {
        /// Learner or step.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// The data is not what the learner declared to take.
    #[error("{0}")]
    Data(String),
    /// The numbers went wrong.
    #[error("{0}")]
    Numeric(String),
    /// Transforming or predicting failed.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// An intermediate frame was not valid.
    #[error(transparent)]
    Task(#[from] TaskError),
}

impl FitError {
    pub(crate) fn params(id: &str, error: serde_json::Error) -> Self {
        Self::Params { id: id.to_owned(), why: error.to_string() }
    }
}

/// The first five names of a list, quoted.
fn first_names(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().take(5).map(|n| format!("`{n}`")).collect();
    quoted.join(", ") + if names.len() > 5 { ", …" } else { "" }
}

/// A model cannot score these rows.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PredictError {
    /// A column of the model is not there.
    #[error("column `{column}` is missing; the model needs it")]
    MissingColumn {
        /// The column.
        column: String,
    },
    /// The model tells what comes next, and predicts no rows.
    #[error("the model tells what comes next of its series; it predicts no rows of a table")]
    TellsAhead,
    /// A series that the model has not learned from.
    #[error("series {number} is none that the model has learned from")]
    UnknownSeries {
        /// Its number, from 0.
        number: usize,
    },
    /// A period that the model knows already.
    #[error("a period of series {number} is not ahead of what the model has learned from")]
    NotAhead {
        /// The series' number, from 0.
        number: usize,
    },
    /// A period that is further ahead than is told.
    #[error("a period of series {number} is more than {most} periods ahead")]
    TooFarAhead {
        /// The series' number, from 0.
        number: usize,
        /// Most periods that are told.
        most: usize,
    },
    /// Several columns of the model are not there.
    #[error("{} columns are missing that the model needs: {}", columns.len(), first_names(columns))]
    MissingColumns {
        /// The columns.
        columns: Vec<String>,
    },
    /// A column has another type than the model knows.
    #[error("column `{column}` holds {got}, the model expects {expected}{at}")]
    WrongType {
        /// The column.
        column: String,
        /// What it holds.
        got: String,
        /// What the model expects.
        expected: String,
        /// Where, such as ` (line 7)`; may be empty.
        at: String,
    },
    /// Another number of features than at fit.
    #[error("got {got} feature columns, the model was fitted on {expected}")]
    Width {
        /// Columns given.
        got: usize,
        /// Columns expected.
        expected: usize,
    },
    /// A learner gave another number of rows or of numbers a row than was asked for.
    #[error(
        "the model predicted {} rows of {} numbers instead of {} rows of {}",
        .got.0, .got.1, .expected.0, .expected.1
    )]
    Shape {
        /// Rows and numbers a row.
        got: (usize, usize),
        /// Rows and numbers a row.
        expected: (usize, usize),
    },
    /// Nothing to average.
    #[error("there is no model to predict with")]
    Empty,
    /// A step made an invalid frame.
    #[error(transparent)]
    Task(#[from] TaskError),
}

/// A saved model cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The state of a learner or step is damaged or of another version.
    #[error("the state of `{what}` cannot be read: {why}")]
    State {
        /// Learner or step.
        what: String,
        /// Why.
        why: String,
    },
    /// The catalog has no such learner or step.
    #[error("the model uses {kind} `{id}`, which this version does not have")]
    UnknownId {
        /// `learner` or `step`.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// The file is not a model, or damaged.
    #[error("{0}")]
    File(String),
    /// The file is of a newer version.
    #[error(
        "the model file has format {got}, this version of ruska reads up to {known}; upgrade ruska"
    )]
    Version {
        /// Format of the file.
        got: u32,
        /// Newest format known.
        known: u32,
    },
}

/// A measure is undefined or misused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// The measure has no value here.
    #[error("{measure} is undefined: {why}")]
    Undefined {
        /// The measure.
        measure: &'static str,
        /// Why.
        why: &'static str,
    },
    /// Truth and predictions do not belong together.
    #[error("{measure}: {what} has {got} rows, expected {expected}")]
    Rows {
        /// The measure.
        measure: &'static str,
        /// `predictions` or `weights`.
        what: &'static str,
        /// Rows got.
        got: usize,
        /// Rows expected.
        expected: usize,
    },
    /// The measure belongs to another task.
    #[error("{measure} does not apply to this task")]
    Task {
        /// The measure.
        measure: &'static str,
    },
    /// Predictions hold a NaN or an infinity.
    #[error("{measure}: the predictions are not finite")]
    NotFinite {
        /// The measure.
        measure: &'static str,
    },
}

/// Rows cannot be split as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SplitError {
    /// Too few rows, groups or distinct times.
    #[error(
        "{folds} folds need at least {need} {what}, there are {got}; {}",
        if *folds > 2 { "ask for fewer folds" } else { "name a table of more, or split in another way" }
    )]
    TooFew {
        /// `rows`, `groups` or `distinct times`.
        what: &'static str,
        /// Folds asked for.
        folds: usize,
        /// Least number.
        need: usize,
        /// Number there is.
        got: usize,
    },
    /// The splitter needs a role that is not there.
    #[error("this split needs a {0} column")]
    NeedsRole(&'static str),
    /// A parameter makes no sense.
    #[error("{0}")]
    Params(&'static str),
}
