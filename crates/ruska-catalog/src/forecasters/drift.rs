//! Drift: the line from the first value to the last goes on.
//!
//! The naive forecast with the mean step added for each period ahead. Of n values, its spread h periods
//! ahead is the deviation of the steps times √(h (1 + h / (n − 1))); two values have the one step for a
//! deviation. Cost O(n).
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
pub(crate) struct Drift;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DriftParams {}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DriftModel {
    last: f64,
    steps: Running,
}

impl OneSeries for Drift {
    type Params = DriftParams;
    type Model = DriftModel;

    const INFO: LearnerInfo = declared(
        ("drift", 2),
        "The line from the first value to the last",
        "Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 2021, section 5.2",
    );

    fn work(&self, _: &DriftParams, values: f64, _: &TaskMeta) -> f64 {
        20.0 * values
    }

    fn fit(
        &self,
        _: &DriftParams,
        history: History<'_>,
        _: &Watch<'_>,
    ) -> Result<DriftModel, FitError> {
        let mut model = DriftModel { last: bounded(history.values[0]), steps: Running::default() };
        model.update(&history.values[1..]);
        Ok(model)
    }
}

impl GoesOn for DriftModel {
    fn forecast(&self, horizon: usize) -> Vec<f64> {
        (1..=horizon).map(|ahead| self.last + ahead as f64 * self.steps.mean()).collect()
    }

    fn spread(&self, horizon: usize) -> Vec<f64> {
        let count = self.steps.count().max(1.0);
        let one = self.steps.root_mean_square();
        let sigma = if count < 2.0 { one } else { self.steps.deviation() };
        let ahead = (1..=horizon).map(|ahead| ahead as f64);
        ahead.map(|h| sigma * (h * (1.0 + h / count)).sqrt()).collect()
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
    fn the_line_and_its_spread() {
        let told = fitted(&Drift, &DriftParams {}, &[1.0, 4.0, 3.0, 7.0]);
        // Steps 3, -1 and 4 of mean 2.
        let sigma = 7f64.sqrt();
        let spread = [(4.0f64 / 3.0).sqrt(), (10.0f64 / 3.0).sqrt(), 6f64.sqrt()];
        told.tells(&[9.0, 11.0, 13.0], &spread.map(|s| sigma * s));
        fitted(&Drift, &DriftParams {}, &[5.0]).tells(&[5.0; 2], &[0.0; 2]);
        let of_two = fitted(&Drift, &DriftParams {}, &[5.0, 3.0]);
        of_two.tells(&[1.0, -1.0], &[2.0 * 2f64.sqrt(), 2.0 * 6f64.sqrt()]);
    }
}
