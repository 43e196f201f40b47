//! What the forests share: parameters, the fit, the fitted model.

use crate::binning::{binned, offsets, predicted, truth, validate_picked};
use crate::bridge::{Watch, stopped};
use crate::classes::{Present, balanced};
use crate::design::{Features, encoded_width, finite, weights};
use crate::explained::{contributions, of_shares};
use crate::parameters::{at_least, is_default, within};
use crate::sound::count;
use ruska_core::{
    Contributions, Cost, FitError, Frame, Predict, PredictError, Predictions, RunContext, Space,
    TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::trees::shap::Explainer;
use ruska_kernels::trees::{Data, Forest, ForestParams, MAX_BINS, forest};
use serde::{Deserialize, Serialize};

/// Parameters of a forest. What is left out depends on the task.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Number of trees, ≥ 1.
    pub(crate) trees: i64,
    /// Share of the columns that a node tries, > 0, ≤ 1, rounded up; the square root of their
    /// number for classes, a third (extremely randomised trees: all) for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column_share: Option<f64>,
    /// Least number of rows in a leaf, ≥ 1.
    pub(crate) min_leaf: i64,
    /// Most decisions from root to leaf; 0 for no limit.
    pub(crate) max_depth: i64,
    /// Draws rows with replacement for each tree; random forests do, the others do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bootstrap: Option<bool>,
    /// How far classes are brought to one weight: 0 not at all, 1 so that each weighs the same.
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) class_balance: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            trees: 100,
            column_share: None,
            min_leaf: 2,
            max_depth: 0,
            bootstrap: None,
            class_balance: 0.0,
        }
    }
}

/// The parameters worth searching.
pub(crate) fn space(meta: &TaskMeta, random: bool) -> Space {
    let width = encoded_width(meta).max(1.0);
    let share = share(width, meta.kind, random).clamp(0.02, 1.0);
    Space::new()
        .log_int("trees", 50, 300, 100)
        .log_float("column_share", 0.02, 1.0, share)
        .log_int("min_leaf", 1, 32, 2)
}

/// Share of so many columns that suits a task.
fn share(width: f64, kind: TaskKind, random: bool) -> f64 {
    match kind {
        TaskKind::Regression if random => 1.0,
        TaskKind::Regression => (1.0 / 3.0f64).max(1.0 / width),
        TaskKind::Classification | TaskKind::Clustering | TaskKind::Forecasting => {
            width.sqrt().ceil() / width
        }
    }
}

/// Expected cost of a fit.
pub(crate) fn cost(params: &Params, meta: &TaskMeta, random: bool) -> Cost {
    let (rows, width) = (meta.rows as f64, encoded_width(meta).max(1.0));
    let share = params.column_share.unwrap_or(share(width, meta.kind, random)).clamp(0.0, 1.0);
    let trees = params.trees.clamp(1, 1 << 20) as f64;
    let leaves = (0.5 * rows / params.min_leaf.clamp(1, 1 << 30) as f64).max(2.0);
    let levels = 1.5 * leaves.log2() + 1.0;
    let outputs = meta.outputs() as f64;
    let classes = if outputs > 1.0 { 1.0 + outputs / 8.0 } else { 1.0 };
    let per_tree = rows * (60.0 + levels * (4.0 + 4.0 * classes * (share * width).max(1.0)));
    Cost {
        work: trees * per_tree + 30.0 * rows * width + 1e4,
        bytes: rows * (width + 40.0 + 8.0 * outputs) + trees * leaves * (16.0 + 4.0 * outputs),
    }
}

/// A fitted forest with the columns and classes it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ForestModel {
    features: Features,
    /// The classes; none for regression.
    classes: Option<Present>,
    forest: Forest,
    /// Those columns of the sparse blocks that the forest has, after all dense ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "codec::packed")]
    picked: Vec<u32>,
}

/// Grows a forest; `random` thresholds, or the best.
pub(crate) fn grow(
    id: &str,
    params: &Params,
    random: bool,
    train: &Train<'_>,
    ctx: &RunContext<'_>,
) -> Result<ForestModel, FitError> {
    let w = balanced(train, weights(train)?, params.class_balance, id)?;
    let (classes, y) = truth(train, &w, id)?;
    let features = Features::of(train.x);
    if features.width() >= 1 << 20 {
        return Err(FitError::Data(format!(
            "`{id}` takes fewer than 1048576 columns, and there are {}",
            features.width()
        )));
    }
    let columns = binned(train, &features, MAX_BINS, false, ctx)?;
    // Words that do not occur are no columns to choose from.
    let absent = columns[features.dense()..].iter().filter(|c| c.n_bins() < 2).count();
    let width = (columns.len() - absent).max(1) as f64;
    let kind = if classes.is_some() { TaskKind::Classification } else { TaskKind::Regression };
    let share = params.column_share.unwrap_or_else(|| share(width, kind, random));
    let share = within(id, "column_share", share, 1e-6, 1.0)?;
    let depth = at_least(id, "max_depth", params.max_depth, 0)? as u32;
    let settings = ForestParams {
        trees: at_least(id, "trees", params.trees, 1)?,
        // A share that came from a number of columns is to give that number again.
        columns_per_node: (share * width - 1e-9).ceil().max(1.0) as usize,
        min_rows: at_least(id, "min_leaf", params.min_leaf, 1)? as u32,
        max_depth: if depth == 0 { u32::MAX } else { depth },
        bootstrap: params.bootstrap.unwrap_or(!random),
        random_thresholds: random,
        seed: ctx.seed(),
    };
    let data = Data { columns: &columns, y: &y, weights: Some(&w), offset: None };
    let count = classes.as_ref().map_or(0, Present::len);
    let done = forest(count, &data, &settings, &Watch(ctx)).map_err(|s| stopped(ctx, s))?;
    let mut forest = done.forest;
    let picked = offsets(forest.narrow(features.dense()), &features);
    Ok(ForestModel { features, classes, forest, picked })
}

impl Predict for ForestModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        let outputs = self.forest.outputs();
        let mut values = predicted(&columns, &self.picked, rows, outputs, |columns, rows, out| {
            self.forest.predict(columns, rows, out);
        });
        let Some(classes) = &self.classes else {
            values.iter_mut().for_each(|v| *v = finite(*v, 0.0));
            return Ok(Predictions::new(1, values));
        };
        if classes.len() == 1 {
            return Ok(classes.predictions(&vec![1.0; rows.len()]));
        }
        // As if one more tree knew nothing, so that no probability is 0 or 1.
        let (trees, k) = (self.forest.trees() as f64, classes.len() as f64);
        let smooth = |p: f64| (finite(p, 0.0).clamp(0.0, 1.0) * trees + 1.0 / k) / (trees + 1.0);
        let shares: Vec<f64> = if classes.len() == 2 {
            values.iter().flat_map(|&p| [1.0 - smooth(p), smooth(p)]).collect()
        } else {
            values.iter().map(|&p| smooth(p)).collect()
        };
        Ok(classes.predictions(&shares))
    }

    fn contributions(
        &self,
        x: &Frame,
        background: &[u32],
        rows: &[u32],
    ) -> Result<Option<Contributions>, PredictError> {
        let features = (&self.features, &self.picked[..]);
        let said = of_shares(self.classes.as_ref());
        let of = |columns: &[&[f64]], background: &[u32]| {
            Explainer::of_forest(&self.forest, columns, background)
        };
        let mut told = contributions(features, said, x, (background, rows), of)?;
        if let Some(classes) = &self.classes {
            // The tree that knows nothing adds the same to every row.
            let (trees, k) = (self.forest.trees() as f64, classes.len() as f64);
            let part = trees / (trees + 1.0);
            told.base.iter_mut().for_each(|base| *base = part * *base + 1.0 / k / (trees + 1.0));
            told.values.iter_mut().for_each(|value| *value *= part);
        }
        Ok(Some(told))
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        validate_picked(&self.picked, &self.features, self.forest.features())?;
        let outputs = self.classes.as_ref().map_or(1, |c| if c.len() <= 2 { 1 } else { c.len() });
        count("outputs", self.forest.outputs(), [outputs, 1])
    }
}
