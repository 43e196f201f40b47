//! A tree over bins, as it grows.

use super::BinnedColumn;
use super::split::Subset;
use super::subset;

/// A node: a leaf, or a decision whose children lie next to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    /// Index of the left child, the right one follows; 0 for a leaf.
    pub(crate) left: u32,
    /// Column of the decision.
    pub(crate) column: u32,
    /// Last bin that goes left.
    pub(crate) bin: u8,
    /// Another bin that goes left: that of missing values, or `bin` again.
    pub(crate) also: u8,
    /// Of categories: one more than the place of the levels that go left in [`Tree::subsets`].
    pub(crate) subset: u32,
    /// Gain of the decision, in units of the loss.
    pub(crate) gain: f64,
    /// Rows of training that came by, whole weights counted.
    pub(crate) cover: f64,
    /// Value of the leaf.
    pub(crate) value: f64,
}

impl Node {
    pub(crate) fn leaf(value: f64) -> Self {
        Self { left: 0, column: 0, bin: 0, also: 0, subset: 0, gain: 0.0, cover: 0.0, value }
    }

    /// Whether a bin goes left.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch would be mispredicted")]
    pub(crate) fn goes_left(bin: u8, last: u8, also: u8) -> bool {
        (bin <= last) | (bin == also)
    }
}

/// A tree over bins; node 0 is the root and children come after their parent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) subsets: Vec<Subset>,
}

impl Tree {
    /// A tree of one leaf.
    pub(crate) fn leaf(value: f64) -> Self {
        Self { nodes: vec![Node::leaf(value)], subsets: vec![] }
    }

    /// The value of a row.
    pub(crate) fn value(&self, columns: &[BinnedColumn], row: usize) -> f64 {
        let mut node = &self.nodes[0];
        while node.left != 0 {
            let bin = columns[node.column as usize].bin(row);
            let right = match node.subset {
                0 => !Node::goes_left(bin, node.bin, node.also),
                i => !subset::holds(&self.subsets[i as usize - 1], bin),
            };
            node = &self.nodes[node.left as usize + usize::from(right)];
        }
        node.value
    }

    /// Whether there is a decision at all.
    pub(crate) fn splits(&self) -> bool {
        self.nodes.len() > 1
    }
}
