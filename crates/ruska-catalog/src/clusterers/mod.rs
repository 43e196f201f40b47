//! The built-in clusterers, one file each: learners without a target. Adding one takes its file, a `mod`
//! line and an entry in [`all`]; what several share is in `support`.

mod agglomerative;
mod dbscan;
mod gmm;
mod hdbscan;
mod kmeans;
mod kprototypes;
mod one_cluster;
mod support;

use ruska_core::Learner;
use std::sync::Arc;

/// Every built-in clusterer, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Learner>> {
    vec![
        Arc::new(one_cluster::OneCluster),
        Arc::new(kmeans::Kmeans),
        Arc::new(gmm::Gmm),
        Arc::new(agglomerative::Agglomerative),
        Arc::new(hdbscan::Hdbscan),
        Arc::new(dbscan::Dbscan),
        Arc::new(kprototypes::Kprototypes),
    ]
}
