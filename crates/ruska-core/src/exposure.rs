//! Exposure: how much each row stands for of what its number was counted over, such as years
//! insured or kilometres driven.
//!
//! Pipelines learn the rate, the number per unit of exposure, with weights that grow by the
//! exposure, and predict the rate times the exposure. For a Poisson deviance with a log link this
//! is the fit with the exposure's logarithm as an offset; for other losses it is the usual way of
//! tariffs.
//!
//! Source: Ohlsson, Johansson, "Non-Life Insurance Pricing with Generalized Linear Models", 2010,
//! chapter 1; scikit-learn's example on Poisson regression fits the same rates and weights.

use crate::{FitError, Frame, PredictError, Predictions, Target};
use std::borrow::Cow;
use std::sync::Arc;

/// The exposure of each row of a frame: finite, above 0.
pub(crate) struct Exposure<'a>(&'a [f64]);

/// Whether the named column holds exposures. `first_row` is the number of rows before this frame in
/// its file; errors count rows from 1 after it.
///
/// Fails when it is not there, holds no numbers, or one of them is missing or not above 0.
pub fn check_exposure(x: &Frame, column: &str, first_row: usize) -> Result<(), PredictError> {
    Exposure::read(x, column, first_row).map(drop)
}

impl<'a> Exposure<'a> {
    /// As [`check_exposure`], in the rows of the frame.
    pub(crate) fn of(x: &'a Frame, column: &str) -> Result<Self, PredictError> {
        Self::read(x, column, 0)
    }

    fn read(x: &'a Frame, column: &str, first_row: usize) -> Result<Self, PredictError> {
        let name = || column.to_owned();
        let field =
            x.field(column).ok_or_else(|| PredictError::MissingColumn { column: name() })?;
        let wrong = |got, at| PredictError::WrongType {
            column: name(),
            got,
            expected: "an exposure above 0".to_owned(),
            at,
        };
        let values =
            field.floats().ok_or_else(|| wrong(field.kind.name().to_owned(), String::new()))?;
        match values.iter().position(|v| !(v.is_finite() && *v > 0.0)) {
            None => Ok(Self(values)),
            Some(row) => {
                let got = Some(values[row]).filter(|v| !v.is_nan());
                let got = got.map_or("no value".to_owned(), |v| v.to_string());
                Err(wrong(got, format!(" (row {})", first_row + row + 1)))
            }
        }
    }

    /// The target per unit of exposure.
    pub(crate) fn rates(&self, y: &Target) -> Result<Target, FitError> {
        let Target::Values(values) = y else {
            return Err(FitError::Data("only numbers can be counted over an exposure".into()));
        };
        let rates: Vec<f64> = values.iter().zip(self.0).map(|(y, e)| y / e).collect();
        match rates.iter().position(|r| !r.is_finite()) {
            None => Ok(Target::Values(Arc::new(rates))),
            Some(row) => {
                let why = format!("the target of row {} per exposure is not finite", row + 1);
                Err(FitError::Data(why))
            }
        }
    }

    /// The weights times exposure, which counts as 1 on average over the training rows.
    pub(crate) fn weights(&self, given: Option<&[f64]>, rows: &[u32]) -> Vec<f64> {
        let sum: f64 = rows.iter().map(|&r| self.0[r as usize]).sum();
        let mean = sum / rows.len().max(1) as f64;
        let weight = |(row, e): (usize, &f64)| given.map_or(1.0, |w| w[row]) * (e / mean);
        self.0.iter().enumerate().map(weight).collect()
    }

    /// What is expected of some rows at these rates.
    pub(crate) fn expected(&self, rates: &Predictions, rows: &[u32]) -> Predictions {
        let of_row = rates.values().iter().zip(rows);
        Predictions::new(1, of_row.map(|(rate, &row)| rate * self.0[row as usize]).collect())
    }
}

/// A frame without its column of exposures.
pub(crate) fn without<'a>(x: &'a Frame, column: Option<&str>) -> Cow<'a, Frame> {
    match column {
        None => Cow::Borrowed(x),
        Some(column) => Cow::Owned(x.select(|f| *f.name != *column)),
    }
}
