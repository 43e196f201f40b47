//! The trees of a model as they are told to people.

use super::Model;
use super::subset;

/// A node as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Training rows that came by, whole weights counted, where the model has kept them.
    pub rows: Option<f64>,
    /// What it decides.
    pub says: Says,
}

/// What a node decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// The score of a row that ends here, the constant included if there is one tree per output.
    Value(f64),
    /// Where a row goes on.
    Ask {
        /// Number of the feature that is looked at.
        feature: usize,
        /// Which values go left.
        split: Split,
        /// Missing values go left.
        missing_left: bool,
        /// Index of the left child in the tree; the right one follows.
        left: usize,
    },
}

/// Which values go left.
#[derive(Clone, Debug, PartialEq)]
pub enum Split {
    /// Those up to a number.
    AtMost(f64),
    /// Some levels.
    Levels(Vec<u32>),
}

impl Model {
    /// The nodes of a tree as they are told, children after their parent.
    pub fn told(&self, tree: usize) -> Vec<Told> {
        let range = self.starts[tree] as usize..self.starts[tree + 1] as usize;
        let tell = |at: usize| {
            let node = &self.nodes[at];
            let rows = self.rows.get(at).copied();
            if node.left == 0 {
                let base = self.base[tree % self.base.len()];
                return Told { rows, says: Says::Value(base + node.value) };
            }
            let levels = |i: usize| {
                let mut levels = vec![];
                subset::each_bin(&self.subsets()[i], |bin| levels.push(bin as u32));
                Split::Levels(levels)
            };
            let says = Says::Ask {
                feature: self.used()[node.slot()] as usize,
                split: node.levels().map_or(Split::AtMost(node.value), levels),
                missing_left: node.missing_left(),
                left: node.left as usize,
            };
            Told { rows, says }
        };
        range.map(tell).collect()
    }
}
