//! Numerical kernels over plain slices: testable like a maths library.
//!
//! ```text
//! trees       histogram trees, boosting and forests over binned columns
//! linear      ridge, logistic, generalised, robust, quantile and discriminant models
//! nets        embeddings and layers for tables
//! neighbours  nearest points by brute force
//! svd         leading singular vectors of sparse matrices
//! clusters    groups of rows by centres, density or merging; how good they are, whether there are any
//! series      forecasting models of one series
//! ```
//!
//! Invariants
//! 1. Kernels know nothing of frames, tasks or files: slices in, plain structs out.
//! 2. Equal inputs and seed give equal bits, whatever the number of threads.
//! 3. Sums have a fixed order; no fused multiply-add is asked for. Products of matrices ([`nets`]) are the
//!    exception: they take what the processor has, and are equal on processors of a class.
//! 4. Long loops report to [`Progress`] and stop when told so.

pub mod clusters;
pub mod linear;
pub mod neighbours;
pub mod nets;
mod packed;
mod progress;
pub mod series;
mod simd;
pub mod svd;
pub mod trees;

#[cfg(test)]
use progress::StopAfter;
pub use progress::{Progress, Silent, Stopped};
