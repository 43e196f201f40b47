//! Gradient boosting of histogram trees, grown leaf by leaf.
//!
//! Wins on most tables of some hundred rows or more: it finds interactions, thresholds and curves
//! by itself and does not mind scale, skew or irrelevant columns. Fails to extrapolate beyond the
//! values seen, and is hard to explain. Stops early by rows set aside from the training rows.
//! Cost O(rounds · classes · rows · columns · log leaves), after O(rows · columns) for binning
//! once a study. Handles missing values, infinities and weights (a row of whole weight k counts as
//! k rows); categoricals come encoded.
//!
//! Reference: Friedman, "Greedy function approximation", 2001; Ke et al., "LightGBM", NIPS 2017.

use crate::binning::tree_cost;
use crate::boosting::{BoostedModel, MOST_TREES, Objective, Plan, Shape, boosted, refit_rounds};
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
pub(crate) struct Gbdt;

/// Its parameters. What is left out of the first three depends on the number of training rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GbdtParams {
    /// Factor on every tree, > 0, ≤ 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    learning_rate: Option<f64>,
    /// Most leaves of a tree, ≥ 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_leaves: Option<i64>,
    /// Least number of rows in a leaf, ≥ 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_leaf: Option<i64>,
    /// Most decisions from root to leaf; 0 for no limit.
    max_depth: i64,
    /// L1 penalty on leaf values, ≥ 0.
    l1: f64,
    /// L2 penalty on leaf values, ≥ 0.
    l2: f64,
    /// Share of columns that each round may use, > 0, ≤ 1; rounded up.
    column_share: f64,
    /// Share of rows that each round learns from, > 0, ≤ 1.
    row_share: f64,
    /// Most bins of a column, 2 to 255.
    max_bins: i64,
    /// Most rounds, ≥ 1; all of them are made without early stopping, and with it fewer where there
    /// are very many classes.
    max_rounds: i64,
    /// Sets rows aside and stops when they are no longer predicted better.
    early_stop: bool,
    /// How far classes are brought to one weight: 0 not at all, 1 so that each weighs the same.
    #[serde(skip_serializing_if = "is_default")]
    class_balance: f64,
    /// What regression minimises.
    #[serde(skip_serializing_if = "is_default")]
    loss: Objective,
    /// The quantile of the loss `quantile`, 0.001 to 0.999; 0.5 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantile: Option<f64>,
    /// The power of the loss `tweedie`, 1.01 to 1.99; 1.5 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    power: Option<f64>,
    /// Share of the round's columns that each node may use, > 0, ≤ 1; rounded up; all if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    node_share: Option<f64>,
    /// Tries one random threshold a column and node.
    #[serde(skip_serializing_if = "is_default")]
    random_thresholds: bool,
    /// Splits level by level rather than the leaf that gains most.
    #[serde(skip_serializing_if = "is_default")]
    depth_wise: bool,
    /// Names of columns, separated by commas, with which predictions must never fall.
    #[serde(skip_serializing_if = "is_default")]
    increasing: String,
    /// Names of columns, separated by commas, with which predictions must never rise.
    #[serde(skip_serializing_if = "is_default")]
    decreasing: String,
}

impl Default for GbdtParams {
    fn default() -> Self {
        Self {
            learning_rate: None,
            max_leaves: None,
            min_leaf: None,
            max_depth: 0,
            l1: 0.0,
            l2: 1.0,
            column_share: 0.7,
            row_share: 1.0,
            max_bins: 255,
            max_rounds: 1000,
            early_stop: true,
            class_balance: 0.0,
            loss: Objective::Squared,
            quantile: None,
            power: None,
            node_share: None,
            random_thresholds: false,
            depth_wise: false,
            increasing: String::new(),
            decreasing: String::new(),
        }
    }
}

/// Step, leaves and rows per leaf that suit a number of rows.
fn suited(rows: usize) -> (f64, i64, i64) {
    let (learning_rate, leaves) = if rows < 5000 { (0.05, 16) } else { (0.1, 31) };
    (learning_rate, leaves, (rows / 50).clamp(2, 20) as i64)
}

impl GbdtParams {
    /// So many small trees of absolute errors, for windows of series.
    pub(crate) fn of_windows(trees: i64, loss: Objective) -> Self {
        Self {
            learning_rate: Some(0.06),
            max_leaves: Some(24),
            min_leaf: Some(30),
            max_rounds: trees,
            early_stop: false,
            max_bins: 127,
            loss,
            ..Self::default()
        }
    }

    /// The kernel's parameters for a number of rows and of scores per row.
    fn boosting(&self, rows: usize, outputs: usize, seed: u64) -> Result<BoostParams, FitError> {
        let id = Gbdt::INFO.id;
        let (learning_rate, leaves, min_leaf) = suited(rows);
        let rate =
            within(id, "learning_rate", self.learning_rate.unwrap_or(learning_rate), 1e-6, 1.0)?;
        let depth = at_least(id, "max_depth", self.max_depth, 0)? as u32;
        let rounds = at_least(id, "max_rounds", self.max_rounds, 1)?;
        Ok(BoostParams {
            rounds: if self.early_stop {
                rounds.min((MOST_TREES / outputs).max(10))
            } else {
                rounds
            },
            learning_rate: rate,
            tree: GrowParams {
                max_leaves: at_least(id, "max_leaves", self.max_leaves.unwrap_or(leaves), 2)?,
                max_depth: if depth == 0 { u32::MAX } else { depth },
                min_rows: at_least(id, "min_leaf", self.min_leaf.unwrap_or(min_leaf), 1)? as u32,
                l1: within(id, "l1", self.l1, 0.0, f64::MAX)?,
                l2: within(id, "l2", self.l2, 0.0, f64::MAX)?,
                growth: if self.depth_wise { Growth::DepthWise } else { Growth::LeafWise },
                node_share: within(id, "node_share", self.node_share.unwrap_or(1.0), 1e-6, 1.0)?,
                random_thresholds: self.random_thresholds,
                ..GrowParams::default()
            },
            column_share: within(id, "column_share", self.column_share, 1e-6, 1.0)?,
            row_share: within(id, "row_share", self.row_share, 1e-6, 1.0)?,
            // Small steps need more of them before a change shows.
            patience: (2.0 / rate).clamp(10.0, 200.0) as usize,
            seed,
            ..BoostParams::default()
        })
    }
}

impl Algorithm for Gbdt {
    type Params = GbdtParams;
    type Model = BoostedModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "gbdt",
        summary: "Gradient boosting of histogram trees, grown leaf by leaf, with early stopping",
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
        reference: "Friedman, Greedy function approximation, 2001; Ke et al., LightGBM, NIPS 2017",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let (learning_rate, leaves, min_leaf) = suited(meta.rows);
        Space::new()
            .log_float("learning_rate", 0.01, 0.3, learning_rate)
            .log_int("max_leaves", 4, 255, leaves)
            .log_int("min_leaf", 1, 200, min_leaf)
            .log_float("l2", 1e-3, 100.0, 1.0)
            .float("column_share", 0.2, 1.0, 0.7)
            .float("row_share", 0.5, 1.0, 1.0)
    }

    fn cost(&self, params: &GbdtParams, meta: &TaskMeta) -> Cost {
        let (learning_rate, leaves, _) = suited(meta.rows);
        let rate = params.learning_rate.unwrap_or(learning_rate).clamp(1e-3, 1.0);
        let most = params.max_rounds.clamp(1, 100_000) as f64;
        let outputs = meta.outputs() as f64;
        let usual = (20.0 / rate).min(MOST_TREES as f64 / outputs);
        let rounds = if params.early_stop { usual.min(most) } else { most };
        let leaves = params.max_leaves.unwrap_or(leaves).clamp(2, 1 << 20) as f64;
        let columns = encoded_width(meta) * params.column_share.clamp(0.01, 1.0);
        let cost = tree_cost(meta.rows as f64, columns, leaves, rounds * outputs);
        Cost { bytes: cost.bytes + 8.0 * outputs * meta.rows as f64, ..cost }
    }

    fn fit(
        &self,
        params: &GbdtParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<BoostedModel, FitError> {
        boosted(&train, ctx, |rows, outputs| {
            Ok(Plan {
                id: Self::INFO.id,
                shape: Shape {
                    objective: params.loss,
                    quantile: params.quantile.unwrap_or(0.5),
                    power: params.power.unwrap_or(1.5),
                },
                params: params.boosting(rows, outputs, ctx.seed())?,
                bins: at_least(Self::INFO.id, "max_bins", params.max_bins, 2)?,
                early_stop: params.early_stop,
                class_balance: params.class_balance,
                increasing: &params.increasing,
                decreasing: &params.decreasing,
            })
        })
    }

    /// All rows are learned from for a fixed number of rounds.
    fn refit(&self, params: GbdtParams, iterations: &[u32], growth: f64) -> GbdtParams {
        if !params.early_stop || iterations.is_empty() {
            return params;
        }
        GbdtParams { early_stop: false, max_rounds: refit_rounds(iterations, growth), ..params }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refit_makes_the_folds_rounds_and_a_few_more() {
        let params = Gbdt.refit(GbdtParams::default(), &[90, 110], 1.25);
        assert!(!params.early_stop);
        assert_eq!(params.max_rounds, 121);
        assert_eq!(Gbdt.refit(params, &[7], 1.25).max_rounds, 121);
    }
}
