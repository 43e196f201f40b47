//! Where a curve turns up.
//!
//! Reference: Satopää, Albrecht, Irwin, Raghavan, "Finding a 'kneedle' in a haystack: detecting
//! knee points in system behavior", ICDCS workshops 2011.

/// The place where ascending numbers turn from a slow to a fast rise: where the curve, brought into
/// the unit square, is farthest below the diagonal. `None` where it is so nowhere by more than one
/// step to the side, which is the paper's threshold at a sensitivity of 1.
pub(super) fn knee(ascending: &[f64]) -> Option<usize> {
    let (first, last) = (*ascending.first()?, *ascending.last()?);
    let span = last - first;
    if span <= 0.0 {
        return None;
    }
    let step = 1.0 / (ascending.len() - 1) as f64;
    let below = |i: usize| i as f64 * step - (ascending[i] - first) / span;
    let farthest = (0..ascending.len()).max_by(|&i, &j| below(i).total_cmp(&below(j)))?;
    (below(farthest) > step).then_some(farthest)
}
