//! Single rows: eight trees are walked at a time, whose waits for memory overlap.
//!
//! A node is one word, its decision on a place; a leaf leads to itself, so that a tree that is done
//! waits for the others without being asked.

use super::model::Node;
use super::places::{Places, Test};
use super::split::Subset;
use super::subset;

/// Trees walked at a time.
const LANES: usize = 8;

/// In the place of a node's feature: the decision is on a set of levels.
const LEVELS: u64 = 1 << 15;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Walk {
    sets: Vec<Subset>,
    /// From the low end: last place that goes left, and what is added to places before, so that those
    /// of missing values may be the first (8 bits each), place of the feature (16), index of the
    /// left child, which the right one follows (32). A decision on levels has the number of the set
    /// in the lowest 16 bits.
    nodes: Vec<u64>,
    /// By node; of leaves only.
    values: Vec<f64>,
    roots: Vec<u32>,
}

impl Walk {
    /// The trees, unless there are more features or sets than a node can tell apart.
    pub(super) fn of<'a>(
        trees: impl Iterator<Item = &'a [Node]>,
        places: &Places,
        subsets: &[Subset],
    ) -> Option<Self> {
        let mut walk = Self { sets: vec![], nodes: vec![], values: vec![], roots: vec![] };
        for nodes in trees {
            let root = walk.nodes.len() as u64;
            walk.roots.push(root as u32);
            for node in nodes {
                let word = if node.left == 0 {
                    (walk.nodes.len() as u64) << 32 | 0xff
                } else {
                    let decision = places.decision(node, subsets)?;
                    let slot = u64::from(u16::try_from(decision.slot).ok()?);
                    if slot >= LEVELS {
                        return None;
                    }
                    let left = (root + u64::from(node.left)) << 32;
                    match decision.test {
                        Test::UpTo { last, also } => {
                            let shift = u8::from(also != last);
                            let last = u64::from(last + shift);
                            left | slot << 16 | u64::from(shift) << 8 | last
                        }
                        Test::In(set) => {
                            let number = u64::from(u16::try_from(walk.sets.len()).ok()?);
                            walk.sets.push(*set);
                            left | (slot | LEVELS) << 16 | number
                        }
                    }
                };
                walk.nodes.push(word);
                walk.values.push(node.value);
            }
        }
        u32::try_from(walk.nodes.len()).is_ok().then_some(walk)
    }

    /// Adds the values of the row's leaves, in the order of the trees, to its scores in turn.
    pub(super) fn add(&self, places: &[u8], scores: &mut [f64]) {
        if self.sets.is_empty() {
            self.add_all::<false>(places, scores);
        } else {
            self.add_all::<true>(places, scores);
        }
    }

    fn add_all<const SETS: bool>(&self, places: &[u8], scores: &mut [f64]) {
        if let [score] = scores {
            // In a register.
            let mut sum = *score;
            self.each_leaf::<SETS>(places, |value| sum += value);
            *score = sum;
        } else {
            let mut output = 0;
            self.each_leaf::<SETS>(places, |value| {
                scores[output] += value;
                output += 1;
                output = if output == scores.len() { 0 } else { output };
            });
        }
    }

    /// Calls with the value of the row's leaf in each tree.
    #[inline(always)]
    fn each_leaf<const SETS: bool>(&self, places: &[u8], mut f: impl FnMut(f64)) {
        for roots in self.roots.chunks(LANES) {
            let mut at = [roots[0]; LANES];
            at[..roots.len()].copy_from_slice(roots);
            loop {
                let mut moved = 0;
                for at in &mut at {
                    let node = self.nodes[*at as usize];
                    let place = places[(node >> 16) as usize & (LEVELS as usize - 1)];
                    let right = if SETS && node >> 16 & LEVELS != 0 {
                        !subset::holds(&self.sets[node as usize & 0xffff], place)
                    } else {
                        place.wrapping_add((node >> 8) as u8) > node as u8
                    };
                    let next = (node >> 32) as u32 + u32::from(right);
                    moved |= next ^ *at;
                    *at = next;
                }
                if moved == 0 {
                    break;
                }
            }
            at[..roots.len()].iter().for_each(|&leaf| f(self.values[leaf as usize]));
        }
    }
}
