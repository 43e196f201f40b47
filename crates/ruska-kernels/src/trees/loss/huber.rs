//! Huber's loss: squared near the truth, absolute far from it. A mean that outliers do not move.
//!
//! Source: Huber, "Robust estimation of a location parameter", 1964.

use super::Loss;
use crate::trees::math::{power_of_two, weighted_quantile};

/// ½ r² for |r| ≤ δ, else δ·(|r| − ½ δ).
#[derive(Clone, Debug)]
pub struct Huber {
    start: [f64; 1],
    delta: f64,
    exponent: f64,
    learns: bool,
}

impl Huber {
    /// For finite truth `y`, with a finite weight ≥ 0 each. δ is the quantile `alpha` in (0, 1) of
    /// the distances from the median; the largest distance where that is 0.
    pub fn new(alpha: f64, y: &[f64], weights: Option<&[f64]>) -> Self {
        let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
        let pairs = |f: &dyn Fn(f64) -> f64| -> Vec<_> {
            y.iter().enumerate().map(|(i, &y)| (f(y), weight(i))).collect()
        };
        let median = weighted_quantile(&mut pairs(&|y| y), 0.5);
        // Halved, as a distance may leave the range of floats.
        let half = |y: f64| (y / 2.0 - median / 2.0).abs();
        let widest = y.iter().fold(0.0, |m: f64, &y| m.max(half(y)));
        let delta = weighted_quantile(&mut pairs(&half), alpha);
        let delta = if delta > 0.0 { delta } else { widest };
        let exponent = power_of_two(delta);
        let delta = delta * (1.0 - exponent).exp2();
        Self { start: [median], delta, exponent, learns: widest > 0.0 }
    }

    /// Score less truth in units.
    fn rest(&self, score: f64, y: f64) -> f64 {
        let inverse = (-self.exponent).exp2();
        score * inverse - y * inverse
    }
}

impl Loss for Huber {
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
        for ((g, &y), &score) in g.iter_mut().zip(y).zip(scores) {
            *g = self.rest(score, y).clamp(-self.delta, self.delta) as f32;
        }
        h.fill(1.0);
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let r = self.rest(score(0), y).abs();
        if r <= self.delta { 0.5 * r * r } else { self.delta * (r - 0.5 * self.delta) }
    }
}
