//! Clusters of rows: groups that nobody has named.
//!
//! ```text
//! points         rows, and the numbers of clusters
//! parts          rows divided among threads
//! mixed          rows of numbers and of levels
//! panel          64 rows at a time, column after column
//! columns        rows column after column, and distances from them
//! draw           chance by weight
//! moments        means and variances of columns
//! kd_tree        exact nearest points
//! kmeans         the nearest of k centres
//! mixture        Gaussian densities times chances of levels
//! prototypes     centres of numbers and of levels
//! dbscan         regions of some density
//! hdbscan        regions that stay together over many densities
//! agglomerative  two groups become one, again and again
//! indices        how good a partition is, and how alike two are
//! structure      whether there are any clusters
//! ```
//!
//! Labels are 0, 1, …, by size, and −1 for noise.

pub mod agglomerative;
mod blocks;
mod columns;
pub mod dbscan;
mod dendrogram;
#[cfg(test)]
mod density_tests;
mod draw;
pub mod hdbscan;
pub mod indices;
pub mod kd_tree;
pub mod kmeans;
mod knee;
mod mixed;
pub mod mixture;
mod moments;
mod panel;
mod parts;
pub mod points;
pub mod prototypes;
mod rows;
mod spanning;
pub mod structure;
#[cfg(test)]
mod tests;

pub use mixed::{MISSING, Mixed};
pub use points::{Points, in_order};
