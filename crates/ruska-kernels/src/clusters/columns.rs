//! Points column after column, whose distances from one point are found eight at a time.

use super::Points;
use crate::simd::for_widest;

/// Distances that are summed together: they stay in the first cache.
const BLOCK: usize = 512;

/// Some points, column after column.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    values: Vec<f64>,
    len: usize,
}

impl Columns {
    /// The given rows of the points, in the order given.
    pub(super) fn new(points: Points<'_>, rows: &[usize]) -> Self {
        let len = rows.len();
        let mut values = vec![0.0; len * points.dims];
        for (l, &row) in rows.iter().enumerate() {
            for (j, &v) in points.row(row).iter().enumerate() {
                values[j * len + l] = v;
            }
        }
        Self { values, len }
    }

    /// How many points there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Writes the squared distance of each point from one of as many coordinates.
    pub(super) fn squared_distances(&self, from: &[f64], out: &mut [f64]) {
        squared_distances(&self.values, from, out);
    }

    /// The sum of the distances from a point. `scratch` holds `len()` numbers.
    pub(super) fn sum_of_distances(&self, from: &[f64], scratch: &mut [f64]) -> f64 {
        let distances = &mut scratch[..self.len];
        self.squared_distances(from, distances);
        let mut sum = 0.0;
        add_roots(distances, &mut sum);
        sum
    }
}

for_widest! {
    fn squared_distances(columns: &[f64], from: &[f64], out: &mut [f64]) {
        let len = out.len();
        for (b, out) in out.chunks_mut(BLOCK).enumerate() {
            out.fill(0.0);
            for (j, c) in from.iter().enumerate() {
                for (sum, x) in out.iter_mut().zip(&columns[j * len + b * BLOCK..]) {
                    *sum += (x - c) * (x - c);
                }
            }
        }
    }
}

for_widest! {
    /// Adds the square roots, eight sums side by side.
    fn add_roots(squares: &[f64], sum: &mut f64) {
        let (eights, rest) = squares.as_chunks::<8>();
        let mut sums = [0.0; 8];
        for eight in eights {
            for l in 0..8 {
                sums[l] += eight[l].sqrt();
            }
        }
        for (sum, square) in sums.iter_mut().zip(rest) {
            *sum += square.sqrt();
        }
        *sum += sums.iter().sum::<f64>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::plain::plainly;

    #[test]
    fn distances_are_those_of_rows_and_the_same_on_any_processor() {
        for (rows, dims) in [(1, 1), (7, 3), (513, 2), (1100, 5)] {
            let values: Vec<f64> = (0..rows * dims).map(|i| (i as f64 * 1.7).sin()).collect();
            let points = Points { values: &values, dims };
            let columns = Columns::new(points, &(0..rows).rev().collect::<Vec<_>>());
            let (mut got, mut sum) = (vec![0.0; rows], 0.0);
            columns.squared_distances(points.row(0), &mut got);
            for (l, got) in got.iter().enumerate() {
                let row = points.row(rows - 1 - l);
                let expected: f64 =
                    row.iter().zip(points.row(0)).map(|(a, b)| (a - b).powi(2)).sum();
                assert_eq!(*got, expected);
                sum += expected.sqrt();
            }
            let fast = columns.sum_of_distances(points.row(0), &mut got);
            assert!((fast - sum).abs() < 1e-10 * (1.0 + sum));
            let plain = plainly(|| columns.sum_of_distances(points.row(0), &mut got));
            assert_eq!(fast, plain);
            assert_eq!(columns.len(), rows);
        }
    }
}
