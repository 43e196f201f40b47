//! The mean of simple, Holt's and damped smoothing: hard to beat for its price.
//!
//! Reference: Makridakis and Hibon, "The M3-Competition: results, conclusions and implications",
//! International Journal of Forecasting 16, 2000.

use super::Smoothing;
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// Three fitted models without a season.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comb {
    simple: Smoothing,
    holt: Smoothing,
    damped: Smoothing,
}

impl Comb {
    /// Fits the three to `values`, finite, at least one, seasonally adjusted by the caller.
    pub fn fit(values: &[f64], progress: &dyn Progress) -> Result<Self, Stopped> {
        Ok(Self {
            simple: Smoothing::ses(values, progress)?,
            holt: Smoothing::holt(values, progress)?,
            damped: Smoothing::damped(values, progress)?,
        })
    }

    /// Moves the states past newer values; parameters stay.
    pub fn update(&mut self, values: &[f64]) {
        for model in [&mut self.simple, &mut self.holt, &mut self.damped] {
            model.update(values);
        }
    }

    /// Whether the three are sound, see [`Smoothing::is_sound`].
    pub fn is_sound(&self) -> bool {
        [&self.simple, &self.holt, &self.damped].into_iter().all(Smoothing::is_sound)
    }

    /// Means of the three forecasts.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        self.mean(|model| model.forecast(horizon))
    }

    /// Means of the three standard deviations: errors of the three are all but the same, so nothing
    /// is taken off for the mean.
    pub fn spread(&self, horizon: usize) -> Vec<f64> {
        self.mean(|model| model.spread(horizon))
    }

    fn mean(&self, of: impl Fn(&Smoothing) -> Vec<f64>) -> Vec<f64> {
        let [a, b, c] = [&self.simple, &self.holt, &self.damped].map(of);
        let three = a.iter().zip(&b).zip(&c);
        three.map(|((a, b), c)| a / 3.0 + b / 3.0 + c / 3.0).collect()
    }
}
