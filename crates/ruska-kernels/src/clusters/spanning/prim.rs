//! Prim's algorithm over the points themselves, without a matrix of distances.
//!
//! Reference: Prim, "Shortest connection networks and some generalizations", Bell System Technical
//! Journal 36, 1957; Gower, Ross, "Minimum spanning trees and single linkage cluster analysis",
//! Applied Statistics 18, 1969.

use super::super::Points;
use super::super::blocks::{self, BLOCK, Lane};
use super::Edge;
use crate::{Progress, Stopped};

/// Edges whose single linkage is that of the points, each with the square of its core distance; the
/// distance of two points is the largest of theirs and their cores'. Cores of 0 leave distances as
/// they are. O(rows²) time, O(rows) memory.
///
/// An edge leads from one point to the next in the order in which Prim's algorithm takes them, and
/// is as long as the way from the tree to the new point. That is no spanning tree of least length,
/// but falls into the same parts below any length: a run of points, taken one after the other by
/// ways shorter than that, is a part.
pub(in super::super) fn prim(
    points: Points<'_>,
    cores: &[f64],
    progress: &dyn Progress,
) -> Result<Vec<Edge>, Stopped> {
    let n = points.len();
    let mut edges = Vec::with_capacity(n.saturating_sub(1));
    let mut left = Left::new(points, cores);
    let mut point = vec![0.0; points.dims];
    let (mut last, mut core) = (0, 0.0);
    if n > 0 {
        core = cores[0];
        left.take(0, &mut point);
    }
    while !left.rows.is_empty() {
        if !progress.proceed() {
            return Err(Stopped);
        }
        let place = left.approach(&point, core);
        let (row, squared) = (left.rows[place], left.reach[place / BLOCK][place % BLOCK]);
        edges.push(Edge { a: last, b: row, length: squared.sqrt() });
        (last, core) = (row, cores[row as usize]);
        left.take(place, &mut point);
    }
    Ok(edges)
}

/// The points that are not in the tree yet. Places beyond their number are infinitely far from it.
struct Left {
    rows: Vec<u32>,
    blocks: Vec<f64>,
    cores: Vec<Lane>,
    /// The squared distance of each point from the tree.
    reach: Vec<Lane>,
    /// The least of them in each block.
    least: Vec<f64>,
}

impl Left {
    fn new(points: Points<'_>, cores: &[f64]) -> Self {
        let n = points.len();
        let count = n.div_ceil(BLOCK);
        let mut left = Self {
            rows: (0..n as u32).collect(),
            blocks: vec![0.0; blocks::len(n, points.dims)],
            cores: vec![[f64::INFINITY; BLOCK]; count],
            reach: vec![[f64::INFINITY; BLOCK]; count],
            least: vec![f64::INFINITY; count],
        };
        for i in 0..n {
            blocks::put(&mut left.blocks, i, points.row(i));
            left.cores[i / BLOCK][i % BLOCK] = cores[i];
        }
        left
    }

    /// Tells all points of a new point in the tree; the place of the one nearest to the tree.
    fn approach(&mut self, point: &[f64], core: f64) -> usize {
        let Self { blocks, cores, reach, least, .. } = self;
        blocks::approach(blocks, point, core, cores, reach, least);
        let block = (0..least.len()).min_by(|&i, &j| least[i].total_cmp(&least[j])).unwrap_or(0);
        let lane = reach[block].iter().position(|r| *r == least[block]).unwrap_or(0);
        block * BLOCK + lane
    }

    /// Takes out the point in a place; the last one moves there.
    fn take(&mut self, place: usize, point: &mut [f64]) {
        let last = self.rows.len() - 1;
        let (to, from) = ((place / BLOCK, place % BLOCK), (last / BLOCK, last % BLOCK));
        let mut moved = vec![0.0; point.len()];
        blocks::get(&self.blocks, place, point);
        blocks::get(&self.blocks, last, &mut moved);
        blocks::put(&mut self.blocks, place, &moved);
        for lanes in [&mut self.cores, &mut self.reach] {
            lanes[to.0][to.1] = lanes[from.0][from.1];
            lanes[from.0][from.1] = f64::INFINITY;
        }
        self.rows.swap_remove(place);
        let count = last.div_ceil(BLOCK);
        self.cores.truncate(count);
        self.reach.truncate(count);
        self.least.truncate(count);
    }
}
