//! Points in blocks, column after column within a block, so that a query meets a block at a time.

use crate::simd::for_widest;

/// Points in a block.
pub(super) const BLOCK: usize = 32;
/// One number a point of a block.
pub(super) type Lane = [f64; BLOCK];

for_widest! {
    /// Squared distances of a query from the points of a block: sums over the columns in their
    /// order.
    pub(super) fn squares(block: &[f64], query: &[f64], out: &mut Lane) {
        let (columns, _) = block.as_chunks::<BLOCK>();
        *out = squared_distances(columns, query);
    }
}

for_widest! {
    /// What Prim's algorithm does when a point of some core distance joins the tree: no point left
    /// is farther from the tree than from this point. `least` gets the least of each block. All
    /// distances are squared.
    pub(super) fn approach(
        blocks: &[f64],
        query: &[f64],
        core: f64,
        cores: &[Lane],
        reach: &mut [Lane],
        least: &mut [f64],
    ) {
        let (columns, _) = blocks.as_chunks::<BLOCK>();
        for (b, (reach, cores)) in reach.iter_mut().zip(cores).enumerate() {
            let block = &columns[b * query.len()..(b + 1) * query.len()];
            let squares = squared_distances(block, query);
            let mut lowest = [f64::INFINITY; BLOCK];
            for l in 0..BLOCK {
                let mutual = larger(larger(squares[l], cores[l]), core);
                reach[l] = smaller(mutual, reach[l]);
                lowest[l] = reach[l];
            }
            least[b] = least_of(&lowest);
        }
    }
}

#[inline(always)]
fn squared_distances(columns: &[Lane], query: &[f64]) -> Lane {
    let mut sums = [0.0; BLOCK];
    for (x, &q) in columns.iter().zip(query) {
        for l in 0..BLOCK {
            let d = x[l] - q;
            sums[l] += d * d;
        }
    }
    sums
}

/// The least number of a lane.
#[inline(always)]
pub(super) fn least_of(lane: &Lane) -> f64 {
    let mut least = [f64::INFINITY; 4];
    for four in lane.as_chunks::<4>().0 {
        for l in 0..4 {
            least[l] = smaller(four[l], least[l]);
        }
    }
    smaller(smaller(least[0], least[1]), smaller(least[2], least[3]))
}

#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Puts a point into place `place` of blocks.
pub(super) fn put(blocks: &mut [f64], place: usize, point: &[f64]) {
    let start = place / BLOCK * BLOCK * point.len() + place % BLOCK;
    for (x, &p) in blocks[start..].iter_mut().step_by(BLOCK).zip(point) {
        *x = p;
    }
}

/// Reads the point in place `place` of blocks.
pub(super) fn get(blocks: &[f64], place: usize, point: &mut [f64]) {
    let start = place / BLOCK * BLOCK * point.len() + place % BLOCK;
    for (p, &x) in point.iter_mut().zip(blocks[start..].iter().step_by(BLOCK)) {
        *p = x;
    }
}

/// Numbers in the blocks of so many points.
pub(super) fn len(points: usize, dims: usize) -> usize {
    points.div_ceil(BLOCK) * BLOCK * dims
}
