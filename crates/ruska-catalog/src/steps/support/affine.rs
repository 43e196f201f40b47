//! A column moved to zero and brought to a scale.

use super::columns::OfColumn;
use crate::sound::{all_finite, ensure};
use ruska_core::Scaling;
use serde::{Deserialize, Serialize};

/// Spreads below this are none: halves of them are no longer exact.
const LEAST_SPREAD: f64 = 1e-300;

/// `(x − centre) / spread` of a column, between two bounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Affine {
    name: String,
    #[serde(rename = "mean")]
    centre: f64,
    /// 0 where every number becomes 0.
    #[serde(rename = "sd")]
    spread: f64,
    low: f64,
    high: f64,
}

impl OfColumn for Affine {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Affine {
    /// Bounds at ±`bound`, in spreads. A spread that is no positive number makes every number 0.
    pub(crate) fn new(name: &str, centre: f64, spread: f64, bound: f64) -> Self {
        let sound = spread >= LEAST_SPREAD && spread.is_finite() && centre.is_finite();
        let (centre, spread) = if sound { (centre, spread) } else { (0.0, 0.0) };
        Self { name: name.to_owned(), centre, spread, low: -bound, high: bound }
    }

    /// The same with bounds wide enough for some values.
    pub(crate) fn covering(mut self, values: &[f64]) -> Self {
        let free = Self { low: -f64::MAX, high: f64::MAX, ..self.clone() };
        for z in values.iter().map(|&v| free.apply(v)) {
            self.low = self.low.min(z);
            self.high = self.high.max(z);
        }
        self
    }

    /// Whether every number becomes 0.
    pub(crate) fn is_flat(&self) -> bool {
        self.spread == 0.0
    }

    /// A number that is not missing on the scale. Halves do not overflow.
    pub(crate) fn apply(&self, value: f64) -> f64 {
        if self.spread == 0.0 {
            return 0.0;
        }
        ((value / 2.0 - self.centre / 2.0) / (self.spread / 2.0)).clamp(self.low, self.high)
    }

    /// The scale, without the bounds.
    pub(crate) fn scaling(&self) -> Scaling {
        Scaling { column: self.name.clone(), centre: self.centre, spread: self.spread }
    }

    /// What is wrong with it, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        all_finite("centre and spread", [&self.centre, &self.spread])?;
        ensure(self.spread >= 0.0, "the spread is negative")?;
        ensure(self.low <= self.high, "the bounds are the wrong way round")
    }
}
