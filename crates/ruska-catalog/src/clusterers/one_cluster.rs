//! All rows in one group: what is said where there are no groups.
//!
//! Wins when rows are alike or differ without gaps; every other clusterer has to tell more. Cost O(1).
//! Takes rows as they are: it looks at none of them.
//!
//! Reference: Tibshirani, Walther, Hastie, "Estimating the number of clusters in a data set via the gap
//! statistic", JRSS B 63, 2001 (why one group has to be among the answers).

use super::support::expect_groups;
use crate::design::weights;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Predict, PredictError, Predictions,
    RunContext, Space, TaskKind, TaskMeta, Train,
};
use serde::{Deserialize, Serialize};

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OneCluster;

/// It has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneClusterParams {}

/// It knows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OneClusterModel {}

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
        Cost { work: meta.rows as f64 + 1000.0, bytes: 0.0 }
    }

    fn fit(
        &self,
        _: &OneClusterParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<OneClusterModel, FitError> {
        ctx.check()?;
        expect_groups(&train, Self::INFO.id)?;
        weights(&train).map(|_| OneClusterModel {})
    }
}

impl Predict for OneClusterModel {
    fn predict(&self, _: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        Ok(Predictions::new(1, vec![0.0; rows.len()]))
    }
}
