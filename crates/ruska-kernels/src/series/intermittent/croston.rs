//! Croston's method: the size of a demand over the interval between two.

use super::super::MOST_VALUES;
use super::intervals;
use super::smoothing::Smoothing;
use serde::{Deserialize, Serialize};

/// Smoothed sizes of demands above zero, and intervals between demands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Croston {
    size: Smoothing,
    interval: Smoothing,
    /// Steps since the last demand.
    since: usize,
    /// The last value, which is the forecast until there is a demand above zero.
    last: Option<f64>,
}

impl Croston {
    fn new(size: Smoothing, interval: Smoothing) -> Self {
        Self { size, interval, since: 0, last: None }
    }

    pub(super) fn classic() -> Self {
        Self::new(Smoothing::new(0.1), Smoothing::new(0.1))
    }

    /// With the smoothing sought for the values, of which it has seen none.
    pub(super) fn optimised(values: &[f64]) -> Self {
        Self::new(Smoothing::optimised(&sizes(values)), Smoothing::optimised(&intervals(values)))
    }

    pub(super) fn is_sound(&self) -> bool {
        let sound = self.size.is_sound() && self.interval.is_sound();
        sound && self.since < MOST_VALUES && self.last.is_none_or(f64::is_finite)
    }

    pub(super) fn rate(&self) -> Option<f64> {
        match (self.size.level, self.interval.level) {
            (Some(size), Some(interval)) => Some(size / interval.max(1.0)),
            _ => self.last,
        }
    }

    pub(super) fn step(&mut self, value: f64) {
        self.since += 1;
        self.last = Some(value);
        if value != 0.0 {
            self.interval.step(self.since as f64);
            self.since = 0;
        }
        if value > 0.0 {
            self.size.step(value);
        }
    }
}

fn sizes(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|v| *v > 0.0).collect()
}
