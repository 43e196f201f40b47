//! Mean and deviation of numbers that come one after the other.
//!
//! Reference: Welford, "Note on a method for calculating corrected sums of squares and products",
//! Technometrics 4, 1962.

use crate::sound::{all_finite, ensure};
use serde::{Deserialize, Serialize};

/// Largest size of a value that is taken as it is, so that what is made of values stays finite.
const LARGEST: f64 = 1e300;

/// A value, no larger than what can be reckoned with.
pub(crate) fn bounded(value: f64) -> f64 {
    value.clamp(-LARGEST, LARGEST)
}

/// What is known of the numbers so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Running {
    count: u64,
    mean: f64,
    /// The root of the sum of squares about the mean.
    away: f64,
}

impl Running {
    /// Takes in a number.
    pub(crate) fn push(&mut self, number: f64) {
        let before = self.count as f64;
        self.count += 1;
        let n = self.count as f64;
        let step = number - self.mean;
        self.mean += step / n;
        self.away = self.away.hypot(step * (before / n).sqrt());
    }

    /// How many there are.
    pub(crate) fn count(&self) -> f64 {
        self.count as f64
    }

    /// Their mean; 0 where there is none.
    pub(crate) fn mean(&self) -> f64 {
        self.mean
    }

    /// The root of the mean of their squares; 0 where there is none.
    pub(crate) fn root_mean_square(&self) -> f64 {
        (self.away / self.count().max(1.0).sqrt()).hypot(self.mean)
    }

    /// Their standard deviation with one degree of freedom less than there are; 0 for less than two.
    pub(crate) fn deviation(&self) -> f64 {
        self.away / (self.count() - 1.0).max(1.0).sqrt()
    }

    /// What makes it useless, if anything.
    pub(crate) fn sound(&self) -> Result<(), String> {
        ensure(self.away >= 0.0, "a deviation is below 0")?;
        all_finite("means", [&self.mean, &self.away])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_by_the_sums() {
        let mut running = Running::default();
        assert_eq!(
            (running.mean(), running.root_mean_square(), running.deviation()),
            (0.0, 0.0, 0.0)
        );
        [1.0, 4.0, 4.0, 7.0].into_iter().for_each(|v| running.push(v));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-14 * b;
        assert!(near(running.mean(), 4.0) && near(running.deviation(), 6f64.sqrt()));
        assert!(near(running.root_mean_square(), 20.5f64.sqrt()));
    }

    #[test]
    fn the_largest_values_have_a_deviation() {
        let mut running = Running::default();
        (0..100).for_each(|i| running.push(bounded(if i % 2 == 0 { f64::MAX } else { -f64::MAX })));
        assert_eq!(running.sound(), Ok(()));
        assert!(running.deviation().is_finite() && running.root_mean_square().is_finite());
    }
}
