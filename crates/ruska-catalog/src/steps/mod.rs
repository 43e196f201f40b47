//! The built-in steps, one file each. Adding one takes its file, a `mod` line and an entry in
//! [`all`]; what several share is in `support`.

mod arithmetic;
mod clip_outliers;
mod date_differences;
mod date_parts;
mod drop_redundant;
mod frequency_encode;
mod group_means;
mod hash_words;
mod impute;
mod min_max;
mod numbers_in_text;
mod one_hot;
mod ordinal;
mod pca;
mod quantile_normal;
mod rare_levels;
mod robust_scale;
mod select_important;
mod standardise;
mod support;
mod target_encode;
mod term_frequency;
mod tfidf;
mod transform_target;
mod yeo_johnson;

use ruska_core::Step;
use std::sync::Arc;

pub(crate) use support::Levels;

/// Every built-in step, in the order of stages, and of preference within one.
pub(crate) fn all() -> Vec<Arc<dyn Step>> {
    vec![
        Arc::new(transform_target::TransformTarget),
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
        Arc::new(clip_outliers::ClipOutliers),
        Arc::new(standardise::Standardise),
        Arc::new(robust_scale::RobustScale),
        Arc::new(min_max::MinMax),
        Arc::new(quantile_normal::QuantileNormal),
        Arc::new(yeo_johnson::PowerTransform),
        Arc::new(pca::Pca),
        Arc::new(drop_redundant::DropRedundant),
        Arc::new(select_important::SelectImportant),
    ]
}
