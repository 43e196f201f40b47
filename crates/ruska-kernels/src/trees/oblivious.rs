//! Symmetric trees evaluated without branches: every decision of a level gives one bit of the
//! leaf's index.
//!
//! Values are first brought to the place among the thresholds that the model uses of their feature,
//! one byte each, so that a decision of a block of rows is a few vector instructions.

use super::binned::cuts_below;
use super::model::{Model, Node};
use super::split::Subset;

/// Rows evaluated at a time.
const BLOCK: usize = 256;
/// Most decisions of a tree: its leaves are numbered by a byte.
const DEPTH: usize = 8;
/// Place of missing values.
const MISSING: u8 = 255;

/// `place − low ≤ span`, or the place `also`, goes left.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decision {
    slot: u32,
    low: u8,
    span: u8,
    also: u8,
}

#[derive(Clone, Debug, PartialEq)]
enum Scale {
    /// Thresholds, ascending, and infinities up to 256.
    Numbers(Box<[f64; 256]>),
    /// The place of a level is its code.
    Levels,
}

/// Symmetric trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Oblivious {
    /// By feature in use.
    scales: Vec<Scale>,
    decisions: Vec<Decision>,
    leaves: Vec<f64>,
    /// Decisions of each tree.
    depths: Vec<u8>,
}

impl Oblivious {
    /// The trees of a model, if there are any decisions, and all trees are symmetric and small
    /// enough.
    pub(super) fn of(model: &Model) -> Option<Self> {
        let (used, trees, subsets) = model.parts();
        if used.is_empty() {
            return None;
        }
        let trees: Vec<Vec<&Node>> = trees.map(levels).collect::<Option<_>>()?;
        let scales = scales(&trees, used.len())?;
        let (mut decisions, mut leaves, mut depths) = (vec![], vec![], vec![]);
        for nodes in &trees {
            let depth = (nodes.len() + 1).ilog2() as usize - 1;
            for level in 0..depth {
                decisions.push(decision(nodes[(1 << level) - 1], &scales, subsets)?);
            }
            leaves.extend(nodes[(1 << depth) - 1..].iter().map(|node| node.value));
            depths.push(depth as u8);
        }
        Some(Self { scales, decisions, leaves, depths })
    }

    /// See [`Model::predict`].
    pub(super) fn predict(
        &self,
        base: &[f64],
        used: &[u32],
        columns: &[&[f64]],
        rows: &[u32],
        out: &mut [f64],
    ) {
        let mut places = vec![[0u8; BLOCK]; used.len()];
        for (rows, out) in rows.chunks(BLOCK).zip(out.chunks_mut(BLOCK * base.len())) {
            for ((places, scale), &feature) in places.iter_mut().zip(&self.scales).zip(used) {
                let column = columns[feature as usize];
                for (place, &row) in places.iter_mut().zip(rows) {
                    *place = scale.place(column[row as usize]);
                }
            }
            self.add(&places, base, out);
        }
    }

    fn add(&self, places: &[[u8; BLOCK]], base: &[f64], out: &mut [f64]) {
        let outputs = base.len();
        out.chunks_exact_mut(outputs).for_each(|row| row.copy_from_slice(base));
        let (mut decisions, mut leaves) = (&self.decisions[..], &self.leaves[..]);
        for (tree, &depth) in self.depths.iter().enumerate() {
            let (these, others) = decisions.split_at(usize::from(depth));
            let (values, later) = leaves.split_at(1 << depth);
            (decisions, leaves) = (others, later);
            let mut leaf = [0u8; BLOCK];
            for d in these {
                for (leaf, &place) in leaf.iter_mut().zip(&places[d.slot as usize]) {
                    *leaf = 2 * *leaf + u8::from(!d.goes_left(place));
                }
            }
            // A table of one size, so that indexing by a byte needs no check.
            let mut table = [0.0; 256];
            table[..values.len()].copy_from_slice(values);
            let scores = out.iter_mut().skip(tree % outputs).step_by(outputs);
            scores.zip(leaf).for_each(|(score, leaf)| *score += table[usize::from(leaf)]);
        }
    }
}

impl Decision {
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch would keep the loop scalar")]
    fn goes_left(self, place: u8) -> bool {
        (place.wrapping_sub(self.low) <= self.span) | (place == self.also)
    }
}

impl Scale {
    #[inline(always)]
    fn place(&self, x: f64) -> u8 {
        if x.is_nan() {
            return MISSING;
        }
        match self {
            Self::Levels => x as u8,
            Self::Numbers(thresholds) => cuts_below(thresholds, x),
        }
    }
}

/// The nodes of a tree level by level, if it is symmetric.
fn levels(nodes: &[Node]) -> Option<Vec<&Node>> {
    let mut ordered = vec![&nodes[0]];
    let mut level = 0..1;
    while ordered[level.start].left != 0 {
        let first = ordered[level.start];
        for i in level.clone() {
            let node = ordered[i];
            let same = node.left != 0 && node.value == first.value && node.same_feature(first);
            let left = node.left as usize;
            if !same || ordered.len() >= 2 << DEPTH {
                return None;
            }
            ordered.extend([&nodes[left], &nodes[left + 1]]);
        }
        level = level.end..ordered.len();
    }
    let whole = ordered[level].iter().all(|node| node.left == 0) && ordered.len() == nodes.len();
    whole.then_some(ordered)
}

/// How each feature is brought to places; `None` where one has too many thresholds.
fn scales(trees: &[Vec<&Node>], features: usize) -> Option<Vec<Scale>> {
    let mut thresholds = vec![vec![]; features];
    let mut of_levels = vec![false; features];
    for node in trees.iter().flatten().filter(|node| node.left != 0) {
        if node.levels().is_some() {
            of_levels[node.slot()] = true;
        } else {
            thresholds[node.slot()].push(node.value);
        }
    }
    let scale = |(mut values, levels): (Vec<f64>, bool)| {
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let both = levels && !values.is_empty();
        if both || values.len() > 254 || values.iter().any(|v| v.is_nan()) {
            return None;
        }
        if levels {
            return Some(Scale::Levels);
        }
        let mut table = Box::new([f64::INFINITY; 256]);
        table[..values.len()].copy_from_slice(&values);
        Some(Scale::Numbers(table))
    };
    thresholds.into_iter().zip(of_levels).map(scale).collect()
}

fn decision(node: &Node, scales: &[Scale], subsets: &[Subset]) -> Option<Decision> {
    let (low, span) = match (&scales[node.slot()], node.levels()) {
        (Scale::Numbers(table), None) => (0, table.iter().position(|t| *t == node.value)? as u8),
        (Scale::Levels, Some(i)) => {
            let set = &subsets[i];
            let word = set.iter().position(|w| *w != 0)?;
            if set.iter().map(|w| w.count_ones()).sum::<u32>() != 1 {
                return None;
            }
            (64 * word as u8 + set[word].trailing_zeros() as u8, 0)
        }
        _ => return None,
    };
    // Where missing values go right, `also` repeats a place that goes left anyway.
    let also = if node.missing_left() { MISSING } else { low };
    Some(Decision { slot: node.slot() as u32, low, span, also })
}
