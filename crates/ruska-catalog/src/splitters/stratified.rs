//! Random folds that hold the same share of every class.
//!
//! For classification. Rows are put in order of class, at random within a class, and dealt to the
//! folds like cards: the folds differ by at most one row in each class and in all. A class with
//! fewer rows than folds is spread over as many folds as it has rows, so that each training part
//! keeps a row of every class that has two or more. Needs classes; groups and times are not
//! considered. Cost O(n log n + n k).
//!
//! Reference: Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model
//! selection", IJCAI 1995.

use super::support::{check_folds, deal, folds, shuffled_by_class};
use ruska_core::{Fold, Rng, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo};

/// See the module.
pub(crate) struct Stratified;

static INFO: SplitterInfo = SplitterInfo {
    id: "stratified",
    summary: "Random folds with the same share of every class",
    partition: true,
    tests_trained: false,
};

impl Splitter for Stratified {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        check_folds(input, params)?;
        let classes = input.classes.ok_or(SplitError::NeedsRole("class"))?;
        let order = shuffled_by_class(classes, &mut Rng::new(params.seed));
        Ok(folds(&deal(&order, params.folds), params.folds))
    }
}
