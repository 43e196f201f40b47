//! The hierarchy of clusters of some size.

use super::super::dendrogram::Dendrogram;

/// A cluster of the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    /// The cluster it came from; `None` for all rows.
    pub parent: Option<usize>,
    /// The distance at which it came off, infinite for all rows.
    pub birth: f64,
    /// How many rows it begins with.
    pub size: usize,
}

/// Clusters, and where rows leave them. Distances stand for densities, which are one over them, so
/// they are > 0: one of 0 counts as the least of the others, or as 1 if there is none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condensed {
    /// Parents come before their children; the first is all rows.
    pub clusters: Vec<Node>,
    /// The last cluster that each row is in.
    pub left: Vec<usize>,
    /// The distance at which it leaves that.
    pub distance: Vec<f64>,
}

/// Goes from the top of a dendrogram to its rows and drops groups of less than `least` rows, and of
/// less than 2.
pub(super) fn condense(tree: &Dendrogram, least: usize) -> Condensed {
    let least = least.max(2);
    let floor = tree.heights().find(|h| *h > 0.0).unwrap_or(1.0);
    let rows = tree.rows();
    let mut clusters = vec![Node { parent: None, birth: f64::INFINITY, size: rows }];
    let (mut left, mut distance) = (vec![0; rows], vec![floor; rows]);
    let mut open = vec![];
    if rows > 1 {
        open.push((2 * rows as u32 - 2, 0));
    }
    let mut parts = vec![];
    while let Some((group, cluster)) = open.pop() {
        let height = apart(tree, group, &mut parts);
        let at = height.max(floor);
        let large = parts.iter().filter(|&&p| tree.size(p) >= least).count();
        for &part in &parts {
            if tree.size(part) < least {
                for_rows(tree, part, |row| (left[row], distance[row]) = (cluster, at));
            } else if large == 1 {
                open.push((part, cluster));
            } else {
                open.push((part, clusters.len()));
                let size = tree.size(part);
                clusters.push(Node { parent: Some(cluster), birth: at, size });
            }
        }
    }
    Condensed { clusters, left, distance }
}

/// The parts into which a group falls at once, and the distance at which it does.
fn apart(tree: &Dendrogram, group: u32, parts: &mut Vec<u32>) -> f64 {
    let height = tree.merge(group).map_or(0.0, |m| m.height);
    parts.clear();
    let mut open = vec![group];
    while let Some(group) = open.pop() {
        match tree.merge(group) {
            Some(merge) if merge.height == height => open.extend([merge.right, merge.left]),
            _ => parts.push(group),
        }
    }
    height
}

fn for_rows(tree: &Dendrogram, group: u32, mut visit: impl FnMut(usize)) {
    let mut open = vec![group];
    while let Some(group) = open.pop() {
        match tree.merge(group) {
            Some(merge) => open.extend([merge.right, merge.left]),
            None => visit(group as usize),
        }
    }
}

impl Condensed {
    /// The excess of mass of each cluster (Campello et al. 2013, definition 5).
    pub(super) fn stabilities(&self) -> Vec<f64> {
        let lives = |c: usize, distance: f64| 1.0 / distance - 1.0 / self.clusters[c].birth;
        let mut sums = vec![0.0; self.clusters.len()];
        for (&c, &distance) in self.left.iter().zip(&self.distance) {
            sums[c] += lives(c, distance);
        }
        for child in &self.clusters {
            if let Some(c) = child.parent {
                sums[c] += lives(c, child.birth) * child.size as f64;
            }
        }
        sums
    }

    /// The distance at which the last rows leave each cluster, or its children come off.
    pub(super) fn deaths(&self) -> Vec<f64> {
        let mut deaths = vec![f64::INFINITY; self.clusters.len()];
        for (&c, &distance) in self.left.iter().zip(&self.distance) {
            deaths[c] = deaths[c].min(distance);
        }
        for child in &self.clusters {
            if let Some(c) = child.parent {
                deaths[c] = deaths[c].min(child.birth);
            }
        }
        deaths
    }
}
