//! What the checks of learners' parameters share.

use ruska_core::FitError;

/// A whole-number parameter with its least value.
pub(crate) fn at_least(id: &str, name: &str, got: i64, least: i64) -> Result<usize, FitError> {
    if got >= least {
        return Ok(got.min(1 << 24) as usize);
    }
    let why = format!("`{name}` is {got}; it must be at least {least}");
    Err(FitError::Params { id: id.to_owned(), why })
}

/// A real parameter with its bounds, both included.
pub(crate) fn within(id: &str, name: &str, got: f64, low: f64, high: f64) -> Result<f64, FitError> {
    if (low..=high).contains(&got) {
        return Ok(got);
    }
    let range =
        if high == f64::MAX { format!("{low} or more") } else { format!("{low} to {high}") };
    let why = format!("`{name}` is {got}; it must be {range}");
    Err(FitError::Params { id: id.to_owned(), why })
}

/// Whether a parameter need not be recorded, since it does nothing.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
