//! Two sorted samples walked through together.

/// Calls `step` at every distinct value of both, ascending, with the value and how many of each are
/// not above it. Both are ascending and without NaN. Cost O(m + n).
pub(super) fn walk(reference: &[f64], current: &[f64], mut step: impl FnMut(f64, usize, usize)) {
    let (mut i, mut j) = (0, 0);
    while i < reference.len() || j < current.len() {
        let value = match (reference.get(i), current.get(j)) {
            (Some(a), Some(b)) => a.min(*b),
            (Some(only), None) | (None, Some(only)) => *only,
            (None, None) => return,
        };
        while reference.get(i).is_some_and(|v| *v <= value) {
            i += 1;
        }
        while current.get(j).is_some_and(|v| *v <= value) {
            j += 1;
        }
        step(value, i, j);
    }
}

/// Distinct values of an ascending sample.
pub(super) fn distinct(sorted: &[f64]) -> usize {
    sorted.chunk_by(|a, b| a == b).count()
}

/// Distinct values of both.
pub(super) fn distinct_of_both(reference: &[f64], current: &[f64]) -> usize {
    let mut n = 0;
    walk(reference, current, |_, _, _| n += 1);
    n
}
