//! DBSCAN: rows with enough others near them, and what is near to those, are a group; the rest is noise.
//!
//! Wins on groups of any shape and of one density among noise, and needs no number of groups. Fails on
//! groups of differing density and in many columns. How near is near is read from the distances of rows
//! from their k-th nearest, at the knee where those of noise begin, and `reach` makes it more or less.
//! Cost O(n · log n) in few columns, O(n²·p) in many; beyond 50,000 rows a sample of them is clustered.
//! Needs missing values filled, everything encoded as numbers, and one scale. A new row is of the group of
//! the nearest core row that is near, otherwise noise; so are the rows it was fitted on.
//!
//! Reference: Ester, Kriegel, Sander, Xu, "A density-based algorithm for discovering clusters in large
//! spatial databases with noise", KDD 1996; Satopää et al., "Finding a kneedle in a haystack", 2011.

use super::support::{Rows, is_share, points_of, refound, told};
use crate::bridge::{Uncut, stopped};
use crate::design::{Features, encoded_width};
use crate::parameters::{at_least, within};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::Silent;
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::dbscan::{
    CorePoints, DbscanParams as How, dbscan, k_distances, proposed_eps,
};
use serde::{Deserialize, Serialize};

/// Most rows that are clustered.
const MOST_ROWS: usize = 50_000;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dbscan;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DbscanParams {
    /// Rows near a core row, itself counted, ≥ 1.
    min_points: i64,
    /// How near is near, in parts of what the knee says, > 0.
    reach: f64,
}

impl Default for DbscanParams {
    fn default() -> Self {
        Self { min_points: 8, reach: 1.0 }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DbscanModel {
    features: Features,
    core: CorePoints,
    /// The share of the rows it was fitted to that it puts where the fit put them.
    refound: f64,
}

impl Algorithm for Dbscan {
    type Params = DbscanParams;
    type Model = DbscanModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "dbscan",
        summary: "DBSCAN: rows with enough others near them, and what is near to those",
        tasks: &[TaskKind::Clustering],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 35,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Ester, Kriegel, Sander, Xu, A density-based algorithm for discovering clusters in large spatial databases with noise, KDD 1996",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        let usual = DbscanParams::default();
        Space::new().log_int("min_points", 3, 50, usual.min_points).log_float(
            "reach",
            0.4,
            2.5,
            usual.reach,
        )
    }

    fn cost(&self, _: &DbscanParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let few = n.min(MOST_ROWS as f64);
        // A tree over the points helps in few columns only.
        let met = if p <= 8.0 { few.sqrt() * 8.0 } else { few };
        Cost { work: 3.0 * few * met.min(few) * (0.5 * p + 2.0) + n * p + 1e5, bytes: 16.0 * n * p }
    }

    fn fit(
        &self,
        params: &DbscanParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<DbscanModel, FitError> {
        let id = Self::INFO.id;
        let least = at_least(id, "min_points", params.min_points, 1)?;
        let reach = within(id, "reach", params.reach, f64::MIN_POSITIVE, 1e6)?;
        let rows = Rows::of(&train, MOST_ROWS, Self::INFO.id)?;
        let (points, threads) = (rows.points(), ctx.threads());
        let distances = k_distances(points, least, threads, &Uncut(ctx));
        let knee = proposed_eps(&distances.map_err(|s| stopped(ctx, s))?);
        let how = How { eps: reach * knee.unwrap_or(1.0), min_points: least as f64 };
        let found = dbscan(points, None, &how, threads, &Uncut(ctx));
        let found = found.map_err(|s| stopped(ctx, s))?;
        let core = found.core_points(points, &how);
        let mut model = DbscanModel { features: rows.features, core, refound: 0.0 };
        model.refound = refound(&model, train.x, (&rows.taken, &found.labels))?;
        Ok(model)
    }
}

impl Predict for DbscanModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let values = points_of(&self.features, x, rows)?;
        let points = Points { values: &values, dims: self.features.width() };
        let found = self.core.label(points, 1, &Silent).expect("nothing stops it");
        Ok(Predictions::new(1, found.into_iter().map(f64::from).collect()))
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        vec![told(self.refound)]
    }

    fn validate(&self) -> Result<(), String> {
        is_share(self.refound)?;
        self.core.validate(self.features.width())
    }
}
