//! The built-in steps, one file each. Adding one takes its file, a `mod` line and an entry in
//! [`all`]; what several share is in `support`.

mod arithmetic;
mod date_differences;
mod date_parts;
mod frequency_encode;
mod group_means;
mod hash_words;
mod impute;
mod numbers_in_text;
mod one_hot;
mod ordinal;
mod rare_levels;
mod standardise;
mod support;
mod target_encode;
mod term_frequency;
mod tfidf;

use ruska_core::Step;
use std::sync::Arc;

pub(crate) use support::Levels;

/// Every built-in step, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Step>> {
    vec![
        Arc::new(numbers_in_text::NumbersInText),
        Arc::new(rare_levels::RareLevels),
        Arc::new(date_differences::DateDifferences),
        Arc::new(group_means::GroupMeans),
        Arc::new(date_parts::DateParts),
        Arc::new(term_frequency::TermFrequency),
        Arc::new(tfidf::Tfidf),
        Arc::new(hash_words::HashWords),
        Arc::new(one_hot::OneHot),
        Arc::new(target_encode::TargetEncode),
        Arc::new(ordinal::Ordinal),
        Arc::new(frequency_encode::FrequencyEncode),
        Arc::new(impute::Impute),
        Arc::new(arithmetic::Arithmetic),
        Arc::new(standardise::Standardise),
    ]
}
