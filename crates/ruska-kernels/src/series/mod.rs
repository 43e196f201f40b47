//! Forecasting kernels: one series of equally spaced, finite values in, the next values out.
//!
//! ```text
//! arima         seasonal ARIMA by exact likelihood, orders found by themselves
//! classical     seasonal indices and the test for a season
//! complex       exponential smoothing with complex numbers
//! correlation   how alike a series is to itself some steps before
//! decompose     trend, seasons and what is left
//! holes         missing values filled in
//! intermittent  demand that is mostly zero
//! naive         the last value again, with its season: the benchmark of a competition
//! periods       which candidate seasons a series has
//! smoothing     exponential smoothing, all forms of error, trend and season
//! theta         exponential smoothing about a line
//! ```

pub mod arima;
pub mod classical;
pub mod complex;
mod convolve;
pub mod correlation;
pub mod decompose;
pub mod holes;
pub mod intermittent;
pub mod naive;
pub mod periods;
pub mod smoothing;
pub mod theta;

/// No series has as many values; a state that says so is damaged.
const MOST_VALUES: usize = 1 << 40;

#[cfg(test)]
mod made;
