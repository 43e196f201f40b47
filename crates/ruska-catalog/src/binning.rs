//! What the learners over binned trees share: bins of a frame's columns, and scores of its rows.

use crate::bridge::{Watch, stopped};
use crate::classes::Present;
use crate::design::{Features, finite, numbers};
use crate::sound::count;
use ruska_core::{FitError, Frame, PredictError, RunContext, Target, Train};
use ruska_kernels::trees::loss::Loss;
use ruska_kernels::trees::{BinnedColumn, BoostParams, Boosted, Data, Model, boost};
use serde::{Deserialize, Serialize};

/// Columns of more levels are binned as numbers.
const MOST_LEVELS: u32 = 64;

/// The training rows of every column of the frame, binned.
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
    if !columns.sparse.is_empty() {
        return Err(FitError::Data("trees over bins take no sparse blocks of columns".to_owned()));
    }
    let fields = train.x.fields().iter().zip(columns.dense);
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
    fields.map(bin).collect()
}

/// The truth of the training rows for a kernel: numbers, or codes among the classes present.
pub(crate) fn truth(
    train: &Train<'_>,
    weights: &[f64],
    id: &str,
) -> Result<(Option<Present>, Vec<f64>), FitError> {
    match train.y {
        Target::Values(_) => Ok((None, numbers(train, id)?)),
        Target::Classes { .. } => {
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
}

impl Trees {
    /// What is wrong with them, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        self.features.expect_dense()?;
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        count("features", self.model.features(), [self.features.dense(), 1])?;
        count("outputs", self.model.outputs(), [self.outputs(), 1])
    }

    /// Scores a row.
    pub(crate) fn outputs(&self) -> usize {
        self.classes.as_ref().map_or(1, Present::outputs)
    }

    /// The scores of the rows, row by row.
    ///
    /// Fails when the frame does not have the columns of the fit.
    pub(crate) fn scores(&self, x: &Frame, rows: &[u32]) -> Result<Vec<f64>, PredictError> {
        let columns = self.features.find(x)?;
        let mut scores = vec![0.0; rows.len() * self.outputs()];
        self.model.predict(&columns.dense, rows, &mut scores);
        scores.iter_mut().for_each(|s| *s = finite(*s, 0.0));
        Ok(scores)
    }
}

/// A whole-number parameter with its least value.
pub(crate) fn at_least(id: &str, name: &str, got: i64, least: i64) -> Result<usize, FitError> {
    if got >= least {
        return Ok(got.min(1 << 24) as usize);
    }
    let why = format!("`{name}` is {got}; it must be at least {least}");
    Err(FitError::Params { id: id.to_owned(), why })
}

/// A real parameter with its bounds, both included.
pub(crate) fn within(id: &str, name: &str, got: f64, low: f64, high: f64) -> Result<f64, FitError> {
    if (low..=high).contains(&got) {
        return Ok(got);
    }
    let range =
        if high == f64::MAX { format!("{low} or more") } else { format!("{low} to {high}") };
    let why = format!("`{name}` is {got}; it must be {range}");
    Err(FitError::Params { id: id.to_owned(), why })
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

/// Whether a parameter need not be recorded, since it does nothing.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
