//! Trees evaluated without branches: every decision strikes out leaves.
//!
//! Leaves are numbered from left to right, a bit each. A decision that sends a row right strikes
//! out the leaves on its left; when all decisions are made, whichever way the row would have gone,
//! the first leaf left is the row's. Bits are held in bytes, eight leaves each, by a block of rows,
//! so that decisions and strikes are vector instructions.
//!
//! Source: Lucchese et al., "QuickScorer", SIGIR 2015; the bytes: Ye et al., "RapidScorer", KDD 2018.

use super::model::Node;
use super::places::{BLOCK, Decision, Places};
use super::split::Subset;
use crate::simd::for_widest;

/// Most bytes of leaves of a tree.
const BYTES: usize = 32;

/// Trees of at most 256 leaves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bitset {
    trees: Vec<Tree>,
    decisions: Vec<Decision>,
    /// Of each decision in turn.
    strikes: Vec<Strike>,
    leaves: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Tree {
    decisions: u32,
    leaves: u32,
}

/// Leaves of one byte that remain when a decision sends a row right.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Strike {
    byte: u8,
    keep: u8,
    /// The last one of its decision.
    last: bool,
}

impl Bitset {
    /// The trees, if all are small enough.
    pub(super) fn of<'a>(
        trees: impl Iterator<Item = &'a [Node]>,
        places: &Places,
        subsets: &[Subset],
    ) -> Option<Self> {
        let mut all = Self { trees: vec![], decisions: vec![], strikes: vec![], leaves: vec![] };
        for nodes in trees {
            let (decisions, leaves) = (all.decisions.len(), all.leaves.len());
            // Leaves from left to right; of each inner node, the leaves on its left.
            let (mut open, mut number) = (vec![(0, None)], 0);
            while let Some((at, first)) = open.pop() {
                let node: &Node = &nodes[at];
                if let Some(first) = first {
                    // All on the left are done.
                    all.decide(places.decision(node, subsets)?, first, number);
                    open.push((node.left as usize + 1, None));
                } else if node.left == 0 {
                    all.leaves.push(node.value);
                    number += 1;
                } else {
                    open.push((at, Some(number)));
                    open.push((node.left as usize, None));
                }
                if number > 8 * BYTES {
                    return None;
                }
            }
            all.trees.push(Tree {
                decisions: (all.decisions.len() - decisions) as u32,
                leaves: (all.leaves.len() - leaves) as u32,
            });
        }
        Some(all)
    }

    /// Adds a decision that strikes out the leaves `first..end` of rows that go right.
    fn decide(&mut self, decision: Decision, first: usize, end: usize) {
        self.decisions.push(decision);
        for byte in first / 8..=(end - 1) / 8 {
            let struck =
                (0..8).filter(|bit| (first..end).contains(&(8 * byte + bit))).map(|bit| 1u8 << bit);
            let keep = !struck.sum::<u8>();
            self.strikes.push(Strike { byte: byte as u8, keep, last: byte == (end - 1) / 8 });
        }
    }

    /// Adds the trees to the scores of a block of rows.
    pub(super) fn add(&self, places: &[[u8; BLOCK]], outputs: usize, scores: &mut [f64]) {
        add(self, places, outputs, scores);
    }
}

for_widest! {
    /// See [`Bitset::add`].
    fn add(all: &Bitset, places: &[[u8; BLOCK]], outputs: usize, out: &mut [f64]) {
        let (mut decisions, mut strikes) = (all.decisions.iter(), all.strikes.iter());
        let mut leaves = &all.leaves[..];
        let mut bytes = [[0u8; BLOCK]; BYTES];
        let mut goes_left = [0u8; BLOCK];
        for (i, tree) in all.trees.iter().enumerate() {
            let (values, later) = leaves.split_at(tree.leaves as usize);
            leaves = later;
            let scores = out.iter_mut().skip(i % outputs).step_by(outputs);
            if let [value] = values {
                scores.for_each(|score| *score += value);
                continue;
            }
            let bytes = &mut bytes[..values.len().div_ceil(8)];
            bytes.iter_mut().for_each(|byte| byte.fill(255));
            for decision in decisions.by_ref().take(tree.decisions as usize) {
                decision.change(&places[decision.slot as usize], &mut goes_left, |_, left| left);
                for strike in strikes.by_ref() {
                    let byte = &mut bytes[usize::from(strike.byte)];
                    for (byte, &left) in byte.iter_mut().zip(&goes_left) {
                        *byte &= left | strike.keep;
                    }
                    if strike.last {
                        break;
                    }
                }
            }
            let mut leaf = [0u32; BLOCK];
            for (group, bytes) in bytes.chunks(4).enumerate().rev() {
                let mut bits = [0u32; BLOCK];
                for (i, byte) in bytes.iter().enumerate() {
                    for (bits, &byte) in bits.iter_mut().zip(byte) {
                        *bits |= u32::from(byte) << (8 * i);
                    }
                }
                for (leaf, &bits) in leaf.iter_mut().zip(&bits) {
                    let first = 32 * group as u32 + bits.trailing_zeros();
                    *leaf = if bits == 0 { *leaf } else { first };
                }
            }
            for (score, &leaf) in scores.zip(&leaf) {
                *score += values[leaf as usize];
            }
        }
    }
}
