//! The model of linear regressions of one output.

use crate::design::{Features, finite};
use ruska_core::{Equation, Frame, Link, Predict, PredictError, Predictions, codec};
use serde::{Deserialize, Serialize};

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
    /// From coefficients on columns moved by their centres, one each. The centres of sparse columns
    /// go into the intercept, as predictions centre dense ones only.
    pub(crate) fn new(
        features: Features,
        coefficients: Vec<f64>,
        mut centres: Vec<f64>,
        mut intercept: f64,
    ) -> Self {
        let dense = features.dense();
        let sparse = centres.split_off(dense);
        intercept -= coefficients[dense..].iter().zip(sparse).map(|(w, c)| w * c).sum::<f64>();
        Self { features, coefficients, centres, intercept }
    }

    /// Coefficients and intercept.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &f64> {
        self.coefficients.iter().chain([&self.intercept])
    }
}

impl Predict for LineModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let z = columns.scores(rows, &self.coefficients, &self.centres, &[self.intercept]);
        Ok(Predictions::new(1, z.iter().map(|z| finite(*z, self.intercept)).collect()))
    }

    fn equation(&self) -> Option<Equation> {
        let link = (Link::Identity, vec![]);
        let (columns, intercept) = (self.features.names(), [self.intercept]);
        Some(Equation::centred(link, columns, &self.coefficients, &self.centres, &intercept))
    }

    fn validate(&self) -> Result<(), String> {
        self.features.fit_linear(&self.coefficients, &self.centres, &[self.intercept])
    }
}
