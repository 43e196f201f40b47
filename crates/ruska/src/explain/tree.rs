//! One shallow tree that tells the groups apart by the columns as they are.
//!
//! Does: splits the leaf whose split lowers Gini's impurity most, up to a depth of four, and then takes
//! back splits that bring less than a percent. A number is at most a threshold, which has as few
//! digits as keep the same rows apart, or a level is the one or any other. Wins where groups are
//! boxes along few columns; fails where they lie askew, which its fidelity tells. Cost O(rows · log
//! rows · columns · depth). Handles missing values: of numbers they go to the side that suits
//! better, of levels they are one more.
//!
//! Reference: Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees", 1984.

use super::features::{Feature, Values};
use rayon::prelude::*;

/// Most questions on the way to a leaf.
const MOST_DEPTH: usize = 4;
/// Fewest and most leaves, between which there is one a group.
const LEAVES: (usize, usize) = (8, 16);
/// Share of the rows, or of each group's on average, that a split must bring.
const LEAST_GAIN: f64 = 0.01;
/// A leaf holds at least one in so many rows.
const LEAF_ROWS: usize = 200;

/// What is asked of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Test {
    /// A number is at most so large.
    AtMost(f64),
    /// A level has this code.
    Is(u32),
}

/// A question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    /// Place of the column.
    pub(super) feature: usize,
    pub(super) test: Test,
    /// Whether a missing number passes.
    pub(super) missing: bool,
    /// Whether a number was missing in a row learned from.
    pub(super) met_missing: bool,
    /// Node of the rows that pass; the next one is of those that do not.
    pub(super) yes: usize,
}

/// A question or an answer.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Rows of each group that come by.
    pub(super) counts: Vec<usize>,
    pub(super) split: Option<Split>,
    depth: usize,
}

impl Node {
    /// The group that most rows are of, the first of equals.
    pub(super) fn group(&self) -> usize {
        let more =
            |best: usize, k: usize| if self.counts[k] > self.counts[best] { k } else { best };
        (1..self.counts.len()).fold(0, more)
    }
}

/// A tree; the root is the first node.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
}

/// Rows to learn from.
#[derive(Clone, Copy)]
pub(super) struct Lesson<'a> {
    pub(super) features: &'a [Feature],
    /// Group of every row of the table.
    pub(super) of: &'a [u32],
    /// Groups that there are.
    pub(super) groups: usize,
}

impl Tree {
    /// Learns from some rows, at least one.
    pub(super) fn learn(lesson: &Lesson<'_>, rows: Vec<u32>) -> Self {
        let least = (rows.len() / LEAF_ROWS).max(1);
        let leaves = lesson.groups.clamp(LEAVES.0, LEAVES.1);
        let mut tree = Self { nodes: vec![lesson.node(&rows, 0)] };
        let mut open = vec![(0, lesson.best(&rows, least), rows)];
        for _ in 1..leaves {
            let gain = |(_, found, _): &(usize, Option<(f64, Split)>, Vec<u32>)| {
                found.as_ref().map_or(0.0, |(gain, _)| *gain)
            };
            // The first of equals, so that equal tables give equal trees.
            let best = (0..open.len())
                .reduce(|a, b| if gain(&open[b]) > gain(&open[a]) { b } else { a })
                .filter(|at| open[*at].1.is_some());
            let Some(best) = best else { break };
            let (at, Some((_, split)), rows) = open.swap_remove(best) else { break };
            let yes = tree.nodes.len();
            let depth = tree.nodes[at].depth + 1;
            tree.nodes[at].split = Some(Split { yes, ..split });
            let passes = |row: &u32| split.passes(lesson.features, *row as usize);
            let (left, right): (Vec<u32>, Vec<u32>) = rows.into_iter().partition(passes);
            for (place, rows) in [left, right].into_iter().enumerate() {
                tree.nodes.push(lesson.node(&rows, depth));
                let found = (depth < MOST_DEPTH).then(|| lesson.best(&rows, least)).flatten();
                open.push((yes + place, found, rows));
            }
        }
        tree.prune();
        tree
    }

    /// Takes back the splits that bring least, until each brings a percent.
    fn prune(&mut self) {
        let rows: usize = self.nodes[0].counts.iter().sum();
        let sizes = self.nodes[0].counts.clone();
        let groups = sizes.iter().filter(|n| **n > 0).count() as f64;
        let right = |node: &Node| {
            let group = node.group();
            let part = |whole: usize| node.counts[group] as f64 / whole.max(1) as f64;
            (part(rows), part(sizes[group]) / groups)
        };
        loop {
            let gain = |node: &Node| {
                let split = node.split?;
                let [yes, no] = [&self.nodes[split.yes], &self.nodes[split.yes + 1]];
                if yes.split.is_some() || no.split.is_some() {
                    return None;
                }
                let [(a, fair_a), (b, fair_b), (all, fair)] = [yes, no, node].map(right);
                Some((a + b - all).max(fair_a + fair_b - fair))
            };
            let gains = self.nodes.iter().enumerate().filter_map(|(at, n)| Some((gain(n)?, at)));
            match gains.min_by(|a, b| a.0.total_cmp(&b.0)) {
                Some((gain, at)) if gain < LEAST_GAIN => self.nodes[at].split = None,
                _ => return,
            }
        }
    }

    /// The leaf of a row.
    pub(super) fn leaf(&self, features: &[Feature], row: usize) -> usize {
        let mut at = 0;
        while let Some(split) = &self.nodes[at].split {
            at = split.yes + usize::from(!split.passes(features, row));
        }
        at
    }
}

impl Split {
    fn passes(&self, features: &[Feature], row: usize) -> bool {
        match (&features[self.feature].values, self.test) {
            (Values::Numbers(v), Test::AtMost(_)) if v[row].is_nan() => self.missing,
            (Values::Numbers(v), Test::AtMost(most)) => v[row] <= most,
            (Values::Levels(codes), Test::Is(code)) => codes[row] == code,
            _ => false,
        }
    }
}

impl Lesson<'_> {
    fn node(&self, rows: &[u32], depth: usize) -> Node {
        let mut counts = vec![0; self.groups];
        rows.iter().for_each(|r| counts[self.of[*r as usize] as usize] += 1);
        Node { counts, split: None, depth }
    }

    /// The best question about some rows and how much it lowers the impurity; the first of equals.
    fn best(&self, rows: &[u32], least: usize) -> Option<(f64, Split)> {
        let all = self.node(rows, 0).counts;
        if all.iter().filter(|n| **n > 0).count() < 2 {
            return None;
        }
        let of_feature = |(place, feature): (usize, &Feature)| match &feature.values {
            Values::Numbers(values) => self.threshold(place, values, rows, &all, least),
            Values::Levels(codes) => self.level(place, feature, codes, rows, &all, least),
        };
        let found: Vec<_> = self.features.par_iter().enumerate().map(of_feature).collect();
        let before = purity(&all);
        let better =
            |a: (f64, Split), b: (f64, Split)| if b.0 > a.0 * (1.0 + 1e-12) { b } else { a };
        let (pure, split) = found.into_iter().flatten().reduce(better)?;
        let gain = pure - before;
        (gain > 1e-9 * before).then_some((gain, split))
    }

    fn threshold(
        &self,
        feature: usize,
        values: &[f64],
        rows: &[u32],
        all: &[usize],
        least: usize,
    ) -> Option<(f64, Split)> {
        let pair = |r: &u32| (values[*r as usize], self.of[*r as usize] as usize);
        let (mut present, absent): (Vec<_>, Vec<_>) =
            rows.iter().map(pair).partition(|(v, _)| !v.is_nan());
        present.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut best: Option<(f64, usize, bool)> = None;
        let sides: &[bool] = if absent.is_empty() { &[false] } else { &[false, true] };
        for &missing in sides {
            let mut left = vec![0; self.groups];
            if missing {
                absent.iter().for_each(|(_, group)| left[*group] += 1);
            }
            let mut sweep = Sweep::new(left, all);
            for (at, pair) in present.windows(2).enumerate() {
                sweep.move_left(pair[0].1);
                if pair[0].0 < pair[1].0 && sweep.n.0.min(sweep.n.1) >= least {
                    let pure = sweep.purity();
                    if best.is_none_or(|b| pure > b.0 * (1.0 + 1e-12)) {
                        best = Some((pure, at, missing));
                    }
                }
            }
        }
        let (pure, at, missing) = best?;
        let test = Test::AtMost(between(present[at].0, present[at + 1].0, &self.features[feature]));
        let met_missing = !absent.is_empty();
        Some((pure, Split { feature, test, missing, met_missing, yes: 0 }))
    }

    fn level(
        &self,
        place: usize,
        feature: &Feature,
        codes: &[u32],
        rows: &[u32],
        all: &[usize],
        least: usize,
    ) -> Option<(f64, Split)> {
        let mut pairs: Vec<(u32, usize)> =
            rows.iter().map(|r| (codes[*r as usize], self.of[*r as usize] as usize)).collect();
        // A level that the model does not know has no name to ask for.
        pairs.retain(|(code, _)| *code <= feature.missing_code());
        pairs.sort_unstable();
        let mut best: Option<(f64, u32)> = None;
        for same in pairs.chunk_by(|a, b| a.0 == b.0) {
            let mut left = vec![0; self.groups];
            same.iter().for_each(|(_, group)| left[*group] += 1);
            let sweep = Sweep::new(left, all);
            if sweep.n.0.min(sweep.n.1) < least {
                continue;
            }
            let pure = sweep.purity();
            if best.is_none_or(|b| pure > b.0 * (1.0 + 1e-12)) {
                best = Some((pure, same[0].0));
            }
        }
        let (pure, code) = best?;
        let test = Test::Is(code);
        Some((pure, Split { feature: place, test, missing: false, met_missing: false, yes: 0 }))
    }
}

/// Rows on both sides of a question, with the sums of squares of their counts.
struct Sweep {
    left: Vec<usize>,
    right: Vec<usize>,
    squares: (f64, f64),
    n: (usize, usize),
}

impl Sweep {
    fn new(left: Vec<usize>, all: &[usize]) -> Self {
        let right: Vec<usize> = all.iter().zip(&left).map(|(all, left)| all - left).collect();
        let squares = |counts: &[usize]| counts.iter().map(|n| (n * n) as f64).sum::<f64>();
        let (n, squares) =
            ((left.iter().sum(), right.iter().sum()), (squares(&left), squares(&right)));
        Self { left, right, squares, n }
    }

    fn move_left(&mut self, group: usize) {
        self.squares.0 += (2 * self.left[group] + 1) as f64;
        self.squares.1 -= (2 * self.right[group] - 1) as f64;
        self.left[group] += 1;
        self.right[group] -= 1;
        self.n = (self.n.0 + 1, self.n.1 - 1);
    }

    /// Rows less Gini's impurity of both sides.
    fn purity(&self) -> f64 {
        let side = |squares: f64, n: usize| squares / n.max(1) as f64;
        side(self.squares.0, self.n.0) + side(self.squares.1, self.n.1)
    }
}

fn purity(counts: &[usize]) -> f64 {
    let n: usize = counts.iter().sum();
    counts.iter().map(|n| (n * n) as f64).sum::<f64>() / n.max(1) as f64
}

/// A threshold t with a ≤ t < b, within the middle half between them, of as few digits as there can
/// be; of points in time a whole day, hour or minute. Between whole numbers it is whole.
fn between(a: f64, b: f64, feature: &Feature) -> f64 {
    let middle = a + (b - a) / 2.0;
    let fits = |t: &f64| a <= *t && *t < b && (t - middle).abs() <= (b - a) / 4.0;
    let whole = |unit: f64| a % unit == 0.0 && b % unit == 0.0;
    if fits(&0.0) {
        return 0.0;
    }
    if feature.time {
        for unit in [86_400_000.0, 3_600_000.0, 60_000.0, 1_000.0] {
            let near = [(middle / unit).floor() * unit, (middle / unit).ceil() * unit];
            if let Some(t) = near.into_iter().find(fits) {
                return t;
            }
            if whole(unit) {
                return near[0].max(a);
            }
        }
        return a;
    }
    let first = a.abs().max(b.abs()).log10().ceil() as i32;
    let last = if whole(1.0) { 0 } else { first - 17 };
    let rounded = |place: i32| {
        // Powers below one divide, so that the result is the decimal number as it is read.
        let unit = 10f64.powi(place.abs());
        let number = |n: f64| if place >= 0 { n * unit } else { n / unit };
        let n = if place >= 0 { middle / unit } else { middle * unit };
        [n.round(), n.floor(), n.ceil()].map(number)
    };
    (last..=first).rev().flat_map(rounded).find(fits).unwrap_or(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn thresholds_have_few_digits() {
        let values = Values::Numbers(Arc::new(vec![]));
        let mut feature =
            Feature { name: "x".into(), time: false, personal: false, labels: vec![], values };
        for (a, b, expected) in [
            (41.3, 43.9, 43.0),
            (5.0, 6.0, 5.0),
            (0.123_456, 0.123_999, 0.1237),
            (-3.0, 4.0, 0.0),
            (12_345.0, 98_765.0, 60_000.0),
            (3.0, 11.0, 7.0),
            (9.0, 42.0, 30.0),
            (1e-30, 3e-30, 2e-30),
            (7.0, 7.000_000_000_000_001, 7.0),
        ] {
            let t = between(a, b, &feature);
            assert!((t - expected).abs() <= 1e-12 * expected.abs(), "{a} {b}: {t}");
            assert!(a <= t && t < b);
        }
        feature.time = true;
        let day = 86_400_000.0;
        assert_eq!(between(3.25 * day, 5.75 * day, &feature), 4.0 * day);
        assert_eq!(between(3.0 * day, 4.0 * day, &feature), 3.0 * day);
        assert_eq!(between(3.25 * day, 3.75 * day, &feature), 3.5 * day);
    }
}
