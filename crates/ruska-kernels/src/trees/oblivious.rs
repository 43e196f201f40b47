//! Symmetric trees evaluated without branches: every decision of a level gives one bit of the
//! leaf's index.

use super::model::{Model, Node};
use super::places::{BLOCK, Decision, Places};

/// Most decisions of a tree: its leaves are numbered by a byte.
const DEPTH: usize = 8;

/// Symmetric trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Oblivious {
    places: Places,
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
        let places = Places::of(trees.iter().flatten().copied(), used.len())?;
        let (mut decisions, mut leaves, mut depths) = (vec![], vec![], vec![]);
        for nodes in &trees {
            let depth = (nodes.len() + 1).ilog2() as usize - 1;
            for level in 0..depth {
                decisions.push(places.decision(nodes[(1 << level) - 1], subsets)?);
            }
            leaves.extend(nodes[(1 << depth) - 1..].iter().map(|node| node.value));
            depths.push(depth as u8);
        }
        Some(Self { places, decisions, leaves, depths })
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
            self.places.find(used, columns, rows, &mut places);
            add(self, &places, base, out);
        }
    }
}

/// Sets the scores of a block of rows.
fn add(all: &Oblivious, places: &[[u8; BLOCK]], base: &[f64], out: &mut [f64]) {
    let outputs = base.len();
    out.chunks_exact_mut(outputs).for_each(|row| row.copy_from_slice(base));
    let (mut decisions, mut leaves) = (&all.decisions[..], &all.leaves[..]);
    for (tree, &depth) in all.depths.iter().enumerate() {
        let (these, others) = decisions.split_at(usize::from(depth));
        let (values, later) = leaves.split_at(1 << depth);
        (decisions, leaves) = (others, later);
        let mut leaf = [0u8; BLOCK];
        for decision in these {
            // One more where it goes right: 255 is one less than nothing.
            decision.change(&places[decision.slot as usize], &mut leaf, |leaf, left| {
                (2 * leaf).wrapping_add(1).wrapping_add(left)
            });
        }
        // A table of one size, so that indexing by a byte needs no check.
        let mut table = [0.0; 256];
        table[..values.len()].copy_from_slice(values);
        let scores = out.iter_mut().skip(tree % outputs).step_by(outputs);
        scores.zip(leaf).for_each(|(score, leaf)| *score += table[usize::from(leaf)]);
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
