//! The least-squares line through the values so far.

use serde::{Deserialize, Serialize};

/// A line over the steps 1, 2, …, `count`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Values it was drawn through.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Rise a step.
    pub slope: f64,
}

impl Line {
    /// Through one value: level.
    pub(super) fn first(value: f64) -> Self {
        Self { count: 1.0, mean: value, slope: 0.0 }
    }

    /// Through all `values`, of which there is at least one.
    pub(super) fn through(values: &[f64]) -> Self {
        let mut line = Self::first(values[0]);
        for value in &values[1..] {
            line.add(*value);
        }
        line
    }

    /// Value at step 0.
    pub(super) fn intercept(&self) -> f64 {
        self.mean - self.slope * (self.count + 1.0) / 2.0
    }

    /// Draws it through one more value.
    #[inline]
    pub(super) fn add(&mut self, value: f64) {
        let n = self.count;
        let over = (value - self.mean) / (n + 1.0);
        self.slope = ((n - 1.0) * self.slope + 6.0 * over) / (n + 2.0);
        self.mean += over;
        self.count = n + 1.0;
    }
}
