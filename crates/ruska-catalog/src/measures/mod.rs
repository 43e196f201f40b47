//! The built-in measures, one file each. Adding one takes its file, a `mod` line and an entry in [`all`].

use ruska_core::Measure;
use std::sync::Arc;

/// Every built-in measure, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Measure>> {
    vec![]
}
