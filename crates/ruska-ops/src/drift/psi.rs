//! Population stability index, `psi/evidently`: Σ (p − q) ln (p / q) over cells, from 0 for equal
//! shares without bound. A cell without rows counts as a share of 0.0001, or a millionth of the
//! smallest other share of its side where that is no more than 0.0001.
//!
//! Reference: Siddiqi, "Credit Risk Scorecards", 2006; the zero fill is Evidently's.

use super::bins::shares;

/// The share that an empty cell counts as.
const EMPTY: f64 = 0.0001;

/// The index of rows over common cells, neither side without rows.
pub(super) fn psi(counts: &[(f64, f64)]) -> f64 {
    let (p, q) = shares(counts);
    let (p, q) = (filled(p), filled(q));
    p.iter().zip(&q).map(|(p, q)| (p - q) * (p / q).ln()).sum()
}

fn filled(mut shares: Vec<f64>) -> Vec<f64> {
    let least = shares.iter().copied().filter(|p| *p > 0.0).fold(f64::INFINITY, f64::min);
    let fill = if least <= EMPTY { least / 1e6 } else { EMPTY };
    shares.iter_mut().filter(|p| **p == 0.0).for_each(|p| *p = fill);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_symmetric_and_fills_empty_cells() {
        let counts = [(50.0, 30.0), (50.0, 70.0)];
        let swapped = [(30.0, 50.0), (70.0, 50.0)];
        let expected = 0.2 * (5.0f64 / 3.0).ln() + 0.2 * (7.0f64 / 5.0).ln();
        assert!((psi(&counts) - expected).abs() < 1e-15);
        assert!((psi(&swapped) - expected).abs() < 1e-15);
        let gone = [(50.0, 100.0), (50.0, 0.0)];
        let expected = 0.5 * 2.0f64.ln() + (0.5 - 1e-4) * 5000f64.ln();
        assert!((psi(&gone) - expected).abs() < 1e-12);
    }
}
