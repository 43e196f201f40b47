//! Folds drawn several times anew: less noise in the estimate for more fits.
//!
//! Each repeat is `grouped` where groups are given, else `stratified` where classes are given,
//! else `k_fold`, with a seed of its own; folds come repeat by repeat. Times are not considered:
//! there is only one order of time. Cost: that of the repeats.
//!
//! Reference: Kim, "Estimating classification error rate: repeated cross-validation, repeated
//! hold-out and bootstrap", CSDA 53, 2009.

use super::{grouped::Grouped, k_fold::KFold, stratified::Stratified};
use ruska_core::{Fold, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo, hash};

/// See the module.
pub(crate) struct Repeated;

static INFO: SplitterInfo = SplitterInfo {
    id: "repeated",
    summary: "Folds drawn several times anew, by group or class where given",
    partition: true,
    tests_trained: false,
};

impl Splitter for Repeated {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        if params.repeats < 1 {
            return Err(SplitError::Params("repeats must be at least 1"));
        }
        let once: &dyn Splitter = match input {
            SplitInput { groups: Some(_), .. } => &Grouped,
            SplitInput { classes: Some(_), .. } => &Stratified,
            _ => &KFold,
        };
        let mut folds = vec![];
        for repeat in 0..params.repeats as u64 {
            let seed = hash::combine(&[params.seed, repeat]);
            folds.extend(once.split(input, &SplitParams { seed, ..*params })?);
        }
        Ok(folds)
    }
}
