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

use crate::binning::{Trees, at_least, binned, fit, tree_cost, truth, within};
use crate::classes::Present;
use crate::design::{Features, encoded_width, weights};
use crate::sound::count;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, Rng, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::trees::loss::{Logistic, Loss, Softmax, Squared};
use ruska_kernels::trees::{BinnedColumn, BoostParams, Data, GrowParams};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gbdt;

/// Its parameters. What is left out of the first three depends on the number of training rows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
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
        }
    }
}

/// Share of the training rows set aside for early stopping.
const VALID_SHARE: f64 = 0.15;
/// Most rows set aside.
const VALID_MOST: f64 = 20_000.0;
/// With fewer rows none are set aside.
const VALID_LEAST_ROWS: usize = 40;
/// Most trees of a fit that stops early, as every round makes one for each of several classes.
const MOST_TREES: usize = 6000;

/// Step, leaves and rows per leaf that suit a number of rows.
fn suited(rows: usize) -> (f64, i64, i64) {
    let (learning_rate, leaves) = if rows < 5000 { (0.05, 16) } else { (0.1, 31) };
    (learning_rate, leaves, (rows / 50).clamp(2, 20) as i64)
}

impl GbdtParams {
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
                ..GrowParams::default()
            },
            column_share: within(id, "column_share", self.column_share, 1e-6, 1.0)?,
            row_share: within(id, "row_share", self.row_share, 1e-6, 1.0)?,
            // Small steps need more of them before a change shows.
            patience: (2.0 / rate).clamp(10.0, 200.0) as usize,
            leaf_steps: 1,
            monotone: vec![],
            seed,
        })
    }
}

/// A fitted booster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GbdtModel {
    trees: Trees,
    rounds: u32,
}

impl Algorithm for Gbdt {
    type Params = GbdtParams;
    type Model = GbdtModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "gbdt",
        summary: "Gradient boosting of histogram trees, grown leaf by leaf, with early stopping",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[Need::Dates, Need::Text, Need::FewLevels, Need::ManyLevels],
        geometry: Geometry::Splits,
        sparse: false,
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
    ) -> Result<GbdtModel, FitError> {
        let w = weights(&train)?;
        let (classes, y) = truth(&train, &w, Self::INFO.id)?;
        let outputs = classes.as_ref().map_or(1, Present::outputs);
        let mut boosting = params.boosting(y.len(), outputs, ctx.seed())?;
        let bins = at_least(Self::INFO.id, "max_bins", params.max_bins, 2)?;
        let features = Features::of(train.x);
        let columns = binned(&train, &features, bins, ctx)?;
        let of = |y: &[f64], w: &[f64]| -> Box<dyn Loss> {
            match &classes {
                None => Box::new(Squared::new(y, Some(w))),
                Some(classes) if classes.len() == 2 => Box::new(Logistic::new(y, Some(w))),
                Some(classes) => Box::new(Softmax::new(classes.len(), y, Some(w))),
            }
        };
        let done = if params.early_stop && y.len() >= VALID_LEAST_ROWS {
            let codes = classes.as_ref().map(|_| &y[..]);
            let (learn, valid) = set_aside(y.len(), codes, &mut ctx.rng());
            let (learn, valid) =
                (Part::of(&columns, &y, &w, &learn), Part::of(&columns, &y, &w, &valid));
            let loss = of(&learn.y, &learn.weights);
            fit(&*loss, &learn.data(), Some(&valid.data()), &boosting, ctx)?
        } else {
            if params.early_stop {
                // Too few rows to set some aside: about as far as larger tables usually go.
                boosting.rounds =
                    boosting.rounds.min((3.0 / boosting.learning_rate).ceil() as usize);
            }
            let data = Data { columns: &columns, y: &y, weights: Some(&w), offset: None };
            fit(&*of(&y, &w), &data, None, &boosting, ctx)?
        };
        let trees = Trees { features, classes, model: done.model };
        Ok(GbdtModel { trees, rounds: done.rounds as u32 })
    }

    /// All rows are learned from for a fixed number of rounds: the folds' mean, times the square
    /// root of how many more rows there are than the folds' trees saw, as larger tables bear
    /// more rounds, but not in proportion.
    fn refit(&self, params: GbdtParams, iterations: &[u32], growth: f64) -> GbdtParams {
        if !params.early_stop || iterations.is_empty() {
            return params;
        }
        let mean = iterations.iter().map(|&i| f64::from(i)).sum::<f64>() / iterations.len() as f64;
        let rounds = (mean * (growth / (1.0 - VALID_SHARE)).sqrt()).round().clamp(1.0, 1e5);
        GbdtParams { early_stop: false, max_rounds: rounds as i64, ..params }
    }
}

/// Some of the training rows.
struct Part {
    columns: Vec<BinnedColumn>,
    y: Vec<f64>,
    weights: Vec<f64>,
}

impl Part {
    fn of(columns: &[BinnedColumn], y: &[f64], weights: &[f64], rows: &[u32]) -> Self {
        let pick = |v: &[f64]| rows.iter().map(|&r| v[r as usize]).collect();
        Self {
            columns: columns.iter().map(|c| c.take(rows)).collect(),
            y: pick(y),
            weights: pick(weights),
        }
    }

    fn data(&self) -> Data<'_> {
        Data { columns: &self.columns, y: &self.y, weights: Some(&self.weights), offset: None }
    }
}

/// Splits `0..n` at random into rows to learn from and rows set aside, both ascending. Every class
/// gives its share, and none gives its only row.
fn set_aside(n: usize, codes: Option<&[f64]>, rng: &mut Rng) -> (Vec<u32>, Vec<u32>) {
    let share = VALID_SHARE.min(VALID_MOST / n as f64);
    let mut order: Vec<u32> = (0..n as u32).collect();
    rng.shuffle(&mut order);
    if let Some(codes) = codes {
        order.sort_by(|&a, &b| codes[a as usize].total_cmp(&codes[b as usize]));
    }
    let strata = order.chunk_by(|&a, &b| codes.is_none_or(|c| c[a as usize] == c[b as usize]));
    let (mut learn, mut valid) = (vec![], vec![]);
    for rows in strata {
        let aside = ((rows.len() as f64 * share).round() as usize).min(rows.len() - 1);
        valid.extend_from_slice(&rows[..aside]);
        learn.extend_from_slice(&rows[aside..]);
    }
    learn.sort_unstable();
    valid.sort_unstable();
    (learn, valid)
}

impl Predict for GbdtModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let scores = self.trees.scores(x, rows)?;
        Ok(match &self.trees.classes {
            None => Predictions::new(1, scores),
            Some(classes) => classes.of_logits(&scores),
        })
    }

    fn iterations(&self) -> Option<u32> {
        Some(self.rounds)
    }

    fn validate(&self) -> Result<(), String> {
        self.trees.validate()?;
        count("trees", self.trees.model.trees(), [self.rounds as usize, self.trees.outputs()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_set_aside_are_spread_over_the_classes() {
        let codes: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i % 10 == 0))).collect();
        let (learn, valid) = set_aside(200, Some(&codes), &mut Rng::new(1));
        assert_eq!((learn.len(), valid.len()), (170, 30));
        assert_eq!(valid.iter().filter(|&&r| codes[r as usize] == 1.0).count(), 3);
        let mut all = [learn, valid].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..200));
        let only = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        assert!(set_aside(8, Some(&only), &mut Rng::new(2)).0.contains(&7));
    }

    #[test]
    fn a_refit_makes_the_folds_rounds_and_a_few_more() {
        let params = Gbdt.refit(GbdtParams::default(), &[90, 110], 1.25);
        assert!(!params.early_stop);
        assert_eq!(params.max_rounds, 121);
        assert_eq!(Gbdt.refit(params, &[7], 1.25).max_rounds, 121);
    }
}
