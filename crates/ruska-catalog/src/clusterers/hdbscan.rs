//! HDBSCAN: groups are dense regions of whatever shape and density; what lies between them is noise.
//!
//! Wins on groups of any shape, of differing density, among noise, and needs no number of groups. Fails
//! where groups touch, in many columns, and on many rows: beyond 10,000 a sample of them is clustered.
//! Cost O(n²·p). Needs missing values filled, everything encoded as numbers, and one scale. A new row
//! is of the group that it would have joined, if it is as near as that; rows that it was fitted on come
//! out where they were. With `fill` rows of no group go to that of the nearest row that has one.
//!
//! Reference: Campello, Moulavi, Sander, "Density-based clustering based on hierarchical density
//! estimates", PAKDD 2013; McInnes, Healy, "Accelerated hierarchical density based clustering", 2017.

use super::support::{Rows, expect_groups, is_share, points_of, refound, said, told};
use crate::bridge::{Uncut, stopped};
use crate::design::{Features, encoded_width};
use crate::parameters::at_least;
use crate::sound::ensure;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::Silent;
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::hdbscan::{HdbscanParams as How, Reachable, Selection, hdbscan};
use serde::{Deserialize, Serialize};

/// Most rows that are clustered.
const MOST_ROWS: usize = 10_000;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hdbscan;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct HdbscanParams {
    /// Fewer of the study's rows are no group, ≥ 2; of a sample in proportion.
    min_cluster_size: i64,
    /// How many of the nearest rows tell how dense it is at a row, itself counted, ≥ 1.
    min_samples: i64,
    select: Selection,
    /// Whether rows of no group go to that of the nearest row that has one.
    fill: bool,
}

impl Default for HdbscanParams {
    fn default() -> Self {
        Self { min_cluster_size: 15, min_samples: 5, select: Selection::ExcessOfMass, fill: false }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HdbscanModel {
    features: Features,
    reachable: Reachable,
    fill: bool,
    /// The share of the rows it was fitted to that are of no group by themselves.
    sparse: f64,
    /// The share of the rows it was fitted to that it puts where the fit put them; those that it fills
    /// in are where they are filled in.
    refound: f64,
}

impl Algorithm for Hdbscan {
    type Params = HdbscanParams;
    type Model = HdbscanModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "hdbscan",
        summary: "HDBSCAN: dense regions of any shape and density, and noise between them",
        tasks: &[TaskKind::Clustering],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 40,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Campello, Moulavi, Sander, Density-based clustering based on hierarchical density estimates, PAKDD 2013; McInnes, Healy, Accelerated hierarchical density based clustering, 2017",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let rows = meta.rows.min(MOST_ROWS) as i64;
        let space = match meta.min_cluster_size {
            Some(least) => {
                let least = (least as i64).max(2);
                space_of_size(least, least, least)
            }
            None => space_of_size(3, (rows / 5).max(4), (rows / 50).clamp(4, 50)),
        };
        space
            .log_int("min_samples", 1, 50, 5)
            .choice("select", &["excess_of_mass", "leaf"], "excess_of_mass")
            .bool("fill", false)
    }

    fn cost(&self, _: &HdbscanParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let few = n.min(MOST_ROWS as f64);
        Cost { work: few * few * (0.6 * p + 3.0) + n * p + 1e5, bytes: 300.0 * few + 8.0 * n * p }
    }

    fn fit(
        &self,
        params: &HdbscanParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<HdbscanModel, FitError> {
        let id = Self::INFO.id;
        let least = at_least(id, "min_cluster_size", params.min_cluster_size, 2)?;
        let rows = Rows::of(&train, MOST_ROWS, id)?;
        let (points, threads) = (rows.points(), ctx.threads());
        let how = How {
            min_cluster_size: share_of(least, points.len(), expect_groups(&train, id)?.rows()),
            min_samples: at_least(id, "min_samples", params.min_samples, 1)?,
            selection: params.select,
            ..How::default()
        };
        let found = hdbscan(points, &how, threads, &Uncut(ctx)).map_err(|s| stopped(ctx, s))?;
        let reachable = found.reachable(points, threads, &Uncut(ctx));
        let reachable = reachable.map_err(|s| stopped(ctx, s))?;
        let without = found.labels.iter().filter(|l| **l < 0).count();
        let sparse = without as f64 / points.len() as f64;
        let features = rows.features;
        let mut model = HdbscanModel { features, reachable, fill: false, sparse, refound: 0.0 };
        model.refound = refound(&model, train.x, (&rows.taken, &found.labels))?;
        Ok(HdbscanModel { fill: params.fill, ..model })
    }
}

/// So many of all rows as a number of those that are looked at, at least 2.
fn share_of(least: usize, few: usize, all: usize) -> usize {
    let share = few as f64 / all.max(1) as f64;
    if share >= 0.5 { least } else { ((least as f64 * share).round() as usize).max(2) }
}

fn space_of_size(low: i64, high: i64, usual: i64) -> Space {
    Space::new().log_int("min_cluster_size", low, high, usual)
}

impl Predict for HdbscanModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let values = points_of(&self.features, x, rows)?;
        let points = Points { values: &values, dims: self.features.width() };
        let mut found = self.reachable.label(points, 1, &Silent).expect("nothing stops it");
        if self.fill {
            let left: Vec<usize> = (0..found.len()).filter(|&i| found[i].0 < 0).collect();
            let values: Vec<f64> = left.iter().flat_map(|&i| points.row(i)).copied().collect();
            let left_points = Points { values: &values, dims: points.dims };
            let nearest = self.reachable.nearest(left_points, 1, &Silent);
            let nearest = nearest.expect("nothing stops it");
            left.iter().zip(nearest).for_each(|(&i, label)| found[i].0 = label);
        }
        Ok(said(found.into_iter()))
    }

    fn beside_group(&self) -> Vec<String> {
        vec!["strength".to_owned()]
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        vec![("sparse", self.sparse), told(self.refound)]
    }

    fn validate(&self) -> Result<(), String> {
        ensure((0.0..=1.0).contains(&self.sparse), "the share of sparse rows is none")?;
        is_share(self.refound)?;
        self.reachable.validate(self.features.width())
    }
}
