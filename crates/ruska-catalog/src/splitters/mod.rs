//! The built-in splitters, one file each. Adding one takes its file, a `mod` line and an entry in [`all`].

use ruska_core::Splitter;
use std::sync::Arc;

/// Every built-in splitter, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Splitter>> {
    vec![]
}
