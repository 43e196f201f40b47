//! The built-in forecasters, one file each: learners of series. Adding one takes its file, a `mod` line and
//! an entry in [`all`]; what several share is in `support`.

mod seasonal_naive;
mod support;

use ruska_core::Learner;
use std::sync::Arc;
use support::Each;
pub(crate) use support::seasons;

/// Every built-in forecaster, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Learner>> {
    vec![Arc::new(Each(seasonal_naive::SeasonalNaive))]
}
