//! Historic mean: the mean of all values.
//!
//! The best there is for values about a level that never changes. Of n values, its spread is their
//! standard deviation times √(1 + 1/n), however far ahead. Cost O(n).
//!
//! Reference: Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed. (2021), sections 5.2
//! and 5.5.

use super::support::{GoesOn, History, OneSeries, Running, bounded, declared};
use crate::bridge::Watch;
use crate::sound::ensure;
use ruska_core::{FitError, LearnerInfo, TaskMeta};
use serde::{Deserialize, Serialize};

/// The forecaster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistoricMean;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoricMeanParams {}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HistoricMeanModel {
    values: Running,
}

impl OneSeries for HistoricMean {
    type Params = HistoricMeanParams;
    type Model = HistoricMeanModel;

    const INFO: LearnerInfo = declared(
        ("historic_mean", 1),
        "The mean of all values",
        "Hyndman, Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 2021, section 5.2",
    );

    fn work(&self, _: &HistoricMeanParams, values: f64, _: &TaskMeta) -> f64 {
        20.0 * values
    }

    fn fit(
        &self,
        _: &HistoricMeanParams,
        history: History<'_>,
        _: &Watch<'_>,
    ) -> Result<HistoricMeanModel, FitError> {
        let mut model = HistoricMeanModel { values: Running::default() };
        model.update(history.values);
        Ok(model)
    }
}

impl GoesOn for HistoricMeanModel {
    fn forecast(&self, horizon: usize) -> Vec<f64> {
        vec![self.values.mean(); horizon]
    }

    fn spread(&self, horizon: usize) -> Vec<f64> {
        let share = 1.0 / self.values.count().max(1.0);
        vec![self.values.deviation() * (1.0 + share).sqrt(); horizon]
    }

    fn update(&mut self, newer: &[f64]) {
        newer.iter().for_each(|value| self.values.push(bounded(*value)));
    }

    fn sound(&self) -> Result<(), String> {
        ensure(self.values.count() >= 1.0, "it knows no value")?;
        self.values.sound()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecasters::support::fitted;

    #[test]
    fn the_mean_and_its_spread() {
        let told = fitted(&HistoricMean, &HistoricMeanParams {}, &[1.0, 4.0, 4.0, 7.0]);
        told.tells(&[4.0; 2], &[7.5f64.sqrt(); 2]);
        fitted(&HistoricMean, &HistoricMeanParams {}, &[5.0]).tells(&[5.0; 2], &[0.0; 2]);
    }
}
