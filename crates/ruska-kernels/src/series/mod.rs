//! Forecasting kernels: one series of equally spaced, finite values in, the next values out.
//!
//! ```text
//! classical     seasonal indices and the test for a season
//! complex       exponential smoothing with complex numbers
//! naive         the last value, season or mean again
//! simplex       a function's least value without its gradient, within bounds
//! theta         exponential smoothing about a line
//! ```

pub mod classical;
pub mod simplex;
pub mod theta;
