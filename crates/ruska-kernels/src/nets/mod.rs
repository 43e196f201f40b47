//! Neural nets for tables: every column is embedded, and a few layers see all of them.
//!
//! ```text
//! cells ─ embed ─▶ inputs ─ × members ─▶ layers ─▶ heads ─▶ scores
//!         a table of vectors a column     shared    one a member
//! ```
//!
//! A number lies between two knots of its column and takes the mean of their vectors, beside a vector
//! times the number; a level, and a missing value, has a vector of its own. Members share all but the
//! factors of their inputs and their heads, and are averaged.
//!
//! Sources: Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in tabular deep learning",
//! NeurIPS 2022; Gorishniy, Kotelnikov, Babenko, "TabM", ICLR 2025; Holzmüller, Grinsztajn, Steinwart,
//! "Better by default", NeurIPS 2024 (scaling and clipping); Loshchilov, Hutter, "Decoupled weight decay
//! regularization", ICLR 2019.

mod activation;
mod adam;
mod cells;
mod embed;
mod fit;
mod layout;
mod loss;
mod net;
mod norm;
mod pass;
mod product;
mod real;

#[cfg(test)]
mod tests;

pub use cells::{Cells, Column};
pub use fit::{Fitted, NetParams, Sample, fit};
pub use layout::{Activation, Shape};
pub use loss::Truth;
pub use net::Net;
