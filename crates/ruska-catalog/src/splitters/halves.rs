//! All rows, then overlapping parts of them, all tested on the same rows.
//!
//! For groups that nobody knows: whoever learns from other rows of the same kind should find the same
//! groups again, so the models of the parts are compared with each other and with that of all rows.
//! The first fold trains on all rows, each other one on two thirds of them, at most so many that a fit
//! stays quick; all are tested on the same rows, all of them or as many drawn at random. Groups, classes
//! and times are not considered. Cost O(k n).
//!
//! Reference: Ben-Hur, Elisseeff, Guyon, "A stability based method for discovering structure in clustered
//! data", Pacific Symposium on Biocomputing, 2002.

use super::support::{check_lengths, enough, shuffled};
use super::time_ordered::ascending;
use ruska_core::{Fold, Rng, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo};

/// Most rows that are tested, and most that a part has.
const TESTED: usize = 5000;
const PART: usize = 1000;
/// Most folds.
const MOST_FOLDS: usize = 1000;
/// Share of the rows in a part, in thirds.
const THIRDS: usize = 2;

/// See the module.
pub(crate) struct Halves;

static INFO: SplitterInfo = SplitterInfo {
    id: "halves",
    summary: "All rows, then overlapping parts of them, all tested on the same rows",
    partition: false,
    tests_trained: true,
};

impl Splitter for Halves {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        check_lengths(input)?;
        if !(1..=MOST_FOLDS).contains(&params.folds) {
            return Err(SplitError::Params("folds must be at least 1 and at most 1,000"));
        }
        enough("rows", params.folds, 1, input.rows)?;
        let mut rng = Rng::new(params.seed);
        let all: Vec<u32> = (0..input.rows as u32).collect();
        let test = match input.rows {
            few if few <= TESTED => all.clone(),
            many => ascending(&shuffled(many, &mut rng)[..TESTED]),
        };
        let part = (input.rows * THIRDS).div_ceil(3).min(PART);
        let mut folds = vec![Fold { train: all, test: test.clone() }];
        for _ in 1..params.folds {
            let train = ascending(&shuffled(input.rows, &mut rng)[..part]);
            folds.push(Fold { train, test: test.clone() });
        }
        Ok(folds)
    }
}
