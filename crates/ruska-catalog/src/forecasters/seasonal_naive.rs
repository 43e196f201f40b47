//! Seasonal naive: each period is as the same one a season ago; the last value where there is no season.
//!
//! What any forecaster has to beat. Fails on a trend. Cost O(n). The spread is that of its own errors
//! within what is known, and grows with the root of the seasons ahead.
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), sections 5.2
//! and 5.5.

use super::support::{GoesOn, History, OneSeries, declared};
use crate::bridge::Watch;
use crate::sound::{all_finite, ensure};
use ruska_core::{FitError, LearnerInfo, TaskMeta};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeasonalNaive;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeasonalNaiveParams {}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SeasonalNaiveModel {
    /// The last season, or as much of it as is known.
    last: Vec<f64>,
    /// Standard deviation of its errors.
    sigma: f64,
}

impl OneSeries for SeasonalNaive {
    type Params = SeasonalNaiveParams;
    type Model = SeasonalNaiveModel;

    const INFO: LearnerInfo = declared(
        ("seasonal_naive", 0),
        "As a season ago: what any forecaster has to beat",
        "Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 2021, section 5.2",
    );

    fn work(&self, _: &SeasonalNaiveParams, values: f64, _: &TaskMeta) -> f64 {
        4.0 * values
    }

    fn fit(
        &self,
        _: &SeasonalNaiveParams,
        history: History<'_>,
        _: &Watch<'_>,
    ) -> Result<SeasonalNaiveModel, FitError> {
        let values = history.values;
        let season = match history.season() {
            long if long > values.len() => 1,
            season => season,
        };
        let errors = values.iter().skip(season).zip(values).map(|(a, b)| (a - b).powi(2));
        let count = values.len() - season;
        let sigma = (errors.sum::<f64>() / count.max(1) as f64).sqrt();
        Ok(SeasonalNaiveModel { last: values[values.len() - season..].to_vec(), sigma })
    }
}

impl GoesOn for SeasonalNaiveModel {
    fn forecast(&self, horizon: usize) -> Vec<f64> {
        self.last.iter().copied().cycle().take(horizon).collect()
    }

    fn spread(&self, horizon: usize) -> Vec<f64> {
        let season = self.last.len();
        (0..horizon).map(|step| self.sigma * ((step / season + 1) as f64).sqrt()).collect()
    }

    fn update(&mut self, newer: &[f64]) {
        let season = self.last.len();
        self.last.extend_from_slice(newer);
        self.last.drain(..self.last.len() - season);
    }

    fn sound(&self) -> Result<(), String> {
        ensure(!self.last.is_empty() && self.sigma >= 0.0, "it knows no value")?;
        all_finite("values", self.last.iter().chain([&self.sigma]))
    }
}
