//! Demand that is mostly zero.
//!
//! ```text
//! croston       size of a demand over the interval between two; Croston, optimised, SBA
//! tsb           size of a demand times how often there is one; falls when demand ends
//! aggregate     sums over buckets of one width (ADIDA) or many (IMAPA)
//! smoothing     exponential smoothing, on which all rest
//! ```
//!
//! All forecast one rate of demand, the same for each step. Demands are values that are not zero.
//!
//! References: Croston, "Forecasting and stock control for intermittent demands", Operational
//! Research Quarterly 23, 1972; Syntetos and Boylan, "The accuracy of intermittent demand estimates",
//! International Journal of Forecasting 21, 2005; Teunter, Syntetos and Babai, "Intermittent demand:
//! linking forecasting to inventory obsolescence", European Journal of Operational Research 214,
//! 2011; Nikolopoulos et al., "An aggregate–disaggregate intermittent demand approach (ADIDA) to
//! forecasting", Journal of the Operational Research Society 62, 2011; Petropoulos and Kourentzes,
//! "Forecast combinations for intermittent demand", Journal of the Operational Research Society 66,
//! 2015 (IMAPA).

mod aggregate;
mod croston;
mod smoothing;
#[cfg(test)]
mod tests;
mod tsb;

use super::MOST_VALUES;
use crate::{Progress, Stopped};
use aggregate::Aggregate;
use croston::Croston;
use serde::{Deserialize, Serialize};
use tsb::Tsb;

/// Values between two questions to the progress.
const UNASKED: usize = 1 << 14;

/// A way to forecast intermittent demand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// Croston's, sizes and intervals smoothed by 0.1.
    Croston,
    /// Croston's, both smoothed by what foretells them best, in 0.1..0.3.
    Optimised,
    /// Croston's less its bias: times 0.95.
    Sba,
    /// Teunter's, Syntetos' and Babai's.
    Tsb {
        /// How much a demand's size is smoothed, in 0..1.
        size: f64,
        /// How much its probability is, in 0..1.
        probability: f64,
    },
    /// Sums over buckets as wide as the mean interval, smoothed as [`Optimised`](Self::Optimised).
    Adida,
    /// The mean of that over all widths up to the mean interval, of which 1000 at most.
    Imapa,
}

/// A fitted method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intermittent {
    method: Method,
    state: State,
    observations: usize,
    sigma: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum State {
    Croston(Croston),
    Tsb(Tsb),
    Aggregate(Aggregate),
}

impl State {
    fn rate(&self) -> Option<f64> {
        match self {
            Self::Croston(state) => state.rate(),
            Self::Tsb(state) => state.rate(),
            Self::Aggregate(state) => state.rate(),
        }
    }

    fn step(&mut self, value: f64) {
        match self {
            Self::Croston(state) => state.step(value),
            Self::Tsb(state) => state.step(value),
            Self::Aggregate(state) => state.step(value),
        }
    }
}

impl Intermittent {
    /// Fits finite values. Without any demand the forecast is 0; Croston's methods of values none of
    /// which is above zero forecast the last.
    pub fn fit(values: &[f64], method: Method, progress: &dyn Progress) -> Result<Self, Stopped> {
        let state = match method {
            Method::Croston | Method::Sba => State::Croston(Croston::classic()),
            Method::Optimised => State::Croston(Croston::optimised(values)),
            Method::Tsb { size, probability } => State::Tsb(Tsb::new(size, probability)),
            Method::Adida => State::Aggregate(Aggregate::one(values)),
            Method::Imapa => State::Aggregate(Aggregate::all(values, progress)?),
        };
        Self::run(values, method, state, progress)
    }

    /// Runs a state that has seen nothing over the values.
    fn run(
        values: &[f64],
        method: Method,
        state: State,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let mut fitted = Self { method, state, observations: 0, sigma: 0.0 };
        let mut errors = Vec::with_capacity(values.len());
        for (i, &value) in values.iter().enumerate() {
            if i % UNASKED == UNASKED - 1 && !progress.proceed() {
                return Err(Stopped);
            }
            errors.extend(fitted.rate().map(|rate| value / 2.0 - rate / 2.0));
            fitted.state.step(value);
        }
        fitted.observations = values.len();
        fitted.sigma = 2.0 * root_mean_square(&errors);
        fitted.sigma = fitted.sigma.min(f64::MAX);
        Ok(fitted)
    }

    fn rate(&self) -> Option<f64> {
        let rate = self.state.rate()?;
        Some(if self.method == Method::Sba { 0.95 * rate } else { rate })
    }

    /// The rate of demand, for each of `horizon` steps.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        vec![self.rate().unwrap_or(0.0); horizon]
    }

    /// The deviation of a step's error, which is that of the steps seen: there is no model from which
    /// it would follow, and it grows little with the step. 0 where no step could be foretold.
    pub fn spread(&self, horizon: usize) -> Vec<f64> {
        vec![self.sigma; horizon]
    }

    /// Goes on over newer values with the same smoothing and the same widths.
    pub fn update(&mut self, values: &[f64]) {
        values.iter().for_each(|&v| self.state.step(v));
        self.observations += values.len();
    }

    /// Whether its parts belong together and all numbers are in range, as they are after a fit.
    pub fn is_sound(&self) -> bool {
        let state = match &self.state {
            State::Croston(state) => state.is_sound(),
            State::Tsb(state) => state.is_sound(),
            State::Aggregate(state) => state.is_sound(),
        };
        state && (0.0..f64::INFINITY).contains(&self.sigma) && self.observations < MOST_VALUES
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Values seen.
    pub fn observations(&self) -> usize {
        self.observations
    }

    /// The root of the mean squared error of one step, over the values of the fit after the first
    /// demand.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }
}

fn root_mean_square(errors: &[f64]) -> f64 {
    let most = errors.iter().fold(0.0f64, |m, e| m.max(e.abs()));
    if most == 0.0 {
        return 0.0;
    }
    let sum: f64 = errors.iter().map(|e| (e / most) * (e / most)).sum();
    most * (sum / errors.len() as f64).sqrt()
}

/// Steps from each demand to the next, the first from the start on.
fn intervals(values: &[f64]) -> Vec<f64> {
    let mut before = 0;
    let ends = values.iter().enumerate().filter(|(_, v)| **v != 0.0).map(|(i, _)| i + 1);
    ends.map(|end| (end - std::mem::replace(&mut before, end)) as f64).collect()
}
