//! One shallow decision tree; for more than two classes one tree per class, each against the rest.
//!
//! Wins where a table must be explained in a few rules, and gives a first answer within a blink.
//! Fails on smooth or additive relations, which take many leaves to imitate. Leaves hold shares or
//! means, drawn a little toward those of all rows, so that no probability is 0 or 1.
//! Cost O(rows · columns · depth), after O(rows · columns) for binning once a study. Handles
//! missing values, numbers of any scale and weights; a row of whole weight k counts as k rows.
//!
//! Reference: Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees", 1984.

use crate::binning::{Trees, binned, fit, tree_cost, truth};
use crate::design::{Features, encoded_width, weights};
use crate::explained::of_shares;
use crate::parameters::{at_least, within};
use crate::sound::count;
use ruska_core::{
    Algorithm, Contributions, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict,
    PredictError, Predictions, Rule, RuleNode, Rules, RunContext, Space, TaskKind, TaskMeta, Test,
    Train, log_probability,
};
use ruska_kernels::trees::loss::{Brier, Loss, Squared};
use ruska_kernels::trees::{BoostParams, Data, GrowParams, MAX_BINS, Says, Split, Told};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TreeParams {
    /// Most leaves, ≥ 2.
    max_leaves: i64,
    /// Most decisions from root to leaf, ≥ 1.
    max_depth: i64,
    /// Least share of the rows (of their weight, if there are weights) in a leaf, 0 to 0.5.
    min_leaf_share: f64,
    /// As if so many rows like the average of all were in each leaf, ≥ 0.
    smoothing: f64,
}

impl Default for TreeParams {
    fn default() -> Self {
        Self { max_leaves: 16, max_depth: 5, min_leaf_share: 0.01, smoothing: 1.0 }
    }
}

impl TreeParams {
    fn growth(&self, rows: f64) -> Result<GrowParams, FitError> {
        let id = Tree::INFO.id;
        let share = within(id, "min_leaf_share", self.min_leaf_share, 0.0, 0.5)?;
        Ok(GrowParams {
            max_leaves: at_least(id, "max_leaves", self.max_leaves, 2)?,
            max_depth: at_least(id, "max_depth", self.max_depth, 1)? as u32,
            min_rows: (share * rows).ceil().max(2.0) as u32,
            l2: within(id, "smoothing", self.smoothing, 0.0, f64::MAX)?,
            ..GrowParams::default()
        })
    }
}

/// A fitted tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TreeModel(Trees);

impl Algorithm for Tree {
    type Params = TreeParams;
    type Model = TreeModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "tree",
        summary: "One shallow decision tree over binned columns",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[Need::Dates, Need::Text, Need::FewLevels, Need::ManyLevels],
        geometry: Geometry::Splits,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 20,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Breiman, Friedman, Olshen, Stone, Classification and Regression Trees, 1984",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
            .log_int("max_leaves", 2, 64, 16)
            .int("max_depth", 1, 10, 5)
            .log_float("min_leaf_share", 0.001, 0.1, 0.01)
            .log_float("smoothing", 0.1, 100.0, 1.0)
    }

    fn cost(&self, params: &TreeParams, meta: &TaskMeta) -> Cost {
        let leaves = params.max_leaves.max(2) as f64;
        tree_cost(meta.rows as f64, encoded_width(meta), leaves, meta.outputs() as f64)
    }

    fn fit(
        &self,
        params: &TreeParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<TreeModel, FitError> {
        let w = weights(&train)?;
        let whole = w.iter().all(|w| w.fract() == 0.0);
        let growth = params.growth(if whole { w.iter().sum() } else { w.len() as f64 })?;
        let features = Features::of(train.x);
        let columns = binned(&train, &features, MAX_BINS, false, ctx)?;
        let (classes, y) = truth(&train, &w, Self::INFO.id)?;
        let loss: Box<dyn Loss> = match &classes {
            Some(classes) if classes.len() > 2 => Box::new(Brier::new(classes.len(), &y, Some(&w))),
            // The mean of codes 0 and 1 is the share of the second class.
            _ => Box::new(Squared::new(&y, Some(&w))),
        };
        let once = BoostParams {
            rounds: 1,
            learning_rate: 1.0,
            tree: growth,
            keep_rows: true,
            ..BoostParams::default()
        };
        let data = Data { columns: &columns, y: &y, weights: Some(&w), offset: None };
        let model = fit(&*loss, &data, None, &once, ctx)?.model;
        Ok(TreeModel(Trees::new(features, classes, model)))
    }
}

impl Predict for TreeModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let scores = self.0.scores(x, rows)?;
        Ok(match &self.0.classes {
            None => Predictions::new(1, scores),
            Some(classes) if classes.len() == 2 => {
                let pairs: Vec<f64> = scores.iter().flat_map(|p| [1.0 - p, *p]).collect();
                classes.predictions(&pairs)
            }
            Some(classes) if classes.len() == 1 => classes.predictions(&vec![1.0; rows.len()]),
            Some(classes) => classes.predictions(&scores),
        })
    }

    fn contributions(
        &self,
        x: &Frame,
        background: &[u32],
        rows: &[u32],
    ) -> Result<Option<Contributions>, PredictError> {
        self.0.contributions(of_shares(self.0.classes.as_ref()), x, (background, rows)).map(Some)
    }

    fn log_contributions(
        &self,
        x: &Frame,
        background: &[u32],
        rows: &[u32],
    ) -> Result<Option<Contributions>, PredictError> {
        let Some(classes) = self.0.classes.as_ref().filter(|c| c.len() > 1) else {
            return Ok(None);
        };
        let two = classes.len() == 2;
        let link = |share: f64| {
            let odds = if two { log_probability(1.0 - share) } else { 0.0 };
            log_probability(share) - odds
        };
        self.0.linked_contributions(classes.link(), link, x, (background, rows)).map(Some)
    }

    fn rules(&self) -> Option<Vec<Rules>> {
        let class = |output: usize| {
            let codes = self.0.classes.as_ref()?.codes();
            // Of two classes the leaves hold the share of the second.
            Some(if codes.len() == 2 { codes[1] } else { codes[output] })
        };
        let tree = |output| Rules { class: class(output), nodes: self.nodes(output) };
        Some((0..self.0.outputs()).map(tree).collect())
    }

    fn validate(&self) -> Result<(), String> {
        self.0.validate()?;
        count("trees", self.0.model.trees(), [self.0.outputs(), 1])
    }
}

impl TreeModel {
    /// The nodes of the tree of an output.
    fn nodes(&self, output: usize) -> Vec<RuleNode> {
        let told = self.0.model.told(output);
        let all = told.first().and_then(|root| root.rows).filter(|rows| *rows > 0.0);
        let only = self.0.classes.as_ref().is_some_and(|c| c.len() == 1);
        let node = |node: Told| {
            let share = node.rows.zip(all).map(|(rows, all)| rows / all);
            let rule = match node.says {
                Says::Value(value) => Rule::Leaf(if only { 1.0 } else { value }),
                Says::Ask { feature, split, missing_left, left } => Rule::If {
                    column: self.0.name(feature),
                    test: match split {
                        Split::AtMost(most) => Test::AtMost(most),
                        Split::Levels(codes) => {
                            Test::OneOf(codes.iter().map(u32::to_string).collect(), vec![])
                        }
                    },
                    missing: missing_left,
                    yes: left,
                    no: left + 1,
                },
            };
            RuleNode { share, rule }
        };
        told.into_iter().map(node).collect()
    }
}
