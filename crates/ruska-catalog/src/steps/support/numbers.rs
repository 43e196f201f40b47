//! Numeric columns one by one: what is known of each in training, and each number changed.

use super::columns::{OfColumn, replace, row_weights, wrong_type};
use ruska_core::{Column, Field, FitError, Frame, Kind, PredictError, RunContext, StepInput, hash};
use std::f64::consts::FRAC_1_SQRT_2;

/// The finite values of a column on the training rows of weight, with their weights.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) values: Vec<f64>,
    pub(crate) weights: Vec<f64>,
}

impl Known {
    /// Those of some values.
    pub(crate) fn new(values: impl IntoIterator<Item = f64>, weights: &[f64]) -> Self {
        let known = values.into_iter().zip(weights).filter(|(v, w)| v.is_finite() && **w > 0.0);
        let (values, weights) = known.map(|(v, w)| (v, *w)).unzip();
        Self { values, weights }
    }

    /// Of more values than `most` one from each of as many equal stretches.
    pub(crate) fn thinned(self, most: usize) -> Self {
        let n = self.values.len();
        if n <= most {
            return self;
        }
        let (values, weights) =
            hash::spread(n, most).map(|at| (self.values[at], self.weights[at])).unzip();
        Self { values, weights }
    }

    /// The least and the greatest value; `None` where nothing is known.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        let first = *self.values.first()?;
        let wider = |(low, high): (f64, f64), v: &f64| (low.min(*v), high.max(*v));
        Some(self.values.iter().fold((first, first), wider))
    }

    /// Whether all that is known are zeros and ones, both of them.
    pub(crate) fn is_yes_or_no(&self) -> bool {
        self.range() == Some((0.0, 1.0)) && self.values.iter().all(|v| *v == 0.0 || *v == 1.0)
    }

    /// Mean, and what is one on a scale common to all columns: the standard deviation, or √½ of zeros
    /// and ones. So two numbers of a column differ by √2 in the quadratic mean, and so do yes and no
    /// however rare one of them is.
    pub(crate) fn scale(&self) -> (f64, f64) {
        let (mean, sd) = self.moments();
        (mean, if self.is_yes_or_no() { FRAC_1_SQRT_2 } else { sd })
    }

    /// Mean and standard deviation, in two passes over values that are first divided by the
    /// largest, so that no square overflows. A deviation within rounding error is 0.
    pub(crate) fn moments(&self) -> (f64, f64) {
        let values = || self.values.iter().zip(&self.weights);
        let largest = self.values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        let total: f64 = self.weights.iter().sum();
        if largest == 0.0 || total == 0.0 {
            return (0.0, 0.0);
        }
        let mean = values().map(|(v, w)| w * (v / largest)).sum::<f64>() / total;
        let square = |(v, w): (&f64, &f64)| w * (v / largest - mean).powi(2);
        let sd = (values().map(square).sum::<f64>() / total).sqrt();
        let sd = if sd <= 10.0 * f64::EPSILON * mean.abs() { 0.0 } else { sd * largest };
        (mean * largest, sd)
    }
}

/// Fits each numeric column on what is known of it.
pub(crate) fn fit_numbers<S>(
    input: &StepInput<'_>,
    ctx: &RunContext<'_>,
    mut fit: impl FnMut(&Field, Known) -> Result<S, FitError>,
) -> Result<Vec<S>, FitError> {
    let weights = row_weights(input);
    let mut states = vec![];
    for field in input.x.fields() {
        ctx.check()?;
        if let Some(values) = field.floats() {
            let train = input.rows.iter().map(|&row| values[row as usize]);
            states.push(fit(field, Known::new(train, &weights))?);
        }
    }
    Ok(states)
}

/// Changes every number of the columns that have a state; what is missing stays so.
pub(crate) fn map_numbers<S: OfColumn>(
    x: &Frame,
    states: &[S],
    change: impl Fn(&S, f64) -> f64,
) -> Result<Frame, PredictError> {
    replace(x, states, |i, field| {
        let changed = expect_floats(field)?.iter();
        let changed = changed.map(|&v| if v.is_nan() { v } else { change(&states[i], v) });
        let column = Column::float(changed.collect());
        Ok(vec![Field::new(field.name.clone(), Kind::Numeric, column)])
    })
}

/// The numbers of a column; fails when it holds others.
pub(crate) fn expect_floats(field: &Field) -> Result<&[f64], PredictError> {
    field.floats().ok_or_else(|| wrong_type(field, "numbers"))
}
