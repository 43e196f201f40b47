//! What became of predictions: outcomes joined by id, and what versions turned out to be worth.
//!
//! ```text
//! predict --log ─▶ predictions by id ─┐
//!                                     ├─ join ─▶ one prediction, one outcome an id ─▶ measures by version and time
//! feedback add ──▶ outcomes by id ────┘
//! ```
//!
//! An id counts once. Of its predictions the last one made by the time of its first outcome counts,
//! the first one after it where all came later, and the last one while no outcome is known. Of its
//! outcomes the newest counts, by its own time and then by when it was told.

mod add;
mod expected;
mod join;
mod log;
mod period;
mod places;
mod repeated;
mod show;

pub use add::{AddOptions, Added, add};
pub use join::{Counted, counted};
pub use log::{Logged, predict};
pub use period::Period;
pub use show::{Feedback, PeriodScores, VersionScores, show};

use crate::Error;
use ruska::Store;

/// How many ids of a model have a prediction and an outcome that was told after a time, milliseconds
/// since 1970.
///
/// Fails when the store cannot be read.
pub fn outcomes_since(store: &Store, model: &str, after_ms: i64) -> Result<u64, Error> {
    Ok(store.outcomes_since(model, after_ms)?)
}
