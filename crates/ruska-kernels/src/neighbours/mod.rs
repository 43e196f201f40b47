//! Nearest neighbours by brute force: every query against every point, in single precision.
//!
//! Points lie in blocks of 32, column after column within a block, so that one query meets 32 of
//! them at a time; a few blocks that fit the first cache meet all queries before the next few are
//! read. Distances are sums of squared differences, which lose nothing to cancellation, and equal
//! distances go to the lower row, so that an answer depends on its query alone.
//!
//! Wins up to some ten columns and wherever n² is affordable: trees over points visit nearly all of
//! them beyond a dozen columns. Cost 0.1 ns a
//! query, point and column, and 1 ns a query and point. Numbers must be finite and
//! their squared differences must not leave single precision; see [`pack`].
//!
//! Reference: Cover and Hart, "Nearest neighbor pattern classification", IEEE Trans. Inf. Theory
//! 13, 1967.

mod distances;
mod heap;
#[cfg(test)]
mod tests;

use distances::{BLOCK, Lane, squared_distances};
use heap::Nearest;

/// Bytes of points that meet all queries before others are read.
const CHUNK: usize = 16 << 10;
/// Size beyond which a coordinate counts as this, so that 10⁷ squared differences have a sum.
const FARTHEST: f64 = 1e15;

/// A point near a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Which point.
    pub row: u32,
    /// Its distance, ≥ 0.
    pub distance: f32,
    /// How much of its weight is among the nearest, > 0.
    pub share: f64,
}

/// Points to be searched: `rows` points of `width` coordinates as [`pack`] lays them.
#[derive(Clone, Copy, Debug)]
pub struct Points<'a> {
    blocks: &'a [f32],
    width: usize,
    /// One weight a point, > 0.
    weights: &'a [f64],
}

/// Lays points out in blocks; `columns` holds `rows` coordinates after `rows` coordinates. What is
/// beyond ±10¹⁵ is moved there. A last block that is not full ends in zeros.
pub fn pack(columns: &[f64], rows: usize) -> Vec<f32> {
    let width = columns.len().checked_div(rows).unwrap_or(0);
    let mut blocks = vec![0.0; packed_len(rows, width)];
    for (j, column) in columns.chunks_exact(rows.max(1)).enumerate() {
        for (i, &value) in column.iter().enumerate() {
            blocks[(i / BLOCK * width + j) * BLOCK + i % BLOCK] = coordinate(value);
        }
    }
    blocks
}

/// Numbers in the blocks of so many points.
pub fn packed_len(rows: usize, width: usize) -> usize {
    rows.div_ceil(BLOCK) * BLOCK * width
}

/// A coordinate in single precision, finite and small enough to be squared.
fn coordinate(value: f64) -> f32 {
    value.clamp(-FARTHEST, FARTHEST) as f32
}

impl<'a> Points<'a> {
    /// Points with a weight each, in the layout of [`pack`].
    ///
    /// Panics unless the blocks hold as many points as there are weights.
    pub fn new(blocks: &'a [f32], width: usize, weights: &'a [f64]) -> Self {
        let fits = blocks.len() == packed_len(weights.len(), width);
        assert!(fits, "blocks and weights are of the same points");
        Self { blocks, width, weights }
    }

    /// Calls `visit` with each query's number and nearest points, nearest first, for all queries
    /// in order. `queries` holds `count` coordinates after `count` coordinates. A query gets
    /// the nearest points that together weigh `k` > 0, of which the last may count in part, or all
    /// of them when they weigh less.
    pub fn nearest(
        &self,
        queries: &[f64],
        count: usize,
        k: f64,
        mut visit: impl FnMut(usize, &[Neighbour]),
    ) {
        let queries = by_row(queries, count, self.width);
        let mut found: Vec<Nearest> = (0..count).map(|_| Nearest::new(k)).collect();
        let blocks = self.weights.len().div_ceil(BLOCK);
        let step = (CHUNK / (BLOCK * size_of::<f32>() * self.width.max(1))).max(1);
        let mut distances: Vec<Lane> = vec![[0.0; BLOCK]; step];
        for first in (0..blocks).step_by(step) {
            let last = (first + step).min(blocks);
            let distances = &mut distances[..last - first];
            let size = BLOCK * self.width;
            let chunk = &self.blocks[first * size..last * size];
            for (i, nearest) in found.iter_mut().enumerate() {
                let query = &queries[i * self.width..(i + 1) * self.width];
                squared_distances(chunk, query, distances);
                self.offer(nearest, first * BLOCK, distances);
            }
        }
        for (i, nearest) in found.into_iter().enumerate() {
            visit(i, &nearest.sorted(self.weights));
        }
    }

    /// Offers the points from row `start` on to a query.
    fn offer(&self, nearest: &mut Nearest, start: usize, distances: &[Lane]) {
        for (b, lane) in distances.iter().enumerate() {
            let least =
                lane.iter().fold(f32::INFINITY, |least, &d| if d < least { d } else { least });
            if least > nearest.limit() {
                continue;
            }
            let from = start + b * BLOCK;
            let filled = (self.weights.len() - from).min(BLOCK);
            for (l, &d) in lane[..filled].iter().enumerate() {
                if d <= nearest.limit() {
                    nearest.offer(d, (from + l) as u32, self.weights);
                }
            }
        }
    }
}

/// Queries one after the other, in single precision.
fn by_row(columns: &[f64], count: usize, width: usize) -> Vec<f32> {
    let mut rows = vec![0.0; count * width];
    for (j, column) in columns.chunks_exact(count.max(1)).enumerate() {
        for (i, &value) in column.iter().enumerate() {
            rows[i * width + j] = coordinate(value);
        }
    }
    rows
}
