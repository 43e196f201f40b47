//! k-prototypes: k-means for rows of numbers and of levels.
//!
//! Wins on tables of both, where it tells a typical level of each column beside the means; without levels
//! it is k-means, without numbers k-modes. Fails as k-means does, and where one column of levels outweighs
//! the others. Cost O(starts · steps · n·p·k). Takes levels as they are, where a missing one is unlike
//! any, and weights; needs missing numbers filled and one scale. New rows go to the nearest prototype,
//! which is where the rows it was fitted on are.
//!
//! Reference: Huang, "Extensions to the k-means algorithm for clustering large data sets with categorical
//! values", Data Min. Knowl. Discov. 2, 1998.

use super::support::{Columns, clusters, expect_groups, is_share, refound, said, told};
use crate::bridge::{Uncut, stopped};
use crate::design::{encoded_width, weights};
use crate::parameters::{at_least, within};
use crate::sound::{all_finite, count, ensure};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::Silent;
use ruska_kernels::clusters::prototypes::{PrototypeParams as How, Prototypes, prototypes};
use serde::{Deserialize, Serialize};

/// Steps that a start usually takes.
const USUAL_STEPS: f64 = 15.0;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kprototypes;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KprototypesParams {
    /// Prototypes, ≥ 1; fewer where there are fewer distinct rows.
    clusters: i64,
    /// What a level that differs counts beside squared differences of numbers, > 0.
    gamma: f64,
    /// Starts, ≥ 1, of which the best counts.
    starts: i64,
}

impl Default for KprototypesParams {
    fn default() -> Self {
        Self { clusters: 3, gamma: 0.5, starts: 5 }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KprototypesModel {
    columns: Columns,
    prototypes: Prototypes,
    /// The share of the rows it was fitted to that it puts where the fit put them.
    refound: f64,
}

impl Algorithm for Kprototypes {
    type Params = KprototypesParams;
    type Model = KprototypesModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "kprototypes",
        summary: "k-prototypes: k-means for rows of numbers and of levels",
        tasks: &[TaskKind::Clustering],
        needs: &[Need::Dates, Need::Text, Need::Missing, Need::Scale],
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 15,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Huang, Extensions to the k-means algorithm for clustering large data sets with categorical values, Data Min. Knowl. Discov. 2, 1998",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        if meta.levels.is_empty() && meta.clusters.is_none() {
            // It would be k-means.
            return Space::new();
        }
        clusters(Space::new(), meta, 2).log_float("gamma", 0.05, 5.0, 0.5)
    }

    fn cost(&self, params: &KprototypesParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let (k, starts) = (params.clusters.max(1) as f64, params.starts.max(1) as f64);
        let work = starts * USUAL_STEPS * n * (p * k + 10.0) + 1e5;
        Cost { work, bytes: 24.0 * n * (p + 4.0) }
    }

    fn fit(
        &self,
        params: &KprototypesParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<KprototypesModel, FitError> {
        let id = Self::INFO.id;
        let how = How {
            clusters: at_least(id, "clusters", params.clusters, 1)?,
            gamma: Some(within(id, "gamma", params.gamma, f64::MIN_POSITIVE, 1e9)?),
            restarts: at_least(id, "starts", params.starts, 1)?,
            seed: ctx.seed(),
            threads: ctx.threads(),
            ..How::default()
        };
        expect_groups(&train, id)?;
        let weighed = weights(&train)?;
        let columns = Columns::of(train.x, train.rows)?;
        let cells = columns.cells(train.x, train.rows)?;
        let weighed = train.weights.map(|_| &weighed[..]);
        let found = prototypes(&cells.mixed(), weighed, &how, &Uncut(ctx));
        let found = found.map_err(|s| stopped(ctx, s))?;
        let mut model = KprototypesModel { columns, prototypes: found.prototypes, refound: 0.0 };
        model.refound = refound(&model, train.x, (train.rows, &found.labels))?;
        Ok(model)
    }
}

impl Predict for KprototypesModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let cells = self.columns.cells(x, rows)?;
        let found = self.prototypes.nearest(&cells.mixed(), 1, &Silent);
        let found = found.expect("nothing stops it");
        let distances = found.dissimilarities.into_iter().map(f64::sqrt);
        Ok(said(found.labels.into_iter().zip(distances)))
    }

    fn beside_group(&self) -> Vec<String> {
        vec!["distance".to_owned()]
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        vec![told(self.refound)]
    }

    fn validate(&self) -> Result<(), String> {
        is_share(self.refound)?;
        let Prototypes { dims, width, gamma, numbers, codes, clusters } = &self.prototypes;
        ensure(*dims == self.columns.numbers(), "prototypes have other numbers than columns")?;
        ensure(*width == self.columns.levels().len(), "prototypes have other levels than columns")?;
        ensure(*clusters > 0, "there is no prototype")?;
        ensure(*dims + *width > 0, "prototypes have no columns")?;
        ensure(*gamma > 0.0 && gamma.is_finite(), "levels count for nothing")?;
        count("numbers", numbers.len(), [*clusters, *dims])?;
        count("codes", codes.len(), [*clusters, *width])?;
        all_finite("numbers", numbers)?;
        self.columns.validate()
    }
}
