//! Least squares with an L1 and an L2 penalty, by linfa's coordinate descent.
//!
//! Wins on regression with many columns of which few matter: the others get exactly zero.
//! Fails on interactions and curves. Cost O(n·p) a sweep, tens to a thousand sweeps, and O(n·p²)
//! for a covariance that linfa makes at the end. Takes weights; needs missing values filled,
//! everything encoded as numbers, and one scale. Sparse blocks become dense.
//!
//! linfa centres neither columns nor weights and treats coefficients below 2e-16 as zero, so
//! columns and target are standardised here, rows are scaled by the root of their weight, and the
//! coefficients are brought back.
//!
//! ```text
//! minimise  Σᵢ sᵢ (yᵢ − w·xᵢ)² / (2 Σ s) + penalty · (l1_ratio · Σ|w| + (1 − l1_ratio) / 2 · Σ w²)
//! ```
//! over standardised x and y.
//!
//! Reference: Friedman, Hastie, Tibshirani, "Regularization paths for generalized linear models
//! via coordinate descent", JSS 33, 2010.

use crate::design::{encoded_width, numbers, weights};
use crate::line::LineModel;
use crate::linfa_guard::{array, expect_finite, failed};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_elasticnet::ElasticNet as Linfa;
use ndarray::{Array1, Axis};
use ruska_core::{
    Algorithm, Cost, FitError, Geometry, LearnerInfo, Need, RunContext, Space, TaskKind, TaskMeta,
    Train,
};
use serde::{Deserialize, Serialize};

/// Multiplications after which coordinate descent ends in any case.
const MOST_VISITS: f64 = 8e9;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ElasticNet;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ElasticNetParams {
    /// Strength of the penalty, ≥ 0; from 1 / `l1_ratio` on, all coefficients are zero.
    penalty: f64,
    /// Share of L1 in the penalty, 0..=1.
    l1_ratio: f64,
    /// Duality gap, relative to the target's variance, at which to stop; > 0.
    tolerance: f64,
}

impl Default for ElasticNetParams {
    fn default() -> Self {
        Self { penalty: 0.01, l1_ratio: 0.5, tolerance: 1e-4 }
    }
}

impl Algorithm for ElasticNet {
    type Params = ElasticNetParams;
    type Model = LineModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "elastic_net",
        summary: "Least squares with L1 and L2 penalty (linfa-elasticnet)",
        tasks: &[TaskKind::Regression],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: false,
        complexity: 11,
        nondeterministic: None,
        uncooperative: Some("a linfa fit cannot be interrupted"),
        least_target: None,
        opt_in: false,
        reference: "Friedman, Hastie, Tibshirani, JSS 33, 2010; linfa-elasticnet 0.8",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_float("penalty", 1e-4, 1.0, 0.01).float("l1_ratio", 0.05, 1.0, 0.5)
    }

    fn cost(&self, _: &ElasticNetParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        Cost { work: work(n, p) + 1e4, bytes: 8.0 * (2.0 * n * p + 3.0 * p * p) }
    }

    fn fit(
        &self,
        params: &ElasticNetParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LineModel, FitError> {
        params.check()?;
        ctx.check()?;
        let y = numbers(&train, Self::INFO.id)?;
        let weights = weights(&train)?;
        let (features, mut x) = array(&train, Self::INFO.id, work)?;
        let (n, p) = x.dim();
        let total: f64 = weights.iter().sum();
        let roots: Vec<f64> = weights.iter().map(|w| (w / total * n as f64).sqrt()).collect();
        let mut columns = Vec::with_capacity(p);
        for mut column in x.axis_iter_mut(Axis(1)) {
            let values = column.as_slice_mut().expect("columns are contiguous");
            columns.push(standardise(values, &weights, &roots));
        }
        let mut target = y;
        let (mean, deviation) = standardise(&mut target, &weights, &roots);
        ctx.check()?;
        let cells = (n * p).max(1) as f64;
        let fitted = Linfa::params()
            .penalty(params.penalty)
            .l1_ratio(params.l1_ratio)
            .tolerance(params.tolerance)
            .max_iterations((MOST_VISITS / cells).clamp(10.0, 1000.0) as u32)
            .with_intercept(false)
            .fit(&DatasetBase::new(x, Array1::from_vec(target)))
            .map_err(failed)?;
        let scaled = fitted.hyperplane().iter().zip(&columns);
        let coefficients: Vec<f64> = scaled.map(|(w, (_, d))| w * deviation / d).collect();
        expect_finite(coefficients.iter().chain([&mean]))?;
        let centres = columns.iter().map(|(mean, _)| *mean).collect();
        Ok(LineModel::new(features, coefficients, centres, mean))
    }
}

impl ElasticNetParams {
    fn check(self) -> Result<(), FitError> {
        let ratio = (0.0..=1.0).contains(&self.l1_ratio);
        let penalty = self.penalty >= 0.0 && self.penalty.is_finite();
        if ratio && penalty && self.tolerance > 0.0 {
            return Ok(());
        }
        let why = format!(
            "`penalty` ({}) must not be negative, `l1_ratio` ({}) must be in 0..=1 and \
             `tolerance` ({}) positive",
            self.penalty, self.l1_ratio, self.tolerance
        );
        Err(FitError::Params { id: ElasticNet::INFO.id.to_owned(), why })
    }
}

/// Work units: some sweeps of about a nanosecond a cell, and the covariance at the end.
fn work(n: f64, p: f64) -> f64 {
    let covariance = if n > p { 0.2 * n * p * p + 6.0 * p * p * p } else { 0.0 };
    60.0 * n * p + covariance
}

/// Brings values to mean 0 and deviation 1 over the weights, times the root weight of each row.
/// Returns mean and deviation; a constant gets deviation 1 and becomes zero.
fn standardise(values: &mut [f64], weights: &[f64], roots: &[f64]) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let first = values[0];
    let sum: f64 = values.iter().zip(weights).map(|(v, w)| w * (v - first)).sum();
    let mean = first + sum / total;
    let squares: f64 = values.iter().zip(weights).map(|(v, w)| w * (v - mean) * (v - mean)).sum();
    let deviation = (squares / total).sqrt();
    let constant = deviation <= 1e-14 * mean.abs() || deviation == 0.0;
    let deviation = if constant { 1.0 } else { deviation };
    for (v, root) in values.iter_mut().zip(roots) {
        *v = if constant { 0.0 } else { root * (*v - mean) / deviation };
    }
    (mean, deviation)
}
