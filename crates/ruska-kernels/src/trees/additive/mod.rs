//! Additive models: for each column a table of scores by bin, and for some pairs of columns a table
//! by coarse bins of both. Nothing else goes into a prediction, so a model can be drawn.
//!
//! Boosting goes round by round over all columns: each gets a small step, a tree of few leaves on its
//! histogram. A few neighbours are moved by the same gradients, which is harmless as long as their
//! steps together are small. Then the pairs that would gain most are ranked and boosted in the same
//! way, and what is in their tables but depends on one column alone goes to that column's.
//!
//! Several bags, each with rows of its own set aside, are fitted in step and averaged: that smooths the
//! tables, tells how sure they are, and lets every row be learned from. Cost per round and bag
//! O(outputs · rows · terms), of pairs also O(terms · bins²); memory per bag 16 bytes a row, and 8 for
//! each output.
//!
//! Reference: Lou, Caruana, Gehrke, Hooker, "Accurate intelligible models with pairwise interactions",
//! KDD 2013; Nori, Jenkins, Koch, Caruana, "InterpretML", 2019.

mod bag;
mod groups;
mod mains;
mod model;
mod pairs;
mod pure;

use super::boost::masses;
use super::loss::Loss;
use super::parallel::within;
use super::tick::Ticker;
use super::{BinnedColumn, Data};
use crate::{Progress, Stopped};
use bag::{Bag, Shared};
use groups::axes;
use mains::Mains;
pub use model::{Additive, Bins, Table};
use pairs::{Pairs, ranked};
use rayon::prelude::*;

/// How to fit an additive model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdditiveParams {
    /// Most rounds over the columns, and most over the pairs.
    pub rounds: usize,
    /// Factor on every step, > 0, ≤ 1.
    pub learning_rate: f64,
    /// Terms are moved only while their step gains at least this part of the best one's, 0 to 1.
    pub greed: f64,
    /// Most leaves of the step of a column of numbers, at least 2.
    pub leaves: usize,
    /// Least number of average rows' share of the hessian in a leaf, at least 1.
    pub min_rows: u32,
    /// L2 penalty on the values of a step, ≥ 0, in units of the hessian.
    pub l2: f64,
    /// As if so many rows without a gradient were in every level and among the missing values, ≥ 0.
    pub level_rows: f64,
    /// Most pairs.
    pub pairs: usize,
    /// Most bins of a column in a pair, 2 to 128, the one for missing values not counted; levels have a
    /// bin each.
    pub pair_bins: usize,
    /// Steps of every term without improvement after which a bag stops, to which 0.3 of those that made
    /// the best tables are added.
    pub patience: f64,
    /// Threads of the pool that may be used, at least 1. The result does not depend on it.
    pub threads: usize,
}

impl Default for AdditiveParams {
    fn default() -> Self {
        Self {
            rounds: 1000,
            learning_rate: 0.05,
            greed: 0.0,
            leaves: 2,
            min_rows: 4,
            l2: 0.0,
            level_rows: 10.0,
            pairs: 0,
            pair_bins: 32,
            patience: 50.0,
            threads: 1,
        }
    }
}

/// The rows that a bag does not learn from, ascending, and whether it stops by them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aside {
    /// The rows.
    pub rows: Vec<u32>,
    /// The bag keeps the round in which they are predicted best.
    pub stops: bool,
}

/// Terms that are boosted together.
trait Terms: Sync {
    /// Their number.
    fn count(&self) -> usize;

    /// Places in the table of a term.
    fn places(&self, term: usize) -> usize;

    /// Fills `scratch.steps` with the steps of some terms, no more than a pass takes, in quantised units.
    fn steps(&self, terms: &[usize], job: &bag::Job<'_>, scratch: &mut bag::Scratch);

    /// Adds the values of a table of one output to the scores of all rows.
    fn add(&self, term: usize, table: &[f64], scores: &mut [f64]);
}

/// Fits an additive model on dense columns; `data` has no offset. There is a bag for each of `asides`,
/// at least one.
///
/// Fails only when `progress` says so. The same arguments give the same bits.
pub fn additive(
    loss: &dyn Loss,
    data: &Data<'_>,
    asides: &[Aside],
    params: &AdditiveParams,
    progress: &dyn Progress,
) -> Result<Additive, Stopped> {
    let dense = |c: &BinnedColumn| c.entries().is_none() && c.rows() == data.y.len();
    assert!(data.columns.iter().all(dense), "columns are dense and of one length");
    assert!(loss.leaf_quantile().is_none(), "steps need curvature");
    within(params.threads, || fit(loss, data, asides, params, progress))
}

fn fit(
    loss: &dyn Loss,
    data: &Data<'_>,
    asides: &[Aside],
    params: &AdditiveParams,
    progress: &dyn Progress,
) -> Result<Additive, Stopped> {
    let mut weights = data.weights.filter(|w| w.iter().any(|w| *w > 0.0)).map(<[f64]>::to_vec);
    let masses = masses(&mut weights).unwrap_or_else(|| vec![1; data.y.len()]);
    let shared = Shared { loss, y: data.y, weights: weights.as_deref(), masses: &masses, params };
    let mut bags: Vec<Bag<'_>> =
        asides.iter().map(|a| Bag::new(shared, a, Ticker::new(progress))).collect();
    let mains = Mains::new(data.columns, params.leaves);
    let enough = run(&mut bags, &mains, params, progress)?;
    let rounds = bags.iter().map(Bag::rounds).sum::<usize>() as f64 / bags.len() as f64;
    let of_mains: Vec<Vec<Vec<f64>>> = bags.iter_mut().map(Bag::take).collect();
    let weights = pure::of_places(&mains, &shared);
    let (mut pairs, mut of_pairs) = (None, vec![vec![]; bags.len()]);
    if params.pairs > 0 && mains.count() > 1 && !enough {
        let columns = axes(&mains, &weights, &of_mains, params.pair_bins);
        bags.iter_mut().zip(&of_mains).for_each(|(bag, tables)| bag.restart(&mains, tables));
        let found = Pairs { pairs: ranked(&mut bags, &columns, params)?, axes: columns };
        run(&mut bags, &found, params, progress)?;
        of_pairs = bags.iter_mut().map(Bag::take).collect();
        pairs = Some(found);
    }
    let tables = of_mains.into_iter().zip(of_pairs);
    let parts = pure::parts(&mains, weights, pairs.as_ref(), tables, &shared);
    Ok(Additive::new(data.columns, loss.start(), rounds.round() as usize, parts))
}

/// Boosts the terms until all bags have stopped or there is enough; says whether there is.
fn run(
    bags: &mut [Bag<'_>],
    terms: &dyn Terms,
    params: &AdditiveParams,
    progress: &dyn Progress,
) -> Result<bool, Stopped> {
    bags.iter_mut().for_each(|bag| bag.begin(terms));
    for _ in 0..params.rounds {
        each(bags, params.threads, |bag| bag.round(terms))?;
        if progress.enough() {
            return Ok(true);
        }
        if bags.iter().all(Bag::stopped) {
            break;
        }
    }
    Ok(false)
}

/// Does something with every bag, on several threads if there are.
fn each(
    bags: &mut [Bag<'_>],
    threads: usize,
    work: impl Fn(&mut Bag<'_>) -> Result<(), Stopped> + Sync + Send,
) -> Result<(), Stopped> {
    if threads < 2 {
        bags.iter_mut().try_for_each(work)
    } else {
        bags.par_iter_mut().try_for_each(work)
    }
}
