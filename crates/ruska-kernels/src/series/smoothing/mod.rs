//! Exponential smoothing: one series of equally spaced values described by level, slope and season.
//!
//! ```text
//! form      error {A,M} × trend {N,A,Ad} × season {N,A,M}
//! layout    estimated numbers in a row, their bounds and starts
//! start     first states by rule
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
mod form;
mod layout;
mod pass;
mod search;
mod start;
mod step;

pub use choose::{Choice, experiment};
pub use form::{Component, Form, Trend};

use crate::{Progress, Stopped};
use layout::Layout;
use pass::Problem;
use search::{Room, improve};
use serde::{Deserialize, Serialize};
use start::Adjusted;
use step::{Line, Rates, step};

/// Longest season, in steps, that a form may have.
pub const LONGEST_SEASON: usize = 24;
/// Steps of a first search and of one from a fitted model.
const STEPS: u32 = 60;
const STEPS_AGAIN: u32 = 12;
/// Values of the scaled series stay within this.
const GREATEST: f64 = 1e100;

/// A fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Smoothing {
    form: Form,
    /// Steps of a season; one without.
    period: usize,
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
    /// Power of two that states are stored by.
    scale: f64,
    first: States,
    last: States,
    observations: usize,
    /// Sum of squared errors, of scaled values or relative.
    squares: f64,
    /// Sum of logarithms of scaled forecasts; zero with additive errors.
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

/// A series by powers of two, so that nothing is rounded.
struct Scaled {
    values: Vec<f64>,
    scale: f64,
}

impl Scaled {
    fn new(values: &[f64]) -> Self {
        let greatest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        let exponent = if greatest > 0.0 { greatest.log2().round().clamp(-900.0, 900.0) } else { 0.0 };
        let scale = exponent.exp2();
        Self { values: values.iter().map(|v| v / scale).collect(), scale }
    }

    fn is_positive(&self) -> bool {
        self.values.iter().all(|v| *v > 0.0)
    }

    fn problem(&self, layout: Layout) -> Problem<'_> {
        let least = self.values.len() as f64 * 1e-20;
        Problem { values: &self.values, layout, least }
    }
}
