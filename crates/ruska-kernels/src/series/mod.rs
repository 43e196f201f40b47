//! Forecasting kernels: one series of equally spaced, finite values in, the next values out.
//!
//! ```text
//! arima         seasonal ARIMA with regressors by exact likelihood, orders found by themselves
//! simplex       a function's least value without its gradient, within bounds
//! ```

pub mod arima;
pub mod simplex;
