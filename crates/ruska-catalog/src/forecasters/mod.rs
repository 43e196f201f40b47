//! The built-in forecasters, one file each: learners of series. Adding one takes its file, a `mod` line and
//! an entry in [`all`]; what several share is in `support`.

mod arima;
mod ces;
mod comb;
mod croston;
mod damped_trend;
mod drift;
mod ets;
mod global_linear;
mod global_trees;
mod historic_mean;
mod holt;
mod imapa;
mod naive;
mod reduction;
mod sba;
mod seasonal_naive;
mod ses;
mod support;
mod theta;
mod tsb;
mod window_average;

use ruska_core::Learner;
use std::sync::Arc;
use support::Each;
pub use support::{Components, Seasonal};
pub(crate) use support::{components, seasons};

/// Every built-in forecaster, in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Learner>> {
    vec![
        Arc::new(Each(seasonal_naive::SeasonalNaive)),
        Arc::new(Each(naive::Naive)),
        Arc::new(Each(historic_mean::HistoricMean)),
        Arc::new(Each(drift::Drift)),
        Arc::new(Each(window_average::WindowAverage)),
        Arc::new(Each(ses::Ses)),
        Arc::new(Each(holt::Holt)),
        Arc::new(Each(damped_trend::DampedTrend)),
        Arc::new(Each(comb::Comb)),
        Arc::new(Each(theta::ThetaLine)),
        Arc::new(Each(ces::Ces)),
        Arc::new(Each(ets::Ets)),
        Arc::new(Each(arima::ArimaSearch)),
        Arc::new(Each(croston::Croston)),
        Arc::new(Each(sba::Sba)),
        Arc::new(Each(tsb::Tsb)),
        Arc::new(Each(imapa::Imapa)),
        Arc::new(global_linear::GlobalLinear),
        Arc::new(global_trees::GlobalTrees),
        Arc::new(reduction::Reduction),
    ]
}
