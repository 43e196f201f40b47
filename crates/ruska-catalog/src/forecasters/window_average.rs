//! Window average: the mean of the last values.
//!
//! For values about a level that changes now and then. Its spread grows as that of the exponential
//! smoothing whose values are as old on average, α = 2 / (w + 1) of a window of w: √(1 + (h − 1) α²) times
//! its own root mean squared error one period ahead. Windows at the start are as long as there are values.
//! Cost O(n·w).
//!
//! Reference: Brown, "Smoothing, Forecasting and Prediction of Discrete Time Series", 1963; Hyndman,
//! Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), section 8.1.

use super::support::{GoesOn, History, OneSeries, Running, bounded, declared};
use crate::bridge::Watch;
use crate::sound::{all_finite, ensure};
use ruska_core::{FitError, LearnerInfo, Space, TaskMeta};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WindowAverage;

/// Its parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WindowAverageParams {
    /// Values of a window, at least 1; a season where it is left out, 4 without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<i64>,
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WindowAverageModel {
    /// Values of a full window, at least 1.
    window: usize,
    /// The last values, at most a window of them.
    last: VecDeque<f64>,
    errors: Running,
}

/// Values of a window where nothing else is asked.
fn usual(seasons: &[usize]) -> usize {
    seasons.first().copied().unwrap_or(4)
}

impl WindowAverageModel {
    fn mean(&self) -> f64 {
        let share = 1.0 / self.last.len() as f64;
        self.last.iter().map(|v| share * v).sum()
    }
}

impl OneSeries for WindowAverage {
    type Params = WindowAverageParams;
    type Model = WindowAverageModel;

    const INFO: LearnerInfo = declared(
        ("window_average", 3),
        "The mean of the last values",
        "Brown, Smoothing, Forecasting and Prediction of Discrete Time Series, 1963",
    );

    fn space(&self, meta: &TaskMeta) -> Space {
        let most = meta.seasons.first().map_or(12, |season| 2 * *season as i64);
        Space::new().int("window", 2, most, usual(&meta.seasons) as i64)
    }

    fn work(&self, params: &WindowAverageParams, values: f64, meta: &TaskMeta) -> f64 {
        let window = params.window.map_or_else(|| usual(&meta.seasons) as f64, |w| w.max(1) as f64);
        (20.0 + window) * values
    }

    fn fit(
        &self,
        params: &WindowAverageParams,
        history: History<'_>,
        _: &Watch<'_>,
    ) -> Result<WindowAverageModel, FitError> {
        let window = params.window.map_or_else(|| usual(history.seasons), |w| w.max(1) as usize);
        let last = VecDeque::from([bounded(history.values[0])]);
        let mut model = WindowAverageModel { window, last, errors: Running::default() };
        model.update(&history.values[1..]);
        Ok(model)
    }
}

impl GoesOn for WindowAverageModel {
    fn forecast(&self, horizon: usize) -> Vec<f64> {
        vec![self.mean(); horizon]
    }

    fn spread(&self, horizon: usize) -> Vec<f64> {
        let sigma = self.errors.root_mean_square();
        let alpha = 2.0 / (self.window as f64 + 1.0);
        (0..horizon).map(|before| sigma * (1.0 + before as f64 * alpha * alpha).sqrt()).collect()
    }

    fn update(&mut self, newer: &[f64]) {
        for value in newer {
            let value = bounded(*value);
            self.errors.push(value - self.mean());
            if self.last.len() == self.window {
                self.last.pop_front();
            }
            self.last.push_back(value);
        }
    }

    fn sound(&self) -> Result<(), String> {
        let within = (1..=self.window).contains(&self.last.len());
        ensure(within, "its window does not hold its values")?;
        all_finite("values", &self.last)?;
        self.errors.sound()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecasters::support::fitted;

    #[test]
    fn the_mean_of_the_window_and_its_spread() {
        let params = WindowAverageParams { window: Some(3) };
        let told = fitted(&WindowAverage, &params, &[3.0, 5.0, 1.0, 6.0, 8.0]);
        // Errors 2, -3, 3 and 4 of the means 3, 4, 3 and 4.
        let sigma = 9.5f64.sqrt();
        told.tells(&[5.0; 3], &[sigma, sigma * 1.25f64.sqrt(), sigma * 1.5f64.sqrt()]);
        fitted(&WindowAverage, &params, &[5.0]).tells(&[5.0; 2], &[0.0; 2]);
    }

    #[test]
    fn a_window_of_one_is_naive() {
        let told =
            fitted(&WindowAverage, &WindowAverageParams { window: Some(1) }, &[1.0, 3.0, 2.0]);
        told.tells(&[2.0; 2], &[2.5f64.sqrt(), 5f64.sqrt()]);
    }

    #[test]
    fn it_is_a_season_long() {
        assert_eq!((usual(&[]), usual(&[7, 365])), (4, 7));
    }
}
