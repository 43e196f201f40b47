//! Histogram trees, gradient boosting and forests over binned columns.
//!
//! ```text
//! f64 column ─ BinnedColumn (u8 bins, shared) ─┐
//! loss ─ gradients ─ packed integers ──────────┴▶ histograms ▶ best split ▶ tree ─▶ Model
//!   ▲                                                                        │
//!   └──────────────────── scores of the rows ◀───────────────────────────────┘
//! ```
//!
//! Invariants
//! 1. Histogram cells are integers, so sums are exact: a tree does not depend on the order of
//!    rows, on which child was built and which subtracted, nor on the number of threads.
//! 2. A tree decides on bins while it grows and on `x <= cut` ever after; both agree on every
//!    value, for a bin holds exactly the values up to its cut.
//! 3. A missing value (NaN) goes where it gained most in training.
//! 4. Whatever the input (no features, one row, constants, infinities), scores stay finite.
//!
//! Reference: Friedman, "Greedy function approximation: a gradient boosting machine", 2001; Chen
//! and Guestrin, "XGBoost", 2016; Ke et al., "LightGBM", 2017.

pub mod additive;
mod binned;
mod bitset;
mod boost;
mod compact;
mod evaluate;
mod fill;
mod fill_sparse;
mod forest;
mod forest_model;
mod gradients;
mod grow;
mod histogram;
mod job;
mod leaf;
pub mod loss;
pub(crate) mod math;
mod model;
mod node_split;
mod oblivious;
pub(crate) mod parallel;
mod partition;
mod places;
pub(crate) mod random;
mod search;
pub mod shap;
mod sparse;
mod split;
mod subset;
mod symmetric;
#[cfg(test)]
mod tests;
mod tick;
mod told;
mod tree;
mod walk;

pub use binned::{BinnedColumn, MAX_BINS};
pub use boost::{BoostParams, Boosted, Data, boost};
pub use forest::{ForestParams, Forested, forest};
pub use forest_model::Forest;
pub use job::{GrowParams, Growth};
pub use model::Model;
pub use told::{Says, Split, Told};
