//! Gradient boosting: trees added one after the other, each fitted to the gradients of the loss.
//!
//! With validation rows the loss on them is followed, and boosting stops when it has not
//! improved for a while; the best number of rounds is kept. That while grows with the rounds
//! already done, as a slowly falling curve needs more of it.
//! Cost per round O(outputs · rows · columns · log leaves), of sparse columns with entries in place
//! of rows · columns; memory per row 8 bytes of row numbers, 8
//! to 16 of gradients, 8 of scores per output and 1 of its leaf, beside a byte per dense column and 9
//! per entry of the sparse ones.

use super::gradients::{pack, raw};
use super::grow::Grower;
use super::job::{GrowParams, Growth, Job, mass, part};
use super::leaf;
use super::loss::Loss;
use super::math::{Minimum, exact_mean};
use super::parallel::{for_each, for_parts, within};
use super::random::{choose, mix};
use super::tick::Ticker;
use super::tree::Tree;
use super::{BinnedColumn, Model};
use crate::{Progress, Stopped};
use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Rows to learn from or to validate on.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The features, sparse columns last; validation columns have the bins of the training columns.
    pub columns: &'a [BinnedColumn],
    /// Truth per row, finite; class codes for classification. Fewer than 2³⁰ rows.
    pub y: &'a [f64],
    /// Weight per row, finite and ≥ 0. If all are whole numbers (and do not sum to 2³⁰), a row counts
    /// as that many rows; else they are brought to a mean of one.
    pub weights: Option<&'a [f64]>,
    /// Known part of each row's score, finite: an exposure's logarithm, an earlier model's score.
    /// It is not part of the model. Only for losses of one score.
    pub offset: Option<&'a [f64]>,
}

/// How to boost.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostParams {
    /// Most rounds.
    pub rounds: usize,
    /// Factor on every tree, > 0, ≤ 1.
    pub learning_rate: f64,
    /// What each tree must keep to.
    pub tree: GrowParams,
    /// Share of columns that a round may use, > 0, ≤ 1; rounded up.
    pub column_share: f64,
    /// Share of rows that a round learns from, > 0, ≤ 1; rounded up.
    pub row_share: f64,
    /// Newton steps of each leaf's value, at least 1. Those after the first are made for losses of
    /// one score only.
    pub leaf_steps: usize,
    /// For each column 1 or −1, where scores must rise or fall with it, else 0; or empty.
    pub monotone: Vec<i8>,
    /// Rounds without improvement after which boosting stops, to which 0.3 of the best round are
    /// added (AutoGluon's adaptive rule). Used with validation rows only.
    pub patience: usize,
    /// The model keeps how many training rows came by each node.
    pub keep_rows: bool,
    /// Seed of the sampling of rows and columns.
    pub seed: u64,
    /// Threads of the pool that one tree may take, at least 1. The result does not depend on it.
    pub threads: usize,
}

impl Default for BoostParams {
    fn default() -> Self {
        Self {
            rounds: 100,
            learning_rate: 0.1,
            tree: GrowParams::default(),
            column_share: 1.0,
            row_share: 1.0,
            leaf_steps: 1,
            monotone: vec![],
            patience: 20,
            keep_rows: false,
            seed: 0,
            threads: 1,
        }
    }
}

/// What came of boosting.
#[derive(Clone, Debug)]
pub struct Boosted {
    /// The trees of the best rounds.
    pub model: Model,
    /// Rounds kept.
    pub rounds: usize,
    /// Mean loss of the validation rows after each round; empty without validation rows.
    pub curve: Vec<f64>,
}

/// Boosts trees on the training rows.
///
/// Fails only when `progress` says so. The same arguments give the same bits.
pub fn boost(
    loss: &dyn Loss,
    train: &Data<'_>,
    valid: Option<&Data<'_>>,
    params: &BoostParams,
    progress: &dyn Progress,
) -> Result<Boosted, Stopped> {
    within(params.threads, || rounds(loss, train, valid, params, progress))
}

fn rounds(
    loss: &dyn Loss,
    train: &Data<'_>,
    valid: Option<&Data<'_>>,
    params: &BoostParams,
    progress: &dyn Progress,
) -> Result<Boosted, Stopped> {
    let mut tick = Ticker::new(progress);
    let start = start(loss, train);
    let mut train = Side::new(&start, train);
    let mut valid = valid.filter(|v| !v.y.is_empty()).map(|v| Side::new(&start, v));
    let masses = masses(&mut train.weights);
    let in_all =
        masses.as_ref().map_or(train.y.len() as f64, |m| m.iter().copied().map(f64::from).sum());
    let columns = divisible(train.columns, masses.as_deref(), &params.tree);
    let useful: Vec<u32> =
        (0..).zip(&*columns).filter(|(_, c)| c.n_bins() > 1).map(|(i, _)| i).collect();
    let mut rounds = Rounds {
        loss,
        params,
        masses,
        grower: Grower::new(&columns, params.threads),
        sample: Sample::default(),
        state: vec![],
        words: vec![0; train.y.len()],
        leaf_of: vec![],
        calm: 1.0,
    };
    let mut model = Model::new(train.columns.len(), &start);
    let (mut curve, mut best) = (vec![], 0);
    for round in 0..params.rounds {
        rounds.sample.draw(params, round, &useful, train.y.len());
        let left = in_all * (-params.learning_rate * round as f64).exp();
        rounds.calm = left / (1.0 + left);
        let split = rounds.run(&mut train, valid.as_mut(), &mut model, &mut tick)?;
        if let Some(valid) = &valid {
            tick.work(20 * valid.y.len() * loss.outputs())?;
            curve.push(valid.mean_loss(loss));
            if curve[round] < curve[best] {
                best = round;
            }
            if round - best >= params.patience + best * 3 / 10 {
                break;
            }
        }
        if (!split && !rounds.sample.partial) || progress.enough() {
            break;
        }
    }
    if valid.is_some() {
        model.truncate((best + 1) * loss.outputs());
    }
    if params.keep_rows {
        model.keep_rows();
    }
    model.finish();
    Ok(Boosted { rounds: model.trees() / loss.outputs(), model, curve })
}

/// The best constant scores: those of the loss, or the root of its gradient where rows have offsets.
fn start(loss: &dyn Loss, data: &Data<'_>) -> Vec<f64> {
    let mut start = loss.start().to_vec();
    let (Some(offset), [score]) = (data.offset, &mut start[..]) else { return start };
    let n = data.y.len();
    let (mut g, mut h) = (vec![0.0; n], vec![0.0; n]);
    let mut minimum = Minimum::default();
    for _ in 0..100 {
        let scores: Vec<f64> = offset.iter().map(|o| o + *score).collect();
        loss.gradients(0, data.y, &scores, &[], &mut g, &mut h);
        let weighted = |v: &[f32]| exact_mean_of(v, data.weights);
        let next = minimum.step(*score, weighted(&g), weighted(&h) / loss.unit());
        if (next - *score).abs() <= 1e-12 * score.abs().max(1.0) {
            break;
        }
        *score = next;
    }
    start
}

fn exact_mean_of(values: &[f32], weights: Option<&[f64]>) -> f64 {
    let values: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
    exact_mean(&values, |i| weights.map_or(1.0, |w| w[i]))
}

/// How many rows each row stands for, if any stands for other than one. Whole weights, which these
/// numbers then replace, are cleared; others are brought to a mean of one, and each row of some
/// weight stands for itself.
pub(super) fn masses(weights: &mut Option<Vec<f64>>) -> Option<Vec<u32>> {
    let w = weights.as_mut()?;
    let heaviest = w.iter().copied().fold(0.0, f64::max);
    let whole =
        w.iter().all(|w| w.fract() == 0.0) && heaviest * (w.len() as f64) < f64::from(1 << 30);
    let masses = if whole {
        w.iter().map(|w| *w as u32).collect::<Vec<_>>()
    } else {
        // Scaled by the heaviest first, as the sum may leave the range of floats.
        w.iter_mut().for_each(|w| *w /= heaviest);
        let mean = w.iter().sum::<f64>() / w.len() as f64;
        w.iter_mut().for_each(|w| *w /= mean);
        w.iter().map(|w| u32::from(*w > 0.0)).collect()
    };
    if whole {
        *weights = None;
    }
    masses.iter().any(|m| *m != 1).then_some(masses)
}

/// The columns, those sparse ones emptied that have fewer entries than a leaf must have rows: they
/// divide no rows.
fn divisible<'a>(
    columns: &'a [BinnedColumn],
    masses: Option<&[u32]>,
    tree: &GrowParams,
) -> Cow<'a, [BinnedColumn]> {
    // Leaves of symmetric trees are bounded by their hessian alone.
    if tree.growth == Growth::Symmetric || columns.iter().all(|c| c.entries().is_none()) {
        return Cow::Borrowed(columns);
    }
    let of = |rows: &[u32]| masses.map_or(rows.len() as u64, |m| mass(m, rows));
    let rare =
        |c: &BinnedColumn| c.entries().is_some_and(|e| of(&e.rows) < u64::from(tree.min_rows));
    columns.iter().map(|c| if rare(c) { c.emptied() } else { c.clone() }).collect()
}

/// Training or validation rows with their scores.
struct Side<'a> {
    columns: &'a [BinnedColumn],
    y: &'a [f64],
    weights: Option<Vec<f64>>,
    /// By output.
    scores: Vec<f64>,
}

impl<'a> Side<'a> {
    fn new(start: &[f64], data: &Data<'a>) -> Self {
        assert!(data.columns.iter().all(|c| c.rows() == data.y.len()), "columns have one length");
        let weights = data.weights.filter(|w| w.iter().any(|w| *w > 0.0)).map(<[f64]>::to_vec);
        let mut scores: Vec<f64> =
            start.iter().flat_map(|&s| std::iter::repeat_n(s, data.y.len())).collect();
        if let Some(offset) = data.offset {
            scores.iter_mut().zip(offset).for_each(|(s, o)| *s += o);
        }
        Self { columns: data.columns, y: data.y, weights, scores }
    }

    fn scores(&mut self, output: usize) -> &mut [f64] {
        let n = self.y.len();
        &mut self.scores[output * n..(output + 1) * n]
    }

    fn of_output(&self, output: usize) -> &[f64] {
        let n = self.y.len();
        &self.scores[output * n..(output + 1) * n]
    }

    fn mean_loss(&self, loss: &dyn Loss) -> f64 {
        let n = self.y.len();
        let (mut sum, mut total) = (0.0, 0.0);
        for (i, &y) in self.y.iter().enumerate() {
            let w = self.weights.as_ref().map_or(1.0, |w| w[i]);
            if w > 0.0 {
                sum += w * loss.row(y, &|k| self.scores[k * n + i]);
                total += w;
            }
        }
        sum / total
    }
}

/// The rows and columns of a round.
#[derive(Default)]
struct Sample {
    columns: Vec<u32>,
    rows: Vec<u32>,
    rest: Vec<u32>,
    seed: u64,
    /// Not all rows or columns take part.
    partial: bool,
}

impl Sample {
    fn draw(&mut self, params: &BoostParams, round: usize, useful: &[u32], n: usize) {
        let (columns, rows) = (part(useful.len(), params.column_share), part(n, params.row_share));
        let seed = mix(params.seed ^ mix(round as u64));
        self.seed = seed;
        let of_nodes = params.tree.level_share < 1.0 || params.tree.node_share < 1.0;
        self.partial =
            columns < useful.len() || rows < n || of_nodes || params.tree.random_strength > 0.0;
        choose(useful.len(), columns, seed, &mut self.columns, &mut self.rest);
        self.columns.iter_mut().for_each(|c| *c = useful[*c as usize]);
        self.rows.clear();
        self.rest.clear();
        if rows < n {
            choose(n, rows, mix(seed), &mut self.rows, &mut self.rest);
        }
    }
}

struct Rounds<'a> {
    loss: &'a dyn Loss,
    params: &'a BoostParams,
    masses: Option<Vec<u32>>,
    grower: Grower<'a>,
    sample: Sample,
    state: Vec<f64>,
    words: Vec<u64>,
    /// Written leaf by leaf, each row by one thread.
    leaf_of: Vec<AtomicU8>,
    /// Factor on the noise of splits: near 1 at first, then falling, the sooner the fewer rows and
    /// the larger the steps (CatBoost's).
    calm: f64,
}

impl Rounds<'_> {
    /// One round: a tree for every output. Returns whether any tree has a split.
    fn run(
        &mut self,
        train: &mut Side<'_>,
        mut valid: Option<&mut Side<'_>>,
        model: &mut Model,
        tick: &mut Ticker<'_>,
    ) -> Result<bool, Stopped> {
        let outputs = self.loss.outputs();
        tick.work(2 * train.scores.len())?;
        self.loss.prepare(&train.scores, &mut self.state);
        let mut any = false;
        for output in 0..outputs {
            let tree = self.tree(output, train, tick)?;
            any |= tree.splits();
            if tree.splits() {
                let columns = train.columns;
                let scores = train.scores(output);
                self.add_leaves(&tree, scores);
                tick.work(20 * self.sample.rest.len())?;
                for &r in &self.sample.rest {
                    scores[r as usize] += tree.value(columns, r as usize);
                }
                if let Some(valid) = &mut valid {
                    let columns = valid.columns;
                    tick.work(20 * valid.y.len())?;
                    for (row, score) in valid.scores(output).iter_mut().enumerate() {
                        *score += tree.value(columns, row);
                    }
                }
            }
            model.push(&tree, train.columns);
        }
        Ok(any)
    }

    /// Adds the leaves' values to the scores of their rows.
    fn add_leaves(&mut self, tree: &Tree, scores: &mut [f64]) {
        let values: Vec<f64> =
            self.grower.leaves().map(|(node, _)| tree.nodes[node].value).collect();
        if values.len() > 256 || !self.sample.rest.is_empty() {
            for ((_, rows), value) in self.grower.leaves().zip(values) {
                rows.iter().for_each(|&r| scores[r as usize] += value);
            }
            return;
        }
        // By way of one byte a row, as the scores themselves do not fit the cache.
        let threads = self.params.threads;
        self.leaf_of.resize_with(scores.len(), AtomicU8::default);
        let leaves: Vec<&[u32]> = self.grower.leaves().map(|(_, rows)| rows).collect();
        for_each(threads, scores.len(), &leaves, |leaf, rows| {
            rows.iter().for_each(|&r| self.leaf_of[r as usize].store(leaf as u8, Relaxed));
        });
        for_parts(threads, scores, |first, scores| {
            for (score, leaf) in scores.iter_mut().zip(&self.leaf_of[first..]) {
                *score += values[usize::from(leaf.load(Relaxed))];
            }
        });
    }

    /// The tree of an output, shrunk by the learning rate and in units of the score.
    fn tree(
        &mut self,
        output: usize,
        train: &Side<'_>,
        tick: &mut Ticker<'_>,
    ) -> Result<Tree, Stopped> {
        let none = || Ok(Tree::leaf(0.0));
        if !self.loss.learns(output) {
            return none();
        }
        let n = train.y.len();
        tick.work(8 * n)?;
        let (weights, scores) = (train.weights.as_deref(), train.of_output(output));
        let of_rows = leaf::Rows { y: train.y, scores, weights, masses: self.masses.as_deref() };
        let threads = self.params.threads;
        differentiate(self.loss, output, &of_rows, &self.state, threads, &mut self.words);
        let rows = (!self.sample.rest.is_empty()).then_some(&self.sample.rows[..]);
        let Some(scale) = pack(&mut self.words, rows, self.masses.as_deref(), threads) else {
            return none();
        };
        let unit = self.loss.unit();
        let mut params = self.params.tree;
        params.l1 /= unit;
        params.random_strength *= self.calm;
        params.min_gain = params.min_gain / unit / unit;
        let job = Job {
            words: &self.words,
            scale,
            rows,
            masses: self.masses.as_deref(),
            columns: &self.sample.columns,
            monotone: &self.params.monotone,
            seed: mix(self.sample.seed ^ output as u64),
            threads: self.params.threads,
            params,
        };
        let mut tree = self.grower.grow(&job, tick)?;
        for node in &mut tree.nodes {
            node.value *= unit;
        }
        if let Some(alpha) = self.loss.leaf_quantile() {
            tick.work(30 * n)?;
            leaf::quantiles(&mut tree, &self.grower, &of_rows, alpha, unit, scale);
        } else if self.params.leaf_steps > 1 && self.loss.outputs() == 1 {
            tick.work(20 * n * self.params.leaf_steps)?;
            leaf::newton(&mut tree, &self.grower, &of_rows, self.loss, self.params, scale);
        }
        for node in &mut tree.nodes {
            node.value *= self.params.learning_rate;
            node.gain = node.gain * unit * unit;
        }
        Ok(tree)
    }
}

/// Sets the words, one a row, to the raw gradients and hessians in the scores of an output. `state` is
/// what [`Loss::prepare`] said of all rows.
pub(super) fn differentiate(
    loss: &dyn Loss,
    output: usize,
    rows: &leaf::Rows<'_>,
    state: &[f64],
    threads: usize,
    words: &mut [u64],
) {
    /// Rows at a time, so that they stay in the cache.
    const PART: usize = 1 << 11;
    for_parts(threads, words, |first, words| {
        let (mut g, mut h) = ([0.0; PART], [0.0; PART]);
        for (part, words) in words.chunks_mut(PART).enumerate() {
            let start = first + part * PART;
            let range = start..start + words.len();
            let (g, h) = (&mut g[..words.len()], &mut h[..words.len()]);
            let state = state.get(range.clone()).unwrap_or_default();
            let (y, scores) = (&rows.y[range.clone()], &rows.scores[range.clone()]);
            loss.gradients(output, y, scores, state, g, h);
            if let Some(weights) = rows.weights {
                for ((g, h), &w) in g.iter_mut().zip(&mut *h).zip(&weights[range]) {
                    *g *= w as f32;
                    *h *= w as f32;
                }
            }
            words.iter_mut().zip(g.iter().zip(&*h)).for_each(|(word, (&g, &h))| *word = raw(g, h));
        }
    });
}
