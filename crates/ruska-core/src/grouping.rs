//! What takes the place of a truth where groups are to be found.

use std::sync::Arc;

/// Rows as points by which groups of them are judged, and how many groups are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// Row after row, `dims` finite numbers each, columns on one scale.
    pub values: Arc<Vec<f64>>,
    /// Numbers of a row, at least 1.
    pub dims: usize,
    /// Groups asked for, at least 1; to be found where it is not said.
    pub clusters: Option<usize>,
    /// Least rows of a group, at least 1; to be found where it is not said.
    pub min_cluster_size: Option<usize>,
}

impl Grouping {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.dims
    }

    /// The points of some rows, one after the other.
    pub fn points(&self, rows: &[u32]) -> Vec<f64> {
        let mut points = Vec::with_capacity(rows.len() * self.dims);
        for &row in rows {
            let from = row as usize * self.dims;
            points.extend_from_slice(&self.values[from..from + self.dims]);
        }
        points
    }
}
