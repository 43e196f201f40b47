//! What all linfa adapters share: the way in, checked, and a cap on fits that cannot be stopped.

use crate::design::{Columns, Features};
use ndarray::{Array2, ShapeBuilder};
use ruska_core::{FitError, Train};

/// Most work units of a fit that nothing can interrupt: about half a minute.
const MOST_WORK: f64 = 3e10;
/// Most cells of the copy that linfa works on: 1 GB.
const MOST_CELLS: usize = 1 << 27;

/// The training rows as a finite array in column order, with the columns they come from.
///
/// Fails on values that are not finite, and when `work` (a function of rows and columns, in work
/// units) or the copy is too large, since linfa's fits take no interruption.
pub(crate) fn array(
    train: &Train<'_>,
    id: &str,
    work: impl Fn(f64, f64) -> f64,
) -> Result<(Features, Array2<f64>), FitError> {
    let features = Features::of(train.x);
    let columns: Columns<'_> = features.find(train.x)?;
    columns.expect_finite(train.rows)?;
    let (n, p) = (train.rows.len(), features.width());
    let expected = work(n as f64, p as f64);
    if expected > MOST_WORK || n.saturating_mul(p) > MOST_CELLS {
        return Err(FitError::Data(format!(
            "`{id}` cannot be interrupted, and {n} rows of {p} columns would keep it busy for \
             {:.0} s or need {:.1} GB; use another learner or fewer rows",
            expected * 1e-9,
            (n * p) as f64 * 8e-9,
        )));
    }
    let array = Array2::from_shape_vec((n, p).f(), columns.by_column(train.rows))
        .expect("every column has one value a row");
    Ok((features, array))
}

/// The way linfa's own errors are told.
pub(crate) fn failed(error: impl std::fmt::Display) -> FitError {
    FitError::Numeric(format!("linfa: {error}"))
}

/// Fails unless all numbers that came out are finite.
pub(crate) fn expect_finite<'a>(values: impl IntoIterator<Item = &'a f64>) -> Result<(), FitError> {
    if values.into_iter().all(|v| v.is_finite()) {
        return Ok(());
    }
    Err(failed("the fitted coefficients are not finite"))
}
