//! Numbers that stand for levels: what a step has made of a categorical column.

use serde::Serialize;

/// A column of numbers, each of which stands for one or more levels of another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coded {
    /// Name of the column of numbers.
    pub name: String,
    /// Name of the column that held the levels.
    pub of: String,
    /// The levels and their numbers; where missing values and unknown levels have a number as well, they
    /// are called `(missing)` and `(other)`.
    pub levels: Vec<(String, f64)>,
}
