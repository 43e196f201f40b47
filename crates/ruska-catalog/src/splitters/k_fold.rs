//! Random folds of equal size: every row is tested once.
//!
//! For rows that are independent and a target that is not rare. Sizes differ by at most one.
//! Looks at the number of rows only; classes, groups and times are not considered. Cost O(n k).
//!
//! Reference: Stone, "Cross-validatory choice and assessment of statistical predictions", JRSS B
//! 36, 1974.

use super::support::{check_folds, deal, folds, shuffled};
use ruska_core::{Fold, Rng, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo};

/// See the module.
pub(crate) struct KFold;

static INFO: SplitterInfo = SplitterInfo {
    id: "k_fold",
    summary: "Random folds of equal size",
    partition: true,
    tests_trained: false,
};

impl Splitter for KFold {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        check_folds(input, params)?;
        let order = shuffled(input.rows, &mut Rng::new(params.seed));
        Ok(folds(&deal(&order, params.folds), params.folds))
    }
}
