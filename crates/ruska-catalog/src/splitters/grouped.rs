//! Folds of whole groups: no group both trains and tests.
//!
//! For rows that belong together (patients, customers, machines), where the model will meet new
//! groups. Groups go from the largest to the smallest, equal sizes in random order, each to the
//! fold with the fewest rows; so fold sizes are as even as the groups allow, and the seed matters
//! among groups of one size only. Needs groups; classes and times are not considered.
//! Cost O(n log n + n k).
//!
//! Reference: Graham, "Bounds on multiprocessing timing anomalies", SIAM J. Appl. Math. 17, 1969
//! (longest processing time first).

use super::support::{check_folds, counts, dense, enough, folds, shuffled};
use ruska_core::{Fold, Rng, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// See the module.
pub(crate) struct Grouped;

static INFO: SplitterInfo = SplitterInfo {
    id: "grouped",
    summary: "Folds of whole groups, of sizes as even as the groups allow",
    partition: true,
    tests_trained: false,
};

impl Splitter for Grouped {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        check_folds(input, params)?;
        let groups = input.groups.ok_or(SplitError::NeedsRole("group"))?;
        let (groups, n) = dense(groups);
        enough("groups", params.folds, params.folds, n)?;

        let sizes = counts(&groups, n);
        let mut order = shuffled(n, &mut Rng::new(params.seed));
        order.sort_by_key(|&group| Reverse(sizes[group as usize]));
        let mut fold_of_group = vec![0; n];
        let mut load: BinaryHeap<_> = (0..params.folds as u32).map(|f| Reverse((0, f))).collect();
        for group in order {
            if let Some(mut least) = load.peek_mut() {
                let Reverse((rows, fold)) = &mut *least;
                fold_of_group[group as usize] = *fold;
                *rows += sizes[group as usize];
            }
        }
        let fold_of: Vec<u32> = groups.iter().map(|&g| fold_of_group[g as usize]).collect();
        Ok(folds(&fold_of, params.folds))
    }
}
