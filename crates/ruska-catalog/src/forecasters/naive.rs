//! Naive: the last value again.
//!
//! The best there is for a random walk. Its spread is the root mean squared step from value to value,
//! times the root of the steps ahead. Cost O(n).
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), sections 5.2
//! and 5.5.

use super::support::{GoesOn, History, OneSeries, Running, bounded, declared};
use crate::bridge::Watch;
use crate::sound::all_finite;
use ruska_core::{FitError, LearnerInfo, TaskMeta};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naive;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NaiveParams {}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NaiveModel {
    last: f64,
    steps: Running,
}

impl OneSeries for Naive {
    type Params = NaiveParams;
    type Model = NaiveModel;

    const INFO: LearnerInfo = declared(
        ("naive", 1),
        "The last value again",
        "Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 2021, section 5.2",
    );

    fn work(&self, _: &NaiveParams, values: f64, _: &TaskMeta) -> f64 {
        20.0 * values
    }

    fn fit(
        &self,
        _: &NaiveParams,
        history: History<'_>,
        _: &Watch<'_>,
    ) -> Result<NaiveModel, FitError> {
        let mut model = NaiveModel { last: bounded(history.values[0]), steps: Running::default() };
        model.update(&history.values[1..]);
        Ok(model)
    }
}

impl GoesOn for NaiveModel {
    fn forecast(&self, horizon: usize) -> Vec<f64> {
        vec![self.last; horizon]
    }

    fn spread(&self, horizon: usize) -> Vec<f64> {
        let sigma = self.steps.root_mean_square();
        (1..=horizon).map(|ahead| sigma * (ahead as f64).sqrt()).collect()
    }

    fn update(&mut self, newer: &[f64]) {
        for value in newer {
            let value = bounded(*value);
            self.steps.push(value - self.last);
            self.last = value;
        }
    }

    fn sound(&self) -> Result<(), String> {
        all_finite("values", [&self.last])?;
        self.steps.sound()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecasters::support::fitted;

    #[test]
    fn the_last_value_and_the_root_of_the_steps() {
        let told = fitted(&Naive, &NaiveParams {}, &[1.0, 4.0, 2.0, 3.0]);
        // Steps 3, -2 and 1.
        let sigma = (14.0f64 / 3.0).sqrt();
        told.tells(&[3.0; 3], &[sigma, sigma * 2f64.sqrt(), sigma * 3f64.sqrt()]);
        fitted(&Naive, &NaiveParams {}, &[5.0]).tells(&[5.0; 2], &[0.0; 2]);
    }
}
