//! A boosted model: flat trees for prediction from raw values, and its compact form in files.
//!
//! A node takes 16 bytes. Trees are evaluated by [`super::evaluate`], to the same bits however many
//! rows there are.

use super::BinnedColumn;
use super::evaluate::Evaluator;
use super::split::Subset;
use super::subset;
use super::tree::Tree;
use crate::packed::{self, Item};
use serde::{Deserialize, Serialize};

/// In `Node::slot`: missing values go left.
const MISSING_LEFT: u32 = 1 << 31;
/// In `Node::slot`: `value` is the place of the levels that go left in `Model::subsets`.
const LEVELS: u32 = 1 << 30;

/// A decision `x <= value` or, where `left` is 0, a leaf of that value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) value: f64,
    /// Place of the feature in the list of those in use.
    slot: u32,
    /// Left child within the tree, the right one follows.
    pub(super) left: u32,
}

impl Node {
    /// Place of the feature in the list of those in use.
    #[inline(always)]
    pub(super) fn slot(&self) -> usize {
        (self.slot & !(MISSING_LEFT | LEVELS)) as usize
    }

    /// Whether both decide on one feature and treat missing values alike.
    pub(super) fn same_feature(&self, other: &Self) -> bool {
        self.slot == other.slot
    }

    pub(super) fn missing_left(&self) -> bool {
        self.slot & MISSING_LEFT != 0
    }

    /// Place of the levels that go left.
    pub(super) fn levels(&self) -> Option<usize> {
        (self.slot & LEVELS != 0).then_some(self.value as usize)
    }

    /// The node that follows for a value of the feature.
    fn next(&self, x: f64, subsets: &[Subset]) -> usize {
        let left = match self.levels() {
            // Codes beyond those of any level are as good as missing.
            Some(i) if x < 255.0 => subset::holds(&subsets[i], x as u8),
            Some(_) => self.missing_left(),
            None => x <= self.value || x.is_nan() && self.missing_left(),
        };
        self.left as usize + usize::from(!left)
    }
}

/// Trees whose values add up to the scores of a row, one or more outputs in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Model {
    features: u32,
    pub(super) base: Vec<f64>,
    /// Features in use, ascending.
    #[serde(with = "packed")]
    used: Vec<u32>,
    /// Where each tree begins in `nodes`, and their number.
    #[serde(with = "packed")]
    pub(super) starts: Vec<u32>,
    #[serde(with = "packed")]
    pub(super) nodes: Vec<Node>,
    /// Total gain by feature.
    #[serde(with = "packed")]
    gain: Vec<f64>,
    /// Training rows that decisions on a feature saw, by feature.
    #[serde(with = "packed")]
    cover: Vec<f64>,
    /// Levels that go left.
    #[serde(with = "packed")]
    subsets: Vec<Subset>,
    /// Training rows that came by each node, where they are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "packed")]
    pub(super) rows: Vec<f64>,
    /// The same trees for fast evaluation, where they allow it.
    #[serde(skip)]
    evaluator: Option<Evaluator>,
}

impl Model {
    /// Constants for every output, without trees.
    pub(crate) fn new(features: usize, base: &[f64]) -> Self {
        Self {
            features: features as u32,
            base: base.to_vec(),
            used: (0..features as u32).collect(),
            starts: vec![0],
            nodes: vec![],
            gain: vec![],
            cover: vec![],
            subsets: vec![],
            rows: vec![],
            evaluator: None,
        }
    }

    /// Adds the tree of the next output.
    pub(crate) fn push(&mut self, tree: &Tree, columns: &[BinnedColumn]) {
        let first = self.subsets.len() as u32;
        self.subsets.extend_from_slice(&tree.subsets);
        let flag = |is: bool, flag: u32| if is { flag } else { 0 };
        for node in &tree.nodes {
            self.nodes.push(match columns.get(node.column as usize) {
                Some(column) if node.left != 0 => match node.subset {
                    0 => Node {
                        value: column.threshold(node.bin),
                        slot: node.column | flag(node.also != node.bin, MISSING_LEFT),
                        left: node.left,
                    },
                    i => {
                        let set = &tree.subsets[i as usize - 1];
                        let missing = subset::holds(set, column.missing_bin());
                        Node {
                            value: f64::from(first + i - 1),
                            slot: node.column | LEVELS | flag(missing, MISSING_LEFT),
                            left: node.left,
                        }
                    }
                },
                _ => Node { value: node.value, slot: 0, left: 0 },
            });
            self.gain.push(node.gain);
            self.cover.push(node.cover);
        }
        self.starts.push(self.nodes.len() as u32);
    }

    /// Keeps the first trees.
    pub(crate) fn truncate(&mut self, trees: usize) {
        self.starts.truncate(trees + 1);
        let nodes = self.starts.last().map_or(0, |&n| n as usize);
        self.nodes.truncate(nodes);
        self.gain.truncate(nodes);
        self.cover.truncate(nodes);
        let levels = |node: &Node| if node.left == 0 { None } else { node.levels() };
        let last = self.nodes.iter().filter_map(levels).max();
        self.subsets.truncate(last.map_or(0, |last| last + 1));
    }

    /// Keeps how many training rows came by each node.
    pub(crate) fn keep_rows(&mut self) {
        self.rows.clone_from(&self.cover);
    }

    /// Sums what is known of each decision by feature and numbers the features in use.
    pub(crate) fn finish(&mut self) {
        let mut gain = vec![0.0; self.features as usize];
        let mut cover = gain.clone();
        let mut in_use = vec![false; self.features as usize];
        let known = self.gain.iter().zip(&self.cover);
        for (node, (g, c)) in self.nodes.iter().zip(known).filter(|(node, _)| node.left != 0) {
            gain[node.slot()] += g;
            cover[node.slot()] += c;
            in_use[node.slot()] = true;
        }
        (self.gain, self.cover) = (gain, cover);
        self.used = (0..self.features).filter(|&f| in_use[f as usize]).collect();
        let mut place = vec![0; self.features as usize];
        (0..).zip(&self.used).for_each(|(slot, &f)| place[f as usize] = slot);
        for node in self.nodes.iter_mut().filter(|node| node.left != 0) {
            node.slot = place[node.slot()] | node.slot & (MISSING_LEFT | LEVELS);
        }
        self.evaluator = Evaluator::of(self);
    }

    /// Leaves out those features from the `first`th on that no decision is on. Returns the others of
    /// these, ascending; the rest of the model is as if there had been no more.
    pub fn narrow(&mut self, first: usize) -> Vec<u32> {
        let kept: Vec<u32> = self.used.iter().copied().filter(|&f| f as usize >= first).collect();
        for values in [&mut self.gain, &mut self.cover].into_iter().filter(|v| !v.is_empty()) {
            let later: Vec<f64> = kept.iter().map(|&f| values[f as usize]).collect();
            values.truncate(first);
            values.extend(later);
        }
        let few = self.used.len() - kept.len();
        (first as u32..).zip(&mut self.used[few..]).for_each(|(number, used)| *used = number);
        self.features = (self.features as usize).min(first) as u32 + kept.len() as u32;
        kept
    }

    /// The features in use, ascending.
    pub(super) fn used(&self) -> &[u32] {
        &self.used
    }

    /// The levels that go left.
    pub(super) fn subsets(&self) -> &[Subset] {
        &self.subsets
    }

    /// The nodes of each tree.
    pub(super) fn trees_of_nodes(&self) -> impl Iterator<Item = &[Node]> {
        self.starts.windows(2).map(|range| &self.nodes[range[0] as usize..range[1] as usize])
    }

    /// Number of features the model was fitted on.
    pub fn features(&self) -> usize {
        self.features as usize
    }

    /// The scores without any tree, one an output.
    pub(super) fn constants(&self) -> &[f64] {
        &self.base
    }

    /// Scores per row.
    pub fn outputs(&self) -> usize {
        self.base.len()
    }

    /// Number of trees, of all outputs together.
    pub fn trees(&self) -> usize {
        self.starts.len() - 1
    }

    /// The total gain of the decisions on each feature, in units of the training loss.
    pub fn importance(&self) -> &[f64] {
        &self.gain
    }

    /// The number of decisions on each feature.
    pub fn split_counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.features()];
        for node in self.nodes.iter().filter(|node| node.left != 0) {
            counts[self.used[node.slot()] as usize] += 1;
        }
        counts
    }

    /// How many training rows the decisions on each feature saw, all together; empty for a model
    /// of a file that does not tell.
    pub fn cover(&self) -> &[f64] {
        &self.cover
    }

    /// The scores of the given rows, row by row: `out` has `rows.len() * outputs()` places.
    /// `columns` are the [`Self::features`] columns of the training data; each row lies in each.
    pub fn predict(&self, columns: &[&[f64]], rows: &[u32], out: &mut [f64]) {
        assert_eq!(columns.len(), self.features(), "the columns are those of the training data");
        assert_eq!(out.len(), rows.len() * self.outputs(), "there is a place for every score");
        out.chunks_exact_mut(self.outputs()).for_each(|row| row.copy_from_slice(&self.base));
        match &self.evaluator {
            Some(trees) => trees.add(&self.used, columns, rows, self.outputs(), out),
            None => {
                for (&row, scores) in rows.iter().zip(out.chunks_exact_mut(self.outputs())) {
                    self.add(|f| columns[f][row as usize], scores);
                }
            }
        }
    }

    /// The scores of one row of values, one per feature. Allocates nothing when no more than 512
    /// features are in use.
    pub fn predict_row(&self, row: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&self.base);
        let done = self.evaluator.as_ref().is_some_and(|t| t.add_one(&self.used, row, out));
        if !done {
            self.add(|f| row[f], out);
        }
    }

    /// Adds the trees to the scores of a row, whose values by feature are given.
    fn add(&self, value: impl Fn(usize) -> f64, scores: &mut [f64]) {
        for (tree, nodes) in self.trees_of_nodes().enumerate() {
            let mut node = &nodes[0];
            while node.left != 0 {
                let x = value(self.used[node.slot()] as usize);
                node = &nodes[node.next(x, &self.subsets)];
            }
            scores[tree % self.base.len()] += node.value;
        }
    }
}

/// A model as it is read, not yet trusted.
#[derive(Deserialize)]
struct Stored {
    features: u32,
    base: Vec<f64>,
    #[serde(with = "packed")]
    used: Vec<u32>,
    #[serde(with = "packed")]
    starts: Vec<u32>,
    #[serde(with = "packed")]
    nodes: Vec<Node>,
    #[serde(with = "packed")]
    gain: Vec<f64>,
    #[serde(default, with = "packed")]
    cover: Vec<f64>,
    #[serde(default, with = "packed")]
    subsets: Vec<Subset>,
    #[serde(default, with = "packed")]
    rows: Vec<f64>,
}

impl TryFrom<Stored> for Model {
    type Error = &'static str;

    fn try_from(s: Stored) -> Result<Self, Self::Error> {
        let ascending = s.used.windows(2).all(|w| w[0] < w[1]);
        if !ascending || s.used.last().is_some_and(|&f| f >= s.features) {
            return Err("features are numbered wrongly");
        }
        if s.base.is_empty() || s.gain.len() != s.features as usize {
            return Err("lists have the wrong length");
        }
        if !s.cover.is_empty() && s.cover.len() != s.gain.len() {
            return Err("lists have the wrong length");
        }
        if !s.rows.is_empty() && s.rows.len() != s.nodes.len() {
            return Err("lists have the wrong length");
        }
        if s.starts.first() != Some(&0) || s.starts.last() != Some(&(s.nodes.len() as u32)) {
            return Err("trees do not cover the nodes");
        }
        for range in s.starts.windows(2) {
            let nodes = s.nodes.get(range[0] as usize..range[1] as usize).unwrap_or_default();
            if nodes.is_empty() {
                return Err("a tree is empty");
            }
            for (i, node) in nodes.iter().enumerate() {
                let left = node.left as usize;
                let known = node.levels().is_none_or(|levels| levels < s.subsets.len());
                // Children after their parent: every walk ends.
                let decides =
                    left > i && left + 1 < nodes.len() && node.slot() < s.used.len() && known;
                if !decides && (left, node.slot) != (0, 0) {
                    return Err("a decision leads nowhere");
                }
            }
        }
        let Stored { features, base, used, starts, nodes, gain, cover, subsets, rows } = s;
        let evaluator = None;
        let mut model =
            Self { features, base, used, starts, nodes, gain, cover, subsets, rows, evaluator };
        model.evaluator = Evaluator::of(&model);
        Ok(model)
    }
}

impl Item for Subset {
    const SIZE: usize = 32;
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    }
    fn get(bytes: &[u8]) -> Self {
        std::array::from_fn(|i| {
            let word = bytes[8 * i..8 * i + 8].try_into();
            u64::from_le_bytes(word.expect("chunks have the size of the item"))
        })
    }
}

impl Item for Node {
    const SIZE: usize = 16;
    fn put(&self, out: &mut Vec<u8>) {
        self.value.put(out);
        self.slot.put(out);
        self.left.put(out);
    }
    fn get(bytes: &[u8]) -> Self {
        Self {
            value: f64::get(&bytes[..8]),
            slot: u32::get(&bytes[8..12]),
            left: u32::get(&bytes[12..]),
        }
    }
}
