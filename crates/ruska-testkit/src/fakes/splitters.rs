//! Shuffled k-fold.

use ruska_core::{Fold, Rng, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo, hash};

/// Rows in random order, dealt to the folds in turn.
#[derive(Clone, Copy, Debug)]
pub struct KFold;

impl Splitter for KFold {
    fn info(&self) -> &SplitterInfo {
        &SplitterInfo {
            id: "kfold",
            summary: "rows dealt to folds at random",
            partition: true,
            tests_trained: false,
        }
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        let (rows, folds) = (input.rows, params.folds);
        if folds < 2 || params.repeats < 1 {
            return Err(SplitError::Params("k-fold needs at least 2 folds and 1 repeat"));
        }
        if rows < folds {
            return Err(SplitError::TooFew { what: "rows", folds, need: folds, got: rows });
        }
        let mut out = vec![];
        for repeat in 0..params.repeats {
            let mut order: Vec<u32> = (0..rows as u32).collect();
            Rng::new(hash::combine(&[params.seed, repeat as u64])).shuffle(&mut order);
            for fold in 0..folds {
                let mut test: Vec<u32> = order.iter().skip(fold).step_by(folds).copied().collect();
                test.sort_unstable();
                let train = (0..rows as u32).filter(|r| test.binary_search(r).is_err()).collect();
                out.push(Fold { train, test });
            }
        }
        Ok(out)
    }
}
