//! A spanning tree of least length from a k-d tree over the points.
//!
//! In each round every part of the forest finds its shortest edge to another part, and all of these
//! edges are taken; so the parts become at least half as many. A point asks the tree for its
//! nearest point of another part, but leaves out nodes of its own part and what is farther than the
//! shortest edge its part has found so far. What it found is kept for the next round: it stays the
//! nearest as long as it is of another part.
//!
//! Which edge is shortest is settled by rows where lengths are equal, so threads that find edges in
//! another order take the same ones.
//!
//! Reference: March, Ram, Gray, "Fast Euclidean minimum spanning tree: algorithm, analysis, and
//! applications", KDD 2010; McInnes, Healy 2017 for mutual reachability.

use super::super::dendrogram::Sets;
use super::super::kd_tree::KdTree;
use super::Edge;
use crate::{Progress, Stopped};
use std::sync::atomic::{AtomicU64, Ordering};

/// The squared length of an edge and its rows, the lower first.
type Link = (f64, u32, u32);

const NONE: Link = (f64::INFINITY, u32::MAX, u32::MAX);

/// The nearest point of another part that a point knows of.
#[derive(Clone, Copy)]
struct Known {
    /// [`NONE`] when none has been found yet.
    link: Link,
    /// No other is nearer than this.
    beyond: f64,
}

impl Default for Known {
    fn default() -> Self {
        Self { link: NONE, beyond: 0.0 }
    }
}

/// A spanning tree of least length by mutual reachability, given the squares of core distances by
/// row. O(rows) memory; time about that of rows · log(rows) queries in few dimensions.
pub(in super::super) fn boruvka(
    tree: &KdTree,
    cores: &[f64],
    threads: usize,
    progress: &dyn Progress,
) -> Result<Vec<Edge>, Stopped> {
    let n = tree.len();
    let mut sets = Sets::new(n);
    let mut edges = Vec::with_capacity(n.saturating_sub(1));
    let mut known = vec![Known::default(); n];
    while edges.len() + 1 < n {
        let part: Vec<u32> = (0..n as u32).map(|i| sets.find(i)).collect();
        let mut shortest = vec![f64::INFINITY; n];
        for (row, known) in known.iter_mut().enumerate() {
            let (length, a, b) = known.link;
            if known.link != NONE && part[a as usize] == part[b as usize] {
                (known.link, known.beyond) = (NONE, length);
            }
            let shortest = &mut shortest[part[row] as usize];
            *shortest = shortest.min(known.link.0);
        }
        let shortest: Vec<AtomicU64> =
            shortest.into_iter().map(|s| AtomicU64::new(s.to_bits())).collect();
        let inside = tree.common(&part);
        known = tree.map(threads, progress, |row, point| {
            let mut known = known[row as usize];
            let (own, core) = (part[row as usize], cores[row as usize]);
            let shortest = &shortest[own as usize];
            let limit = f64::from_bits(shortest.load(Ordering::Relaxed));
            if known.link != NONE || known.beyond.max(core) > limit {
                return known;
            }
            let mut limit = limit;
            let skip = |node: usize| inside[node] == own;
            known.beyond = limit;
            tree.walk_outside(point, limit, skip, |other, squared| {
                if part[other as usize] != own {
                    let length = squared.max(core).max(cores[other as usize]);
                    let link = (length, row.min(other), row.max(other));
                    if length <= limit && link < known.link {
                        known.link = link;
                        limit = length;
                    }
                }
                limit
            });
            shortest.fetch_min(known.link.0.to_bits(), Ordering::Relaxed);
            known
        })?;
        let mut best = vec![NONE; n];
        for (row, known) in known.iter().enumerate() {
            let best = &mut best[part[row] as usize];
            if known.link < *best {
                *best = known.link;
            }
        }
        for (squared, a, b) in best.into_iter().filter(|link| *link != NONE) {
            let (x, y) = (sets.find(a), sets.find(b));
            if x != y {
                sets.put(x.max(y), x.min(y));
                edges.push(Edge { a, b, length: squared.sqrt() });
            }
        }
    }
    Ok(edges)
}
