//! HDBSCAN: clusters are regions that stay together over many densities.
//!
//! The mutual reachability of two rows is the largest of their distance and their core distances.
//! Single linkage by it is what DBSCAN* finds for every eps at once. Going from far to near, groups
//! below `min_cluster_size` that come off are rows leaving, and a cluster goes on; where two or
//! more groups of that size part, it ends. Of these clusters the ones that hold most excess of mass
//! are chosen, or the leaves.
//!
//! Equal mutual reachabilities part at once, as the paper has it, so the result depends neither on
//! the order of rows nor on which spanning tree is found. A row that links two clusters by its core
//! distance alone is of neither then; scikit-learn gives it to one of the two, with the least
//! strength, and counts it there.
//!
//! References: Campello, Moulavi, Sander, "Density-based clustering based on hierarchical density
//! estimates", PAKDD 2013; McInnes, Healy, "Accelerated hierarchical density based clustering",
//! ICDM workshops 2017; Malzer, Baum, "A hybrid approach to hierarchical density-based cluster
//! selection", MFI 2020, for `epsilon`.

mod condense;
mod label;
mod select;

pub use label::Reachable;

use super::dendrogram::Dendrogram;
use super::kd_tree::KdTree;
use super::spanning::spanning;
use super::{Points, in_order};
use crate::{Progress, Stopped};
use condense::{Condensed, condense};
use serde::{Deserialize, Serialize};

/// Which clusters of the hierarchy are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Those with the most excess of mass: few, of differing density.
    #[default]
    ExcessOfMass,
    /// Those that never part: many, small and even.
    Leaf,
}

/// What counts as a cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HdbscanParams {
    /// Fewer rows are no cluster; ≥ 2.
    pub min_cluster_size: usize,
    /// The core distance is that of so many nearest rows, itself counted; ≥ 1. More rows make more
    /// noise.
    pub min_samples: usize,
    /// Which clusters are chosen.
    pub selection: Selection,
    /// Clusters that part at a distance below this are not told apart; 0 tells all.
    pub epsilon: f64,
    /// Whether all rows may be one cluster.
    pub allow_single_cluster: bool,
}

impl Default for HdbscanParams {
    fn default() -> Self {
        Self {
            min_cluster_size: 5,
            min_samples: 5,
            selection: Selection::ExcessOfMass,
            epsilon: 0.0,
            allow_single_cluster: false,
        }
    }
}

/// A partition of rows by density.
#[derive(Clone, Debug, PartialEq)]
pub struct Hdbscan {
    /// The cluster of each row, −1 for noise.
    pub labels: Vec<i32>,
    /// How strongly each row belongs to its cluster, in 0..=1; 0 for noise.
    pub strengths: Vec<f64>,
    /// The clusters in the order of their labels.
    pub clusters: Vec<Cluster>,
    /// The square of each row's core distance.
    cores: Vec<f64>,
    min_samples: usize,
}

/// A chosen cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cluster {
    /// Its excess of mass, ≥ 0: the sum over rows of one over the distance at which they leave,
    /// less one over that at which the cluster came off.
    pub stability: f64,
    /// Rows closer than this to one of the cluster, by mutual reachability, are of it.
    reach: f64,
    /// The distance at which its last rows part, > 0.
    death: f64,
}

/// Clusters finite points in O(rows) memory. Time: O(rows²), less from 10,000 rows on where there
/// are few dimensions.
pub fn hdbscan(
    points: Points<'_>,
    params: &HdbscanParams,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Hdbscan, Stopped> {
    let tree = KdTree::new(points);
    let cores = tree.core_squares(params.min_samples, threads, progress)?;
    let edges = spanning(points, &tree, &cores, threads, progress)?;
    let tree = Dendrogram::single(points.len(), edges);
    let condensed = condense(&tree, params.min_cluster_size);
    let (labels, strengths, clusters) = chosen(&condensed, params);
    Ok(Hdbscan { labels, strengths, clusters, cores, min_samples: params.min_samples })
}

/// The labels, strengths and clusters that a hierarchy gives.
fn chosen(tree: &Condensed, params: &HdbscanParams) -> (Vec<i32>, Vec<f64>, Vec<Cluster>) {
    let stabilities = tree.stabilities();
    let chosen = select::select(tree, &stabilities, params);
    let death = tree.deaths();
    // The chosen cluster that each is in, parents before their children.
    let mut within: Vec<Option<usize>> = vec![None; tree.clusters.len()];
    for c in 0..within.len() {
        let above = tree.clusters[c].parent.and_then(|p| within[p]);
        within[c] = above.or_else(|| chosen.contains(&c).then_some(c));
    }
    let reach = |c: usize| match tree.clusters[c].parent {
        Some(_) => tree.clusters[c].birth,
        // All rows are within reach of each other, so the root is what is as dense as its densest.
        None if params.epsilon > 0.0 => params.epsilon.next_up(),
        None => death[0].next_up(),
    };
    let of_row = |row: usize| {
        let c = within[tree.left[row]]?;
        (tree.clusters[c].parent.is_some() || tree.distance[row] < reach(c)).then_some(c)
    };
    let rows = tree.left.len();
    let found: Vec<Option<usize>> = (0..rows).map(of_row).collect();
    let mut labels: Vec<i32> = found.iter().map(|c| c.map_or(-1, |c| c as i32)).collect();
    let count = in_order(&mut labels, None);
    let mut clusters = vec![Cluster { stability: 0.0, reach: 0.0, death: 0.0 }; count];
    let mut strengths = vec![0.0; rows];
    for (row, c) in found.into_iter().enumerate() {
        let Some(c) = c else { continue };
        strengths[row] = strength(death[c], tree.distance[row]);
        clusters[labels[row] as usize] =
            Cluster { stability: stabilities[c], reach: reach(c), death: death[c] };
    }
    (labels, strengths, clusters)
}

/// How strongly a row belongs to a cluster of some death that it leaves at some distance.
fn strength(death: f64, distance: f64) -> f64 {
    death / distance.max(death)
}
