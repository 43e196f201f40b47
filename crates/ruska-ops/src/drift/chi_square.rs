//! Tests of counts: `chi_square/evidently` (SciPy's `chisquare` of the current counts against those
//! expected by the reference) and `z/evidently` (two proportions), for columns of at most two values.
//!
//! The reference counts as if it were known without error, as Evidently has it; p-values are
//! information here, no verdict.
//!
//! References: Pearson, Philosophical Magazine 50, 1900; Fleiss, "Statistical Methods for Rates and
//! Proportions", 1981, ch. 2.

use super::special::{chi_squared_tail, normal_tails};

/// The p-value of rows by level, of the reference and now; a level that the reference has not makes
/// it 0.
pub(super) fn p_value(counts: &[(f64, f64)]) -> Option<f64> {
    let (m, n) = totals(counts)?;
    let scale = n / m;
    let part = |(a, b): &(f64, f64)| (b - a * scale).powi(2) / (a * scale);
    let sum: f64 = counts.iter().map(part).sum();
    Some(chi_squared_tail(sum, counts.len() as f64 - 1.0))
}

/// The p-value of the same of at most two levels, by the difference of the proportions of the first.
pub(super) fn z_p_value(counts: &[(f64, f64)]) -> Option<f64> {
    let (m, n) = totals(counts)?;
    let &[(a, b), _] = counts else { return Some(1.0) };
    let (p, q) = (1.0 - a / m, 1.0 - b / n);
    let pooled = (p * m + q * n) / (m + n);
    Some(normal_tails((p - q) / (pooled * (1.0 - pooled) * (1.0 / m + 1.0 / n)).sqrt()))
}

/// Rows in all; `None` where a side has none.
fn totals(counts: &[(f64, f64)]) -> Option<(f64, f64)> {
    let (m, n) = counts.iter().fold((0.0, 0.0), |(m, n), (a, b)| (m + a, n + b));
    (m > 0.0 && n > 0.0).then_some((m, n))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn equal_shares_are_no_evidence() {
        assert_eq!(p_value(&[(10.0, 20.0), (30.0, 60.0), (5.0, 10.0)]), Some(1.0));
        assert_eq!(z_p_value(&[(10.0, 20.0), (30.0, 60.0)]), Some(1.0));
        assert_eq!(z_p_value(&[(10.0, 20.0)]), Some(1.0));
        assert_eq!(p_value(&[(10.0, 0.0)]), None);
    }

    #[test]
    fn a_new_level_is_impossible_by_the_reference() {
        assert_eq!(p_value(&[(10.0, 9.0), (10.0, 10.0), (0.0, 1.0)]), Some(0.0));
        assert!(z_p_value(&[(10.0, 9.0), (0.0, 1.0)]).unwrap() > 0.1);
    }
}
