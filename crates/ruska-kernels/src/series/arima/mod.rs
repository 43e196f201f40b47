//! Seasonal ARIMA: a series, differenced, is a linear function of its last values
//! and last errors.
//!
//! ```text
//! values ─ differences ─ less constant ─▶ filter ─▶ errors ─▶ likelihood
//!                                           ▲                    │
//!  order ◀─ search by AICc     partial autocorrelations ◀─ least squares
//! ```
//! `φ(B)·Φ(Bᵐ)·((1 − B)ᵈ·(1 − Bᵐ)ᴰ·y[t] − c) = θ(B)·Θ(Bᵐ)·e[t]`, with moving averages
//! written `1 + θ₁·B + …`.
//!
//! The likelihood is exact for the differenced series; the constant is estimated by generalised
//! least squares within it. All parts are kept stationary and invertible. The search for an order
//! goes from a few models to their neighbours, as long as the criterion falls.
//!
//! Wins on series whose errors are correlated in ways that smoothing does not describe. Fails on
//! changing seasons, on levels that jump, and where seasons are long: cost for each evaluation is
//! O(n·(p + q + m·(P + Q))), so decompose series of longer seasons first.
//!
//! Short series: parts for which there are too few values are left out, in the end all but the
//! constant; one value is its own forecast. Values that never change have no errors.
//!
//! References: Box, Jenkins, Reinsel and Ljung, "Time series analysis", 2015; Hyndman and Khandakar,
//! "Automatic time series forecasting: the forecast package for R", J. Statistical Software 27, 2008.

mod differences;
mod filter;
mod fit;
mod lanes;
mod likelihood;
mod optimise;
mod order;
mod polynomial;
mod process;
mod search;
mod start;
mod stationarity;
#[cfg(test)]
mod tests;

pub use order::{Degrees, Order};
pub use search::Search;

use super::MOST_VALUES;
use crate::{Progress, Silent, Stopped};
use differences::{differenced, integrated, past_terms};
use filter::{Errors, Filter, Kept};
use lanes::LANES;
use polynomial::psi_weights;
use process::{Coefficients, Process};
use serde::{Deserialize, Serialize};

/// A fitted model and where the series stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arima {
    /// The form that was fitted: what was asked for, less what the series was too short for.
    pub order: Order,
    /// `φ` of lags 1, 2, ….
    pub ar: Vec<f64>,
    /// `θ` of lags 1, 2, ….
    pub ma: Vec<f64>,
    /// `Φ` of lags of one period, two periods, ….
    pub seasonal_ar: Vec<f64>,
    /// `Θ` of lags of one period, two periods, ….
    pub seasonal_ma: Vec<f64>,
    /// Logarithm of the likelihood of the differenced series, in nats; finite.
    pub log_likelihood: f64,
    /// Values seen, updates included.
    pub observations: usize,
    /// Values it was fitted to.
    fitted: usize,
    /// Numbers that were found, the variance included.
    pub parameters: usize,
    /// Values are divided by this, > 0, inside.
    scale: f64,
    /// Standard deviation of the errors, scaled.
    deviation: f64,
    /// Mean of the differences, scaled.
    mean: f64,
    /// The last values, as many as differencing takes, scaled.
    tail: Vec<f64>,
    kept: Kept,
}

impl Arima {
    /// Fits a model of this order to `values`, which are finite, equally spaced and at least one.
    ///
    /// Panics when there is no value.
    pub fn fit(values: &[f64], order: &Order, progress: &dyn Progress) -> Result<Self, Stopped> {
        fit::fit(values, order, progress)
    }

    /// Standard deviation of the errors, in units of the values; ≥ 0.
    pub fn sigma(&self) -> f64 {
        finite(self.deviation * self.scale)
    }

    /// The mean of the differenced series: the level, or the growth for each value, or each season.
    pub fn constant(&self) -> f64 {
        finite(self.mean * self.scale)
    }

    /// Akaike's criterion corrected for short series, of the series that was fitted: lower is
    /// better, among models with the same differences. Greatest number where there are too few
    /// values for it.
    pub fn aicc(&self) -> f64 {
        let k = self.parameters as f64;
        let left = (self.fitted - self.order.lost()) as f64 - k - 1.0;
        if left > 0.0 { 2.0 * (k - self.log_likelihood + k * (k + 1.0) / left) } else { f64::MAX }
    }

    /// Expectations of the next `horizon` values.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let terms = self.parts().ar_terms(self.order.period);
        let mut state = self.kept.state.clone();
        let mut differences = Vec::with_capacity(horizon);
        for _ in 0..horizon {
            let value = state[0];
            differences.push(value + self.mean);
            state.rotate_left(1);
            *state.last_mut().expect("a state has an element") = 0.0;
            terms.iter().for_each(|(lag, phi)| state[lag - 1] += phi * value);
        }
        let mut out = integrated(&differences, &self.tail, &past_terms(&self.order));
        out.iter_mut().for_each(|v| *v = finite(*v * self.scale));
        out
    }

    /// Standard deviations of the errors of [`forecast`](Self::forecast), step by step: `σ·√(Σ ψ²)`
    /// over the weights of the errors to come. Doubt about the parameters is not counted.
    pub fn spread(&self, horizon: usize) -> Vec<f64> {
        let parts = self.parts();
        let ma = parts.ma_terms(self.order.period);
        let stationary = psi_weights(&parts.ar_terms(self.order.period), &ma, horizon);
        let tail = vec![0.0; self.tail.len()];
        let psi = integrated(&stationary, &tail, &past_terms(&self.order));
        let mut sum = 0.0;
        psi.iter()
            .map(|psi| {
                sum += psi * psi;
                finite(self.deviation * f64::sqrt(sum) * self.scale)
            })
            .collect()
    }

    /// Takes newer values; parameters stay.
    pub fn update(&mut self, values: &[f64]) {
        if values.is_empty() {
            return;
        }
        let lost = self.tail.len();
        let mut all = std::mem::take(&mut self.tail);
        all.extend(values.iter().map(|v| v / self.scale));
        let mut w = differenced(&all, &self.order);
        w.iter_mut().for_each(|w| *w -= self.mean);
        let mut filter = Filter::resumed(self.process(), &self.kept);
        filter
            .run(&[&w], 0.0, &mut Errors::default(), &Silent)
            .expect("silent progress stops nothing");
        self.kept = filter.kept();
        self.tail = all.split_off(all.len() - lost);
        self.observations += values.len();
    }

    /// Whether its parts belong together and all numbers are in range, as they are after a fit.
    pub fn is_sound(&self) -> bool {
        let Order { regular, seasonal, period, .. } = self.order;
        let terms = [&self.ar, &self.ma, &self.seasonal_ar, &self.seasonal_ma];
        let expected = [regular.ar, regular.ma, seasonal.ar, seasonal.ma];
        let numbers = terms.into_iter().chain([&self.tail]).flatten();
        let others = [&self.scale, &self.deviation, &self.mean];
        terms.map(Vec::len) == expected
            && (1..MOST_VALUES).contains(&period)
            && self.order.lost() == self.tail.len()
            && self.kept.is_sound(self.order.ar_lag().max(self.order.ma_lag() + 1))
            && numbers.chain(others).all(|v| v.is_finite())
            && self.scale > 0.0
            && self.deviation >= 0.0
            && self.observations < MOST_VALUES
    }

    fn parts(&self) -> Coefficients {
        Coefficients {
            ar: self.ar.clone(),
            ma: self.ma.clone(),
            seasonal_ar: self.seasonal_ar.clone(),
            seasonal_ma: self.seasonal_ma.clone(),
        }
    }

    fn process(&self) -> Process {
        let parts = self.parts();
        Process::new(&self.order, [&parts; LANES])
    }
}

/// The nearest finite number; 0 for none.
fn finite(x: f64) -> f64 {
    if x.is_nan() { 0.0 } else { x.clamp(f64::MIN, f64::MAX) }
}
