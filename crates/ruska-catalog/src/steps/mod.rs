//! The built-in steps, one file each. Adding one takes its file, a `mod` line and an entry in [`all`].

use ruska_core::Step;
use std::sync::Arc;

/// Every built-in step, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Step>> {
    vec![]
}
