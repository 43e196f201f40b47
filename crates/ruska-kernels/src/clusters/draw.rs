//! Draws by weight.

use crate::trees::random::{Stream, choose};

/// Rows that seeds are drawn from; of larger tables so many by chance.
const SAMPLE: usize = 20_000;

/// The rows of some weight among so many, or a sample of them where there are many.
pub(super) fn weighty(rows: usize, weight: impl Fn(usize) -> f64, seed: u64) -> Vec<usize> {
    let all: Vec<usize> = (0..rows).filter(|&i| weight(i) > 0.0).collect();
    if all.len() <= SAMPLE {
        return all;
    }
    let (mut chosen, mut rest) = (vec![], vec![]);
    choose(all.len(), SAMPLE, seed, &mut chosen, &mut rest);
    chosen.iter().map(|&i| all[i as usize]).collect()
}

/// A number in 0..1.
pub(super) fn unit(stream: &mut Stream) -> f64 {
    stream.below(1 << 53) as f64 / (1u64 << 53) as f64
}

/// Where a running sum first exceeds a share of the whole; the last place of some weight if
/// rounding hides it.
pub(super) fn place(running: &[f64], share: f64) -> usize {
    let total = running.last().copied().unwrap_or(0.0);
    let at = running.partition_point(|&sum| sum <= share * total);
    at.min(running.partition_point(|&sum| sum < total))
}

/// Running sums.
pub(super) fn running(terms: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |term: f64| {
        sum += term;
        sum
    };
    terms.map(add).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_drawn_by_weight_and_never_without() {
        let sums = running([0.0, 1.0, 0.0, 3.0, 0.0].into_iter());
        assert_eq!(sums, [0.0, 1.0, 1.0, 4.0, 4.0]);
        let drawn = [0.0, 0.24, 0.25, 0.99, 1.0].map(|share| place(&sums, share));
        assert_eq!(drawn, [1, 1, 3, 3, 3]);
        let mut stream = Stream::new(1);
        let units: Vec<f64> = (0..10_000).map(|_| unit(&mut stream)).collect();
        assert!(units.iter().all(|u| (0.0..1.0).contains(u)));
        assert!((units.iter().sum::<f64>() / 10_000.0 - 0.5).abs() < 0.01);
    }
}
