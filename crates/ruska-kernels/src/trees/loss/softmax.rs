//! Log loss of several classes: one score each, probabilities by softmax.

use super::{Loss, class_weights};
use crate::trees::math::exp;

/// Log loss of two or more classes; truth is the class code.
#[derive(Clone, Debug)]
pub struct Softmax {
    start: Vec<f64>,
    seen: Vec<bool>,
    factor: f32,
}

impl Softmax {
    /// For training rows of truth in `0..classes`, with a finite weight ≥ 0 each. Classes without
    /// rows keep the small probability they start with.
    pub fn new(classes: usize, y: &[f64], weights: Option<&[f64]>) -> Self {
        let (sums, mut seen) = class_weights(classes, y, weights);
        let total: f64 = sums.iter().sum();
        if seen.iter().filter(|s| **s).count() < 2 {
            seen.fill(false);
        }
        // One score is redundant, so a full Newton step for each would be too long (Friedman 2001).
        let factor = classes as f32 / (classes.max(2) - 1) as f32;
        Self { start: sums.iter().map(|s| (s / total).ln()).collect(), seen, factor }
    }
}

/// Turns the scores of a row into probabilities.
pub fn probabilities(row: &mut [f64]) {
    let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for v in row.iter_mut() {
        *v = (*v - top).exp();
        sum += *v;
    }
    row.iter_mut().for_each(|v| *v /= sum);
}

impl Loss for Softmax {
    fn start(&self) -> &[f64] {
        &self.start
    }

    fn learns(&self, output: usize) -> bool {
        self.seen[output]
    }

    /// The logarithm of each row's sum of exponentials.
    fn prepare(&self, scores: &[f64], state: &mut Vec<f64>) {
        let n = scores.len() / self.start.len();
        state.clear();
        state.resize(2 * n, 0.0);
        let (top, sum) = state.split_at_mut(n);
        top.copy_from_slice(&scores[..n]);
        for of_class in scores.chunks_exact(n.max(1)) {
            for (top, &s) in top.iter_mut().zip(of_class) {
                *top = if s > *top { s } else { *top };
            }
        }
        for of_class in scores.chunks_exact(n.max(1)) {
            for ((sum, &top), &s) in sum.iter_mut().zip(top.iter()).zip(of_class) {
                *sum += f64::from(exp((s - top) as f32));
            }
        }
        for (top, sum) in top.iter_mut().zip(sum) {
            *top += sum.ln();
        }
        state.truncate(n);
    }

    fn gradients(
        &self,
        output: usize,
        y: &[f64],
        scores: &[f64],
        state: &[f64],
        g: &mut [f32],
        h: &mut [f32],
    ) {
        let class = output as f64;
        let rows = y.iter().zip(scores).zip(state);
        for ((g, h), ((&y, &score), &log_sum)) in g.iter_mut().zip(h).zip(rows) {
            let p = exp((score - log_sum) as f32);
            *g = p - if y == class { 1.0 } else { 0.0 };
            let rest = 1.0 - p;
            *h = self.factor * p * if rest > 0.0 { rest } else { 0.0 };
        }
    }

    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64 {
        let k = self.start.len();
        let top = (0..k).map(score).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = (0..k).map(|i| (score(i) - top).exp()).sum();
        top + sum.ln() - score(y as usize)
    }
}
