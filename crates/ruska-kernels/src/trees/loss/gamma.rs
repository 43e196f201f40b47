//! Gamma deviance of the logarithm of the mean: positive amounts whose spread grows with them.

use super::{Loss, Relative};
use crate::trees::math::exp;

/// Half the gamma deviance; truth > 0, the score is ln μ.
#[derive(Clone, Debug)]
pub struct Gamma(Relative);

impl Gamma {
    /// For finite truth `y` > 0, with a finite weight ≥ 0 each.
    pub fn new(y: &[f64], weights: Option<&[f64]>) -> Self {
        Self(Relative::new(y, weights))
    }
}

impl Loss for Gamma {
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
            let ratio = self.0.truth(y) as f32 * exp(-self.0.score(score));
            *g = 1.0 - ratio;
            *h = ratio;
        }
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let y = self.0.truth(y).max(f64::MIN_POSITIVE);
        let log = y.ln() - f64::from(self.0.score(score(0)));
        (log.exp() - log - 1.0).max(0.0)
    }
}
