//! What is known of each series where a fit begins.

use ruska_core::{FitError, Target, Timelines, Train};

/// A series up to now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History<'a> {
    /// At least one value, equally spaced, all finite; gaps are filled from what is known.
    pub(crate) values: &'a [f64],
    /// Periods of its seasons, ascending, each above 1.
    pub(crate) seasons: &'a [usize],
}

impl History<'_> {
    /// The season that models of one season go by: the shortest; 1 where there is none.
    pub(crate) fn season(&self) -> usize {
        self.seasons.first().copied().unwrap_or(1)
    }
}

/// The series of a task.
///
/// Fails where the task is no question about what comes next.
pub(crate) fn panel<'a>(train: &Train<'a>, id: &str) -> Result<&'a Timelines, FitError> {
    match train.y {
        Target::Series(panel) => Ok(panel),
        _ => Err(FitError::Data(format!("`{id}` tells what comes next of series alone"))),
    }
}
