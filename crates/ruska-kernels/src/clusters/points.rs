//! Rows of a table as points, and the numbers of their clusters.

use std::cmp::Reverse;

/// Points, row after row.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    /// The coordinates, finite: `dims` of the first point, `dims` of the second, and so on.
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

/// Numbers clusters 0, 1, … by size, largest first, ties by their first row, so that equal partitions
/// have equal labels; returns how many there are. A label is ≥ 0, or −1 for noise, which it stays.
pub fn in_order(labels: &mut [i32]) -> usize {
    let highest = labels.iter().max().map_or(-1, |&l| l.max(-1));
    let mut sizes = vec![(0, 0); (highest + 1) as usize];
    for (row, &label) in labels.iter().enumerate().rev().filter(|(_, l)| **l >= 0) {
        let (size, first) = &mut sizes[label as usize];
        *size += 1;
        *first = row;
    }
    let mut order: Vec<usize> = (0..sizes.len()).filter(|&c| sizes[c].0 > 0).collect();
    order.sort_by_key(|&c| (Reverse(sizes[c].0), sizes[c].1));
    let mut numbers = vec![-1; sizes.len()];
    for (number, &cluster) in order.iter().enumerate() {
        numbers[cluster] = number as i32;
    }
    labels.iter_mut().filter(|l| **l >= 0).for_each(|l| *l = numbers[*l as usize]);
    order.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_numbered_by_size_then_by_their_first_row() {
        let mut labels = [7, -1, 3, 3, 0, 7, 3, 0, 5];
        assert_eq!(in_order(&mut labels), 4);
        assert_eq!(labels, [1, -1, 0, 0, 2, 1, 0, 2, 3]);
        assert_eq!(in_order(&mut []), 0);
        assert_eq!(in_order(&mut [-1, -1]), 0);
    }
}
