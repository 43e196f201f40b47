//! A classification tree grown by linfa-trees; a peer to compare the project's own trees with.
//!
//! Wins nowhere over `tree`, which is the same model, faster, repeatable and for both tasks.
//! Cost O(nodes·n·p): linfa looks at all rows for every node. Several classes; no weights; needs
//! missing values filled (linfa panics on them) and everything encoded as numbers.
//!
//! linfa takes values closer than 1e-5 for equal, so columns are brought to deviation 1 before.
//! linfa's leaves hold a label only. The training rows are run through the tree again, and a leaf
//! predicts the share of each class among its rows, with one more row spread by the shares of all
//! training rows.
//!
//! Reference: Breiman, Friedman, Olshen, Stone, Classification and Regression Trees, 1984.

use crate::classes::Present;
use crate::design::{Features, encoded_width};
use crate::linfa_guard::{array, failed};
use crate::sound::{all_finite, count, ensure};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_trees::{DecisionTree, TreeNode};
use ndarray::{Array1, ArrayView1};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train, codec,
};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinfaTree;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LinfaTreeParams {
    /// Most splits between root and leaf, 1..=16.
    max_depth: u32,
    /// Least rows in a leaf, ≥ 1.
    min_leaf: u32,
}

impl Default for LinfaTreeParams {
    fn default() -> Self {
        Self { max_depth: 6, min_leaf: 5 }
    }
}

/// A fitted tree. Node 0 is the root; a node whose `left` is 0 is a leaf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LinfaTreeModel {
    features: Features,
    classes: Present,
    #[serde(with = "codec::packed")]
    feature: Vec<u32>,
    /// Values up to this go left.
    #[serde(with = "codec::packed")]
    threshold: Vec<f64>,
    #[serde(with = "codec::packed")]
    left: Vec<u32>,
    #[serde(with = "codec::packed")]
    right: Vec<u32>,
    /// Shares of the classes present, node after node.
    #[serde(with = "codec::packed")]
    shares: Vec<f64>,
}

impl Algorithm for LinfaTree {
    type Params = LinfaTreeParams;
    type Model = LinfaTreeModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "linfa_tree",
        summary: "Classification tree of linfa-trees, to compare with",
        tasks: &[TaskKind::Classification],
        needs: &[Need::Dates, Need::Text, Need::FewLevels, Need::ManyLevels, Need::Missing],
        geometry: Geometry::Splits,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 20,
        nondeterministic: Some(
            "linfa counts classes in hash maps of random order: refits on the same rows changed \
             up to 184 of 10,000 predictions",
        ),
        uncooperative: Some(
            "a linfa fit cannot be interrupted, and it looks at all rows for every node: 2 s at \
             depth 10 on 40,000 rows of 20 columns",
        ),
        least_target: None,
        opt_in: true,
        reference: "Breiman et al., Classification and Regression Trees, 1984; linfa-trees 0.8",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().int("max_depth", 1, 12, 6).log_int("min_leaf", 1, 200, 5)
    }

    fn cost(&self, params: &LinfaTreeParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        Cost { work: work(params.max_depth, n, p) + 1e4, bytes: 32.0 * n * p }
    }

    fn fit(
        &self,
        params: &LinfaTreeParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LinfaTreeModel, FitError> {
        let depth = params.max_depth;
        if !(1..=16).contains(&depth) || params.min_leaf == 0 {
            let why = format!(
                "`max_depth` ({depth}) must be in 1..=16 and `min_leaf` ({}) at least 1",
                params.min_leaf
            );
            return Err(FitError::Params { id: Self::INFO.id.to_owned(), why });
        }
        ctx.check()?;
        let ones = vec![1.0; train.rows.len()];
        let (classes, codes) = Present::of(&train, &ones, Self::INFO.id)?;
        let (features, mut x) = array(&train, Self::INFO.id, |n, p| work(depth, n, p))?;
        let scales: Vec<f64> = x.columns().into_iter().map(scale).collect();
        for (mut column, scale) in x.columns_mut().into_iter().zip(&scales) {
            column.mapv_inplace(|v| v / scale);
        }
        let y: Array1<usize> = codes.iter().map(|&c| c as usize).collect();
        let data = DatasetBase::new(x, y);
        let tree = DecisionTree::params()
            .max_depth(Some(depth as usize))
            .min_weight_leaf(params.min_leaf as f32)
            .min_weight_split(2.0 * params.min_leaf as f32)
            .fit(&data)
            .map_err(failed)?;
        let mut model = LinfaTreeModel {
            features,
            classes,
            feature: vec![],
            threshold: vec![],
            left: vec![],
            right: vec![],
            shares: vec![],
        };
        model.copy(tree.root_node(), &scales);
        let columns = model.features.find(train.x)?;
        model.count(&columns.by_column(train.rows), &codes);
        Ok(model)
    }
}

/// The deviation of a column; 1 where there is none that can be divided by.
fn scale(column: ArrayView1<'_, f64>) -> f64 {
    let deviation = column.std(0.0);
    if deviation.is_normal() { deviation } else { 1.0 }
}

/// Work units: every node looks at all cells; rows of the node are counted in hash maps.
fn work(depth: u32, n: f64, p: f64) -> f64 {
    let nodes = (2.0f64.powf(f64::from(depth) + 1.0)).min(n);
    n * p * (1.5 * nodes + 80.0 * f64::from(depth) + 100.0)
}

impl LinfaTreeModel {
    /// Copies linfa's nodes, parents before children.
    fn copy(&mut self, root: &TreeNode<f64, usize>, scales: &[f64]) {
        let mut queue = vec![root];
        let mut next = 0;
        while next < queue.len() {
            let node = queue[next];
            let (feature, threshold, _) = node.split();
            let children = node.children();
            let pair = match children[..] {
                [Some(left), Some(right)] if !node.is_leaf() => Some((left, right)),
                _ => None,
            };
            self.feature.push(feature as u32);
            self.threshold.push(if pair.is_some() { threshold * scales[feature] } else { 0.0 });
            let at = queue.len() as u32;
            self.left.push(if pair.is_some() { at } else { 0 });
            self.right.push(if pair.is_some() { at + 1 } else { 0 });
            if let Some((left, right)) = pair {
                queue.extend([&**left, &**right]);
            }
            next += 1;
        }
    }

    /// The leaf of a row, given its value of a feature.
    fn leaf(&self, value: impl Fn(usize) -> f64) -> usize {
        let mut node = 0;
        while self.left[node] != 0 {
            let goes_left = value(self.feature[node] as usize) <= self.threshold[node];
            node = if goes_left { self.left[node] } else { self.right[node] } as usize;
        }
        node
    }

    /// Sets the shares of the leaves from the training rows, given column after column.
    fn count(&mut self, values: &[f64], codes: &[u32]) {
        let (n, k) = (codes.len(), self.classes.len());
        let totals = self.classes.totals(codes, &vec![1.0; n]);
        let priors: Vec<f64> = totals.iter().map(|t| t / n as f64).collect();
        self.shares = priors.repeat(self.left.len());
        for (i, &code) in codes.iter().enumerate() {
            let leaf = self.leaf(|j| values[j * n + i]);
            self.shares[leaf * k + code as usize] += 1.0;
        }
        for shares in self.shares.chunks_exact_mut(k) {
            let sum: f64 = shares.iter().sum();
            shares.iter_mut().for_each(|s| *s /= sum);
        }
    }
}

impl Predict for LinfaTreeModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let (n, k) = (rows.len(), self.classes.len());
        let values = columns.by_column(rows);
        let leaf = |i: usize| self.leaf(|j| values[j * n + i]);
        let shares = (0..n).flat_map(|i| {
            let leaf = leaf(i);
            &self.shares[leaf * k..(leaf + 1) * k]
        });
        Ok(self.classes.predictions(&shares.copied().collect::<Vec<_>>()))
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.validate()?;
        let n = self.left.len();
        ensure(n > 0, "there is no root")?;
        count("features of nodes", self.feature.len(), [n, 1])?;
        count("thresholds", self.threshold.len(), [n, 1])?;
        count("right children", self.right.len(), [n, 1])?;
        count("shares", self.shares.len(), [n, self.classes.len()])?;
        all_finite("thresholds and shares", self.threshold.iter().chain(&self.shares))?;
        for (i, (&left, &right)) in self.left.iter().zip(&self.right).enumerate() {
            // Children after their parent: every walk ends.
            let child = |c: u32| (i + 1..n).contains(&(c as usize));
            let decides = child(left) && child(right);
            let known = (self.feature[i] as usize) < self.features.width();
            ensure((left, right) == (0, 0) || (decides && known), "a decision leads nowhere")?;
        }
        Ok(())
    }
}
