//! What the learners over binned trees share: bins of a frame's columns, and scores of its rows.

use crate::bridge::{Watch, stopped};
use crate::classes::Present;
use crate::design::{Columns, Features, finite, numbers};
use crate::explained::contributions;
use crate::sound::{ascending, count};
use ruska_core::{
    Column, Contributions, FitError, Frame, Link, PredictError, RunContext, Sparse, Target, Train,
    codec,
};
use ruska_kernels::trees::loss::Loss;
use ruska_kernels::trees::shap::Explainer;
use ruska_kernels::trees::{BinnedColumn, BoostParams, Boosted, Data, Model, boost};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Columns of more levels are binned as numbers.
const MOST_LEVELS: u32 = 64;

/// Sparse columns of fewer training rows that are not zero, or than one in a hundred, are not looked
/// at: they are many, and what they tell is chance.
const LEAST_ENTRIES: usize = 5;

/// About so many values of sparse columns are made dense at a time, but no fewer than [`LEAST_ROWS`]
/// rows.
const CHUNK: usize = 1 << 20;
const LEAST_ROWS: usize = 256;

/// The training rows of every column of the frame, binned; those of sparse blocks are sparse, and
/// come after all others.
///
/// Columns of the study are binned once, over all its rows, and shared by all fits; those made by
/// a step are binned over the training rows. Where `levels` are told apart, columns of codes without
/// an order have a bin for each level, if there are not too many. Fails on columns that are not real
/// numbers.
pub(crate) fn binned(
    train: &Train<'_>,
    features: &Features,
    max_bins: usize,
    levels: bool,
    ctx: &RunContext<'_>,
) -> Result<Vec<BinnedColumn>, FitError> {
    let columns = features.find(train.x)?;
    let dense = train.x.fields().iter().filter(|f| !matches!(f.column, Column::Sparse(_)));
    let fields = dense.zip(columns.dense);
    let bin = |(field, values): (&ruska_core::Field, &[f64])| {
        ctx.check()?;
        let Some(origin) = field.origin else {
            let values = train.rows.iter().map(|&r| values[r as usize]);
            return Ok(match field.levels {
                Some(n) if levels && n <= MOST_LEVELS => {
                    let code = |x: f64| if x.is_nan() { u32::MAX } else { x as u32 };
                    BinnedColumn::categorical(&values.map(code).collect::<Vec<_>>(), n as usize)
                }
                _ => BinnedColumn::new(&values.collect::<Vec<_>>(), max_bins),
            });
        };
        let shared = ctx.derived(&format!("bins/{max_bins}/{origin}"), || {
            let column = BinnedColumn::new(values, max_bins);
            let bytes = column.bytes();
            (column, bytes)
        });
        Ok(shared.take(train.rows))
    };
    let mut binned = fields.map(bin).collect::<Result<Vec<_>, FitError>>()?;
    let least = (train.rows.len() / 100).clamp(1, LEAST_ENTRIES);
    for block in columns.sparse {
        ctx.check()?;
        let rows = train.rows.iter().map(|&r| block.row(r as usize));
        binned.extend(BinnedColumn::sparse(block.width, rows, least, max_bins));
    }
    Ok(binned)
}

/// The truth of the training rows for a kernel: numbers, or codes among the classes present.
pub(crate) fn truth(
    train: &Train<'_>,
    weights: &[f64],
    id: &str,
) -> Result<(Option<Present>, Vec<f64>), FitError> {
    match train.y {
        Target::Values(_) => Ok((None, numbers(train, id)?)),
        Target::Classes { .. } | Target::Groups(_) | Target::Series(_) => {
            let (present, codes) = Present::of(train, weights, id)?;
            Ok((Some(present), codes.into_iter().map(f64::from).collect()))
        }
    }
}

/// Boosts, and turns a stop into its reason.
pub(crate) fn fit(
    loss: &dyn Loss,
    train: &Data<'_>,
    valid: Option<&Data<'_>>,
    params: &BoostParams,
    ctx: &RunContext<'_>,
) -> Result<Boosted, FitError> {
    boost(loss, train, valid, params, &Watch(ctx)).map_err(|s| stopped(ctx, s))
}

/// Trees with the columns and classes they belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trees {
    pub(crate) features: Features,
    /// The classes; none for regression.
    pub(crate) classes: Option<Present>,
    pub(crate) model: Model,
    /// Those columns of the sparse blocks that the model has, after all dense ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "codec::packed")]
    picked: Vec<u32>,
}

impl Trees {
    /// Trees on all columns of the features.
    pub(crate) fn new(features: Features, classes: Option<Present>, mut model: Model) -> Self {
        let picked = offsets(model.narrow(features.dense()), &features);
        Self { features, classes, model, picked }
    }

    /// What is wrong with them, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        validate_picked(&self.picked, &self.features, self.model.features())?;
        count("outputs", self.model.outputs(), [self.outputs(), 1])
    }

    /// Scores a row.
    pub(crate) fn outputs(&self) -> usize {
        self.classes.as_ref().map_or(1, Present::outputs)
    }

    /// The name of a feature of the model.
    pub(crate) fn name(&self, feature: usize) -> String {
        let dense = self.features.dense();
        let of_block = feature.checked_sub(dense).map(|i| dense + self.picked[i] as usize);
        self.features.name(of_block.unwrap_or(feature))
    }

    /// What the columns add to the scores.
    pub(crate) fn contributions(
        &self,
        said: (Link, Vec<u32>),
        x: &Frame,
        rows: (&[u32], &[u32]),
    ) -> Result<Contributions, PredictError> {
        let features = (&self.features, &self.picked[..]);
        contributions(features, said, x, rows, |columns, background| {
            Explainer::of_model(&self.model, columns, background)
        })
    }

    /// The same of what `link` makes of the scores, of trees of which there is one an output.
    pub(crate) fn linked_contributions(
        &self,
        said: (Link, Vec<u32>),
        link: impl Fn(f64) -> f64,
        x: &Frame,
        rows: (&[u32], &[u32]),
    ) -> Result<Contributions, PredictError> {
        let features = (&self.features, &self.picked[..]);
        contributions(features, said, x, rows, |columns, background| {
            Explainer::of_linked(&self.model, link, columns, background)
        })
    }

    /// The scores of the rows, row by row.
    ///
    /// Fails when the frame does not have the columns of the fit.
    pub(crate) fn scores(&self, x: &Frame, rows: &[u32]) -> Result<Vec<f64>, PredictError> {
        let columns = self.features.find(x)?;
        let mut scores =
            predicted(&columns, &self.picked, rows, self.outputs(), |columns, rows, out| {
                self.model.predict(columns, rows, out);
            });
        scores.iter_mut().for_each(|s| *s = finite(*s, 0.0));
        Ok(scores)
    }
}

/// Places among the columns of the sparse blocks of columns numbered among all features.
pub(crate) fn offsets(mut features_in_use: Vec<u32>, features: &Features) -> Vec<u32> {
    features_in_use.iter_mut().for_each(|f| *f -= features.dense() as u32);
    features_in_use
}

/// Fails unless a model of so many features has the dense ones and the picked ones of the sparse blocks.
pub(crate) fn validate_picked(
    picked: &[u32],
    features: &Features,
    got: usize,
) -> Result<(), String> {
    ascending("columns of sparse blocks", picked, features.width() - features.dense())?;
    count("features", got, [features.dense() + picked.len(), 1])
}

/// What `predict` writes for the rows, so many `outputs` each, given its columns and the numbers of the
/// rows in these. The columns are the dense ones and, of the sparse blocks, the picked ones, which are
/// made dense a few rows at a time.
pub(crate) fn predicted(
    columns: &Columns<'_>,
    picked: &[u32],
    rows: &[u32],
    outputs: usize,
    predict: impl Fn(&[&[f64]], &[u32], &mut [f64]),
) -> Vec<f64> {
    let mut out = vec![0.0; rows.len() * outputs];
    if picked.is_empty() {
        predict(&columns.dense, rows, &mut out);
    }
    if picked.is_empty() || rows.is_empty() {
        return out;
    }
    let dense = columns.dense.len();
    let width = dense + picked.len();
    let size = (CHUNK / width).max(LEAST_ROWS).min(rows.len());
    let mut values = vec![0.0; width * size];
    let numbers: Vec<u32> = (0..size as u32).collect();
    for (rows, out) in rows.chunks(size).zip(out.chunks_mut(size * outputs)) {
        let (known, unpacked) = values.split_at_mut(dense * size);
        for (to, column) in known.chunks_exact_mut(size).zip(&columns.dense) {
            to.iter_mut().zip(rows).for_each(|(to, &row)| *to = column[row as usize]);
        }
        unpack(&columns.sparse, picked, rows, size, unpacked);
        let slices: Vec<&[f64]> = values.chunks_exact(size).collect();
        predict(&slices, &numbers[..rows.len()], out);
    }
    out
}

/// All rows of the dense columns and, of the sparse blocks, of the picked ones.
pub(crate) fn all_columns<'a>(
    columns: &Columns<'a>,
    picked: &[u32],
    rows: usize,
) -> Vec<Cow<'a, [f64]>> {
    let mut all: Vec<Cow<'a, [f64]>> = columns.dense.iter().map(|c| Cow::Borrowed(*c)).collect();
    if !picked.is_empty() && rows > 0 {
        let numbers: Vec<u32> = (0..rows as u32).collect();
        let mut values = vec![0.0; picked.len() * rows];
        unpack(&columns.sparse, picked, &numbers, rows, &mut values);
        all.extend(values.chunks_exact(rows).map(|c| Cow::Owned(c.to_vec())));
    }
    all
}

/// Writes the picked columns of some blocks, `size` values each.
fn unpack(blocks: &[&Sparse], picked: &[u32], rows: &[u32], size: usize, out: &mut [f64]) {
    out.fill(0.0);
    let (mut start, mut shift) = (0, 0);
    for block in blocks {
        let end = picked.partition_point(|&p| (p as usize) < shift + block.width);
        let of_block = &picked[start..end];
        for (place, &row) in rows.iter().enumerate() {
            let (indices, values) = block.row(row as usize);
            for (&index, &value) in indices.iter().zip(values) {
                if let Ok(at) = of_block.binary_search(&(index + shift as u32)) {
                    out[(start + at) * size + place] = value;
                }
            }
        }
        (start, shift) = (end, shift + block.width);
    }
}

/// Expected work of growing trees, in work units, and their bytes: per tree the histograms of
/// about half the rows a level, the partitions, and the search of every bin of both children.
pub(crate) fn tree_cost(rows: f64, columns: f64, leaves: f64, trees: f64) -> ruska_core::Cost {
    let bins = rows.min(255.0);
    let levels = leaves.max(2.0).log2();
    let per_tree = rows * (6.0 + levels * (1.0 + 0.25 * columns)) + 2.0 * leaves * columns * bins;
    ruska_core::Cost {
        work: trees * per_tree + 30.0 * rows * columns + 1e4,
        bytes: rows * (columns + 48.0)
            + (8.0 * leaves * columns * bins).min(3e8)
            + 32.0 * trees * leaves,
    }
}
