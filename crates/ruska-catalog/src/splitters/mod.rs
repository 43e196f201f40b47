//! The built-in splitters, one file each. Adding one takes its file, a `mod` line and an entry in
//! [`all`]; what several share is in `support`.

mod grouped;
mod halves;
mod holdout;
mod k_fold;
mod repeated;
mod rolling_origin;
mod stratified;
mod support;
mod time_ordered;

use ruska_core::Splitter;
use std::sync::Arc;

/// Every built-in splitter, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Splitter>> {
    vec![
        Arc::new(stratified::Stratified),
        Arc::new(k_fold::KFold),
        Arc::new(repeated::Repeated),
        Arc::new(grouped::Grouped),
        Arc::new(time_ordered::TimeOrdered),
        Arc::new(holdout::Holdout),
        Arc::new(halves::Halves),
        Arc::new(rolling_origin::RollingOrigin),
    ]
}
