//! Series that go on: from a table to the question what comes next, and from a model to its answer.
//!
//! ```text
//! table ─ arrange ─▶ one grid per series ─▶ Task ─▶ … ─▶ Model + Series ─▶ forecast, measured, explained
//! ```

mod ahead;
pub(crate) mod axis;
mod components;
mod covariates;
mod cycle;
mod drawing;
mod explanation;
mod hierarchy;
mod influence;
mod intervals;
mod measured;
mod prepare;
mod series;

pub use ahead::Forecast;
pub(crate) use ahead::check_levels;
pub use components::{Phase, SeriesComponents, SeriesSeason, Trend};
pub use covariates::{Covariate, Role};
pub(crate) use explanation::slug;
pub use explanation::{SeriesExplanation, SeriesProfile, Told};
pub use hierarchy::{Hierarchy, Sum};
pub use influence::Influence;
pub use intervals::Intervals;
pub use measured::SharedAhead;
pub(crate) use measured::measured;
pub(crate) use prepare::prepare;
pub use series::Series;
