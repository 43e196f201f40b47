//! The inner loop: one query against blocks of points, compiled for AVX2 as well.

use crate::simd::for_widest;

/// Points in a block: four registers of eight, which hide the latency of additions.
pub(super) const BLOCK: usize = 32;
/// One number a point of a block.
pub(super) type Lane = [f32; BLOCK];

for_widest! {
    /// Squared distances of a query from the points of as many blocks as `out` has lanes.
    pub(super) fn squared_distances(blocks: &[f32], query: &[f32], out: &mut [Lane]) {
        let (columns, _) = blocks.as_chunks::<BLOCK>();
        for (b, out) in out.iter_mut().enumerate() {
            let block = &columns[b * query.len()..(b + 1) * query.len()];
            let mut sums = [0.0; BLOCK];
            for (x, &q) in block.iter().zip(query) {
                for l in 0..BLOCK {
                    let d = x[l] - q;
                    sums[l] += d * d;
                }
            }
            *out = sums;
        }
    }
}
