//! Losses: what boosting minimises. One file each.
//!
//! A loss knows the constants to start from, and per row the gradient and hessian in the score.

mod absolute;
mod brier;
mod gamma;
mod huber;
mod logistic;
mod poisson;
mod softmax;
mod squared;
mod tweedie;

pub use absolute::Quantile;
pub use brier::Brier;
pub use gamma::Gamma;
pub use huber::Huber;
pub use logistic::{Logistic, probability};
pub use poisson::Poisson;
pub use softmax::{Softmax, probabilities};
pub use squared::Squared;
pub use tweedie::Tweedie;

use super::math::{exact_mean, power_of_two};

/// A twice differentiable loss of one or more scores per row.
///
/// Scores are held by output: those of output `k` of `n` rows are `scores[k * n..(k + 1) * n]`.
pub trait Loss: Sync {
    /// Scores per row, at least 1.
    fn outputs(&self) -> usize {
        self.start().len()
    }

    /// The best constant scores of the training rows.
    fn start(&self) -> &[f64];

    /// Whether the training rows say anything about an output.
    fn learns(&self, output: usize) -> bool;

    /// The score in which gradients are given: a power of two that brings them to about one.
    fn unit(&self) -> f64 {
        1.0
    }

    /// Leaves get this quantile of their rows' residuals (truth less score) in place of the Newton
    /// step: for losses without curvature.
    fn leaf_quantile(&self) -> Option<f64> {
        None
    }

    /// Called at the start of a round with all scores; fills what [`Loss::gradients`] needs of each
    /// row, one number a row, or nothing.
    fn prepare(&self, scores: &[f64], state: &mut Vec<f64>) {
        let _ = (scores, state);
    }

    /// Gradient and hessian (≥ 0) of each row in the scores of one output, in [`Loss::unit`]s.
    /// `y` is the truth, `scores` those of the output, `state` what [`Loss::prepare`] said of the same
    /// rows. All slices have one length, but `state` is empty if there was nothing to say.
    fn gradients(
        &self,
        output: usize,
        y: &[f64],
        scores: &[f64],
        state: &[f64],
        g: &mut [f32],
        h: &mut [f32],
    );

    /// The loss of one row, ≥ 0, in squared [`Loss::unit`]s where the loss has a unit.
    /// `score(k)` is the score of output `k`.
    fn row(&self, y: f64, score: &dyn Fn(usize) -> f64) -> f64;
}

/// What losses of ln μ share: truth and means as multiples of the mean of all, so that penalties
/// mean the same whatever the unit of the truth.
#[derive(Clone, Debug)]
struct Relative {
    start: [f64; 1],
    mean: f64,
    learns: bool,
}

impl Relative {
    fn new(y: &[f64], weights: Option<&[f64]>) -> Self {
        let mean = exact_mean(y, |i| weights.map_or(1.0, |w| w[i]));
        // Nothing but zeros: a mean that is as good as zero.
        let usable = mean >= f64::MIN_POSITIVE;
        let mean = if usable { mean } else { f64::MIN_POSITIVE };
        let varies = y.iter().any(|v| *v != y[0]);
        Self { start: [mean.ln()], mean, learns: usable && varies }
    }

    /// The logarithm of a mean over that of all.
    #[inline(always)]
    fn score(&self, score: f64) -> f32 {
        (score - self.start[0]) as f32
    }

    /// Truth over the mean of all.
    #[inline(always)]
    fn truth(&self, y: f64) -> f64 {
        y / self.mean
    }
}

/// Weight of each class among rows of class codes, and whether it has any. Classes without weight
/// get that of a quarter of an average row, so that their logarithm is finite.
fn class_weights(classes: usize, y: &[f64], weights: Option<&[f64]>) -> (Vec<f64>, Vec<bool>) {
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let heaviest = (0..y.len()).map(weight).fold(0.0, f64::max);
    // Whole multiples of a small part of the heaviest add up exactly, in any order.
    let scale = (-power_of_two(heaviest)).exp2();
    let mut sums = vec![0i128; classes];
    for (i, &class) in y.iter().enumerate() {
        sums[class as usize] += i128::from((weight(i) * scale * 60f64.exp2()) as i64);
    }
    let total: i128 = sums.iter().sum();
    let absent = if total == 0 { 1.0 } else { 0.25 * total as f64 / y.len() as f64 };
    let seen = sums.iter().map(|&s| s > 0).collect();
    (sums.iter().map(|&s| if s > 0 { s as f64 } else { absent }).collect(), seen)
}
