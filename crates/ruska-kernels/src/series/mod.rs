//! Forecasting kernels: one series of equally spaced, finite values in, the next values out.
//!
//! ```text
//! simplex       a function's least value without its gradient, within bounds
//! ```

pub mod holes;
pub mod simplex;
