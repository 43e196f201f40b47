//! The built-in measures, one file each. Adding one takes its file, a `mod` line and an entry in
//! [`all`]; what several share is in `support`.

mod accuracy;
mod auc;
mod average_precision;
mod balanced_accuracy;
mod bic;
mod brier;
mod calinski_harabasz;
mod consensus;
mod coverage;
mod davies_bouldin;
mod dbcv;
mod f1;
mod gamma_deviance;
mod logloss;
mod mae;
mod mape;
mod mase;
mod mcc;
mod median_ae;
mod msis;
mod owa;
mod poisson_deviance;
mod precision;
mod r2;
mod recall;
mod rmse;
mod rmsle;
mod rmsse;
mod silhouette;
mod smape;
mod stability;
mod support;
mod wape;
mod wql;

use ruska_core::Measure;
use std::sync::Arc;
use support::OfForecasts;

/// Every built-in measure, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Measure>> {
    vec![
        Arc::new(auc::Auc),
        Arc::new(logloss::Logloss),
        Arc::new(accuracy::Accuracy),
        Arc::new(balanced_accuracy::BalancedAccuracy),
        Arc::new(f1::F1),
        Arc::new(precision::Precision),
        Arc::new(recall::Recall),
        Arc::new(average_precision::AveragePrecision),
        Arc::new(brier::Brier),
        Arc::new(mcc::Mcc),
        Arc::new(rmse::Rmse),
        Arc::new(mae::Mae),
        Arc::new(median_ae::MedianAe),
        Arc::new(r2::R2),
        Arc::new(mape::Mape),
        Arc::new(rmsle::Rmsle),
        Arc::new(poisson_deviance::PoissonDeviance),
        Arc::new(gamma_deviance::GammaDeviance),
        Arc::new(consensus::Consensus),
        Arc::new(silhouette::Silhouette),
        Arc::new(calinski_harabasz::CalinskiHarabasz),
        Arc::new(davies_bouldin::DaviesBouldin),
        Arc::new(dbcv::Dbcv),
        Arc::new(stability::Stability),
        Arc::new(bic::Bic),
        Arc::new(OfForecasts(mase::Mase)),
        Arc::new(OfForecasts(smape::Smape)),
        Arc::new(OfForecasts(owa::Owa)),
        Arc::new(OfForecasts(rmsse::Rmsse)),
        Arc::new(OfForecasts(wape::Wape)),
        Arc::new(OfForecasts(wql::Wql)),
        Arc::new(OfForecasts(msis::Msis)),
        Arc::new(OfForecasts(coverage::Coverage)),
    ]
}
