//! Columns of numbers brought to one scale within a model, so that what it tells of them can be compared.

use crate::sound::{all_finite, ensure};
use ruska_kernels::clusters::mixture::Floor;
use serde::{Deserialize, Serialize};

/// Skewness from which on the logarithms of a positive column may be taken.
const SKEWED: f64 = 1.0;
/// Numbers beyond this many deviations count as so far.
const FARTHEST: f64 = 1e100;

/// What a column of numbers becomes: its distance from the mean in standard deviations, or that of its
/// logarithm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scale {
    /// The column's place among those of numbers.
    column: u32,
    /// Where logarithms are taken, the least number of the fit, > 0, which smaller ones count as.
    least: Option<f64>,
    /// What numbers are taken as parts of, > 0: about the largest, or 1 where logarithms are taken.
    unit: f64,
    mean: f64,
    deviation: f64,
}

/// Weighted moments of a column.
#[derive(Clone, Copy)]
struct Shape {
    mean: f64,
    deviation: f64,
    skewness: f64,
}

impl Shape {
    fn of(values: &[f64], weights: &[f64]) -> Self {
        let whole: f64 = weights.iter().sum();
        let first = values[0];
        let mean = |f: &dyn Fn(f64) -> f64| -> f64 {
            values.iter().zip(weights).map(|(v, w)| w * f(*v)).sum::<f64>() / whole
        };
        let middle = first + mean(&|v| v - first);
        let variance = mean(&|v| (v - middle) * (v - middle));
        let third = mean(&|v| (v - middle) * (v - middle) * (v - middle));
        let deviation = variance.sqrt();
        Self { mean: middle, deviation, skewness: third / (variance * deviation) }
    }
}

impl Scale {
    /// That of a column's finite numbers, which become what it makes of them, of rows of positive weight;
    /// none where all are the same. With `logs` logarithms are taken of a column that is positive and
    /// skewed. Beside it: the weighted sum over rows of the logarithm by which a density of the numbers in
    /// deviations exceeds one of what they become, 0 unless these are logarithms.
    pub(crate) fn fit(
        column: usize,
        values: &mut [f64],
        weights: &[f64],
        logs: bool,
    ) -> Option<(Self, f64)> {
        let unit = unit(values);
        if values.windows(2).all(|w| w[0] == w[1]) {
            return None;
        }
        let parts: Vec<f64> = values.iter().map(|v| v / unit).collect();
        let plain = Shape::of(&parts, weights);
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let column = column as u32;
        let Shape { mean, deviation, .. } = plain;
        let mut scale = Self { column, least: None, unit, mean, deviation };
        let mut gained = 0.0;
        if logs && least > 0.0 && plain.skewness > SKEWED {
            let of: Vec<f64> = values.iter().map(|v| v.ln()).collect();
            let Shape { mean, deviation, .. } = Shape::of(&of, weights);
            if deviation > 0.0 {
                scale = Self { column, least: Some(least), unit: 1.0, mean, deviation };
                let derivative = |part: &f64| (plain.deviation / (part * deviation)).ln();
                gained = parts.iter().zip(weights).map(|(p, w)| w * derivative(p)).sum();
            }
        }
        // Numbers that differ may be as good as the same.
        if scale.deviation <= 0.0 {
            return None;
        }
        values.iter_mut().for_each(|v| *v = scale.of(*v));
        Some((scale, gained))
    }

    /// The variance that rounding to the least gap between the column's numbers gives what they become,
    /// at least so much.
    pub(crate) fn rounding(&self, mut numbers: Vec<f64>, least: f64) -> Floor {
        numbers.sort_unstable_by(f64::total_cmp);
        let gaps = numbers.windows(2).map(|w| w[1] - w[0]).filter(|gap| *gap > 0.0);
        let step = gaps.fold(f64::INFINITY, f64::min) / self.unit;
        let variance = (step / self.deviation).powi(2) / 12.0;
        // A step is a part 1/x of x, and x that of e to the power of what it becomes.
        let (rounding, decay) = match self.least {
            None => (variance, 0.0),
            Some(_) => (variance * (-2.0 * self.mean).exp(), 2.0 * self.deviation),
        };
        if rounding.is_finite() { Floor { least, rounding, decay } } else { Floor::constant(least) }
    }

    /// What a number becomes.
    pub(crate) fn of(&self, value: f64) -> f64 {
        let value = match self.least {
            Some(least) => value.max(least).ln(),
            None => value / self.unit,
        };
        ((value - self.mean) / self.deviation).clamp(-FARTHEST, FARTHEST)
    }

    /// The column's place among those of numbers.
    pub(crate) fn column(&self) -> usize {
        self.column as usize
    }

    /// What is wrong with it as a state, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let Self { least, unit, mean, deviation, .. } = self;
        all_finite("scales", [unit, mean, deviation, &least.unwrap_or(1.0)])?;
        let positive = [*unit, *deviation, least.unwrap_or(1.0)].iter().all(|v| *v > 0.0);
        ensure(positive, "a scale has no width")
    }
}

/// A power of two that the largest of some numbers is at least half of, and less than twice; 1 for zeros.
fn unit(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    if largest < f64::MIN_POSITIVE { 1.0 } else { largest.log2().floor().exp2() }
}
