//! Symmetric (oblivious) growth: all leaves of a level are split alike.
//!
//! The split of a level is the one whose gain, summed over all leaves, is greatest. Such trees are
//! weaker one by one, hence hard to overfit, and quick to evaluate. Histograms of the level's
//! leaves are kept, those of larger children subtracted; depth ends where they would take too much.
//! A leaf that a split would leave with too small a child adds nothing to the split's gain.
//! Noise on the scores, first of a column's splits and then of the columns' best, keeps trees from
//! all taking the split that happens to fit best.
//!
//! Source: Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", 2018.

use super::BinnedColumn;
use super::fill::Sink;
use super::gradients::Sums;
use super::grow::{Grower, HISTOGRAM_BYTES, Leaf, partition};
use super::job::Job;
use super::random::{mix, normal};
use super::split::{Bounds, Rule, Scan, Split, Subset};
use super::subset;
use super::tick::Ticker;
use super::tree::{Node, Tree};
use crate::Stopped;

/// Most levels of a symmetric tree.
pub(crate) const MOST_LEVELS: u32 = 16;

/// The gains of a column's splits, summed over leaves.
struct Gains {
    /// By last bin that goes left, missing values right and left; of categories by level.
    sums: [[f64; 256]; 2],
    left: [u64; 256],
}

impl Gains {
    /// Adds those of one leaf.
    fn add(&mut self, column: &BinnedColumn, cells: &[u64], total: u64, rule: &Rule) {
        let of_leaf = Sums::of(total);
        let parent = rule.score(of_leaf);
        let gain = |left: u64| {
            let both = rule.both(Sums::of(left), of_leaf);
            // Too small a child: as if the leaf stayed whole.
            if both < 0.0 { 0.0 } else { both - parent }
        };
        if column.is_categorical() {
            for (sum, &cell) in self.sums[0].iter_mut().zip(cells) {
                *sum += gain(cell);
            }
            return;
        }
        let values = cells.len() - usize::from(column.has_missing());
        let mut prefix = 0u64;
        for (left, &cell) in self.left.iter_mut().zip(&cells[..values]) {
            prefix = prefix.wrapping_add(cell);
            *left = prefix;
        }
        let left = &self.left[..values];
        for (sum, &left) in self.sums[0].iter_mut().zip(left) {
            *sum += gain(left);
        }
        if column.has_missing() {
            let missing = cells[values];
            for (sum, &left) in self.sums[1].iter_mut().zip(left) {
                *sum += gain(left.wrapping_add(missing));
            }
        }
    }

    /// The best split; sums of its left side are not those of any leaf.
    fn best(&self, column: &BinnedColumn, noise: &Noise) -> Option<Split> {
        let values = column.n_bins() - usize::from(column.has_missing());
        let candidates = if column.is_categorical() { column.n_bins() } else { values };
        let mut best: Option<(f64, Split)> = None;
        for (missing_left, sums) in self
            .sums
            .iter()
            .enumerate()
            .take(1 + usize::from(column.has_missing() && !column.is_categorical()))
        {
            for (bin, &gain) in sums.iter().take(candidates).enumerate() {
                if gain <= 0.0 {
                    continue;
                }
                let score = noise.score(gain, missing_left << 8 | bin);
                if best.is_none_or(|(most, _)| score > most) {
                    let bin = bin as u8;
                    let subset = column.is_categorical().then(|| subset::of([bin]));
                    let missing_left = match subset {
                        Some(_) => bin == column.missing_bin(),
                        None => missing_left == 1,
                    };
                    let split = Split { gain, bin, missing_left, left: 0, sure: true, subset };
                    best = Some((score, split));
                }
            }
        }
        best.map(|(_, split)| split)
    }
}

/// By what splits are compared.
struct Noise {
    /// The score of the leaves as they are.
    parents: f64,
    deviation: f64,
    seed: u64,
}

impl Noise {
    /// The score of a split by its gain, noise added that depends on its number.
    fn score(&self, gain: f64, number: usize) -> f64 {
        if self.deviation == 0.0 {
            return gain;
        }
        let noise = normal(self.seed ^ number as u64);
        (self.parents + gain).max(0.0).sqrt() + self.deviation * noise
    }
}

impl Grower<'_> {
    /// Grows a symmetric tree on the rows of the job.
    pub(crate) fn grow_symmetric(
        &mut self,
        job: &Job<'_>,
        rule: &Rule,
        total: u64,
        tick: &mut Ticker<'_>,
    ) -> Result<Tree, Stopped> {
        let bytes = 8 * self.offsets[self.columns.len()].max(1);
        let most = (HISTOGRAM_BYTES / bytes).max(2).min(job.params.max_leaves);
        let levels = job.params.max_depth.min(MOST_LEVELS).min(most.max(1).ilog2());
        let mut tree = Tree::leaf(0.0);
        let mut root = self.leaf(job, 0, 0..self.rows.len(), 0, total, Bounds::NONE);
        if levels > 0 && root.open {
            let mut cells = self.buffer();
            self.histograms(job, &root, &mut cells, tick)?;
            root.cells = Some(cells);
        }
        self.leaves.push(root);
        let strength = job.params.random_strength;
        let deviation = if strength > 0.0 { strength * job.spread(total) } else { 0.0 };
        for level in 0..levels {
            let best = self.best_of_level(job, rule, deviation, level, tick)?;
            let Some((column, split)) = best else { break };
            self.divide_level(job, column, &split, level + 1 < levels, &mut tree, tick)?;
        }
        let factor = job.scale.h / job.scale.g;
        for leaf in &mut self.leaves {
            let node = &mut tree.nodes[leaf.node];
            node.value = rule.value(Sums::of(leaf.total), Bounds::NONE) * factor;
            node.cover = leaf.mass as f64;
            self.spare.extend(leaf.cells.take());
        }
        Ok(tree)
    }

    fn buffer(&mut self) -> Vec<u64> {
        self.spare.pop().unwrap_or_else(|| vec![0; self.offsets[self.columns.len()]])
    }

    fn histograms(
        &mut self,
        job: &Job<'_>,
        leaf: &Leaf,
        cells: &mut [u64],
        tick: &mut Ticker<'_>,
    ) -> Result<(), Stopped> {
        let rows = &self.rows[leaf.rows.clone()];
        let sink = Keep { offsets: &self.offsets, first: 0, cells };
        self.filler.fill(job.columns, rows, job.words, tick, sink)
    }

    fn best_of_level(
        &mut self,
        job: &Job<'_>,
        rule: &Rule,
        deviation: f64,
        level: u32,
        tick: &mut Ticker<'_>,
    ) -> Result<Option<(u32, Split)>, Stopped> {
        let mut usable = vec![];
        job.sample(level, 0, &mut usable);
        let mut gains = Gains { sums: [[0.0; 256]; 2], left: [0; 256] };
        let mut best: Option<(f64, u32, Split)> = None;
        let parents = self.leaves.iter().map(|leaf| rule.score(Sums::of(leaf.total))).sum();
        let seed = mix(job.seed ^ mix(u64::from(level)));
        for (i, &c) in job.columns.iter().enumerate() {
            if !usable.get(i).copied().unwrap_or(true) {
                continue;
            }
            tick.work(600 * self.leaves.len())?;
            let column = &self.columns[c as usize];
            let range = self.offsets[c as usize]..self.offsets[c as usize + 1];
            gains.sums.iter_mut().for_each(|sums| sums[..column.n_bins()].fill(0.0));
            for leaf in &self.leaves {
                if let Some(cells) = &leaf.cells {
                    gains.add(column, &cells[range.clone()], leaf.total, rule);
                }
            }
            let noise = Noise { parents, deviation, seed: mix(seed ^ u64::from(c)) };
            let Some(split) = gains.best(column, &noise) else { continue };
            let score = noise.score(split.gain, usize::MAX);
            if split.gain > rule.min_gain && best.is_none_or(|(most, _, _)| score > most) {
                best = Some((score, c, split));
            }
        }
        Ok(best.map(|(_, column, split)| (column, split)))
    }

    /// Splits every leaf; with the histograms of the children if another level may follow.
    fn divide_level(
        &mut self,
        job: &Job<'_>,
        column: u32,
        split: &Split,
        more: bool,
        tree: &mut Tree,
        tick: &mut Ticker<'_>,
    ) -> Result<(), Stopped> {
        let binned = &self.columns[column as usize];
        if let Some(set) = split.subset {
            tree.subsets.push(set);
        }
        let parents = std::mem::take(&mut self.leaves);
        let gain = split.gain / job.scale.g * (job.scale.h / job.scale.g);
        for (i, mut parent) in parents.into_iter().enumerate() {
            tick.work(2 * parent.rows.len())?;
            let rows = &mut self.rows[parent.rows.clone()];
            let middle =
                parent.rows.start + partition(rows, &mut self.scratch, binned, split, self.threads);
            let left = tree.nodes.len();
            let node = &mut tree.nodes[parent.node];
            node.left = left as u32;
            node.column = column;
            node.bin = split.bin;
            node.also = if split.missing_left { binned.missing_bin() } else { split.bin };
            node.subset = if split.subset.is_some() { tree.subsets.len() as u32 } else { 0 };
            node.cover = parent.mass as f64;
            // The gain is that of the level; it is told once.
            node.gain = if i == 0 { gain } else { 0.0 };
            tree.nodes.extend([Node::leaf(0.0); 2]);
            let add = |a: u64, r: &u32| a.wrapping_add(job.words[*r as usize]);
            let of_left = self.rows[parent.rows.start..middle].iter().fold(0, add);
            let rest = parent.total.wrapping_sub(of_left);
            let depth = parent.depth + 1;
            let (range, bounds) = (parent.rows.clone(), parent.bounds);
            let mut a = self.leaf(job, left, range.start..middle, depth, of_left, bounds);
            let mut b = self.leaf(job, left + 1, middle..range.end, depth, rest, bounds);
            let cells = parent.cells.take();
            match cells {
                Some(mut cells) if more && (a.open || b.open) => {
                    let (small, large) = if a.rows.len() <= b.rows.len() {
                        (&mut a, &mut b)
                    } else {
                        (&mut b, &mut a)
                    };
                    let mut few = self.buffer();
                    if small.rows.is_empty() {
                        few.fill(0);
                    } else {
                        self.histograms(job, small, &mut few, tick)?;
                        subtract(&mut cells, &few);
                    }
                    small.cells = Some(few);
                    large.cells = Some(cells);
                }
                cells => self.spare.extend(cells),
            }
            self.leaves.extend([a, b]);
        }
        Ok(())
    }
}

/// Keeps histograms.
struct Keep<'s> {
    offsets: &'s [usize],
    /// Where the cells begin among those of a leaf.
    first: usize,
    cells: &'s mut [u64],
}

impl Sink for Keep<'_> {
    fn take(&mut self, _: usize, c: u32, cells: &[u64], _: Option<Subset>, _: &mut Scan) {
        let range =
            self.offsets[c as usize] - self.first..self.offsets[c as usize + 1] - self.first;
        self.cells[range].copy_from_slice(cells);
    }

    fn one_bin(&mut self, _: usize, c: u32, bins: usize, bin: usize, word: u64, _: &mut Scan) {
        let cells = &mut self.cells[self.offsets[c as usize] - self.first..][..bins];
        cells.fill(0);
        cells[bin] = word;
    }

    fn split_at(self, _: usize, c: u32) -> (Self, Self) {
        let middle = self.offsets[c as usize];
        let (cells, later) = self.cells.split_at_mut(middle - self.first);
        (Self { cells, ..self }, Self { first: middle, cells: later, offsets: self.offsets })
    }
}

/// Cells of columns that the tree does not use hold whatever they held; they are never read.
fn subtract(cells: &mut [u64], few: &[u64]) {
    for (cell, &few) in cells.iter_mut().zip(few) {
        *cell = cell.wrapping_sub(few);
    }
}
