//! Splitters: which rows train and which test.

use crate::{SplitError, Timelines};
use serde::{Deserialize, Serialize};

/// Training and test rows of one fold; ascending, and disjoint but where a truth is not to be told
/// ([`SplitterInfo::tests_trained`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Rows to learn from.
    pub train: Vec<u32>,
    /// Rows to score.
    pub test: Vec<u32>,
}

/// What a splitter declares about itself.
#[derive(Clone, Debug)]
pub struct SplitterInfo {
    /// The name in files: the name of its file.
    pub id: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Whether every row is tested once per repeat.
    pub partition: bool,
    /// Whether rows that train are tested as well; only for tasks without a truth.
    pub tests_trained: bool,
}

/// How to split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitParams {
    /// Number of folds, at least 2.
    pub folds: usize,
    /// How often the folds are drawn anew, at least 1.
    pub repeats: usize,
    /// Share of rows tested where there is one fold only, in (0, 1).
    pub test_share: f64,
    /// Seed of the draw.
    pub seed: u64,
}

impl Default for SplitParams {
    fn default() -> Self {
        Self { folds: 5, repeats: 1, test_share: 0.2, seed: 0 }
    }
}

/// The rows to be split and what the split must respect.
#[derive(Clone, Copy, Debug, Default)]
pub struct SplitInput<'a> {
    /// Number of rows.
    pub rows: usize,
    /// Class per row, to be spread evenly.
    pub classes: Option<&'a [u32]>,
    /// Group per row, never to be divided.
    pub groups: Option<&'a [u32]>,
    /// Time per row, earlier to train and later to test.
    pub times: Option<&'a [i64]>,
    /// The series that the rows are, and how far ahead is to be tested.
    pub panel: Option<&'a Timelines>,
}

/// A way of dividing rows.
pub trait Splitter: Send + Sync {
    /// What it declares.
    fn info(&self) -> &SplitterInfo;

    /// The folds; fails when there are too few rows, groups or times for what is asked.
    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError>;
}
