//! A loss: finite by construction, lower is better.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A finite number to be minimised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Loss(f64);

impl Loss {
    /// That of what a measure says nothing of, such as most indices of a single group.
    pub const WORST: Self = Self(1e300);

    /// `None` when the value is NaN or infinite.
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Loss {}

impl PartialOrd for Loss {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Loss {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl TryFrom<f64> for Loss {
    type Error = String;

    fn try_from(value: f64) -> Result<Self, String> {
        Self::new(value).ok_or_else(|| format!("a loss must be finite, got {value}"))
    }
}

impl From<Loss> for f64 {
    fn from(loss: Loss) -> f64 {
        loss.0
    }
}
