//! What Evidently 0.7.23 chooses for a column, and says by it: up to 1000 rows of the reference a
//! test (Kolmogorov–Smirnov of numbers of more than five distinct values on both sides, otherwise χ²,
//! of at most two the z-test of proportions) at 0.05, above it a distance (Wasserstein of numbers,
//! otherwise Jensen–Shannon) at 0.1.

use super::chi_square;
use super::compare::{Compared, test};
use super::verdict::{Evidently, Test};

/// Rows of the reference up to which tests decide.
const ROWS: usize = 1000;
/// Distinct values of numbers up to which they count as levels.
const FEW: usize = 5;
/// p-values and distances that are drift.
const P: f64 = 0.05;
const DISTANCE: f64 = 0.1;

/// The test of counts that goes with so many distinct values.
pub(super) fn test_of_counts(counts: &[(f64, f64)], distinct: usize) -> Test {
    let (name, p) = if distinct > 2 {
        ("chi_square/evidently", chi_square::p_value(counts))
    } else {
        ("z/evidently", chi_square::z_p_value(counts))
    };
    test(name, p.unwrap_or(1.0))
}

/// Of numbers, from what was found.
pub(super) fn of_numbers(
    reference_rows: usize,
    distinct: usize,
    found: &Compared,
) -> Option<Evidently> {
    if reference_rows > ROWS {
        return by_distance(found);
    }
    // 0.05 itself is drift by this test, by the others it is not.
    by_test(found, distinct > FEW)
}

/// Of levels, from what was found.
pub(super) fn of_levels(reference_rows: usize, found: &Compared) -> Option<Evidently> {
    if reference_rows > ROWS { by_distance(found) } else { by_test(found, false) }
}

fn by_test(found: &Compared, equal: bool) -> Option<Evidently> {
    let Test { name, p, .. } = found.test?;
    let stattest = match name {
        "ks/evidently" => "ks",
        "z/evidently" => "z",
        _ => "chisquare",
    };
    Some(Evidently { stattest, score: p, drift: p < P || (equal && p == P) })
}

fn by_distance(found: &Compared) -> Option<Evidently> {
    let effect = found.effects.first()?;
    let stattest =
        if effect.measure.starts_with("wasserstein") { "wasserstein" } else { "jensenshannon" };
    Some(Evidently { stattest, score: effect.value, drift: effect.value >= DISTANCE })
}
