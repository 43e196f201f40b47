//! Tweedie deviance of the logarithm of the mean: sums of a random number of positive amounts, so
//! many zeros and a heavy tail.
//!
//! Source: Jørgensen, "The theory of dispersion models", 1997.

use super::{Loss, Relative};
use crate::trees::math::exp;

/// Half the deviance of variance μᵖ, 1 < p < 2; truth ≥ 0, the score is ln μ.
#[derive(Clone, Debug)]
pub struct Tweedie {
    at: Relative,
    power: f64,
}

impl Tweedie {
    /// Of power in (1, 2), for finite truth `y` ≥ 0, with a finite weight ≥ 0 each.
    pub fn new(power: f64, y: &[f64], weights: Option<&[f64]>) -> Self {
        Self { at: Relative::new(y, weights), power }
    }
}

impl Loss for Tweedie {
    fn start(&self) -> &[f64] {
        &self.at.start
    }

    fn learns(&self, _: usize) -> bool {
        self.at.learns
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
        let (low, high) = ((1.0 - self.power) as f32, (2.0 - self.power) as f32);
        for (((g, h), &y), &score) in g.iter_mut().zip(h).zip(y).zip(scores) {
            let s = self.at.score(score);
            let (a, b) = (self.at.truth(y) as f32 * exp(low * s), exp(high * s));
            *g = b - a;
            *h = high * b - low * a;
        }
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let (low, high) = (1.0 - self.power, 2.0 - self.power);
        let (y, s) = (self.at.truth(y), f64::from(self.at.score(score(0))));
        let of_truth = y.powf(high) / (low * high);
        (of_truth - y * (low * s).exp() / low + (high * s).exp() / high).max(0.0)
    }
}
