//! Poisson deviance of the logarithm of the mean: counts, and rates by an offset.

use super::{Loss, Relative};
use crate::trees::math::exp;

/// Half the Poisson deviance; truth ≥ 0, the score is ln μ.
#[derive(Clone, Debug)]
pub struct Poisson(Relative);

impl Poisson {
    /// For finite truth `y` ≥ 0, with a finite weight ≥ 0 each.
    pub fn new(y: &[f64], weights: Option<&[f64]>) -> Self {
        Self(Relative::new(y, weights))
    }
}

impl Loss for Poisson {
    fn start(&self) -> &[f64] {
        &self.0.start
    }

    fn learns(&self, _: usize) -> bool {
        self.0.learns
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
            let mean = exp(self.0.score(score));
            *g = mean - self.0.truth(y) as f32;
            *h = mean;
        }
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let (y, s) = (self.0.truth(y), f64::from(self.0.score(score(0))));
        let logs = if y > 0.0 { y * (y.ln() - s) } else { 0.0 };
        (logs - y + s.exp()).max(0.0)
    }
}
