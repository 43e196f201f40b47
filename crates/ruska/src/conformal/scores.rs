//! Quantiles of weighted scores by the rule of conformal prediction.

use super::{SHARES, STEP};

/// Scores of rows, rising, with the weight up to each.
pub(super) struct Scores {
    sorted: Vec<(f64, f64)>,
    /// The weight of all rows, and of one more of the mean weight.
    needed: f64,
}

impl Scores {
    /// Of scores and weights above 0.
    pub(super) fn of(mut scores: Vec<(f64, f64)>) -> Self {
        scores.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut sum = 0.0;
        for (_, weight) in &mut scores {
            sum += *weight;
            *weight = sum;
        }
        let needed = sum + sum / scores.len().max(1) as f64;
        Self { sorted: scores, needed }
    }

    /// The least score that so large a share of rows does not exceed, a new row being one of them that exceeds
    /// all: of n equal weights the ⌈share · (n + 1)⌉-th. Infinite where there are too few rows.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let least = share * self.needed * (1.0 - 1e-12);
        let at = self.sorted.partition_point(|(_, weight)| *weight < least);
        self.sorted.get(at).map_or(f64::INFINITY, |(score, _)| *score)
    }

    /// The quantiles of all shares that are told, so large a part of the misses being above.
    pub(super) fn told(&self, part: f64) -> Vec<f64> {
        (1..=SHARES).map(|steps| self.quantile(1.0 - part * STEP * steps as f64)).collect()
    }
}
