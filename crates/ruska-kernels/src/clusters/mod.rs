//! Clusters of rows: groups that nobody has named.
//!
//! ```text
//! points      rows, and the numbers of clusters
//! parts       rows divided among threads
//! panel       64 rows at a time, column after column
//! columns     rows column after column, and distances from them
//! draw        chance by weight
//! moments     means and variances of columns
//! kmeans      the nearest of k centres
//! mixture     Gaussian densities
//! prototypes  centres of numbers and of levels
//! indices     how good a partition is, and how alike two are
//! structure   whether there are any clusters
//! ```

mod columns;
mod draw;
pub mod indices;
pub mod kmeans;
pub mod mixture;
mod moments;
mod panel;
mod parts;
pub mod points;
pub mod prototypes;
pub mod structure;
#[cfg(test)]
mod tests;

pub use points::{Points, in_order};
