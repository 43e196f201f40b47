//! Rows of a table as points, and the numbers of their clusters.

use super::moments::weight_of;
use std::collections::BTreeMap;

/// Points, row after row.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    /// The coordinates, in −10¹⁰⁰..10¹⁰⁰, beyond which squares leave the range of a number: `dims` of the
    /// first point, `dims` of the second, and so on.
    pub values: &'a [f64],
    /// Coordinates of a point, ≥ 1.
    pub dims: usize,
}

impl<'a> Points<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.dims
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The coordinates of point `i` < `len()`.
    pub fn row(&self, i: usize) -> &'a [f64] {
        &self.values[i * self.dims..(i + 1) * self.dims]
    }
}

/// The squared distance of two points.
pub(super) fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Numbers clusters 0, 1, … by size, largest first, ties by their first row, so that equal
/// partitions have equal labels; returns how many there are. A label is ≥ 0, or −1 for noise, which
/// it stays. A size is the sum of the weights ≥ 0 of its rows, 1 each where there are none.
pub fn in_order(labels: &mut [i32], weights: Option<&[f64]>) -> usize {
    // Of each label its size, and the first of its rows.
    let mut sizes: BTreeMap<i32, (f64, usize)> = BTreeMap::new();
    for (row, &label) in labels.iter().enumerate().filter(|(_, l)| **l >= 0) {
        sizes.entry(label).or_insert((0.0, row)).0 += weight_of(weights, row);
    }
    let mut order: Vec<(i32, (f64, usize))> = sizes.into_iter().collect();
    order.sort_by(|(_, a), (_, b)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let numbers: BTreeMap<i32, i32> =
        order.iter().zip(0..).map(|((label, _), number)| (*label, number)).collect();
    labels.iter_mut().filter(|l| **l >= 0).for_each(|l| *l = numbers[l]);
    order.len()
}

/// What is wrong with the points and labels of a state, which has some coordinates and should have
/// others, if anything.
pub(super) fn points_and_labels(
    values: &[f64],
    (dims, expected): (usize, usize),
    labels: usize,
) -> Result<(), String> {
    if dims == 0 || dims != expected {
        return Err(format!("points of {dims} coordinates instead of {expected}"));
    }
    if labels.checked_mul(dims) != Some(values.len()) {
        return Err(format!("{} coordinates of {labels} points", values.len()));
    }
    if values.iter().any(|v| !v.is_finite()) {
        return Err("a coordinate is not finite".to_owned());
    }
    Ok(())
}

/// Fails where a label is none that is told.
pub(super) fn sane_labels(labels: &[u32]) -> Result<(), String> {
    match labels.iter().find(|&&l| l > i32::MAX as u32) {
        None => Ok(()),
        Some(label) => Err(format!("a label is {label}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_numbered_by_size_then_by_their_first_row() {
        let mut labels = [7, -1, 3, 3, 0, 7, 3, 0, 5];
        assert_eq!(in_order(&mut labels, None), 4);
        assert_eq!(labels, [1, -1, 0, 0, 2, 1, 0, 2, 3]);
        assert_eq!(in_order(&mut [], None), 0);
        assert_eq!(in_order(&mut [-1, -1], None), 0);
    }
}
