//! Champion against challenger: both score the same rows, and rules fixed beforehand say whether
//! the challenger may replace the champion.

mod bootstrap;
mod delong;
mod gain;
mod normal;
mod rules;

pub use gain::{Gain, Pair};
pub use rules::{Require, Rule, Than};
