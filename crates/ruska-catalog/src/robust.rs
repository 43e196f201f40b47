//! What linear regressions over dense columns share: a target in standard units, and their model.

use crate::design::{Features, finite, fold_centres, numbers, weights};
use ruska_core::{Cost, FitError, Frame, Predict, PredictError, Predictions, Train, codec};
use ruska_kernels::linear::{Design, LinearFit};
use serde::{Deserialize, Serialize};

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

/// A fitted linear regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LineModel {
    features: Features,
    #[serde(with = "codec::packed")]
    coefficients: Vec<f64>,
    #[serde(with = "codec::packed")]
    centres: Vec<f64>,
    intercept: f64,
}

impl LineModel {
    /// A fit to the target in standard units, brought back to its own.
    ///
    /// Fails when that is not finite.
    pub(crate) fn new(
        features: Features,
        fit: LinearFit,
        centres: &[f64],
        target: &Standard,
    ) -> Result<Self, FitError> {
        let mut coefficients = fit.coefficients;
        coefficients.iter_mut().for_each(|w| *w *= target.deviation);
        let intercept = target.mean + target.deviation * fit.intercepts[0];
        let mut centres = centres.to_vec();
        let intercept = fold_centres(&features, &coefficients, &mut centres, intercept);
        if coefficients.iter().chain([&intercept]).all(|v| v.is_finite()) {
            return Ok(Self { features, coefficients, centres, intercept });
        }
        let why = "the columns are too large to be squared; standardise them";
        Err(FitError::Numeric(why.to_owned()))
    }
}

impl Predict for LineModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let z = columns.scores(rows, &self.coefficients, &self.centres, &[self.intercept]);
        Ok(Predictions::new(1, z.iter().map(|z| finite(*z, self.intercept)).collect()))
    }

    fn validate(&self) -> Result<(), String> {
        self.features.fit_linear(&self.coefficients, &self.centres, &[self.intercept])
    }
}
