//! What linear regressions that outliers do not sway share: dense columns, a target in standard units.

use crate::design::{Features, expect_finite, numbers, weights};
use crate::line::LineModel;
use ruska_core::{Cost, FitError, Train};
use ruska_kernels::linear::{Design, LinearFit};

/// Most columns, for which normal equations and their factor take half a gigabyte.
const MOST_COLUMNS: usize = 5000;

/// The target of the training rows, moved and scaled to mean 0 and deviation 1.
pub(crate) struct Standard {
    pub(crate) values: Vec<f64>,
    pub(crate) weights: Vec<f64>,
    mean: f64,
    /// 1 where the target is constant.
    deviation: f64,
}

impl Standard {
    /// The design of the training rows, dense, and their target.
    ///
    /// Fails when they cannot be had, and on more than 5000 columns.
    pub(crate) fn of(
        train: &Train<'_>,
        features: &Features,
        id: &str,
    ) -> Result<(Design, Self), FitError> {
        let weights = weights(train)?;
        let mut values = numbers(train, id)?;
        if features.width() > MOST_COLUMNS {
            let width = features.width();
            return Err(FitError::Data(format!(
                "`{id}` takes at most {MOST_COLUMNS} columns, and there are {width}; use `linear`"
            )));
        }
        let columns = features.find(train.x)?;
        columns.expect_finite(train.rows)?;
        let total: f64 = weights.iter().sum();
        let average = |term: &dyn Fn(f64) -> f64| -> f64 {
            values.iter().zip(&weights).map(|(y, w)| term(*y) * (w / total)).sum()
        };
        let mean = average(&|y| y);
        let largest = values.iter().fold(0.0, |m: f64, y| m.max((y - mean).abs()));
        let unit = if largest > 0.0 && largest.is_finite() { largest } else { 1.0 };
        let deviation = unit * average(&|y| ((y - mean) / unit).powi(2)).sqrt();
        let deviation = if deviation > 1e-14 * mean.abs() { deviation } else { 1.0 };
        values.iter_mut().for_each(|y| *y = (*y - mean) / deviation);
        Ok((columns.dense_design(train.rows), Self { values, weights, mean, deviation }))
    }
}

/// Expected cost of so many steps of weighted normal equations.
pub(crate) fn cost(n: f64, p: f64, steps: f64) -> Cost {
    let work = steps * (0.15 * n * p * p + n * (2.0 * p + 40.0) + 0.2 * p * p * p) + 1e4;
    Cost { work, bytes: 8.0 * (n * (2.0 * p + 20.0) + 3.0 * p * p) }
}

impl Standard {
    /// A fit to the target in standard units, brought back to its own.
    ///
    /// Fails when that is not finite.
    pub(crate) fn model(
        &self,
        features: Features,
        fit: LinearFit,
        centres: &[f64],
    ) -> Result<LineModel, FitError> {
        let mut coefficients = fit.coefficients;
        coefficients.iter_mut().for_each(|w| *w *= self.deviation);
        let intercept = self.mean + self.deviation * fit.intercepts[0];
        let model = LineModel::new(features, coefficients, centres.to_vec(), intercept);
        expect_finite(model.numbers())?;
        Ok(model)
    }
}
