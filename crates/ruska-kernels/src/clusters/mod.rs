//! Clusters of rows: groups that nobody has named.
//!
//! ```text
//! points      rows, and the numbers of clusters
//! columns     rows column after column, and distances from them
//! indices     how good a partition is, and how alike two are
//! structure   whether there are any clusters
//! ```

mod columns;
pub mod indices;
pub mod points;
pub mod structure;

pub use points::{Points, in_order};
