//! The difference of two AUCs measured on the same rows, and how far chance alone may move it.
//!
//! The AUC is the mean of each row's placement: the share of rows of the other class on whose right
//! side its score is, equal scores counting one half. The variance of the difference of two AUCs is
//! that of the differences of placements, the rows being what varies. Exact up to rounding, ties
//! included; it holds for large samples, so callers ask for some rows of each class. It is 0 where
//! every row has the same difference of placements, as for equal rankings. Cost O(n log n).
//!
//! References: DeLong, DeLong, Clarke-Pearson, "Comparing the areas under two or more correlated
//! receiver operating characteristic curves", Biometrics 44, 1988; Sun, Xu, "Fast implementation of
//! DeLong's algorithm for comparing the areas under correlated ROC curves", IEEE SPL 21, 2014.

/// The variance of the difference of two AUCs, of scores that tell the rows that are `positive` from
/// the others. Each score is one number per row. `None` unless there are two rows of each class.
pub(super) fn delong(positive: &[bool], first: &[f64], second: &[f64]) -> Option<f64> {
    let [a, b] = [first, second].map(|score| Placements::of(positive, score));
    let of_positives = variance_of_mean(&a.positives, &b.positives)?;
    Some(of_positives + variance_of_mean(&a.negatives, &b.negatives)?)
}

/// The placement of every row, by class.
struct Placements {
    positives: Vec<f64>,
    negatives: Vec<f64>,
}

impl Placements {
    fn of(positive: &[bool], score: &[f64]) -> Self {
        let of_class = |class: bool| -> Vec<f64> {
            let rows = positive.iter().zip(score).filter(|(p, _)| **p == class);
            rows.map(|(_, s)| *s).collect()
        };
        let (above, below) = (of_class(true), of_class(false));
        let all = midranks(&[above.as_slice(), below.as_slice()].concat());
        let (m, n) = (above.len() as f64, below.len() as f64);
        // A row's rank among all less its rank within its class counts the others below it.
        let beaten = |(all, own): (&f64, f64)| all - own;
        let positives = all.iter().zip(midranks(&above)).map(|r| beaten(r) / n).collect();
        let negatives = all[above.len()..].iter().zip(midranks(&below));
        let negatives = negatives.map(|r| 1.0 - beaten(r) / m).collect();
        Self { positives, negatives }
    }
}

/// Ranks from 1; equal values share the mean of theirs.
fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a as usize] == values[*b as usize]) {
        let rank = before as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|&i| ranks[i as usize] = rank);
        before += equal.len();
    }
    ranks
}

/// Variance of the mean difference of pairs; `None` of fewer than two.
fn variance_of_mean(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let mean = differences.iter().sum::<f64>() / n;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    (a.len() > 1).then(|| squares / (n - 1.0) / n)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{Gain, Pair};
    use super::*;
    use ruska::{Predictions, Truth};
    use serde::Deserialize;
    use std::sync::Arc;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        positive: Vec<bool>,
        scores: [Vec<f64>; 2],
        significance: f64,
        auc: Option<[f64; 2]>,
        variance: Option<f64>,
        interval: Option<[f64; 2]>,
    }

    impl Case {
        /// The gain of the first score over the second, which count for what they are here.
        fn gain(&self) -> Option<Gain> {
            let measure = Arc::clone(ruska::builtin().measure("auc").unwrap());
            let codes = self.positive.iter().map(|p| u32::from(*p)).collect();
            let truth = Truth::Classes { codes, n_classes: 2, positive: 1 };
            let [challenger, champion] = [0, 1].map(|i| {
                let values = self.scores[i].iter().flat_map(|s| [0.0, *s]);
                Predictions::new(2, values.collect())
            });
            let (challenger, champion) = (&challenger, &champion);
            let pair = Pair { truth: &truth, weights: None, challenger, champion };
            Gain::of(&*measure, &pair, self.significance)
        }
    }

    /// The definition, every row against every other, by numpy; AUCs also by scikit-learn.
    #[test]
    fn equals_the_reference() {
        let text = include_str!("../../../../tests/reference/delong.json");
        let close = |got: f64, expected: f64| (got - expected).abs() <= 1e-12;
        for case in serde_json::from_str::<Vec<Case>>(text).unwrap() {
            let name = &case.name;
            let variance = delong(&case.positive, &case.scores[0], &case.scores[1]);
            let (Some(variance), Some(gain)) = (variance, case.gain()) else {
                assert_eq!((case.variance, variance), (None, None), "{name}");
                assert_eq!(case.gain(), None, "{name}");
                continue;
            };
            let (auc, interval) = (case.auc.unwrap(), case.interval.unwrap());
            assert_eq!(gain.method, "delong");
            for (got, expected) in [
                (variance, case.variance.unwrap()),
                (gain.gain, auc[0] - auc[1]),
                (gain.low, interval[0]),
                (gain.high, interval[1]),
            ] {
                assert!(close(got, expected), "{name}: {got} for {expected}");
            }
        }
    }

    #[test]
    fn equal_rankings_differ_by_nothing_for_sure() {
        let positive: Vec<bool> = (0..500).map(|i| i % 3 == 0).collect();
        let score: Vec<f64> = (0..500).map(|i| f64::from(i * 7919 % 503)).collect();
        let same_order: Vec<f64> = score.iter().map(|s| (s / 100.0).exp()).collect();
        assert_eq!(delong(&positive, &score, &same_order), Some(0.0));
    }
}
