//! Jensen–Shannon distance, `jensenshannon/evidently`: the square root of the Jensen–Shannon
//! divergence to base e over cells, from 0 for equal shares to √ln 2 = 0.833 for nothing in common.
//!
//! References: Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37,
//! 1991; Endres, Schindelin, "A new metric for probability distributions", ibid. 49, 2003.

/// The distance of rows over common cells, neither side without rows.
pub(super) fn distance(counts: &[(f64, f64)]) -> f64 {
    let (m, n) = counts.iter().fold((0.0, 0.0), |(m, n), (a, b)| (m + a, n + b));
    let sum: f64 = counts.iter().map(|(a, b)| part(a / m, b / n)).sum();
    sum.max(0.0).sqrt()
}

/// What a cell of the shares `p` and `q` adds to the divergence.
pub(super) fn part(p: f64, q: f64) -> f64 {
    let middle = f64::midpoint(p, q);
    let half = |p: f64| if p > 0.0 { p * (p / middle).ln() / 2.0 } else { 0.0 };
    half(p) + half(q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_by_the_entropies() {
        let entropy = |p: &[f64]| p.iter().map(|p| -p * p.ln()).sum::<f64>();
        let (p, q, middle) = ([0.5, 0.3, 0.2], [0.1, 0.3, 0.6], [0.3, 0.3, 0.4]);
        let expected = (entropy(&middle) - f64::midpoint(entropy(&p), entropy(&q))).sqrt();
        let got = distance(&[(50.0, 100.0), (30.0, 300.0), (20.0, 600.0)]);
        assert!((got - expected).abs() < 1e-12);
        assert!((distance(&[(1.0, 0.0), (0.0, 1.0)]) - 2f64.ln().sqrt()).abs() < 1e-15);
    }
}
