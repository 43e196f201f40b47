//! A forest as it predicts and in files: eight bytes a node.
//!
//! Values are brought to bins first, by the cuts of training, so that a decision compares bytes.

use super::BinnedColumn;
use super::binned::cuts_below;
use super::shap::{Says, Test};
use crate::packed;
use serde::{Deserialize, Serialize};

/// Rows predicted at a time.
const BLOCK: usize = 64;
/// Rows walked at a time, whose waits for memory overlap.
const LANES: usize = 8;
/// Bin of missing values in prediction.
const MISSING: u8 = 255;
/// In a node: missing values go left.
const MISSING_LEFT: u64 = 1 << 60;
/// In a node: a leaf.
const LEAF: u64 = 1 << 61;
/// Most columns: their number has 20 bits of a node.
const COLUMNS: u32 = 1 << 20;

/// Trees whose leaves' values are averaged. A node is, from low to high bits: 32 of its left child
/// (the right one follows) or its leaf's number, 8 of the last bin that goes left, 20 of the column,
/// the flags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Forest {
    outputs: u32,
    centre: f64,
    unit: f64,
    /// Where each column's cuts begin, and their number.
    #[serde(with = "packed")]
    cut_starts: Vec<u32>,
    #[serde(with = "packed")]
    cuts: Vec<f64>,
    /// Where each tree begins, and the number of nodes.
    #[serde(with = "packed")]
    starts: Vec<u32>,
    #[serde(with = "packed")]
    nodes: Vec<u64>,
    /// Values of the leaves in units of distance from the centre, or shares of classes.
    #[serde(with = "packed")]
    leaves: Vec<f32>,
    #[serde(with = "packed")]
    gain: Vec<f64>,
}

fn left(node: u64) -> usize {
    (node & 0xffff_ffff) as usize
}

fn bin(node: u64) -> u8 {
    (node >> 32) as u8
}

fn column(node: u64) -> usize {
    (node >> 40) as usize & (COLUMNS as usize - 1)
}

impl Forest {
    pub(super) fn new(columns: &[BinnedColumn], outputs: usize, centre: f64, unit: f64) -> Self {
        assert!(columns.len() < COLUMNS as usize, "fewer than 2²⁰ columns");
        let mut cut_starts = vec![0];
        let mut cuts = vec![];
        for column in columns {
            cuts.extend_from_slice(column.cuts());
            cut_starts.push(cuts.len() as u32);
        }
        let gain = vec![0.0; columns.len()];
        let (starts, nodes, leaves) = (vec![], vec![], vec![]);
        Self {
            outputs: outputs as u32,
            centre,
            unit,
            cut_starts,
            cuts,
            starts,
            nodes,
            leaves,
            gain,
        }
    }

    /// Begins a tree; returns its root.
    pub(super) fn start_tree(&mut self) -> usize {
        self.starts.push(self.nodes.len() as u32);
        self.nodes.push(0);
        self.nodes.len() - 1
    }

    /// Makes the node a decision; returns its left child.
    pub(super) fn add_split(
        &mut self,
        node: usize,
        column: usize,
        bin: u8,
        missing_left: bool,
        gain: f64,
    ) -> usize {
        let child = self.nodes.len();
        let flags = if missing_left { MISSING_LEFT } else { 0 };
        self.nodes[node] = child as u64 | u64::from(bin) << 32 | (column as u64) << 40 | flags;
        self.nodes.extend([0, 0]);
        self.gain[column] += gain;
        child
    }

    /// Makes the node a leaf; returns its values to be filled.
    pub(super) fn add_leaf(&mut self, node: usize) -> &mut [f32] {
        let first = self.leaves.len();
        self.nodes[node] = LEAF | (first / self.outputs as usize) as u64;
        self.leaves.resize(first + self.outputs as usize, 0.0);
        &mut self.leaves[first..]
    }

    pub(super) fn finish(&mut self) {
        self.starts.push(self.nodes.len() as u32);
        let total: f64 = self.gain.iter().sum();
        if total > 0.0 {
            self.gain.iter_mut().for_each(|g| *g /= total);
        }
    }

    /// Leaves out those features from the `first`th on that no decision is on. Returns the others of
    /// these, ascending; the rest of the forest is as if there had been no more.
    pub fn narrow(&mut self, first: usize) -> Vec<u32> {
        let mut in_use = vec![false; self.features()];
        let decisions = || self.nodes.iter().filter(|n| **n & LEAF == 0);
        decisions().for_each(|&node| in_use[column(node)] = true);
        let stays = |f: &usize| *f < first || in_use[*f];
        let stay: Vec<usize> = (0..self.features()).filter(stays).collect();
        if stay.len() == self.features() {
            return (first as u32..self.features() as u32).collect();
        }
        let mut place = vec![0; self.features()];
        stay.iter().enumerate().for_each(|(i, &f)| place[f] = i as u64);
        for node in self.nodes.iter_mut().filter(|n| **n & LEAF == 0) {
            let others = !(u64::from(COLUMNS - 1) << 40);
            *node = *node & others | place[column(*node)] << 40;
        }
        let (mut starts, mut cuts) = (vec![0], vec![]);
        for &f in &stay {
            let range = self.cut_starts[f] as usize..self.cut_starts[f + 1] as usize;
            cuts.extend_from_slice(&self.cuts[range]);
            starts.push(cuts.len() as u32);
        }
        (self.cut_starts, self.cuts) = (starts, cuts);
        self.gain = stay.iter().map(|&f| self.gain[f]).collect();
        stay.into_iter().filter(|f| *f >= first).map(|f| f as u32).collect()
    }

    /// Adds the values of a training row's leaf in the last tree.
    pub(super) fn add_last(&self, columns: &[BinnedColumn], row: usize, sums: &mut [f64]) {
        let mut node = self.nodes[self.starts.last().map_or(0, |&s| s as usize)];
        while node & LEAF == 0 {
            let c = &columns[column(node)];
            let b = c.bin(row);
            let missing = c.has_missing() && b == c.missing_bin();
            let goes_left = if missing { node & MISSING_LEFT != 0 } else { b <= bin(node) };
            node = self.nodes[left(node) + usize::from(!goes_left)];
        }
        self.add_leaf_values(node, sums);
    }

    fn add_leaf_values(&self, node: u64, sums: &mut [f64]) {
        let values = &self.leaves[left(node) * self.outputs as usize..];
        sums.iter_mut().zip(values).for_each(|(s, v)| *s += f64::from(*v));
    }

    /// The prediction of a mean over trees.
    pub(super) fn of_mean(&self, mean: f64) -> f64 {
        self.centre + self.unit * mean
    }

    /// The nodes of a tree, children after their parent; the values of all trees add up.
    pub(super) fn nodes_of(&self, tree: usize) -> impl Iterator<Item = Says> {
        let range = self.starts[tree] as usize..self.starts[tree + 1] as usize;
        let (root, outputs) = (range.start, self.outputs());
        let part = self.unit / self.trees() as f64;
        self.nodes[range].iter().map(move |&node| {
            if node & LEAF != 0 {
                let values = &self.leaves[left(node) * outputs..][..outputs];
                return Says::Values(values.iter().map(|v| part * f64::from(*v)).collect());
            }
            let cuts = &self.cuts[self.cut_starts[column(node)] as usize..];
            let count = self.cut_starts[column(node) + 1] - self.cut_starts[column(node)];
            let cuts = &cuts[..count as usize];
            Says::Ask {
                feature: column(node),
                test: Test::AtMost(
                    cuts.get(usize::from(bin(node))).copied().unwrap_or(f64::INFINITY),
                ),
                missing_left: node & MISSING_LEFT != 0,
                left: left(node) - root,
            }
        })
    }

    /// Number of features the forest was fitted on.
    pub fn features(&self) -> usize {
        self.cut_starts.len() - 1
    }

    /// Predictions per row: 1, or the number of classes if there are more than two.
    pub fn outputs(&self) -> usize {
        self.outputs as usize
    }

    /// Number of trees.
    pub fn trees(&self) -> usize {
        self.starts.len() - 1
    }

    /// Share of the whole gain by feature.
    pub fn importance(&self) -> &[f64] {
        &self.gain
    }

    /// The predictions of the given rows, row by row: `out` has `rows.len() * outputs()` places.
    /// `columns` are the [`Self::features`] columns of the training data; each row lies in each.
    pub fn predict(&self, columns: &[&[f64]], rows: &[u32], out: &mut [f64]) {
        assert_eq!(columns.len(), self.features(), "the columns are those of the training data");
        assert_eq!(out.len(), rows.len() * self.outputs(), "there is a place for every value");
        let width = columns.len();
        let tables: Vec<[f64; 256]> = self
            .cut_starts
            .windows(2)
            .map(|range| {
                let cuts = &self.cuts[range[0] as usize..range[1] as usize];
                let mut table = [f64::INFINITY; 256];
                table[..cuts.len()].copy_from_slice(cuts);
                table
            })
            .collect();
        let mut bins = vec![0; width * BLOCK];
        for (rows, out) in rows.chunks(BLOCK).zip(out.chunks_mut(BLOCK * self.outputs())) {
            for (c, (column, table)) in columns.iter().zip(&tables).enumerate() {
                for (i, &row) in rows.iter().enumerate() {
                    let x = column[row as usize];
                    bins[i * width + c] = if x.is_nan() { MISSING } else { cuts_below(table, x) };
                }
            }
            self.predict_block(&bins[..width * rows.len()], width, out);
        }
    }

    #[expect(clippy::needless_bitwise_bool, reason = "a branch would be mispredicted")]
    fn predict_block(&self, bins: &[u8], width: usize, out: &mut [f64]) {
        out.fill(0.0);
        let outputs = self.outputs();
        for &start in &self.starts[..self.trees()] {
            for (several, out) in out.chunks_mut(LANES * outputs).enumerate() {
                let bins = &bins[several * LANES * width..];
                let mut nodes = [self.nodes[start as usize]; LANES];
                let n = out.len() / outputs;
                // A row in its leaf waits for the others.
                loop {
                    let mut inner = 0;
                    for (i, node) in nodes[..n].iter_mut().enumerate() {
                        let leaf = *node & LEAF != 0;
                        let at = if leaf { 0 } else { i * width + column(*node) };
                        let b = bins.get(at).copied().unwrap_or(MISSING);
                        let missing_left = (b == MISSING) & (*node & MISSING_LEFT != 0);
                        let goes_left = (b != MISSING) & (b <= bin(*node)) | missing_left;
                        let next = if leaf { 0 } else { left(*node) + usize::from(!goes_left) };
                        let next = self.nodes[next];
                        inner += usize::from(!leaf);
                        *node = if leaf { *node } else { next };
                    }
                    if inner == 0 {
                        break;
                    }
                }
                for (&node, sums) in nodes.iter().zip(out.chunks_exact_mut(outputs)) {
                    self.add_leaf_values(node, sums);
                }
            }
        }
        let trees = self.trees() as f64;
        out.iter_mut().for_each(|v| *v = self.of_mean(*v / trees));
    }
}

/// A forest as it is read, not yet trusted.
#[derive(Deserialize)]
struct Stored {
    outputs: u32,
    centre: f64,
    unit: f64,
    #[serde(with = "packed")]
    cut_starts: Vec<u32>,
    #[serde(with = "packed")]
    cuts: Vec<f64>,
    #[serde(with = "packed")]
    starts: Vec<u32>,
    #[serde(with = "packed")]
    nodes: Vec<u64>,
    #[serde(with = "packed")]
    leaves: Vec<f32>,
    #[serde(with = "packed")]
    gain: Vec<f64>,
}

impl TryFrom<Stored> for Forest {
    type Error = &'static str;

    fn try_from(s: Stored) -> Result<Self, Self::Error> {
        let outputs = s.outputs as usize;
        let covers = |starts: &[u32], n: usize| {
            starts.first() == Some(&0)
                && starts.last().is_some_and(|&last| last as usize == n)
                && starts.is_sorted()
        };
        if outputs == 0 || !s.leaves.len().is_multiple_of(outputs) {
            return Err("leaves have the wrong number of values");
        }
        if !covers(&s.cut_starts, s.cuts.len())
            || s.cut_starts.windows(2).any(|w| w[1] - w[0] > 254)
            || s.gain.len() + 1 != s.cut_starts.len()
        {
            return Err("cuts do not belong to the columns");
        }
        let trees = s.starts.windows(2).all(|w| w[0] < w[1]);
        if !covers(&s.starts, s.nodes.len()) || !trees || s.starts.len() < 2 {
            return Err("trees do not cover the nodes");
        }
        for range in s.starts.windows(2) {
            for i in range[0] as usize..range[1] as usize {
                let node = s.nodes[i];
                let sound = if node & LEAF == 0 {
                    // Children after their parent: every walk ends.
                    left(node) > i
                        && left(node) + 1 < range[1] as usize
                        && column(node) < s.gain.len()
                } else {
                    left(node) < s.leaves.len() / outputs
                };
                if !sound {
                    return Err("a decision leads nowhere");
                }
            }
        }
        let Stored { outputs, centre, unit, cut_starts, cuts, starts, nodes, leaves, gain } = s;
        Ok(Self { outputs, centre, unit, cut_starts, cuts, starts, nodes, leaves, gain })
    }
}
