//! Columns that tell no more than chance left out.
//!
//! Does: gives every numeric column a shadow, which is its own values in a random order, grows a
//! small random forest on both, and compares what each column gains with what the shadows do; three
//! times, with new shadows. A column stays that beats `strictness` of the shadows at least twice.
//! Wins: many columns of noise beside a few that matter, above all before distances. Fails: columns
//! that matter only together, and then rarely; of copies each gains a part. Cost: 90 trees of at
//! most 8 levels on at most 10,000 training rows, O(rows · √columns) a level. Handles: missing
//! values, infinities and weights as forests do. Other columns and sparse blocks pass and are not
//! looked at; one column always stays, and all do where nothing can be told, as with a single
//! class. Reference: Kursa and Rudnicki, "Feature selection with the Boruta package", 2010.

use super::support::{Known, LeftOut, Ordered, row_weights};
use crate::binning::truth;
use crate::bridge::{Uncut, stopped};
use crate::parameters::within;
use ruska_core::{
    FitError, Preprocessor, Rng, RunContext, Space, Stage, StepInfo, StepInput, TaskKind, TaskMeta,
    Train, hash,
};
use ruska_kernels::trees::{BinnedColumn, Data, ForestParams, MAX_BINS, forest};
use serde::{Deserialize, Serialize};

/// Most training rows that are looked at.
const MOST_ROWS: usize = 10_000;
/// Forests, each with new shadows.
const ROUNDS: usize = 3;
/// Trees a forest.
const TREES: usize = 30;
/// Most decisions from root to leaf.
const DEPTH: u32 = 8;
/// Least share of the rows in a leaf, and least number.
const LEAF_SHARE: f64 = 0.005;
const LEAF_ROWS: f64 = 5.0;

pub(super) struct SelectImportant;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Share of the shadows that a column is to beat, 0 to 1.
    strictness: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { strictness: 0.9 }
    }
}

impl Preprocessor for SelectImportant {
    type Params = Params;
    type State = LeftOut;
    const INFO: StepInfo = StepInfo {
        id: "select_important",
        summary: "columns that tell no more than shuffled ones are left out",
        stage: Stage::Reduce,
        closes: &[],
        suits: None,
        reference: "https://doi.org/10.18637/jss.v036.i11",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.features() > 2 && meta.kind != TaskKind::Clustering
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("strictness", 0.5, 1.0, 0.9)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LeftOut, FitError> {
        let strictness = within(Self::INFO.id, "strictness", params.strictness, 0.0, 1.0)?;
        let all_weights = row_weights(&input);
        let sample: Vec<usize> = hash::spread(input.rows.len(), MOST_ROWS).collect();
        let mut weights: Vec<f64> = sample.iter().map(|&at| all_weights[at]).collect();
        if weights.iter().all(|w| *w == 0.0) {
            weights.fill(1.0);
        }
        let rows: Vec<u32> = sample.iter().map(|&at| input.rows[at]).collect();
        let train = Train { x: input.x, rows: &rows, y: input.y, weights: None };
        let (classes, y) = truth(&train, &weights, Self::INFO.id)?;
        let (mut places, mut columns) = (vec![], vec![]);
        for (place, field) in input.x.fields().iter().enumerate() {
            ctx.check()?;
            if let Some(values) = field.floats() {
                let values: Vec<f64> = rows.iter().map(|&row| values[row as usize]).collect();
                places.push(place);
                columns.push(BinnedColumn::new(&values, MAX_BINS));
            }
        }
        let trial = Trial { columns, y, weights, classes: classes.map_or(0, |c| c.len()) };
        let left_out = trial.chance(strictness, ctx)?;
        Ok(LeftOut::new(input.x, left_out.into_iter().map(|at| places[at]).collect()))
    }
}

/// The columns that are put to the test.
struct Trial {
    columns: Vec<BinnedColumn>,
    y: Vec<f64>,
    weights: Vec<f64>,
    /// Number of classes; 0 for numbers.
    classes: usize,
}

impl Trial {
    /// The columns that tell no more than chance.
    fn chance(&self, strictness: f64, ctx: &RunContext<'_>) -> Result<Vec<usize>, FitError> {
        let n = self.columns.len();
        let (mut beaten, mut gains) = (vec![0; n], vec![0.0; n]);
        let mut rng = ctx.rng();
        for _ in 0..ROUNDS {
            let gain = self.gains(&mut rng, ctx)?;
            let (own, shadows) = gain.split_at(n);
            let shadows = Ordered::of(Known::new(shadows.iter().copied(), &vec![1.0; n]));
            let limit = shadows.map_or(0.0, |shadows| shadows.quantile(strictness));
            for (i, gain) in own.iter().enumerate() {
                gains[i] += gain;
                beaten[i] += usize::from(*gain > limit);
            }
        }
        let best = (0..n).reduce(|a, b| if gains[b] > gains[a] { b } else { a });
        if best.is_none_or(|best| gains[best] == 0.0) {
            return Ok(vec![]);
        }
        Ok((0..n).filter(|&i| 2 * beaten[i] <= ROUNDS && Some(i) != best).collect())
    }

    /// What each column gains in a forest beside its shadow, then what each shadow does.
    fn gains(&self, rng: &mut Rng, ctx: &RunContext<'_>) -> Result<Vec<f64>, FitError> {
        let rows = self.y.len();
        let mut columns = self.columns.clone();
        let mut order: Vec<u32> = (0..rows as u32).collect();
        for column in &self.columns {
            ctx.check()?;
            rng.shuffle(&mut order);
            columns.push(column.take(&order));
        }
        let params = ForestParams {
            trees: TREES,
            columns_per_node: (2.0 * (columns.len() as f64).sqrt()).ceil() as usize,
            min_rows: (LEAF_SHARE * rows as f64).max(LEAF_ROWS) as u32,
            max_depth: DEPTH,
            seed: rng.bits(),
            ..ForestParams::default()
        };
        let data =
            Data { columns: &columns, y: &self.y, weights: Some(&self.weights), offset: None };
        let grown = forest(self.classes, &data, &params, &Uncut(ctx));
        Ok(grown.map_err(|stop| stopped(ctx, stop))?.forest.importance().to_vec())
    }
}
