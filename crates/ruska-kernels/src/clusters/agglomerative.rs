//! Agglomerative clustering: every row is a group, and the two nearest groups become one until one
//! is left.
//!
//! Ward, average and complete linkage: O(rows²) time and 8 bytes for every pair of rows, so the
//! caller caps the rows: 10,000 take 400 MB. They cannot be stopped while groups are merged, only
//! while distances are taken. Single linkage comes from a spanning tree, in O(rows) memory.
//!
//! References: Ward, "Hierarchical grouping to optimize an objective function", JASA 58, 1963;
//! Müllner, "Modern hierarchical, agglomerative clustering algorithms", arXiv:1109.2378, 2011,
//! which `kodama` implements.

use super::Points;
use super::blocks::{self, BLOCK};
use super::dendrogram::Merge;
use super::kd_tree::KdTree;
use super::points::{points_and_labels, sane_labels};
use super::rows::each;
use super::spanning::spanning;
use crate::{Progress, Stopped, packed};
use serde::{Deserialize, Serialize};

pub use super::dendrogram::Dendrogram;

/// How far two groups are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Linkage {
    /// √(2 ab / (a + b)) times the distance of their means, a and b being their sizes: what merging
    /// them adds to the squared distances from means, doubled, and its root.
    Ward,
    /// The mean distance of a row of one from a row of the other.
    Average,
    /// The greatest such distance.
    Complete,
    /// The least such distance.
    Single,
}

/// The dendrogram of finite points by Euclidean distance; cut it with [`Dendrogram::clusters`] or
/// [`Dendrogram::clusters_below`].
pub fn agglomerate(
    points: Points<'_>,
    linkage: Linkage,
    progress: &dyn Progress,
) -> Result<Dendrogram, Stopped> {
    let n = points.len();
    let method = match linkage {
        Linkage::Ward => kodama::Method::Ward,
        Linkage::Average => kodama::Method::Average,
        Linkage::Complete => kodama::Method::Complete,
        Linkage::Single => {
            let edges = spanning(points, &KdTree::new(points), &vec![0.0; n], 1, progress)?;
            return Ok(Dendrogram::single(n, edges));
        }
    };
    let mut distances = distances(points, progress)?;
    let steps = kodama::linkage(&mut distances, n, method);
    let merge = |s: &kodama::Step<f64>| Merge {
        left: s.cluster1 as u32,
        right: s.cluster2 as u32,
        height: s.dissimilarity,
        size: s.size as u32,
    };
    Ok(Dendrogram::of_merges(n, steps.steps().iter().map(merge).collect()))
}

/// The distance of each point from those after it.
fn distances(points: Points<'_>, progress: &dyn Progress) -> Result<Vec<f64>, Stopped> {
    let n = points.len();
    let mut all = vec![0.0; blocks::len(n, points.dims)];
    (0..n).for_each(|i| blocks::put(&mut all, i, points.row(i)));
    let mut distances = Vec::with_capacity(n * n.saturating_sub(1) / 2);
    let mut squares = [0.0; BLOCK];
    for i in 0..n {
        if !progress.proceed() {
            return Err(Stopped);
        }
        let first = i / BLOCK;
        for (b, block) in all.chunks_exact(BLOCK * points.dims).enumerate().skip(first) {
            blocks::squares(block, points.row(i), &mut squares);
            let from = (i + 1).saturating_sub(b * BLOCK);
            let to = (n - b * BLOCK).min(BLOCK);
            distances.extend(squares[..to].iter().skip(from).map(|s| s.sqrt()));
        }
    }
    Ok(distances)
}

/// What labels new rows: points, each with a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Representatives {
    #[serde(with = "packed")]
    values: Vec<f64>,
    dims: usize,
    #[serde(with = "packed")]
    labels: Vec<u32>,
}

impl Representatives {
    /// What is wrong with it as a state of points of so many coordinates, if anything.
    pub fn validate(&self, dims: usize) -> Result<(), String> {
        points_and_labels(&self.values, (self.dims, dims), self.labels.len())?;
        sane_labels(&self.labels)
    }

    /// Of points with labels ≥ 0: their means for Ward, average and complete linkage, which make
    /// round clusters; for single linkage the points themselves, as its clusters have any shape.
    pub fn new(points: Points<'_>, labels: &[i32], linkage: Linkage) -> Self {
        let labels: Vec<u32> = labels.iter().map(|&l| l as u32).collect();
        let dims = points.dims;
        if linkage == Linkage::Single {
            return Self { values: points.values.to_vec(), dims, labels };
        }
        let count = labels.iter().max().map_or(0, |&l| l + 1);
        let mut values = vec![0.0; count as usize * dims];
        let mut sizes = vec![0.0; count as usize];
        for (i, &label) in labels.iter().enumerate() {
            let mean = &mut values[label as usize * dims..][..dims];
            let size = &mut sizes[label as usize];
            *size += 1.0;
            mean.iter_mut().zip(points.row(i)).for_each(|(m, x)| *m += (x - *m) / *size);
        }
        Self { values, dims, labels: (0..count).collect() }
    }

    /// The label of the nearest representative of each of some finite points, and its distance.
    /// Rows that were clustered get the label they have under single linkage, and most of them
    /// under the others.
    pub fn label(
        &self,
        points: Points<'_>,
        threads: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<(i32, f64)>, Stopped> {
        let known = Points { values: &self.values, dims: self.dims };
        let tree = KdTree::for_queries(known, points.len());
        each(threads, points.len(), progress, |i| {
            let nearest = tree.nearest(points.row(i), 1);
            nearest
                .first()
                .map_or((-1, 0.0), |n| (self.labels[n.row as usize] as i32, n.squared.sqrt()))
        })
    }
}
