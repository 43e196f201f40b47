//! The clusters of new rows.
//!
//! A new row is of the cluster whose rows it would have joined: of the rows of clusters the one
//! with the least mutual reachability, if that is within the reach of its cluster. No cluster
//! changes by it, and so this is an approximation.

use super::super::Points;
use super::super::kd_tree::KdTree;
use super::super::points::points_and_labels;
use super::super::rows::each;
use super::{Hdbscan, strength};
use crate::{Progress, Stopped, packed};
use serde::{Deserialize, Serialize};

/// What labels new rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reachable {
    #[serde(with = "packed")]
    values: Vec<f64>,
    dims: usize,
    /// One a row: its cluster, or [`NOISE`].
    #[serde(with = "packed")]
    labels: Vec<u32>,
    /// The squares of core distances.
    #[serde(with = "packed")]
    cores: Vec<f64>,
    /// One a cluster: rows closer than this are of it.
    #[serde(with = "packed")]
    reach: Vec<f64>,
    /// One a cluster: the distance at which its last rows part.
    #[serde(with = "packed")]
    death: Vec<f64>,
    min_samples: usize,
}

const NOISE: u32 = u32::MAX;

impl Hdbscan {
    /// What labels new rows: a copy of the rows of clusters among those that were clustered, and of
    /// the noise so near to them that it may count in the core distance of such a row.
    pub fn reachable(
        &self,
        points: Points<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Reachable, Stopped> {
        let farthest = self.clusters.iter().fold(0.0, |most: f64, c| most.max(c.reach));
        let kept: Vec<usize> = (0..points.len()).filter(|&i| self.labels[i] >= 0).collect();
        let values: Vec<f64> = kept.iter().flat_map(|&i| points.row(i)).copied().collect();
        let tree = KdTree::new(Points { values: &values, dims: points.dims });
        let near = each(threads, points.len(), progress, |i| {
            self.labels[i] >= 0 || {
                let squared = tree.nearest_squared(points.row(i), 1);
                !tree.is_empty() && squared.sqrt() <= farthest
            }
        })?;
        let kept: Vec<usize> = (0..points.len()).filter(|&i| near[i]).collect();
        Ok(Reachable {
            values: kept.iter().flat_map(|&i| points.row(i)).copied().collect(),
            dims: points.dims,
            labels: kept.iter().map(|&i| u32::try_from(self.labels[i]).unwrap_or(NOISE)).collect(),
            cores: kept.iter().map(|&i| self.cores[i]).collect(),
            reach: self.clusters.iter().map(|c| c.reach).collect(),
            death: self.clusters.iter().map(|c| c.death).collect(),
            min_samples: self.min_samples,
        })
    }
}

impl Reachable {
    /// What is wrong with it as a state of points of so many coordinates, if anything.
    pub fn validate(&self, dims: usize) -> Result<(), String> {
        points_and_labels(&self.values, (self.dims, dims), self.labels.len())?;
        let (rows, clusters) = (self.labels.len(), self.reach.len());
        if self.cores.len() != rows || self.death.len() != clusters || self.min_samples == 0 {
            return Err("numbers of rows or clusters are missing".to_owned());
        }
        if self.labels.iter().any(|&l| l != NOISE && l as usize >= clusters) {
            return Err("a label is of no cluster".to_owned());
        }
        let numbers = self.cores.iter().chain(&self.reach).chain(&self.death);
        if numbers.clone().any(|v| v.is_nan() || *v < 0.0) {
            return Err("a distance is not a number".to_owned());
        }
        Ok(())
    }

    /// The label of each of some finite points, or −1, and how strongly it belongs to its cluster.
    /// Rows that were clustered get the label they have; strengths may differ, as a row may leave
    /// its cluster together with others, at a longer distance than its own.
    pub fn label(
        &self,
        points: Points<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<(i32, f64)>, Stopped> {
        let known = Points { values: &self.values, dims: self.dims };
        let tree = KdTree::for_queries(known, points.len());
        each(threads, points.len(), progress, |i| self.place(&tree, points.row(i)))
    }

    /// The label of the nearest row of a cluster for each of some finite points; −1 where there is no
    /// cluster.
    pub fn nearest(
        &self,
        points: Points<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<i32>, Stopped> {
        let rows = || (0..self.labels.len()).filter(|&row| self.labels[row] != NOISE);
        let row = |row: usize| &self.values[row * self.dims..(row + 1) * self.dims];
        let values: Vec<f64> = rows().flat_map(row).copied().collect();
        let labels: Vec<u32> = rows().map(|row| self.labels[row]).collect();
        let tree = KdTree::for_queries(Points { values: &values, dims: self.dims }, points.len());
        each(threads, points.len(), progress, |i| {
            let mut best = (f64::INFINITY, u32::MAX);
            tree.walk(points.row(i), f64::INFINITY, |row, squared| {
                best = if (squared, row) < best { (squared, row) } else { best };
                best.0
            });
            labels.get(best.1 as usize).map_or(-1, |&label| label as i32)
        })
    }

    fn place(&self, tree: &KdTree, point: &[f64]) -> (i32, f64) {
        let core = tree.nearest_squared(point, self.min_samples);
        let farthest = self.reach.iter().fold(0.0, |most: f64, r| most.max(*r));
        let mut limit = (farthest * farthest).next_up();
        let mut best = (f64::INFINITY, f64::INFINITY, NOISE);
        tree.walk(point, limit, |row, squared| {
            let mutual = squared.max(core).max(self.cores[row as usize]);
            let label = self.labels[row as usize];
            let of_cluster = label != NOISE && mutual.sqrt() < self.reach[label as usize];
            if of_cluster && (mutual, squared, row) < best {
                best = (mutual, squared, row);
                limit = limit.min(mutual);
            }
            limit
        });
        let Some(&label) = self.labels.get(best.2 as usize) else { return (-1, 0.0) };
        (label as i32, strength(self.death[label as usize], best.0.sqrt()))
    }
}
