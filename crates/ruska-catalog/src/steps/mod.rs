//! The built-in steps, one file each. Adding one takes its file, a `mod` line and an entry in
//! [`all`]; what several share is in `support`.

mod date_parts;
mod hash_words;
mod impute;
mod one_hot;
mod ordinal;
mod standardise;
mod support;
mod target_encode;

use ruska_core::Step;
use std::sync::Arc;

/// Every built-in step, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Step>> {
    vec![
        Arc::new(date_parts::DateParts),
        Arc::new(hash_words::HashWords),
        Arc::new(one_hot::OneHot),
        Arc::new(target_encode::TargetEncode),
        Arc::new(ordinal::Ordinal),
        Arc::new(impute::Impute),
        Arc::new(standardise::Standardise),
    ]
}
