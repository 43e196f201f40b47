//! Forecasting kernels: one series of equally spaced, finite values in, the next values out.
//!
//! ```text
//! simplex       a function's least value without its gradient, within bounds
//! smoothing     exponential smoothing, all forms of error, trend and season
//! ```

pub mod simplex;
pub mod smoothing;
