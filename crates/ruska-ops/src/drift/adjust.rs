//! p-values of several columns, so that among those called small few are small by chance.
//!
//! Reference: Benjamini, Hochberg, "Controlling the false discovery rate", JRSS B 57, 1995.

/// The least rate of false discoveries at which each would be one, in the order given: for the i-th
/// smallest of n the least n p / j over j ≥ i, at most 1.
pub(super) fn false_discovery(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0f64;
    for (above, at) in order.into_iter().enumerate() {
        let rank = p.len() - above;
        least = least.min(p[at] * p.len() as f64 / rank as f64);
        adjusted[at] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the paper, ch. 3.2: 15 hypotheses of which 4 are rejected at 0.05.
    #[test]
    fn the_papers_example() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let adjusted = false_discovery(&p);
        assert_eq!(adjusted.iter().filter(|q| **q <= 0.05).count(), 4);
        assert!((adjusted[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
        let mut turned = p;
        turned.reverse();
        let mut back = false_discovery(&turned);
        back.reverse();
        assert_eq!(back, adjusted);
        assert!(false_discovery(&[]).is_empty());
    }
}
