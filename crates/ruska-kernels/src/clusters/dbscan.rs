//! DBSCAN: clusters are regions where points are dense.
//!
//! A point is core when the points within `eps` of it, itself counted, weigh `min_points` or more.
//! Core points within `eps` of each other are of one cluster. Any other point within `eps` of a
//! core point is on a border, and belongs to the cluster that reaches it first when rows are gone
//! through in their order: that with the first core row. What is left is noise.
//!
//! Cost: two range queries a point over k-d trees; O(rows) memory, whatever `eps`.
//!
//! References: Ester, Kriegel, Sander, Xu, "A density-based algorithm for discovering clusters in
//! large spatial databases with noise", KDD 1996; Schubert et al., "DBSCAN revisited, revisited",
//! ACM TODS 42(3), 2017.

use super::dendrogram::Sets;
use super::kd_tree::KdTree;
use super::knee::knee;
use super::points::{points_and_labels, sane_labels};
use super::rows::each;
use super::{Points, in_order};
use crate::{Progress, Stopped, packed};
use serde::{Deserialize, Serialize};

/// A limit that ends a walk.
const ENOUGH: f64 = -1.0;

/// What counts as dense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DbscanParams {
    /// Points no farther than this are near, > 0.
    pub eps: f64,
    /// The weight of near points, itself counted, from which on a point is core, > 0.
    pub min_points: f64,
}

/// A partition of rows by density.
#[derive(Clone, Debug, PartialEq)]
pub struct Dbscan {
    /// The cluster of each row, −1 for noise.
    pub labels: Vec<i32>,
    /// How many clusters there are.
    pub clusters: usize,
    /// The core rows, ascending.
    pub core: Vec<u32>,
}

/// Clusters finite points; `weights` are one number ≥ 0 a point, 1 when not given.
pub fn dbscan(
    points: Points<'_>,
    weights: Option<&[f64]>,
    params: &DbscanParams,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Dbscan, Stopped> {
    let limit = params.eps * params.eps;
    let weight = |row: u32| weights.map_or(1.0, |w| w[row as usize]);
    let tree = KdTree::new(points);
    let is_core = tree.map(threads, progress, |_, point| {
        let mut near = 0.0;
        tree.walk(point, limit, |row, _| {
            near += weight(row);
            if near >= params.min_points { ENOUGH } else { limit }
        });
        near >= params.min_points
    })?;
    let (core, others): (Vec<u32>, Vec<u32>) =
        (0..points.len() as u32).partition(|&i| is_core[i as usize]);
    let values = gather(points, &core);
    let core_points = Points { values: &values, dims: points.dims };
    let tree = KdTree::new(core_points);
    let sets = connected(core_points, &tree, limit, progress)?;
    let reached = each(threads, others.len(), progress, |i| {
        let mut first = u32::MAX;
        tree.walk(points.row(others[i] as usize), limit, |core, _| {
            first = first.min(sets[core as usize]);
            limit
        });
        first
    })?;
    let mut labels = vec![-1; points.len()];
    for (&row, &set) in core.iter().chain(&others).zip(sets.iter().chain(&reached)) {
        labels[row as usize] = if set == u32::MAX { -1 } else { set as i32 };
    }
    let clusters = in_order(&mut labels, None);
    Ok(Dbscan { labels, clusters, core })
}

/// The first of the core points that each of them is connected with. Now and then it notes which
/// nodes of the tree are of one part, and from then on their own rows leave these out.
fn connected(
    points: Points<'_>,
    tree: &KdTree,
    limit: f64,
    progress: &dyn Progress,
) -> Result<Vec<u32>, Stopped> {
    let n = points.len() as u32;
    let mut sets = Sets::new(points.len());
    let mut parts: Vec<u32> = (0..n).collect();
    let mut common = tree.common(&parts);
    for i in 0..n {
        if !progress.proceed() {
            return Err(Stopped);
        }
        if i >= 32 && i.is_power_of_two() {
            parts = (0..n).map(|i| sets.find(i)).collect();
            common = tree.common(&parts);
        }
        let own = parts[i as usize];
        tree.walk_outside(
            points.row(i as usize),
            limit,
            |node| common[node] == own,
            |other, _| {
                let (a, b) = (sets.find(i), sets.find(other));
                sets.put(a.max(b), a.min(b));
                limit
            },
        );
    }
    Ok((0..n).map(|i| sets.find(i)).collect())
}

/// Some points, one after the other.
fn gather(points: Points<'_>, rows: &[u32]) -> Vec<f64> {
    rows.iter().flat_map(|&row| points.row(row as usize)).copied().collect()
}

impl Dbscan {
    /// What labels new rows: a copy of the core points among those that were clustered.
    pub fn core_points(&self, points: Points<'_>, params: &DbscanParams) -> CorePoints {
        CorePoints {
            values: gather(points, &self.core),
            dims: points.dims,
            labels: self.core.iter().map(|&row| self.labels[row as usize] as u32).collect(),
            eps: params.eps,
        }
    }
}

/// The core points of clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorePoints {
    #[serde(with = "packed")]
    values: Vec<f64>,
    dims: usize,
    #[serde(with = "packed")]
    labels: Vec<u32>,
    eps: f64,
}

impl CorePoints {
    /// What is wrong with it as a state of points of so many coordinates, if anything.
    pub fn validate(&self, dims: usize) -> Result<(), String> {
        points_and_labels(&self.values, (self.dims, dims), self.labels.len())?;
        if !(self.eps > 0.0 && self.eps.is_finite()) {
            return Err(format!("eps is {}", self.eps));
        }
        sane_labels(&self.labels)
    }

    /// The label of the nearest core point within `eps` of each of some finite points, or −1. Core
    /// rows get the label they have. So does noise; border rows of two clusters may get the other.
    pub fn label(
        &self,
        points: Points<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<i32>, Stopped> {
        let core = Points { values: &self.values, dims: self.dims };
        let tree = KdTree::for_queries(core, points.len());
        each(threads, points.len(), progress, |i| {
            let mut best = (f64::INFINITY, u32::MAX);
            tree.walk(points.row(i), self.eps * self.eps, |core, squared| {
                if (squared, core) < best {
                    best = (squared, core);
                }
                best.0
            });
            self.labels.get(best.1 as usize).map_or(-1, |&label| label as i32)
        })
    }
}

/// The distance of each point's `k`-th nearest, itself counted, ascending: what `eps` may be read
/// from, say by a quantile or at the knee ([`proposed_eps`]).
pub fn k_distances(
    points: Points<'_>,
    k: usize,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let mut distances = KdTree::new(points).core_squares(k, threads, progress)?;
    distances.iter_mut().for_each(|d| *d = d.sqrt());
    distances.sort_by(f64::total_cmp);
    Ok(distances)
}

/// The `eps` at the knee of ascending k-distances, where they begin to be those of noise, > 0;
/// their 95 % quantile where there is no knee. `None` if that is 0.
pub fn proposed_eps(k_distances: &[f64]) -> Option<f64> {
    let quantile = k_distances.len() * 19 / 20;
    let eps = k_distances.get(knee(k_distances).unwrap_or(quantile)).copied();
    eps.filter(|eps| *eps > 0.0)
}
