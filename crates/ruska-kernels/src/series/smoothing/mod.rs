//! Exponential smoothing: one series of equally spaced values described by level, slope and season.
//!
//! ```text
//! form      error {A,M} × trend {N,A,Ad} × season {N,A,M}
//! layout    estimated numbers in a row, their bounds and starts
//! start     first states by rule
//! fit       from a series to a model of one form
//! step      one step of the recursions
//! pass      a run over the series: likelihood and its derivatives
//! search    the most likely numbers
//! choose    the form with the least corrected information criterion
//! spread    standard deviations of forecast errors
//! comb      the mean of three simple forms
//! ```
//!
//! When it wins: business series with trend and season that change slowly; few values. When it fails:
//! several seasons at once, seasons longer than 24 steps, effects of covariates, long memory.
//!
//! Cost: a form takes 5 to 30 steps of O(n·p²) for n values and p ≤ 29 numbers; the automatic choice
//! among 15 forms less than a millisecond for 100 monthly values.
//!
//! Reference: Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing: The State
//! Space Approach, Springer, 2008; Hyndman and Khandakar, "Automatic time series forecasting: the
//! forecast package for R", Journal of Statistical Software 27(3), 2008.

mod choose;
mod comb;
mod fit;
mod form;
mod layout;
mod pass;
mod search;
mod spread;
mod start;
mod step;
#[cfg(test)]
mod tests;

pub use choose::Choice;
pub use comb::Comb;
pub use form::{Component, Form, Trend};
pub use step::Rates;

use super::MOST_VALUES;
use crate::{Progress, Stopped};
use fit::{Fitter, Scaled, model, penalty, short};
use layout::Layout;
use serde::{Deserialize, Serialize};
use step::{Line, step};

/// Longest season, in steps, that a form may have.
pub const LONGEST_SEASON: usize = 24;
/// States stay within this, where values are of the size of one.
const GREATEST: f64 = 1e100;
/// Mean squares of errors below this are rounding, where values are of the size of one.
const LEAST_ERROR: f64 = 1e-20;

/// A fitted model: parameters, first and last states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Smoothing {
    form: Form,
    /// Steps of a season; one without.
    period: usize,
    rates: Rates,
    /// What states are to be multiplied by: a power of two.
    scale: f64,
    first: States,
    last: States,
    observations: usize,
    /// Sum of squared errors of scaled values, or of relative errors.
    squares: f64,
    /// Sum of the logarithms of scaled forecasts; zero with additive errors.
    logs: f64,
}

/// States at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct States {
    level: f64,
    slope: f64,
    /// By time modulo the period; one number without a season.
    season: Vec<f64>,
}

impl States {
    fn new(line: Line, season: Vec<f64>) -> Self {
        Self { level: line.level, slope: line.slope, season }
    }
}

/// States after each value of a series, in the values' unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// The level.
    pub level: Vec<f64>,
    /// What the level gains a step; empty without a trend.
    pub slope: Vec<f64>,
    /// The season of the value's step: in the unit or a factor; empty without one.
    pub season: Vec<f64>,
    /// What was forecast of the value one step before.
    pub fitted: Vec<f64>,
}

/// Level with slope, and season, of the steps to come; scaled.
struct Path {
    q: Vec<f64>,
    season: Vec<f64>,
}

impl Path {
    fn forecasts(&self, form: Form) -> Vec<f64> {
        let both = self.q.iter().zip(&self.season);
        both.map(|(q, s)| match form.season {
            None => *q,
            Some(Component::Additive) => q + s,
            Some(Component::Multiplicative) => q * s,
        })
        .collect()
    }
}

impl Smoothing {
    /// Fits `form` to `values`, finite, at least one, with a season of `period` steps (0 or 1: none).
    ///
    /// A form that the series does not admit is replaced by the richest simpler one: no season
    /// where the period exceeds [`LONGEST_SEASON`] or the values do not; additive components where
    /// values are not above zero; no trend or season where there are not at least two values more
    /// than estimated numbers. Up to three values are smoothed at a fixed rate of one half.
    pub fn fit(
        values: &[f64],
        period: usize,
        form: Form,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let series = Scaled::new(values, period);
        let form = series.nearest(form);
        if !series.admits(form) {
            return Ok(short(&series));
        }
        let (at, _) = Fitter::new(&series, progress).search(form, f64::INFINITY)?;
        Ok(model(&series, form, &at))
    }

    /// Fits every form of the choice that the series admits (see [`Smoothing::fit`]) and takes the one
    /// with the least corrected Akaike criterion.
    pub fn choose(
        values: &[f64],
        period: usize,
        choice: &Choice,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        choose::choose(&Scaled::new(values, period), choice, progress)
    }

    /// Simple exponential smoothing.
    pub fn ses(values: &[f64], progress: &dyn Progress) -> Result<Self, Stopped> {
        Self::fit(values, 1, Form::SIMPLE, progress)
    }

    /// Holt's linear trend.
    pub fn holt(values: &[f64], progress: &dyn Progress) -> Result<Self, Stopped> {
        Self::fit(values, 1, Form::HOLT, progress)
    }

    /// Holt's trend, damped.
    pub fn damped(values: &[f64], progress: &dyn Progress) -> Result<Self, Stopped> {
        Self::fit(values, 1, Form::DAMPED, progress)
    }

    /// Moves the states past newer values; parameters stay. Forms with factors take a value that is
    /// not above zero as one that is missing.
    pub fn update(&mut self, values: &[f64]) {
        for &y in values {
            self.advance(y / self.scale);
        }
    }

    /// The point forecasts of the next `horizon` steps, in the values' unit: the states carried on
    /// without errors.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let forecasts = self.path(horizon).forecasts(self.form);
        forecasts.into_iter().map(|f| self.in_unit(f)).collect()
    }

    /// Standard deviations of the forecasts' errors, in the values' unit, parameters taken as known:
    /// exact for forms without factors of season, an approximation with them.
    pub fn spread(&self, horizon: usize) -> Vec<f64> {
        let spread = spread::spread(self, &self.path(horizon));
        spread.into_iter().map(|s| self.in_unit(s)).collect()
    }

    /// States after each of `values`, the series from its first value that was fitted on.
    pub fn components(&self, values: &[f64]) -> Components {
        let mut model = self.restarted();
        let [mut level, mut slope, mut season, mut fitted] = [const { Vec::new() }; 4];
        let factor = self.form.season == Some(Component::Multiplicative);
        for &y in values {
            let place = model.place();
            fitted.push(self.in_unit(model.advance(y / self.scale)));
            level.push(self.in_unit(model.last.level));
            if self.form.trend != Trend::None {
                slope.push(self.in_unit(model.last.slope));
            }
            if self.form.season.is_some() {
                let s = model.last.season[place];
                season.push(if factor { s } else { self.in_unit(s) });
            }
        }
        Components { level, slope, season, fitted }
    }

    /// The form.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Steps of a season; one without.
    pub fn period(&self) -> usize {
        self.period
    }

    /// Smoothing parameters.
    pub fn rates(&self) -> Rates {
        self.rates
    }

    /// Values seen.
    pub fn observations(&self) -> usize {
        self.observations
    }

    /// Standard deviation of one-step errors, by the values that exceed the estimated numbers: in the
    /// values' unit with additive errors, else a share of the forecast.
    pub fn sigma(&self) -> f64 {
        let sigma = self.variance().sqrt();
        if self.form.error == Component::Additive { self.in_unit(sigma) } else { sigma }
    }

    /// Logarithm of the likelihood, but for constants that depend on the number of values only.
    pub fn log_likelihood(&self) -> f64 {
        let n = self.observations as f64;
        -0.5 * n * self.squares.max(n * LEAST_ERROR).ln() - self.logs - n * self.scale.ln()
    }

    /// Corrected Akaike criterion of the same likelihood; infinite where there are not two values more
    /// than estimated numbers and the variance.
    pub fn aicc(&self) -> f64 {
        let k = self.form.parameters(self.period) + 1;
        -2.0 * self.log_likelihood() + penalty(self.observations, k)
    }

    /// Whether its parts belong together and all numbers are in range, as they are after a fit.
    pub fn is_sound(&self) -> bool {
        let whole = |states: &States| {
            let numbers = states.season.iter().chain([&states.level, &states.slope]);
            states.season.len() == self.period && numbers.copied().all(f64::is_finite)
        };
        let Rates { alpha, beta, gamma, phi } = self.rates;
        (1..=LONGEST_SEASON).contains(&self.period)
            && [&self.first, &self.last].into_iter().all(whole)
            && [alpha, beta, gamma, phi].iter().all(|rate| (0.0..=1.0).contains(rate))
            && self.scale > 0.0
            && self.scale.is_finite()
            && self.squares >= 0.0
            && self.observations < MOST_VALUES
    }

    /// A model run over the series it belongs to.
    fn at_start(series: &Scaled, layout: Layout, rates: Rates, first: States) -> Self {
        let mut model = Self {
            form: layout.form,
            period: layout.period,
            rates,
            scale: series.scale,
            last: first.clone(),
            first,
            observations: 0,
            squares: 0.0,
            logs: 0.0,
        };
        for &y in &series.values {
            model.advance(y);
        }
        model
    }

    /// The model before its first value.
    fn restarted(&self) -> Self {
        let last = self.first.clone();
        Self { last, observations: 0, squares: 0.0, logs: 0.0, ..self.clone() }
    }

    /// Where the season of the next step lies.
    fn place(&self) -> usize {
        self.observations % self.period
    }

    /// Moves past a scaled value; returns its forecast.
    fn advance(&mut self, y: f64) -> f64 {
        let place = self.place();
        let season = self.last.season[place];
        let mut line = Line { level: self.last.level, slope: self.last.slope };
        let mut next = season;
        let missing = self.form.is_positive() && y <= 0.0;
        let y = y.clamp(-GREATEST, GREATEST);
        let mut met = step(self.form, self.rates, &mut line, &mut next, y);
        if missing || !met.is_sound(self.form, season) {
            line = Line { level: met.q, slope: self.rates.phi * self.last.slope };
            next = season;
            met.error = 0.0;
        }
        self.last.level = line.level.clamp(-GREATEST, GREATEST);
        self.last.slope = line.slope.clamp(-GREATEST, GREATEST);
        self.last.season[place] = next.clamp(-GREATEST, GREATEST);
        self.squares += met.error * met.error;
        if self.form.error == Component::Multiplicative && met.forecast > 0.0 {
            self.logs += met.forecast.ln();
        }
        self.observations += 1;
        met.forecast
    }

    /// Variance of one-step errors, scaled or relative.
    fn variance(&self) -> f64 {
        let estimated = self.form.parameters(self.period) + 2;
        self.squares / self.observations.saturating_sub(estimated).max(1) as f64
    }

    fn path(&self, horizon: usize) -> Path {
        let (mut level, mut slope) = (self.last.level, self.last.slope);
        let step = |_| {
            slope *= self.rates.phi;
            level += slope;
            level
        };
        let q = (0..horizon).map(step).collect();
        let from = self.observations;
        let season = (0..horizon).map(|h| self.last.season[(from + h) % self.period]).collect();
        Path { q, season }
    }

    /// Takes a scaled number to the values' unit, finite.
    fn in_unit(&self, v: f64) -> f64 {
        (v * self.scale).clamp(-f64::MAX, f64::MAX)
    }
}
