//! The nearest points a query has met.

use super::Neighbour;
use std::collections::BinaryHeap;

/// Keeps the nearest points that together weigh `k`.
pub(super) struct Nearest {
    /// The bits of a squared distance, whose order is that of the distances, above the row.
    heap: BinaryHeap<u64>,
    k: f64,
    total: f64,
    limit: f32,
}

impl Nearest {
    pub(super) fn new(k: f64) -> Self {
        Self { heap: BinaryHeap::new(), k, total: 0.0, limit: f32::INFINITY }
    }

    /// No point farther than this is wanted.
    pub(super) fn limit(&self) -> f32 {
        self.limit
    }

    /// Takes a point, and lets go of those that are not needed any more.
    pub(super) fn offer(&mut self, squared: f32, row: u32, weights: &[f64]) {
        self.heap.push(u64::from(squared.to_bits()) << 32 | u64::from(row));
        self.total += weights[row as usize];
        while let Some(&farthest) = self.heap.peek() {
            let without = self.total - weights[row_of(farthest)];
            if without < self.k {
                break;
            }
            self.heap.pop();
            self.total = without;
        }
        if self.total >= self.k {
            self.limit = self.heap.peek().map_or(f32::INFINITY, |&farthest| squared_of(farthest));
        }
    }

    /// What was kept, nearest first.
    pub(super) fn sorted(self, weights: &[f64]) -> Vec<Neighbour> {
        let mut left = self.k;
        let mut neighbours = Vec::with_capacity(self.heap.len());
        for key in self.heap.into_sorted_vec() {
            let row = row_of(key);
            let share = weights[row].min(left);
            if share > 0.0 {
                let distance = squared_of(key).sqrt();
                neighbours.push(Neighbour { row: row as u32, distance, share });
            }
            left -= share;
        }
        neighbours
    }
}

fn row_of(key: u64) -> usize {
    (key & u64::from(u32::MAX)) as usize
}

fn squared_of(key: u64) -> f32 {
    f32::from_bits((key >> 32) as u32)
}
