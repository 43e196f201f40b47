//! The size of a demand times how likely there is one.

use super::smoothing::Smoothing;
use serde::{Deserialize, Serialize};

/// Smoothed sizes of demands above zero, and how often values are not zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tsb {
    size: Smoothing,
    probability: Smoothing,
}

impl Tsb {
    pub(super) fn new(size: f64, probability: f64) -> Self {
        let within = |alpha: f64| if alpha.is_nan() { 0.1 } else { alpha.clamp(0.0, 1.0) };
        Self {
            size: Smoothing::new(within(size)),
            probability: Smoothing::new(within(probability)),
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.size.is_sound() && self.probability.is_sound()
    }

    pub(super) fn rate(&self) -> Option<f64> {
        Some(self.size.level? * self.probability.level?)
    }

    pub(super) fn step(&mut self, value: f64) {
        self.probability.step(f64::from(value != 0.0));
        if value > 0.0 {
            self.size.step(value);
        }
    }
}
