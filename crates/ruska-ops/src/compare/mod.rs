//! Champion against challenger: both score the same rows, which neither has learned from, and rules
//! fixed beforehand say whether the challenger may replace the champion.

mod against;
pub(crate) mod bootstrap;
mod delong;
mod gain;
mod judge;
mod rows;
mod rules;

pub use against::{Against, Compared, against};
pub use gain::{Gain, Pair};
pub use judge::{Judgement, Rival, judge};
pub use rows::{Unseen, learned, unseen};
pub use rules::{FairnessMeasure, Require, Rule, Than};

#[cfg(test)]
mod fairness_tests;
#[cfg(test)]
mod simulation_tests;
