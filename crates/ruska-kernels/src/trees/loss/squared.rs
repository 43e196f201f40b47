//! Squared error, ½ (score − y)²: the mean. Exact leaf values; sensitive to outliers.

use super::Loss;
use crate::trees::math::{exact_mean, power_of_two};

/// Squared error of one score.
#[derive(Clone, Debug)]
pub struct Squared {
    start: [f64; 1],
    exponent: f64,
    learns: bool,
}

impl Squared {
    /// For training rows of finite truth `y`, with a finite weight ≥ 0 each.
    pub fn new(y: &[f64], weights: Option<&[f64]>) -> Self {
        let mean = exact_mean(y, |i| weights.map_or(1.0, |w| w[i]));
        let spread = y.iter().fold(0.0, |m: f64, v| m.max((v / 2.0 - mean / 2.0).abs()));
        Self { start: [mean], exponent: power_of_two(spread), learns: spread > 0.0 }
    }
}

impl Loss for Squared {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn learns(&self, _: usize) -> bool {
        self.learns
    }

    fn unit(&self) -> f64 {
        self.exponent.exp2()
    }

    fn gradients(
        &self,
        _: usize,
        y: &[f64],
        scores: &[f64],
        _: &[f64],
        g: &mut [f32],
        h: &mut [f32],
    ) {
        // Scaled before they are subtracted: the difference alone may leave the range of floats.
        let inverse = (-self.exponent).exp2();
        for ((g, &y), &score) in g.iter_mut().zip(y).zip(scores) {
            *g = (score * inverse - y * inverse) as f32;
        }
        h.fill(1.0);
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let inverse = (-self.exponent).exp2();
        (score(0) * inverse - y * inverse).powi(2)
    }
}
