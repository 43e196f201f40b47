//! k-means: so many centres, each row with the nearest.
//!
//! Wins on round groups of about one size; quick on any number of rows. Fails on groups that are long,
//! nested or of very different density, and cuts them into pieces. Cost O(starts · steps · n·p·k); large
//! tables are walked through in batches. Takes weights: a row of weight w counts as w rows. Needs missing
//! values filled, everything encoded as numbers, and one scale. New rows go to the nearest centre, which
//! is where the rows it was fitted on are.
//!
//! Reference: Lloyd, "Least squares quantization in PCM", 1982; Arthur, Vassilvitskii, "k-means++", SODA
//! 2007; Sculley, "Web-scale k-means clustering", WWW 2010.

use super::support::{Rows, clusters, is_share, points_of, refound, said, told};
use crate::bridge::{Watch, stopped};
use crate::design::{Features, weights};
use crate::parameters::at_least;
use crate::sound::{all_finite, count, ensure};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::Silent;
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::kmeans::{KMeansParams, kmeans, nearest};
use serde::{Deserialize, Serialize};

/// Rows beyond which centres are sought in batches of a few.
const MANY: usize = 100_000;
/// Rows of a batch.
const BATCH: usize = 4096;
/// Most steps of a start.
const STEPS: usize = 300;
/// Steps that a start usually takes.
const USUAL_STEPS: f64 = 25.0;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kmeans;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KmeansParams {
    /// Centres, ≥ 1; fewer where there are fewer distinct rows.
    clusters: i64,
    /// Starts, ≥ 1, of which the best counts.
    starts: i64,
}

impl Default for KmeansParams {
    fn default() -> Self {
        Self { clusters: 3, starts: 5 }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KmeansModel {
    features: Features,
    /// Centre after centre.
    centers: Vec<f64>,
    /// The share of the rows it was fitted to that it puts where the fit put them.
    refound: f64,
}

impl Algorithm for Kmeans {
    type Params = KmeansParams;
    type Model = KmeansModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "kmeans",
        summary: "k-means: so many centres, each row with the nearest",
        tasks: &[TaskKind::Clustering],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 10,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Arthur, Vassilvitskii, k-means++: the advantages of careful seeding, SODA 2007; Sculley, Web-scale k-means clustering, WWW 2010",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        clusters(Space::new(), meta, 2)
    }

    fn cost(&self, params: &KmeansParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, crate::design::encoded_width(meta));
        let (k, starts) = (params.clusters.max(1) as f64, params.starts.max(1) as f64);
        let passes = if meta.rows > MANY { 2.0 } else { USUAL_STEPS };
        Cost { work: starts * passes * n * (p * k * 0.3 + 5.0) + 1e5, bytes: 24.0 * n * (p + 4.0) }
    }

    fn fit(
        &self,
        params: &KmeansParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<KmeansModel, FitError> {
        let id = Self::INFO.id;
        let rows = Rows::of(&train, usize::MAX, id)?;
        let weights = weights(&train)?;
        let how = KMeansParams {
            clusters: at_least(id, "clusters", params.clusters, 1)?,
            restarts: at_least(id, "starts", params.starts, 1)?,
            max_steps: STEPS,
            batch: (train.rows.len() > MANY).then_some(BATCH),
            seed: ctx.seed(),
            threads: ctx.threads(),
            ..KMeansParams::default()
        };
        let weights = train.weights.map(|_| &weights[..]);
        let found = kmeans(rows.points(), weights, None, &how, &Watch(ctx));
        let found = found.map_err(|s| stopped(ctx, s))?;
        let mut model =
            KmeansModel { features: rows.features, centers: found.centers, refound: 0.0 };
        model.refound = refound(&model, train.x, (&rows.taken, &found.labels))?;
        Ok(model)
    }
}

impl Predict for KmeansModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let dims = self.features.width();
        let values = points_of(&self.features, x, rows)?;
        let centers = Points { values: &self.centers, dims };
        let found = nearest(Points { values: &values, dims }, centers, 1, &Silent);
        let found = found.expect("nothing stops it");
        Ok(said(found.labels.into_iter().zip(found.distances)))
    }

    fn beside_group(&self) -> Vec<String> {
        vec!["distance".to_owned()]
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        vec![told(self.refound)]
    }

    fn validate(&self) -> Result<(), String> {
        is_share(self.refound)?;
        let dims = self.features.width();
        ensure(dims > 0 && !self.centers.is_empty(), "there is no centre")?;
        count("numbers of centres", self.centers.len(), [self.centers.len() / dims, dims])?;
        all_finite("centres", &self.centers)
    }
}
