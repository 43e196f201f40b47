//! Gaussian mixture: groups are normal distributions, of which rows have shares.
//!
//! Wins on groups that are long, tilted or of different size, and tells how sure a row is of its group;
//! its BIC tells how many groups rows speak for. Fails on rings and chains, which it covers with pieces,
//! and with full covariances in many columns; columns of few distinct numbers speak for too many groups.
//! Cost O(starts · steps · n·k·p²), p in place of p² for diagonal and spherical ones. Takes weights. Needs
//! missing values filled, everything encoded as numbers, and one scale. New rows go to the group with
//! the largest share, which is where the rows it was fitted on are.
//!
//! Reference: Dempster, Laird, Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977;
//! Fraley, Raftery, "Model-based clustering, discriminant analysis, and density estimation", JASA 97, 2002.

use super::support::{Rows, clusters, points_of};
use crate::bridge::{Uncut, stopped};
use crate::design::{Features, encoded_width, weights};
use crate::parameters::at_least;
use crate::sound::ensure;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::Silent;
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::mixture::{Covariance, Mixture, MixtureParams, mixture};
use serde::{Deserialize, Serialize};

/// Most rows that a mixture is fitted to.
const MOST_ROWS: usize = 100_000;
/// Steps that a start usually takes.
const USUAL_STEPS: f64 = 30.0;
/// Share of a column's variance that every component has at least.
const FLOOR: f64 = 1e-3;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gmm;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GmmParams {
    /// Components, ≥ 1; fewer where there are fewer distinct rows.
    clusters: i64,
    covariance: Covariance,
    /// Starts, ≥ 1, of which the most likely counts.
    starts: i64,
}

impl Default for GmmParams {
    fn default() -> Self {
        Self { clusters: 3, covariance: Covariance::Full, starts: 3 }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GmmModel {
    features: Features,
    mixture: Mixture,
    /// Schwarz's criterion of the rows it was fitted to.
    bic: f64,
}

impl Algorithm for Gmm {
    type Params = GmmParams;
    type Model = GmmModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "gmm",
        summary: "Gaussian mixture: groups are normal distributions, of which rows have shares",
        tasks: &[TaskKind::Clustering],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 30,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Fraley, Raftery, Model-based clustering, discriminant analysis, and density estimation, JASA 97, 2002",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let kinds = ["full", "tied", "diagonal", "spherical"];
        clusters(Space::new(), meta, 1).choice("covariance", &kinds, "full")
    }

    fn cost(&self, params: &GmmParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let few = n.min(MOST_ROWS as f64);
        let (k, starts) = (params.clusters.max(1) as f64, params.starts.max(1) as f64);
        let numbers = match params.covariance {
            Covariance::Full | Covariance::Tied => p * p,
            Covariance::Diagonal | Covariance::Spherical => p,
        };
        let step = few * k * (0.6 * numbers + 25.0) + k * p * p * p;
        Cost {
            work: starts * USUAL_STEPS * step + n * p + 1e5,
            bytes: 24.0 * few * (p + k) + 24.0 * k * p * p + 8.0 * n * p,
        }
    }

    fn fit(
        &self,
        params: &GmmParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<GmmModel, FitError> {
        let id = Self::INFO.id;
        let how = MixtureParams {
            components: at_least(id, "clusters", params.clusters, 1)?,
            covariance: params.covariance,
            starts: at_least(id, "starts", params.starts, 1)?,
            floor: FLOOR,
            seed: ctx.seed(),
            threads: ctx.threads(),
            ..MixtureParams::default()
        };
        let weighed = weights(&train)?;
        // Weights are of all training rows, so a sample of them counts alike.
        let most = if train.weights.is_some() { usize::MAX } else { MOST_ROWS };
        let rows = Rows::of(&train, most, id)?;
        let weighed = train.weights.map(|_| &weighed[..]);
        let found = mixture(rows.points(), weighed, &how, &Uncut(ctx));
        let found = found.map_err(|s| stopped(ctx, s))?;
        let bic = found.mixture.bic(found.log_likelihood, rows.points().len() as f64);
        Ok(GmmModel { features: rows.features, mixture: found.mixture, bic })
    }
}

impl Predict for GmmModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let values = points_of(&self.features, x, rows)?;
        let points = Points { values: &values, dims: self.features.width() };
        let found = self.mixture.shares(points, 1, &Silent).expect("nothing stops it");
        let k = self.mixture.components();
        let mut said = Vec::with_capacity(rows.len() * (k + 1));
        for (label, shares) in found.labels.iter().zip(found.responsibilities.chunks_exact(k)) {
            said.push(f64::from(*label));
            said.extend_from_slice(shares);
        }
        Ok(Predictions::new(k + 1, said))
    }

    fn beside_group(&self) -> Vec<String> {
        (0..self.mixture.components()).map(|k| format!("proba_{k}")).collect()
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        vec![("bic", self.bic)]
    }

    fn validate(&self) -> Result<(), String> {
        ensure(self.mixture.dims == self.features.width(), "the mixture has other columns")?;
        ensure(self.bic.is_finite(), "the likelihood is not finite")?;
        self.mixture.validate()
    }
}
