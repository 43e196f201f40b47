//! Groups of rows that are alike.
//!
//! ```text
//! points         rows as points, and how clusters are numbered
//! dbscan         regions of some density
//! hdbscan        regions that stay together over many densities
//! agglomerative  two groups become one, again and again
//! kd_tree        exact nearest points
//! ```
//!
//! Labels are 0, 1, …, by size, and −1 for noise.

pub mod agglomerative;
mod blocks;
pub mod dbscan;
mod dendrogram;
pub mod hdbscan;
pub mod kd_tree;
mod knee;
pub mod points;
mod rows;
mod spanning;
#[cfg(test)]
mod tests;

pub use points::{Points, in_order};
