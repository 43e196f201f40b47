//! Clusters of rows: groups that nobody has named.
//!
//! ```text
//! points      rows, and the numbers of clusters
//! panel       64 rows at a time, column after column
//! moments     means and variances of columns
//! kmeans      the nearest of k centres
//! mixture     Gaussian densities
//! prototypes  centres of numbers and of levels
//! ```

pub mod kmeans;
// pub mod mixture;
mod moments;
mod panel;
pub mod points;
// pub mod prototypes;
#[cfg(test)]
mod tests;

pub use points::{Points, in_order};
