//! One small tree that says nearly what the model says, and how nearly.
//!
//! Does: splits the leaf whose split lowers the squared distance from the model's predictions most, up to eight
//! leaves; a number is at most a threshold, a level one of those with the lowest predictions. Wins where the model
//! rests on few columns with steps; fails where many columns add up, which its fidelity tells: the share of the
//! variance of predictions that it tells of rows that it has not seen. Cost O(rows · log rows · columns · depth).
//! Missing numbers go to the side of the greater ones, missing and new levels are levels of their own.
//!
//! Source: Craven, Shavlik, "Extracting tree-structured representations of trained networks", NIPS 1995.

use crate::explain::features::{Feature, Values};
use crate::words::value;
use rayon::prelude::*;
use ruska_core::{Rule, RuleNode, Rules, Test};
use serde::Serialize;

/// Most leaves, and questions on the way to one.
const LEAVES: usize = 8;
const DEPTH: usize = 3;
/// A leaf holds at least one in so many rows.
const LEAF_ROWS: usize = 20;
/// Share of the whole variance that a split must bring.
const LEAST_GAIN: f64 = 0.005;

/// A small tree in the place of the model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surrogate {
    /// Its rules: predicted numbers, or probabilities of the class told.
    pub rules: Rules,
    /// Share of the variance of the model's predictions that such a tree tells of rows that it has not learned
    /// from, at most 1; less than 0 where it tells less than their mean.
    pub fidelity: f64,
    /// Rows it learned from.
    pub rows: usize,
}

impl Surrogate {
    /// The rules, with as many digits of what they say as people read.
    pub fn words(&self) -> String {
        let mut rules = self.rules.clone();
        for node in &mut rules.nodes {
            if let Rule::Leaf(said) = &mut node.rule {
                *said = value(*said).parse().unwrap_or(*said);
            }
        }
        rules.to_string()
    }
}

/// Of predictions of rows; `None` where there are too few rows, or predictions do not vary.
pub(super) fn surrogate(features: &[&Feature], said: &[f64]) -> Option<Surrogate> {
    let rows: Vec<u32> = (0..said.len() as u32).collect();
    // Each half judges a tree of the other.
    let (odd, even): (Vec<u32>, Vec<u32>) = rows.iter().partition(|r| **r % 2 == 1);
    let tree = Tree::learn(features, said, rows.clone())?;
    let mut off = 0.0;
    for (learned, judged) in [(&odd, &even), (&even, &odd)] {
        let half = Tree::learn(features, said, learned.clone())?;
        off += judged
            .iter()
            .map(|&row| (half.told(features, row) - said[row as usize]).powi(2))
            .sum::<f64>();
    }
    let mean = said.iter().sum::<f64>() / said.len() as f64;
    let all: f64 = said.iter().map(|v| (v - mean).powi(2)).sum();
    Some(Surrogate { rules: tree.rules(features), fidelity: 1.0 - off / all, rows: said.len() })
}

/// A question or an answer.
struct Node {
    rows: Vec<u32>,
    mean: f64,
    depth: usize,
    /// Feature, what goes to the first side, and the node of that side; the other follows.
    split: Option<(Split, usize)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Split {
    feature: usize,
    ask: Ask,
    gain: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Ask {
    AtMost(f64),
    /// Codes, ascending.
    Among(Vec<u32>),
}

struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    fn learn(features: &[&Feature], said: &[f64], rows: Vec<u32>) -> Option<Self> {
        let least = (rows.len() / LEAF_ROWS).max(5);
        let node = |rows: Vec<u32>, depth| {
            let mean = rows.iter().map(|r| said[*r as usize]).sum::<f64>() / rows.len() as f64;
            Node { rows, mean, depth, split: None }
        };
        let root = node(rows, 0);
        let all: f64 = root.rows.iter().map(|r| (said[*r as usize] - root.mean).powi(2)).sum();
        if !all.is_finite() || all <= 1e-18 * (1.0 + root.mean * root.mean) {
            return None;
        }
        let best = |node: &Node| -> Option<Split> {
            if node.depth >= DEPTH {
                return None;
            }
            let found: Vec<Option<Split>> = features
                .par_iter()
                .enumerate()
                .map(|(at, f)| best_of(f, at, said, &node.rows, least))
                .collect();
            // The first of equals.
            let found = found.into_iter().flatten().filter(|s| s.gain >= LEAST_GAIN * all);
            found.reduce(|a, b| if b.gain > a.gain { b } else { a })
        };
        let first = best(&root);
        let mut tree = Self { nodes: vec![root] };
        let mut open: Vec<(usize, Split)> = first.map(|s| (0, s)).into_iter().collect();
        for _ in 1..LEAVES {
            let greatest =
                (0..open.len()).reduce(|a, b| if open[b].1.gain > open[a].1.gain { b } else { a });
            let Some(greatest) = greatest else { break };
            let (at, split) = open.remove(greatest);
            let rows = &tree.nodes[at].rows;
            let (yes, no): (Vec<u32>, Vec<u32>) =
                rows.iter().partition(|row| split.passes(features, **row));
            let (depth, child) = (tree.nodes[at].depth + 1, tree.nodes.len());
            tree.nodes[at].split = Some((split, child));
            for (place, rows) in [yes, no].into_iter().enumerate() {
                let node = node(rows, depth);
                if let Some(split) = best(&node) {
                    open.push((child + place, split));
                }
                tree.nodes.push(node);
            }
        }
        Some(tree)
    }

    fn told(&self, features: &[&Feature], row: u32) -> f64 {
        let mut at = 0;
        while let Some((split, child)) = &self.nodes[at].split {
            at = child + usize::from(!split.passes(features, row));
        }
        self.nodes[at].mean
    }

    fn rules(&self, features: &[&Feature]) -> Rules {
        let all = self.nodes[0].rows.len() as f64;
        let node = |node: &Node| {
            let rule = match &node.split {
                None => Rule::Leaf(node.mean),
                Some((split, child)) => split.rule(features, *child, &node.rows),
            };
            RuleNode { share: Some(node.rows.len() as f64 / all), rule }
        };
        Rules { class: None, nodes: self.nodes.iter().map(node).collect() }
    }
}

impl Split {
    fn passes(&self, features: &[&Feature], row: u32) -> bool {
        match (&features[self.feature].values, &self.ask) {
            (Values::Numbers(values), Ask::AtMost(most)) => values[row as usize] <= *most,
            (Values::Levels(codes), Ask::Among(some)) => {
                some.binary_search(&codes[row as usize]).is_ok()
            }
            _ => false,
        }
    }

    fn rule(&self, features: &[&Feature], yes: usize, rows: &[u32]) -> Rule {
        let feature = features[self.feature];
        let mut missing = false;
        let test = match (&self.ask, &feature.values) {
            (Ask::Among(some), Values::Levels(codes)) => {
                missing = some.contains(&feature.missing_code());
                let mut here: Vec<u32> = rows.iter().map(|r| codes[*r as usize]).collect();
                here.sort_unstable();
                here.dedup();
                let name = |code: &u32| feature.labels.get(*code as usize).cloned();
                let (these, others): (Vec<u32>, Vec<u32>) =
                    here.iter().partition(|c| some.contains(c));
                let names = |codes: Vec<u32>| codes.iter().filter_map(name).collect();
                Test::OneOf(names(these), names(others))
            }
            (Ask::AtMost(most), _) => Test::AtMost(*most),
            (Ask::Among(_), Values::Numbers(_)) => Test::OneOf(vec![], vec![]),
        };
        Rule::If { column: feature.name.clone(), test, missing, yes, no: yes + 1 }
    }
}

/// The best split of rows by a feature.
fn best_of(
    feature: &Feature,
    at: usize,
    said: &[f64],
    rows: &[u32],
    least: usize,
) -> Option<Split> {
    // Stretches that stay together: their last number or codes, rows and sum of predictions.
    let mut groups: Vec<(f64, Vec<u32>, f64, f64)> = vec![];
    match &feature.values {
        Values::Numbers(values) if !feature.personal && !feature.time => {
            let mut order: Vec<u32> =
                rows.iter().copied().filter(|r| values[*r as usize].is_finite()).collect();
            order.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
            for same in order.chunk_by(|a, b| values[*a as usize] == values[*b as usize]) {
                let sum = same.iter().map(|r| said[*r as usize]).sum();
                groups.push((values[same[0] as usize], vec![], same.len() as f64, sum));
            }
        }
        Values::Levels(codes) => {
            let mut sums = vec![(0.0, 0.0); feature.codes()];
            for row in rows {
                let sum = &mut sums[codes[*row as usize] as usize];
                *sum = (sum.0 + 1.0, sum.1 + said[*row as usize]);
            }
            let found = (0..).zip(sums).filter(|(_, (n, _))| *n > 0.0);
            groups = found.map(|(code, (n, sum))| (0.0, vec![code], n, sum)).collect();
            groups.sort_by(|a, b| (a.3 / a.2).total_cmp(&(b.3 / b.2)));
        }
        Values::Numbers(_) => return None,
    }
    let (n, sum) = (rows.len() as f64, rows.iter().map(|r| said[*r as usize]).sum::<f64>());
    let (mut left, mut left_sum) = (0.0, 0.0);
    let mut best: Option<(f64, usize)> = None;
    for (place, group) in groups.iter().enumerate() {
        left += group.2;
        left_sum += group.3;
        let right = n - left;
        if left < least as f64 || right < least as f64 {
            continue;
        }
        let rest = sum - left_sum;
        let gain = left_sum * left_sum / left + rest * rest / right - sum * sum / n;
        if best.is_none_or(|(most, _)| gain > most) {
            best = Some((gain, place));
        }
    }
    let (gain, place) = best?;
    let ask = match &feature.values {
        Values::Numbers(_) => {
            let here = groups[place].0;
            Ask::AtMost(groups.get(place + 1).map_or(here, |next| between(here, next.0)))
        }
        Values::Levels(_) => {
            let mut codes: Vec<u32> =
                groups[..=place].iter().flat_map(|g| g.1.iter().copied()).collect();
            codes.sort_unstable();
            Ask::Among(codes)
        }
    };
    Some(Split { feature: at, ask, gain })
}

/// A number from `low` on and below `high`, with as few digits as there may be.
fn between(low: f64, high: f64) -> f64 {
    let middle = low.midpoint(high);
    (0..12)
        .map(|digits| {
            let scale = 10f64.powi(digits - 3);
            (middle * scale).round() / scale
        })
        .find(|v| *v >= low && *v < high)
        .unwrap_or(low)
}
