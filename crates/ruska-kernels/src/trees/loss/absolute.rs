//! Absolute error and the pinball loss: medians and other quantiles. Indifferent to outliers.
//!
//! Both have no curvature, so trees are grown on the signs and each leaf then gets the quantile of
//! its rows' residuals. Source: Koenker, Bassett, "Regression quantiles", 1978; Friedman 2001, §4.3.

use super::Loss;
use crate::trees::math::{power_of_two, weighted_quantile};

/// The pinball loss of one score: α·(y − s) above the score, (1 − α)·(s − y) below.
#[derive(Clone, Debug)]
pub struct Quantile {
    start: [f64; 1],
    alpha: f64,
    exponent: f64,
    learns: bool,
}

impl Quantile {
    /// The quantile `alpha` in (0, 1) of finite truth `y`, with a finite weight ≥ 0 each.
    pub fn new(alpha: f64, y: &[f64], weights: Option<&[f64]>) -> Self {
        let mut pairs: Vec<_> =
            y.iter().enumerate().map(|(i, &y)| (y, weights.map_or(1.0, |w| w[i]))).collect();
        let start = weighted_quantile(&mut pairs, alpha);
        let spread = y.iter().fold(0.0, |m: f64, v| m.max((v / 2.0 - start / 2.0).abs()));
        Self { start: [start], alpha, exponent: power_of_two(spread), learns: spread > 0.0 }
    }

    /// Half the absolute error: the median.
    pub fn absolute(y: &[f64], weights: Option<&[f64]>) -> Self {
        Self::new(0.5, y, weights)
    }
}

impl Loss for Quantile {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn learns(&self, _: usize) -> bool {
        self.learns
    }

    fn unit(&self) -> f64 {
        self.exponent.exp2()
    }

    fn leaf_quantile(&self) -> Option<f64> {
        Some(self.alpha)
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
        let (above, below) = ((1.0 - self.alpha) as f32, -self.alpha as f32);
        for ((g, &y), &score) in g.iter_mut().zip(y).zip(scores) {
            *g = if score > y { above } else { below };
        }
        h.fill(1.0);
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let inverse = (-self.exponent).exp2();
        let rest = y * inverse - score(0) * inverse;
        if rest > 0.0 { self.alpha * rest } else { (self.alpha - 1.0) * rest }
    }
}
