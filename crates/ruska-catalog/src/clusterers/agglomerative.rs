//! Agglomerative clustering: the two nearest groups become one, again and again, until so many are left.
//!
//! Wins on few rows, where its hierarchy is exact; Ward's linkage on round groups of different size,
//! average on groups of different density, single on chains without noise. Fails on many rows: beyond
//! 2,500 a sample of them is clustered, as merging so many takes 60 to 80 ms, in which nothing interrupts
//! it (of 4,000 it takes 200). Cost O(n²·p). Needs missing values filled, everything encoded as
//! numbers, and one scale. New rows go to the group whose mean is nearest, or under single linkage to that
//! of the nearest row; so do the rows it was fitted on, most of which come out where they were.
//!
//! Reference: Ward, "Hierarchical grouping to optimize an objective function", JASA 58, 1963; Müllner,
//! "Modern hierarchical, agglomerative clustering algorithms", 2011.

use super::support::{Rows, clusters, is_share, points_of, refound, said, told};
use crate::bridge::{Uncut, stopped};
use crate::design::{Features, encoded_width};
use crate::parameters::at_least;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::Silent;
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::agglomerative::{Linkage, Representatives, agglomerate};
use serde::{Deserialize, Serialize};

/// Most rows that are clustered.
const MOST_ROWS: usize = 2500;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Agglomerative;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AgglomerativeParams {
    /// Groups that are left, ≥ 1.
    clusters: i64,
    linkage: Linkage,
}

impl Default for AgglomerativeParams {
    fn default() -> Self {
        Self { clusters: 3, linkage: Linkage::Ward }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AgglomerativeModel {
    features: Features,
    representatives: Representatives,
    /// The share of the rows it was fitted to that it puts where the fit put them.
    refound: f64,
}

impl Algorithm for Agglomerative {
    type Params = AgglomerativeParams;
    type Model = AgglomerativeModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "agglomerative",
        summary: "Agglomerative: the two nearest groups become one until so many are left",
        tasks: &[TaskKind::Clustering],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 20,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Ward, Hierarchical grouping to optimize an objective function, JASA 58, 1963; Müllner, Modern hierarchical, agglomerative clustering algorithms, 2011",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let kinds = ["ward", "average", "complete", "single"];
        clusters(Space::new(), meta, 2).choice("linkage", &kinds, "ward")
    }

    fn cost(&self, _: &AgglomerativeParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let few = n.min(MOST_ROWS as f64);
        Cost {
            work: few * few * (0.3 * p + 6.0) + n * p + 1e5,
            bytes: 4.0 * few * few + 8.0 * n * p,
        }
    }

    fn fit(
        &self,
        params: &AgglomerativeParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<AgglomerativeModel, FitError> {
        let clusters = at_least(Self::INFO.id, "clusters", params.clusters, 1)?;
        let rows = Rows::of(&train, MOST_ROWS, Self::INFO.id)?;
        let tree = agglomerate(rows.points(), params.linkage, &Uncut(ctx));
        let tree = tree.map_err(|s| stopped(ctx, s))?;
        let labels = tree.clusters(clusters);
        let representatives = Representatives::new(rows.points(), &labels, params.linkage);
        let mut model =
            AgglomerativeModel { features: rows.features, representatives, refound: 0.0 };
        model.refound = refound(&model, train.x, (&rows.taken, &labels))?;
        Ok(model)
    }
}

impl Predict for AgglomerativeModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let values = points_of(&self.features, x, rows)?;
        let points = Points { values: &values, dims: self.features.width() };
        let found = self.representatives.label(points, 1, &Silent);
        Ok(said(found.expect("nothing stops it").into_iter()))
    }

    fn beside_group(&self) -> Vec<String> {
        vec!["distance".to_owned()]
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        vec![told(self.refound)]
    }

    fn validate(&self) -> Result<(), String> {
        is_share(self.refound)?;
        self.representatives.validate(self.features.width())
    }
}
