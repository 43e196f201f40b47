//! Gradient boosting: trees added one after the other, each fitted to the gradients of the loss.
//!
//! With validation rows the loss on them is followed, and boosting stops when it has not
//! improved for a while; the best number of rounds is kept. That while grows with the rounds
//! already done, as a slowly falling curve needs more of it.
//! Cost per round O(outputs · rows · columns · log leaves); memory per row 4 to 8 bytes of row
//! numbers, 16 to 24 of gradients, 8 of scores per output, beside a byte per column.

use super::gradients::pack;
use super::grow::Grower;
use super::job::{GrowParams, Job};
use super::loss::Loss;
use super::random::{choose, mix};
use super::tick::Ticker;
use super::tree::{Node, Tree};
use super::{BinnedColumn, Model};
use crate::{Progress, Stopped};

/// Rows to learn from or to validate on.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// The features; validation columns have the bins of the training columns.
    pub columns: &'a [BinnedColumn],
    /// Truth per row, finite; class codes for classification. Fewer than 2³⁰ rows.
    pub y: &'a [f64],
    /// Weight per row, finite and ≥ 0. If all are whole numbers (and do not sum to 2³⁰), a row counts
    /// as that many rows; else they are brought to a mean of one.
    pub weights: Option<&'a [f64]>,
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
    /// Rounds without improvement after which boosting stops, to which 0.3 of the best round are
    /// added (AutoGluon's adaptive rule). Used with validation rows only.
    pub patience: usize,
    /// Seed of the sampling of rows and columns.
    pub seed: u64,
}

impl Default for BoostParams {
    fn default() -> Self {
        Self {
            rounds: 100,
            learning_rate: 0.1,
            tree: GrowParams::default(),
            column_share: 1.0,
            row_share: 1.0,
            patience: 20,
            seed: 0,
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
    let mut tick = Ticker::new(progress);
    let mut train = Side::new(loss, train);
    let mut valid = valid.filter(|v| !v.y.is_empty()).map(|v| Side::new(loss, v));
    let masses = masses(&mut train.weights);
    let useful: Vec<u32> =
        (0..).zip(train.columns).filter(|(_, c)| c.n_bins() > 1).map(|(i, _)| i).collect();
    let mut rounds = Rounds {
        loss,
        params,
        masses,
        grower: Grower::new(train.columns),
        sample: Sample::default(),
        state: vec![],
        g: vec![0.0; train.y.len()],
        h: vec![0.0; train.y.len()],
        words: vec![],
    };
    let mut model = Model::new(train.columns.len(), loss.start());
    let (mut curve, mut best) = (vec![], 0);
    for round in 0..params.rounds {
        rounds.sample.draw(params, round, &useful, train.y.len());
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
    model.finish();
    Ok(Boosted { rounds: model.trees() / loss.outputs(), model, curve })
}

/// How many rows each row stands for, if any stands for other than one. Whole weights, which these
/// numbers then replace, are cleared; others are brought to a mean of one, and each row of some
/// weight stands for itself.
fn masses(weights: &mut Option<Vec<f64>>) -> Option<Vec<u32>> {
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

/// Training or validation rows with their scores.
struct Side<'a> {
    columns: &'a [BinnedColumn],
    y: &'a [f64],
    weights: Option<Vec<f64>>,
    /// By output.
    scores: Vec<f64>,
}

impl<'a> Side<'a> {
    fn new(loss: &dyn Loss, data: &Data<'a>) -> Self {
        assert!(data.columns.iter().all(|c| c.rows() == data.y.len()), "columns have one length");
        let weights = data.weights.filter(|w| w.iter().any(|w| *w > 0.0)).map(<[f64]>::to_vec);
        let scores =
            loss.start().iter().flat_map(|&s| std::iter::repeat_n(s, data.y.len())).collect();
        Self { columns: data.columns, y: data.y, weights, scores }
    }

    fn scores(&mut self, output: usize) -> &mut [f64] {
        let n = self.y.len();
        &mut self.scores[output * n..(output + 1) * n]
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
    /// Not all rows or columns take part.
    partial: bool,
}

impl Sample {
    fn draw(&mut self, params: &BoostParams, round: usize, useful: &[u32], n: usize) {
        let part =
            |all: usize, share: f64| ((all as f64 * share).ceil() as usize).clamp(all.min(1), all);
        let (columns, rows) = (part(useful.len(), params.column_share), part(n, params.row_share));
        let seed = mix(params.seed ^ mix(round as u64));
        self.partial = columns < useful.len() || rows < n;
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
    g: Vec<f32>,
    h: Vec<f32>,
    words: Vec<u64>,
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
                for (node, rows) in self.grower.leaves() {
                    let value = tree.nodes[node].value;
                    rows.iter().for_each(|&r| scores[r as usize] += value);
                }
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

    /// The tree of an output, shrunk by the learning rate and in units of the score.
    fn tree(
        &mut self,
        output: usize,
        train: &Side<'_>,
        tick: &mut Ticker<'_>,
    ) -> Result<Tree, Stopped> {
        let none = || Ok(Tree { nodes: vec![Node::leaf(0.0)] });
        if !self.loss.learns(output) {
            return none();
        }
        let n = train.y.len();
        tick.work(8 * n)?;
        let scores = &train.scores[output * n..(output + 1) * n];
        self.loss.gradients(output, train.y, scores, &self.state, &mut self.g, &mut self.h);
        if let Some(weights) = &train.weights {
            for ((g, h), &w) in self.g.iter_mut().zip(&mut self.h).zip(weights) {
                *g *= w as f32;
                *h *= w as f32;
            }
        }
        let rows = (!self.sample.rest.is_empty()).then_some(&self.sample.rows[..]);
        let Some(scale) = pack(&self.g, &self.h, rows, self.masses.as_deref(), &mut self.words)
        else {
            return none();
        };
        let unit = self.loss.unit();
        let mut params = self.params.tree;
        params.l1 /= unit;
        params.min_gain = params.min_gain / unit / unit;
        let job = Job {
            words: &self.words,
            scale,
            rows,
            masses: self.masses.as_deref(),
            columns: &self.sample.columns,
            params,
        };
        let mut tree = self.grower.grow(&job, tick)?;
        let factor = self.params.learning_rate * unit;
        for node in &mut tree.nodes {
            node.value *= factor;
            node.gain = node.gain * unit * unit;
        }
        Ok(tree)
    }
}
