//! Series taken apart into trend, seasons and what is left.
//!
//! ```text
//! loess ─▶ stl ─▶ mstl ─▶ Decomposition ─▶ strength
//!                              └─▶ adjusted ─▶ season ahead, for a forecaster without seasons
//! ```
//!
//! All parts are additive; for seasons that grow with the level, take logarithms before.

mod adjusted;
mod loess;
mod mstl;
mod stl;
mod strength;
mod super_smoother;
#[cfg(test)]
mod tests;
mod tricube;

pub use adjusted::{Adjusted, Decomposed};
pub use loess::Loess;
pub use mstl::{Decomposition, Mstl, Season};
pub use stl::{Stl, StlParts};
