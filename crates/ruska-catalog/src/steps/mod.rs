//! The built-in steps, one file each. Adding one takes its file, a `mod` line and an entry in
//! [`all`]; what several share is in `support`.

mod clip_outliers;
mod date_parts;
mod drop_redundant;
mod hash_words;
mod impute;
mod min_max;
mod one_hot;
mod ordinal;
mod pca;
mod quantile_normal;
mod robust_scale;
mod select_important;
mod standardise;
mod support;
mod target_encode;
mod transform_target;
mod yeo_johnson;

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
        Arc::new(robust_scale::RobustScale),
        Arc::new(min_max::MinMax),
        Arc::new(quantile_normal::QuantileNormal),
        Arc::new(yeo_johnson::PowerTransform),
        Arc::new(transform_target::TransformTarget),
        Arc::new(clip_outliers::ClipOutliers),
        Arc::new(pca::Pca),
        Arc::new(drop_redundant::DropRedundant),
        Arc::new(select_important::SelectImportant),
    ]
}
