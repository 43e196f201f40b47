//! Points and the groups they are put into, known to belong together.

use super::undefined;
use ruska_core::{MeasureError, MeasureInfo, Predictions, Truth};
use ruska_kernels::clusters::Points;

/// Checked input of a measure of groups. Rows count alike, whatever their weight.
pub(crate) struct GroupInput<'a> {
    /// Finite points.
    pub(crate) points: Points<'a>,
    /// The group of each: 0, 1, …, or −1 for none.
    pub(crate) labels: Vec<i32>,
}

impl<'a> GroupInput<'a> {
    /// Checks the task, rows, weights and finiteness.
    pub(crate) fn new(
        info: &'static MeasureInfo,
        truth: &'a Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<Self, MeasureError> {
        let measure = info.id;
        let Truth::Points { values, dims } = truth else {
            return Err(MeasureError::Task { measure });
        };
        let points = Points { values, dims: *dims };
        let counts = [
            ("predictions", predictions.rows()),
            ("weights", weights.map_or(points.len(), <[f64]>::len)),
        ];
        for (what, got) in counts {
            if got != points.len() {
                return Err(MeasureError::Rows { measure, what, got, expected: points.len() });
            }
        }
        if !predictions.is_finite() {
            return Err(MeasureError::NotFinite { measure });
        }
        if values.iter().any(|v| !v.is_finite()) {
            return Err(undefined(info, "a point is not finite"));
        }
        Ok(Self { points, labels: predictions.groups() })
    }
}

/// What an index says of groups, which has no value for fewer than two or where every row is one.
///
/// Fails as [`GroupInput::new`] does, and where there is no value.
pub(crate) fn index(
    info: &'static MeasureInfo,
    (truth, predictions, weights): (&Truth, &Predictions, Option<&[f64]>),
    of: impl FnOnce(Points<'_>, &[i32]) -> Option<f64>,
) -> Result<f64, MeasureError> {
    let input = GroupInput::new(info, truth, predictions, weights)?;
    let index = of(input.points, &input.labels).filter(|v| v.is_finite());
    index.ok_or_else(|| undefined(info, "it takes two groups, and fewer groups than rows"))
}
