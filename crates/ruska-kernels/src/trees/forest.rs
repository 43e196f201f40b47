//! Forests: many deep trees on samples of the rows, each node on a sample of the columns.
//!
//! Regression lowers the squared error, classification the Gini impurity; a leaf holds the mean or
//! the share of each class. Random forests draw rows with replacement and try every threshold;
//! extremely randomised trees take all rows and one random threshold a column, uniform among the
//! bins that the node's rows span. A node's histograms cost as much as it has rows, whatever the
//! number of bins: only the cells that were touched are visited, in order, and emptied.
//! Cost O(trees · rows · columns a node · log rows), of sparse columns with entries in place of rows ·
//! columns; memory a row: 16 bytes, beside a byte a dense column and 9 an entry of the sparse ones.
//!
//! Source: Breiman, "Random forests", 2001; Geurts, Ernst, Wehenkel, "Extremely randomized trees",
//! 2006.

use super::compact::{self, Compact};
use super::gradients::{Sums, packed};
use super::math::{exact_mean, power_of_two};
use super::node_split::{Best, Finder, Rows};
use super::partition::{divide_rows, move_rows};
use super::random::{Stream, mix};
use super::tick::Ticker;
use super::tree::Node;
use super::{BinnedColumn, Data, Forest};
use crate::{Progress, Stopped};

/// How to grow a forest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForestParams {
    /// Number of trees, at least 1.
    pub trees: usize,
    /// Columns that a node tries, at least 1; those of one value in the node do not count.
    pub columns_per_node: usize,
    /// Least number of rows of a leaf, at least 1; whole weights count as rows.
    pub min_rows: u32,
    /// Most decisions from root to leaf.
    pub max_depth: u32,
    /// Draws as many rows as there are, with replacement, for each tree.
    pub bootstrap: bool,
    /// One random threshold a column.
    pub random_thresholds: bool,
    /// Seed of all sampling.
    pub seed: u64,
}

impl Default for ForestParams {
    fn default() -> Self {
        Self {
            trees: 100,
            columns_per_node: 1,
            min_rows: 1,
            max_depth: u32::MAX,
            bootstrap: true,
            random_thresholds: false,
            seed: 0,
        }
    }
}

/// What came of growing a forest.
#[derive(Clone, Debug)]
pub struct Forested {
    /// The trees.
    pub forest: Forest,
    /// Predictions of the training rows, row by row, by the trees that did not see them; NaN for
    /// rows that all trees saw. Empty without a bootstrap.
    pub out_of_bag: Vec<f64>,
}

/// Grows a forest: for numbers if `classes` is 0, else for shares of that many classes, of which
/// `data.y` are the codes. Two classes have one output, the share of the second.
///
/// When told that it is [`Progress::enough`], asked once a tree, it returns the trees it has.
/// The same arguments give the same bits.
pub fn forest(
    classes: usize,
    data: &Data<'_>,
    params: &ForestParams,
    progress: &dyn Progress,
) -> Result<Forested, Stopped> {
    let mut tick = Ticker::new(progress);
    let n = data.y.len();
    let (weights, one_row) = whole_weights(data.weights, n);
    let truth = Truth::new(classes, data, &weights);
    let outputs = truth.outputs();
    let useful: Vec<u32> =
        (0..).zip(data.columns).filter(|(_, c)| c.n_bins() > 1).map(|(i, _)| i).collect();
    let mut forest = Forest::new(data.columns, outputs, truth.centre, truth.unit());
    let mut grower = Grower {
        data,
        params,
        truth: &truth,
        one_row,
        finder: Finder::new(data.columns, useful, outputs, params.random_thresholds),
        rows: vec![],
        scratch: vec![],
        compact: Compact::default(),
    };
    let mut aside = Aside::new(params.bootstrap, n, outputs);
    for tree in 0..params.trees {
        if tree > 0 && progress.enough() {
            break;
        }
        let seed = mix(params.seed ^ mix(tree as u64));
        let masses = if params.bootstrap { draw(&weights, seed) } else { weights.clone() };
        tick.work(40 * n)?;
        grower.grow(&masses, seed, &mut forest, &mut tick)?;
        aside.add(&forest, data.columns, &masses, &weights);
        tick.work(20 * n)?;
    }
    forest.finish();
    Ok(Forested { out_of_bag: aside.means(&forest), forest })
}

/// Weights as whole numbers, and which number stands for one row: 1 where weights are whole, else
/// the mean is brought to 64.
fn whole_weights(weights: Option<&[f64]>, n: usize) -> (Vec<u32>, u32) {
    let Some(w) = weights.filter(|w| w.iter().any(|w| *w > 0.0)) else { return (vec![1; n], 1) };
    let heaviest = w.iter().copied().fold(0.0, f64::max);
    if w.iter().all(|w| w.fract() == 0.0) && heaviest * (n as f64) < f64::from(1 << 28) {
        return (w.iter().map(|w| *w as u32).collect(), 1);
    }
    let mean = w.iter().map(|w| w / heaviest).sum::<f64>() / n as f64;
    let whole = |w: &f64| match w / heaviest / mean * 64.0 {
        0.0 => 0,
        w => (w.round() as u32).clamp(1, 1 << 16),
    };
    (w.iter().map(whole).collect(), 64)
}

/// How often each row is drawn, times its weight.
fn draw(weights: &[u32], seed: u64) -> Vec<u32> {
    let n = weights.len() as u64;
    let mut masses = vec![0; weights.len()];
    let mut random = Stream::new(mix(!seed));
    for _ in 0..n {
        let row = random.below(n) as usize;
        masses[row] += weights[row];
    }
    masses
}

/// The truth as the finder of splits sees it.
pub(super) struct Truth<'a> {
    y: &'a [f64],
    classes: usize,
    centre: f64,
    exponent: f64,
    /// Of numbers and two classes: the distance from the centre, in units.
    rest: Vec<f32>,
}

impl<'a> Truth<'a> {
    fn new(classes: usize, data: &Data<'a>, weights: &[u32]) -> Self {
        let y = data.y;
        let mut truth = Self { y, classes, centre: 0.0, exponent: 0.0, rest: vec![] };
        if classes == 0 {
            truth.centre = exact_mean(y, |i| f64::from(weights[i]));
            let half = |y: f64| (y / 2.0 - truth.centre / 2.0).abs();
            truth.exponent = power_of_two(y.iter().fold(0.0, |m: f64, &y| m.max(half(y))));
        }
        if classes <= 2 {
            let inverse = (-truth.exponent).exp2();
            truth.rest = y.iter().map(|y| (y * inverse - truth.centre * inverse) as f32).collect();
        }
        truth
    }

    fn unit(&self) -> f64 {
        self.exponent.exp2()
    }

    fn outputs(&self) -> usize {
        if self.classes <= 2 { 1 } else { self.classes }
    }
}

struct Grower<'a> {
    data: &'a Data<'a>,
    params: &'a ForestParams,
    truth: &'a Truth<'a>,
    one_row: u32,
    finder: Finder<'a>,
    rows: Vec<u32>,
    scratch: Vec<u32>,
    /// The rows of the last small node.
    compact: Compact,
}

/// A node that may still be split.
struct Open {
    node: usize,
    rows: std::ops::Range<usize>,
    depth: u32,
}

impl Grower<'_> {
    /// Adds a tree on the rows of some mass.
    fn grow(
        &mut self,
        masses: &[u32],
        seed: u64,
        forest: &mut Forest,
        tick: &mut Ticker<'_>,
    ) -> Result<(), Stopped> {
        self.rows.clear();
        self.rows.extend((0..masses.len() as u32).filter(|&r| masses[r as usize] > 0));
        self.scratch.resize(self.rows.len(), 0);
        let (mut words, mut scale_h, mut scale_g) = (vec![], 1.0, 1.0);
        if self.truth.outputs() == 1 {
            let ones = vec![1.0; masses.len()];
            // Without any spread there is nothing to split.
            if let Some((packed, scale)) = packed(&self.truth.rest, &ones, Some(masses)) {
                (words, scale_g, scale_h) = (packed, scale.g, scale.h);
            }
        }
        let codes: &[f64] = if words.is_empty() { self.truth.y } else { &[] };
        let mut random = Stream::new(seed);
        let mut open = vec![Open { node: forest.start_tree(), rows: 0..self.rows.len(), depth: 0 }];
        // How many nodes wait that are not of the rows copied together.
        let mut within: Option<usize> = None;
        while let Some(Open { node, rows, depth }) = open.pop() {
            within = within.filter(|others| open.len() >= *others);
            if within.is_none() && self.copy(rows.clone(), (&words, masses, codes)) {
                within = Some(open.len());
            }
            let of_node = &self.rows[rows.clone()];
            tick.work(20 + 4 * of_node.len() * self.params.columns_per_node)?;
            let near = match within {
                None => Rows { numbers: of_node, words: &words, masses, codes, compact: None },
                Some(_) => self.compact.rows(of_node),
            };
            let least = f64::from(self.params.min_rows.max(1)) * f64::from(self.one_row) * scale_h;
            self.finder.enter(&near);
            let may = depth < self.params.max_depth && of_node.len() > 1;
            let best = if may {
                self.finder.best(&near, least, self.params.columns_per_node, &mut random)
            } else {
                None
            };
            let Some(Best { column, bin, missing_left, gain }) = best else {
                self.finder.leaf(&near, scale_g, scale_h, forest.add_leaf(node));
                continue;
            };
            let binned = &self.data.columns[column as usize];
            let also = if missing_left { binned.missing_bin() } else { bin };
            let goes_left = |b| Node::goes_left(b, bin, also);
            let (of_node, scratch) = (&mut self.rows[rows.clone()], &mut self.scratch);
            let of_left = if within.is_some() {
                move_rows(of_node, scratch, self.compact.bins(column), 1, goes_left)
            } else {
                divide_rows(of_node, scratch, binned, 1, goes_left)
            };
            let middle = rows.start + of_left;
            let left = forest.add_split(node, column as usize, bin, missing_left, gain);
            open.push(Open { node: left + 1, rows: middle..rows.end, depth: depth + 1 });
            open.push(Open { node: left, rows: rows.start..middle, depth: depth + 1 });
        }
        Ok(())
    }

    /// Copies the rows of a node together and numbers them anew, if that pays.
    fn copy(
        &mut self,
        range: std::ops::Range<usize>,
        (words, masses, codes): (&[u64], &[u32], &[f64]),
    ) -> bool {
        let ForestParams { columns_per_node, min_rows, .. } = *self.params;
        let Some(useful) = self.finder.dense() else { return false };
        if !compact::pays(range.len(), useful.len(), columns_per_node, min_rows as usize) {
            return false;
        }
        let rows = &mut self.rows[range];
        self.compact.copy(self.data.columns, useful, rows, (words, masses, codes));
        (0..).zip(rows).for_each(|(number, row)| *row = number);
        true
    }
}

/// Sums of the predictions of rows by trees that did not see them.
struct Aside {
    outputs: usize,
    sums: Vec<f64>,
    trees: Vec<u32>,
}

impl Aside {
    fn new(bootstrap: bool, n: usize, outputs: usize) -> Self {
        let n = if bootstrap { n } else { 0 };
        Self { outputs, sums: vec![0.0; n * outputs], trees: vec![0; n] }
    }

    /// Adds the last tree's.
    fn add(&mut self, forest: &Forest, columns: &[BinnedColumn], masses: &[u32], weights: &[u32]) {
        for (row, trees) in self.trees.iter_mut().enumerate() {
            if masses[row] == 0 && weights[row] > 0 {
                let sums = &mut self.sums[row * self.outputs..][..self.outputs];
                forest.add_last(columns, row, sums);
                *trees += 1;
            }
        }
    }

    fn means(mut self, forest: &Forest) -> Vec<f64> {
        for (sums, &trees) in self.sums.chunks_exact_mut(self.outputs).zip(&self.trees) {
            sums.iter_mut().for_each(|s| *s = forest.of_mean(*s / f64::from(trees)));
        }
        self.sums
    }
}

/// The value of a leaf of these sums, in units.
pub(super) fn mean(sums: Sums, scale_g: f64, scale_h: f64) -> f64 {
    if sums.h > 0.0 { sums.g / scale_g / (sums.h / scale_h) } else { 0.0 }
}
