//! Edges that span points with the least sum of lengths: what single linkage and HDBSCAN rest on.

mod boruvka;
mod prim;

use super::Points;
use super::kd_tree::KdTree;
use crate::{Progress, Stopped};
pub(super) use boruvka::boruvka;
pub(super) use prim::prim;

/// From how many rows on, and in how many dimensions at most, Borůvka's algorithm is the faster.
const MANY: usize = 10_000;
const FEW: usize = 12;

/// Two rows and how far they are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edge {
    pub a: u32,
    pub b: u32,
    pub length: f64,
}

/// Edges whose single linkage is that of the points by mutual reachability, given the squares of
/// their core distances: the largest of the distance of two points and of their core distances.
pub(super) fn spanning(
    points: Points<'_>,
    tree: &KdTree,
    cores: &[f64],
    threads: usize,
    progress: &dyn Progress,
) -> Result<Vec<Edge>, Stopped> {
    if points.len() >= MANY && points.dims <= FEW {
        boruvka(tree, cores, threads, progress)
    } else {
        prim(points, cores, progress)
    }
}
