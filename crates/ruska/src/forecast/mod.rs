//! Series that go on: from a table to the question what comes next, and from a model to its answer.
//!
//! ```text
//! table ─ arrange ─▶ one grid per series ─▶ Task ─▶ … ─▶ Model + Series ─▶ forecast, measured, drawn
//! ```

mod ahead;
mod covariates;
mod hierarchy;
mod intervals;
mod measured;
mod prepare;
mod series;

pub use ahead::Forecast;
pub use covariates::{Covariate, Role};
pub use hierarchy::{Hierarchy, Sum};
pub use intervals::Intervals;
pub(crate) use measured::measured;
pub(crate) use prepare::prepare;
pub use series::Series;
