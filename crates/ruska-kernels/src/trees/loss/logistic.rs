//! Binary log loss of the log-odds of class 1: calibrated probabilities.

use super::{Loss, class_weights};
use crate::trees::math::exp;

/// Log loss of two classes; truth is 0 or 1, the score is the log-odds of 1.
#[derive(Clone, Debug)]
pub struct Logistic {
    start: [f64; 1],
    learns: bool,
}

impl Logistic {
    /// For training rows of truth 0 or 1, with a finite weight ≥ 0 each.
    pub fn new(y: &[f64], weights: Option<&[f64]>) -> Self {
        let (sums, seen) = class_weights(2, y, weights);
        Self { start: [(sums[1] / sums[0]).ln()], learns: seen[0] && seen[1] }
    }
}

/// The probability of class 1 of a score.
pub fn probability(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

impl Loss for Logistic {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn learns(&self, _: usize) -> bool {
        self.learns
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
        for (((g, h), &y), &score) in g.iter_mut().zip(h).zip(y).zip(scores) {
            // By the probability of the wrong class: no digits are lost when it is small.
            let sign = (1.0 - 2.0 * y) as f32;
            let e = exp(score as f32 * sign);
            let wrong = e / (1.0 + e);
            *g = wrong * sign;
            *h = wrong / (1.0 + e);
        }
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let z = score(0) * (1.0 - 2.0 * y);
        z.max(0.0) + (-z.abs()).exp().ln_1p()
    }
}
