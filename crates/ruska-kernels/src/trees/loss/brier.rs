//! Squared error of the class indicators: leaves hold class shares, and a split lowers the Gini
//! impurity. For single trees; boosting wants a log loss.

use super::{Loss, class_weights};

/// Squared error of one score per class against 1 for the true class and 0 for the others.
#[derive(Clone, Debug)]
pub struct Brier {
    start: Vec<f64>,
    seen: Vec<bool>,
}

impl Brier {
    /// For training rows of truth in `0..classes`, with a finite weight ≥ 0 each.
    pub fn new(classes: usize, y: &[f64], weights: Option<&[f64]>) -> Self {
        let (sums, mut seen) = class_weights(classes, y, weights);
        let total: f64 = sums.iter().sum();
        if seen.iter().filter(|s| **s).count() < 2 {
            seen.fill(false);
        }
        Self { start: sums.iter().map(|s| s / total).collect(), seen }
    }
}

impl Loss for Brier {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn learns(&self, output: usize) -> bool {
        self.seen[output]
    }

    fn gradients(
        &self,
        output: usize,
        y: &[f64],
        scores: &[f64],
        _: &[f64],
        g: &mut [f32],
        h: &mut [f32],
    ) {
        let class = output as f64;
        for ((g, &y), &score) in g.iter_mut().zip(y).zip(scores) {
            *g = (score - f64::from(u8::from(y == class))) as f32;
        }
        h.fill(1.0);
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let indicator = |k| f64::from(u8::from(y == k as f64));
        (0..self.start.len()).map(|k| (score(k) - indicator(k)).powi(2)).sum()
    }
}
