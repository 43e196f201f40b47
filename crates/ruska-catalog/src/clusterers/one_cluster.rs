//! All rows in one group: what is said where there are no groups.
//!
//! Wins when rows are alike or differ without gaps; every other clusterer has to tell more. It tells the
//! probability that one heap of whatever shape looks as little like one as the points by which groups are
//! judged, at most 4,000 of them. Takes rows as they are. Cost of a test of 4,000 points.
//!
//! Reference: Tibshirani, Walther, Hastie, "Estimating the number of clusters in a data set via the gap
//! statistic", JRSS B 63, 2001 (why one group has to be among the answers).

use super::support::expect_groups;
use crate::bridge::{Watch, stopped};
use crate::design::weights;
use crate::sound::ensure;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Predict, PredictError, Predictions,
    RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::structure::{Params, structure};
use serde::{Deserialize, Serialize};

/// Most rows that are tested.
const MOST_ROWS: usize = 4000;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OneCluster;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneClusterParams {}

/// The fitted model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OneClusterModel {
    /// The probability that one heap looks as little like one, 0 to 1; `None` where the number of groups
    /// was asked for.
    heap: Option<f64>,
}

impl Algorithm for OneCluster {
    type Params = OneClusterParams;
    type Model = OneClusterModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "one_cluster",
        summary: "All rows in one group: what is said where there are no groups",
        tasks: &[TaskKind::Clustering],
        needs: &[],
        geometry: Geometry::Splits,
        sparse: true,
        weights: false,
        multiclass: true,
        complexity: 0,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Tibshirani, Walther, Hastie, Estimating the number of clusters in a data set via the gap statistic, JRSS B 63, 2001",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }

    fn cost(&self, _: &OneClusterParams, meta: &TaskMeta) -> Cost {
        let rows = meta.rows.min(MOST_ROWS) as f64;
        let dims = meta.features() as f64;
        Cost { work: meta.rows as f64 + 2000.0 * rows * (dims + 5.0), bytes: 16.0 * rows * dims }
    }

    fn fit(
        &self,
        _: &OneClusterParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<OneClusterModel, FitError> {
        ctx.check()?;
        weights(&train)?;
        let asked = expect_groups(&train, Self::INFO.id)?;
        if asked.clusters.is_some_and(|n| n > 1) {
            return Ok(OneClusterModel { heap: None });
        }
        let values = asked.points(train.rows);
        let points = Points { values: &values, dims: asked.dims };
        let how = Params { most_rows: MOST_ROWS, seed: ctx.seed() };
        let found = structure(points, how, &Watch(ctx)).map_err(|s| stopped(ctx, s))?;
        Ok(OneClusterModel { heap: Some(found.p_value) })
    }
}

impl Predict for OneClusterModel {
    fn predict(&self, _: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        Ok(Predictions::new(1, vec![0.0; rows.len()]))
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        self.heap.map(|p_value| ("heap", p_value)).into_iter().collect()
    }

    fn validate(&self) -> Result<(), String> {
        ensure(self.heap.is_none_or(|p| (0.0..=1.0).contains(&p)), "a probability is beyond 0 to 1")
    }
}
