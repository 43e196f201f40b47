//! The built-in learners, one file each. Adding one takes its file, a `mod` line and an entry in [`all`].

mod baseline;
mod elastic_net;
mod extra_trees;
mod gam;
mod gbdt;
mod gbdt_symmetric;
mod glm;
mod huber;
mod knn;
mod lda;
mod linear;
mod linfa_tree;
mod mlp;
mod naive_bayes;
mod quantile_linear;
mod random_forest;
mod svm;
mod tree;

pub(crate) use gbdt::{Gbdt, GbdtParams};
pub(crate) use linear::{Linear, LinearModel, LinearParams};
use ruska_core::Learner;
use std::sync::Arc;

/// Every built-in learner, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Learner>> {
    vec![
        Arc::new(baseline::Baseline),
        Arc::new(linear::Linear),
        Arc::new(tree::Tree),
        Arc::new(gam::Gam),
        Arc::new(gbdt::Gbdt),
        Arc::new(gbdt_symmetric::GbdtSymmetric),
        Arc::new(random_forest::RandomForest),
        Arc::new(extra_trees::ExtraTrees),
        Arc::new(mlp::Mlp),
        Arc::new(elastic_net::ElasticNet),
        Arc::new(glm::Glm),
        Arc::new(naive_bayes::NaiveBayes),
        Arc::new(knn::Knn),
        Arc::new(lda::Lda),
        Arc::new(huber::Huber),
        Arc::new(quantile_linear::QuantileLinear),
        Arc::new(svm::Svm),
        Arc::new(linfa_tree::LinfaTree),
    ]
}
