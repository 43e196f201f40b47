//! Single rows: eight trees are walked at a time, whose waits for memory overlap.
//!
//! A node is one word, its decision on a place; a leaf leads to itself, so that a tree that is done
//! waits for the others without being asked.

use super::model::Node;
use super::places::{Places, Test};
use super::split::Subset;

/// Trees walked at a time.
const LANES: usize = 8;

/// Trees of decisions on numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Walk {
    /// From the low end: last place that goes left and another one (8 bits each), place of the
    /// feature (16), index of the left child, which the right one follows (32).
    nodes: Vec<u64>,
    /// By node; of leaves only.
    values: Vec<f64>,
    roots: Vec<u32>,
}

impl Walk {
    /// The trees, unless they have decisions on sets of levels.
    pub(super) fn of<'a>(
        trees: impl Iterator<Item = &'a [Node]>,
        places: &Places,
        subsets: &[Subset],
    ) -> Option<Self> {
        let mut walk = Self { nodes: vec![], values: vec![], roots: vec![] };
        for nodes in trees {
            let root = walk.nodes.len() as u64;
            walk.roots.push(root as u32);
            for node in nodes {
                let word = if node.left == 0 {
                    (walk.nodes.len() as u64) << 32 | 0xffff
                } else {
                    let decision = places.decision(node, subsets)?;
                    let Test::UpTo { last, also } = decision.test else { return None };
                    let slot = u64::from(u16::try_from(decision.slot).ok()?);
                    let left = root + u64::from(node.left);
                    left << 32 | slot << 16 | u64::from(also) << 8 | u64::from(last)
                };
                walk.nodes.push(word);
                walk.values.push(node.value);
            }
        }
        (walk.nodes.len() <= u32::MAX as usize).then_some(walk)
    }

    /// Adds the values of the row's leaves, in the order of the trees, to its scores in turn.
    pub(super) fn add(&self, places: &[u8], scores: &mut [f64]) {
        let mut output = 0;
        for roots in self.roots.chunks(LANES) {
            let mut at = [roots[0]; LANES];
            at[..roots.len()].copy_from_slice(roots);
            loop {
                let before = at;
                for at in &mut at {
                    let node = self.nodes[*at as usize];
                    let place = places[(node >> 16) as usize & 0xffff];
                    let left = (place <= node as u8) | (place == (node >> 8) as u8);
                    *at = (node >> 32) as u32 + u32::from(!left);
                }
                if at == before {
                    break;
                }
            }
            for &leaf in &at[..roots.len()] {
                scores[output] += self.values[leaf as usize];
                output += 1;
                output = if output == scores.len() { 0 } else { output };
            }
        }
    }
}
