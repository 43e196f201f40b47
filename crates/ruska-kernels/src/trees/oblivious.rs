//! Symmetric trees evaluated without branches: every decision of a level gives one bit of the
//! leaf's index.

use super::model::Node;
use super::places::{BLOCK, Decision, Places};
use super::split::Subset;

/// Most decisions of a tree: its leaves are numbered by a byte.
const DEPTH: usize = 8;

/// Symmetric trees.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Oblivious {
    decisions: Vec<Decision>,
    leaves: Vec<f64>,
    /// Decisions of each tree.
    depths: Vec<u8>,
}

impl Oblivious {
    /// The trees, if there are any decisions, and all are symmetric and small enough.
    pub(super) fn of<'a>(
        trees: impl Iterator<Item = &'a [Node]>,
        places: &Places,
        subsets: &[Subset],
    ) -> Option<Self> {
        if places.len() == 0 {
            return None;
        }
        let (mut decisions, mut leaves, mut depths) = (vec![], vec![], vec![]);
        for nodes in trees {
            let nodes = levels(nodes)?;
            let depth = (nodes.len() + 1).ilog2() as usize - 1;
            for level in 0..depth {
                decisions.push(places.decision(nodes[(1 << level) - 1], subsets)?);
            }
            leaves.extend(nodes[(1 << depth) - 1..].iter().map(|node| node.value));
            depths.push(depth as u8);
        }
        Some(Self { decisions, leaves, depths })
    }

    /// Adds the trees to the scores of a block of rows.
    pub(super) fn add(&self, places: &[[u8; BLOCK]], outputs: usize, scores: &mut [f64]) {
        let (mut decisions, mut leaves) = (&self.decisions[..], &self.leaves[..]);
        for (tree, &depth) in self.depths.iter().enumerate() {
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
            let scores = scores.iter_mut().skip(tree % outputs).step_by(outputs);
            scores.zip(leaf).for_each(|(score, leaf)| *score += table[usize::from(leaf)]);
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
