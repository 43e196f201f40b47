//! How far a predicted number must move for its decision to change.
//!
//! A number that moves less than the old model was usually wrong by is no other decision. So the
//! threshold is the median size of the old model's out-of-fold errors, which its file keeps as
//! quantiles: half of its predictions miss by more. A model that made no errors, or keeps none,
//! gives a tenth of the target's standard deviation in its training.

use super::report::{Threshold, ThresholdSource};
use super::spread::sorted;
use crate::compare::bootstrap::percentile;
use ruska::{Model, TaskKind};

/// Share of the target's standard deviation where there are no errors.
const SHARE: f64 = 0.1;

/// The threshold for an old model; `None` for classes.
pub(super) fn threshold(old: &Model, given: Option<f64>) -> Option<Threshold> {
    if old.manifest().task != TaskKind::Regression {
        return None;
    }
    if let Some(value) = given {
        return Some(Threshold { value, source: ThresholdSource::Given });
    }
    let reference = old.reference();
    // The quantiles are evenly spaced, so half of the errors are as large as half of them.
    let sizes = sorted(reference.errors.iter().map(|e| e.abs()).collect());
    let median = percentile(&sizes, 0.5);
    Some(if median.is_finite() && median > 0.0 {
        Threshold { value: median, source: ThresholdSource::OldErrors }
    } else {
        let value = SHARE * reference.target.deviation;
        Threshold { value, source: ThresholdSource::TargetSpread }
    })
}
