//! What is odd about the data, with advice. Findings inform; only the impossible is an error.

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably to be looked at.
    Warning,
    /// The result may be worthless unless it is looked at.
    Serious,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// A column has one value only.
    ConstantColumn,
    /// A column has no value at all.
    AllMissing,
    /// A column names the row.
    Identifier,
    /// Rows occur several times.
    DuplicateRows,
    /// Columns are equal.
    DuplicateColumns,
    /// The target is missing in some rows.
    TargetMissing,
    /// A class has fewer rows than there are folds.
    RareClass,
    /// A column tells the target almost perfectly.
    SuspectedLeak,
    /// A column is a copy or a bijection of the target.
    TargetCopy,
    /// A date is later than the moment of the prediction.
    AfterPrediction,
    /// One class is very rare.
    Imbalance,
    /// A categorical column has very many levels.
    HighCardinality,
    /// There are few rows for the question asked.
    FewRows,
    /// A column name occurs twice or is empty.
    ColumnNames,
    /// Something about how the file was read.
    Reading,
    /// A column has no value in most rows.
    ManyMissing,
    /// A column has one value in nearly all rows.
    NearConstantColumn,
    /// A column is a linear map of another one.
    NearDuplicateColumns,
    /// A value stands for a missing one: −999, 1900-01-01, `unknown`.
    DisguisedMissing,
    /// Columns of which nothing is made.
    UnusedColumns,
    /// A part of the numbers is in another unit.
    MixedUnits,
    /// A column is nearly all numbers, but holds text as well.
    MixedTypes,
    /// A few numbers lie far from all others.
    Outliers,
    /// Levels differ in blanks or case only.
    LevelVariants,
    /// Text went through the wrong encoding.
    BrokenEncoding,
    /// Rows have no time or no series.
    Unplaced,
    /// Times lie between the steps of the frequency.
    OddTimes,
    /// Several rows are of one series and one time.
    RepeatedTimes,
    /// Series have steps without a value.
    TimeGaps,
    /// Series end before others do.
    EarlyEnd,
    /// Series begin with zeros.
    LeadingZeros,
    /// Series are too short for what is asked of them.
    ShortSeries,
    /// Series have the same value throughout.
    ConstantSeries,
    /// Rows of the test table are rows that are learned from.
    KnownTestRows,
}

/// One oddity of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was found.
    pub code: FindingCode,
    /// How much it matters.
    pub severity: Severity,
    /// The column concerned, where there is one.
    pub column: Option<String>,
    /// Rows or values concerned.
    pub count: usize,
    /// One sentence on what was seen and what was done.
    pub what: String,
    /// What the user may do, with the option that overrides it.
    pub advice: String,
    /// A few examples, masked (`Aaaa 99`) or left out where the values may identify persons.
    pub examples: Vec<String>,
}
