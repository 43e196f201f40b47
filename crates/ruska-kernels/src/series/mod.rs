//! Forecasting kernels: one series of equally spaced, finite values in, the next values out.
//!
//! ```text
//! decompose     trend, seasons and what is left
//! simplex       a function's least value without its gradient, within bounds
//! ```

pub mod decompose;
#[cfg(test)]
mod made;
pub mod simplex;
