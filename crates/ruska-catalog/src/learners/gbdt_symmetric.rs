//! Gradient boosting of symmetric trees: all nodes of a level decide alike.
//!
//! Wins where rows are few or noisy: such trees are weak one by one and strongly penalised, hence
//! hard to overfit, and the defaults rarely need tuning. Fails where few rows need a rule of their
//! own, which takes a symmetric tree many levels. Stops early by rows set aside from the training
//! rows. Cost O(rounds · classes · rows · columns · depth), after O(rows · columns) for binning
//! once a study; prediction is quick. Handles missing values, infinities and weights (a row of
//! whole weight k counts as k rows); categoricals come encoded.
//!
//! Reference: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018.

use crate::binning::tree_cost;
use crate::boosting::{BoostedModel, MOST_TREES, Plan, Shape, boosted, refit_rounds};
use crate::design::encoded_width;
use crate::parameters::{at_least, is_default, within};
use ruska_core::{
    Algorithm, Cost, FitError, Geometry, LearnerInfo, Need, RunContext, Space, TaskKind, TaskMeta,
    Train,
};
use ruska_kernels::trees::{BoostParams, GrowParams, Growth};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GbdtSymmetric;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GbdtSymmetricParams {
    /// Factor on every tree, > 0, ≤ 1; depends on the number of training rows if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    learning_rate: Option<f64>,
    /// Most levels of a tree, 1 to 12.
    depth: i64,
    /// L2 penalty on leaf values, ≥ 0.
    l2: f64,
    /// Share of columns that each level may use, > 0, ≤ 1; rounded up.
    column_share: f64,
    /// Share of rows that each round learns from, > 0, ≤ 1.
    row_share: f64,
    /// Noise by which splits are chosen, as a multiple of the gradients' spread, ≥ 0.
    random_strength: f64,
    /// Newton steps of each leaf's value, 1 to 20; those after the first not for several classes.
    leaf_steps: i64,
    /// Most bins of a column, 2 to 255.
    max_bins: i64,
    /// Most rounds, ≥ 1; all of them are made without early stopping.
    max_rounds: i64,
    /// Sets rows aside and stops when they are no longer predicted better.
    early_stop: bool,
    /// How far classes are brought to one weight: 0 not at all, 1 so that each weighs the same.
    #[serde(skip_serializing_if = "is_default")]
    class_balance: f64,
}

impl Default for GbdtSymmetricParams {
    fn default() -> Self {
        Self {
            learning_rate: None,
            depth: 6,
            l2: 3.0,
            column_share: 1.0,
            row_share: 0.8,
            random_strength: 1.0,
            leaf_steps: 5,
            max_bins: 255,
            max_rounds: 1500,
            early_stop: true,
            class_balance: 0.0,
        }
    }
}

/// A step that suits a number of rows.
fn suited(rows: usize) -> f64 {
    (0.03 * (rows as f64 / 1000.0).powf(0.25)).clamp(0.02, 0.1)
}

impl GbdtSymmetricParams {
    /// The kernel's parameters for a number of rows and of scores per row.
    fn boosting(&self, rows: usize, outputs: usize, seed: u64) -> Result<BoostParams, FitError> {
        let id = GbdtSymmetric::INFO.id;
        let rate = self.learning_rate.unwrap_or_else(|| suited(rows));
        let rate = within(id, "learning_rate", rate, 1e-6, 1.0)?;
        let rounds = at_least(id, "max_rounds", self.max_rounds, 1)?;
        let depth = within(id, "depth", self.depth as f64, 1.0, 12.0)? as u32;
        Ok(BoostParams {
            rounds: if self.early_stop {
                rounds.min((MOST_TREES / outputs).max(10))
            } else {
                rounds
            },
            learning_rate: rate,
            tree: GrowParams {
                growth: Growth::Symmetric,
                max_leaves: 1 << depth,
                max_depth: depth,
                min_rows: 1,
                l2: within(id, "l2", self.l2, 0.0, f64::MAX)?,
                random_strength: within(id, "random_strength", self.random_strength, 0.0, 1e3)?,
                level_share: within(id, "column_share", self.column_share, 1e-6, 1.0)?,
                ..GrowParams::default()
            },
            row_share: within(id, "row_share", self.row_share, 1e-6, 1.0)?,
            leaf_steps: within(id, "leaf_steps", self.leaf_steps as f64, 1.0, 20.0)? as usize,
            // Small steps need more of them before a change shows.
            patience: (2.0 / rate).clamp(10.0, 200.0) as usize,
            seed,
            ..BoostParams::default()
        })
    }
}

impl Algorithm for GbdtSymmetric {
    type Params = GbdtSymmetricParams;
    type Model = BoostedModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "gbdt_symmetric",
        summary: "Gradient boosting of symmetric trees, with early stopping",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[Need::Dates, Need::Text, Need::FewLevels, Need::ManyLevels],
        geometry: Geometry::Splits,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 60,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Prokhorenkova et al., CatBoost: unbiased boosting with categorical features, 2018",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        Space::new()
            .log_float("learning_rate", 0.01, 0.3, suited(meta.rows))
            .int("depth", 3, 8, 6)
            .log_float("l2", 0.1, 100.0, 3.0)
            .float("column_share", 0.2, 1.0, 1.0)
            .float("row_share", 0.5, 1.0, 0.8)
    }

    fn cost(&self, params: &GbdtSymmetricParams, meta: &TaskMeta) -> Cost {
        let most = params.max_rounds.clamp(1, 100_000) as f64;
        let outputs = meta.outputs() as f64;
        let usual = params.learning_rate.map_or(600.0, |rate| 40.0 / rate.clamp(1e-3, 1.0));
        let usual = usual.min(MOST_TREES as f64 / outputs);
        let rounds = if params.early_stop { usual.min(most) } else { most };
        let leaves = f64::from(1 << params.depth.clamp(1, 12));
        let cost = tree_cost(meta.rows as f64, encoded_width(meta), leaves, rounds * outputs);
        Cost { bytes: cost.bytes + 8.0 * outputs * meta.rows as f64, ..cost }
    }

    fn fit(
        &self,
        params: &GbdtSymmetricParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<BoostedModel, FitError> {
        boosted(&train, ctx, |rows, outputs| {
            Ok(Plan {
                id: Self::INFO.id,
                shape: Shape::SQUARED,
                params: params.boosting(rows, outputs, ctx.seed())?,
                bins: at_least(Self::INFO.id, "max_bins", params.max_bins, 2)?,
                early_stop: params.early_stop,
                class_balance: params.class_balance,
                increasing: "",
                decreasing: "",
            })
        })
    }

    /// All rows are learned from for a fixed number of rounds.
    fn refit(
        &self,
        params: GbdtSymmetricParams,
        iterations: &[u32],
        growth: f64,
    ) -> GbdtSymmetricParams {
        if !params.early_stop || iterations.is_empty() {
            return params;
        }
        let max_rounds = refit_rounds(iterations, growth);
        GbdtSymmetricParams { early_stop: false, max_rounds, ..params }
    }
}
