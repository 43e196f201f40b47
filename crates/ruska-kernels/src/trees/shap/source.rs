//! Trees in one form, whatever they are stored as.

use super::super::model::Node as Stored;
use super::super::split::Subset;
use super::super::subset;
use super::super::{Forest, Model};

/// A tree of one or more outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// The root first, children after their parent.
    pub nodes: Vec<Node>,
    /// Number of the first output that it adds to.
    pub output: usize,
    /// Outputs that it adds to, as many as each leaf has values.
    pub width: usize,
}

/// A question or an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Weight of the background that comes by, ≥ 0.
    pub cover: f64,
    /// What it says.
    pub says: Says,
}

/// What a node says.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// The values of a leaf.
    Values(Vec<f64>),
    /// Where a row goes on.
    Ask {
        /// Number of the feature that is looked at.
        feature: usize,
        /// Which values go left.
        test: Test,
        /// Whether missing values go left.
        missing_left: bool,
        /// Index of the left child; the right one follows.
        left: usize,
    },
}

/// Which values go left.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Those up to a number.
    AtMost(f64),
    /// Codes below 255 in a set of bits; greater ones are as good as missing.
    Levels([u64; 4]),
}

impl Test {
    /// Whether a value goes left.
    #[inline(always)]
    pub(super) fn left(&self, x: f64, missing_left: bool) -> bool {
        match self {
            Self::AtMost(most) => x <= *most || x.is_nan() && missing_left,
            Self::Levels(set) if x < 255.0 => subset::holds(set, x as u8),
            Self::Levels(_) => missing_left,
        }
    }
}

impl Tree {
    /// Counts the rows that come by each node.
    pub(super) fn count(&mut self, columns: &[&[f64]], rows: &[u32]) {
        self.nodes.iter_mut().for_each(|node| node.cover = 0.0);
        for &row in rows {
            let mut at = 0;
            loop {
                self.nodes[at].cover += 1.0;
                let Says::Ask { feature, test, missing_left, left } = &self.nodes[at].says else {
                    break;
                };
                let goes_left = test.left(columns[*feature][row as usize], *missing_left);
                at = left + usize::from(!goes_left);
            }
        }
    }
}

/// The trees of a boosted model.
pub(super) fn of_model(model: &Model) -> Vec<Tree> {
    let subsets: &[Subset] = model.subsets();
    let node = |node: &Stored| {
        let says = if node.left == 0 {
            Says::Values(vec![node.value])
        } else {
            Says::Ask {
                feature: model.used()[node.slot()] as usize,
                test: node.levels().map_or(Test::AtMost(node.value), |i| Test::Levels(subsets[i])),
                missing_left: node.missing_left(),
                left: node.left as usize,
            }
        };
        Node { cover: 0.0, says }
    };
    let tree = |(i, nodes): (usize, &[Stored])| Tree {
        nodes: nodes.iter().map(node).collect(),
        output: i % model.outputs(),
        width: 1,
    };
    model.trees_of_nodes().enumerate().map(tree).collect()
}

/// The constants and trees of a forest, whose values add up rather than have a mean.
pub(super) fn of_forest(forest: &Forest) -> (Vec<f64>, Vec<Tree>) {
    let width = forest.outputs();
    let constants = vec![forest.of_mean(0.0); width];
    let tree = |tree: usize| Tree {
        nodes: forest.nodes_of(tree).map(|says| Node { cover: 0.0, says }).collect(),
        output: 0,
        width,
    };
    (constants, (0..forest.trees()).map(tree).collect())
}
