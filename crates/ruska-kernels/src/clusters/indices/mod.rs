//! How good a partition of points is, and how alike two partitions are.
//!
//! ```text
//! silhouette  nearer to one's own cluster than to the next
//! centres     Calinski–Harabasz and Davies–Bouldin
//! density     DBCV, for clusters of any shape
//! agreement   two labelings of the same rows
//! ```
//!
//! Labels are 0, 1, … and −1 for noise, one a point. Internal indices are `None` where there are
//! fewer than 2 clusters, or as many as points in clusters. Coordinates are finite and up to
//! ±10¹⁰⁰.

mod agreement;
mod centres;
mod density;
mod silhouette;
#[cfg(test)]
mod tests;

pub use agreement::{Agreement, agreement};
pub use centres::{calinski_harabasz, davies_bouldin};
pub use density::dbcv;
pub use silhouette::{Sample, Silhouette, silhouette};

use super::{Points, in_order};

/// The rows of each cluster, ascending; clusters are in the order of [`in_order`].
fn members(labels: &[i32]) -> Vec<Vec<usize>> {
    let mut labels = labels.to_vec();
    let mut members = vec![vec![]; in_order(&mut labels, None)];
    for (row, &label) in labels.iter().enumerate().filter(|(_, l)| **l >= 0) {
        members[label as usize].push(row);
    }
    members
}

/// The same of a partition that can be judged: of at least 2 clusters, and more points than
/// clusters.
fn partition(points: Points<'_>, labels: &[i32]) -> Option<Vec<Vec<usize>>> {
    assert_eq!(points.len(), labels.len(), "one label a point");
    let members = members(labels);
    let rows: usize = members.iter().map(Vec::len).sum();
    (2..rows).contains(&members.len()).then_some(members)
}
