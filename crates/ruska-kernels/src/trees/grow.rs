//! Leaf-wise growth: the leaf whose best split gains most is split next; or level by level.
//!
//! Row numbers of a leaf are contiguous, so that a split is one stable partition. Histograms are
//! filled for the smaller child only; the larger one's are the parent's less the smaller one's.
//! Blocks of four columns are filled, subtracted and searched while they are in cache. Histograms
//! lie compactly at their true number of bins; where all leaves' would exceed a cap, some are
//! not kept and filled again when needed, which changes the cost but not the tree.
//! Cost O(rows · columns · log leaves) and O(leaves · columns · bins) for the searches.

use super::BinnedColumn;
use super::fill::Filler;
use super::gradients::Sums;
use super::histogram::Cells;
use super::job::{Growth, Job};
use super::parallel::for_parts;
use super::partition::divide_rows;
use super::search::{Search, Wanted, query};
use super::split::{Bounds, Counts, Filled, Query, Rule, Split, Subset};
use super::subset;
use super::tick::Ticker;
use super::tree::{Node, Tree};
use crate::Stopped;
use std::ops::Range;

/// Most bytes of histograms kept during the growth of a tree.
pub(super) const HISTOGRAM_BYTES: usize = 256 << 20;

pub(crate) struct Leaf {
    pub(super) node: usize,
    pub(super) rows: Range<usize>,
    pub(super) depth: u32,
    pub(super) total: u64,
    /// Rows, whole weights counted.
    pub(super) mass: u64,
    /// What its value must keep to.
    pub(super) bounds: Bounds,
    /// Enough rows and depth left for a split.
    pub(super) open: bool,
    pub(super) cells: Option<Vec<u64>>,
    pub(super) split: Option<(u32, Split)>,
}

/// Grows trees over the same columns, reusing its buffers.
pub(crate) struct Grower<'a> {
    pub(super) columns: &'a [BinnedColumn],
    /// Where each column's cells begin in a leaf's histograms, and their total.
    pub(super) offsets: Vec<usize>,
    pub(super) rows: Vec<u32>,
    pub(super) scratch: Vec<u32>,
    pub(super) filler: Filler<'a>,
    pub(super) threads: usize,
    pub(super) spare: Vec<Vec<u64>>,
    /// Histograms that may still be allocated.
    allowance: usize,
    found: [Vec<Option<Split>>; 2],
    /// Which columns of the job the leaf and its sibling may use; all, if empty.
    usable: [Vec<bool>; 2],
    pub(super) leaves: Vec<Leaf>,
}

impl<'a> Grower<'a> {
    /// For as many threads as `threads`.
    pub(crate) fn new(columns: &'a [BinnedColumn], threads: usize) -> Self {
        let mut offsets = vec![0];
        for column in columns {
            offsets.push(offsets[offsets.len() - 1] + column.n_bins());
        }
        let bytes = 8 * offsets[columns.len()].max(1);
        Self {
            columns,
            offsets,
            rows: vec![],
            scratch: vec![],
            filler: Filler::new(columns, threads),
            threads,
            spare: vec![],
            allowance: (HISTOGRAM_BYTES / bytes).max(2),
            found: [vec![], vec![]],
            usable: [vec![], vec![]],
            leaves: vec![],
        }
    }

    /// Sets how many histograms may be kept.
    #[cfg(test)]
    pub(crate) fn keep_at_most(&mut self, histograms: usize) {
        self.allowance = histograms;
    }

    /// Sets how many rows are few.
    #[cfg(test)]
    pub(crate) fn few_are(&mut self, rows: usize) {
        self.filler.set_few(rows);
    }

    /// Grows a tree. Leaf values are minimisers of the second-order loss, not shrunk.
    pub(crate) fn grow(&mut self, job: &Job<'_>, tick: &mut Ticker<'_>) -> Result<Tree, Stopped> {
        self.rows.clear();
        if let Some(rows) = job.rows {
            self.rows.extend_from_slice(rows);
        } else {
            self.rows.resize(job.words.len(), 0);
            for_parts(self.threads, &mut self.rows, |first, rows| {
                (first as u32..).zip(rows).for_each(|(number, row)| *row = number);
            });
        }
        self.scratch.resize(self.rows.len(), 0);
        for leaf in self.leaves.drain(..) {
            self.spare.extend(leaf.cells);
        }
        tick.work(2 * self.rows.len())?;
        let (total, rule) = job.rule();
        if job.params.growth == Growth::Symmetric {
            return self.grow_symmetric(job, &rule, total, tick);
        }
        let mut tree = Tree::leaf(0.0);
        let mut root = self.leaf(job, 0, 0..self.rows.len(), 0, total, Bounds::NONE);
        if root.open && job.params.max_leaves > 1 {
            self.search_alone(job, &rule, &mut root, tick)?;
        }
        self.leaves.push(root);
        while self.leaves.len() < job.params.max_leaves {
            let Some(at) = self.next(job.params.growth) else { break };
            self.divide(job, &rule, at, &mut tree, tick)?;
        }
        let factor = job.scale.h / job.scale.g;
        for leaf in &self.leaves {
            let node = &mut tree.nodes[leaf.node];
            node.value = rule.value(Sums::of(leaf.total), leaf.bounds) * factor;
            node.cover = leaf.mass as f64;
        }
        Ok(tree)
    }

    /// The leaf to split next.
    fn next(&self, growth: Growth) -> Option<usize> {
        let mut best: Option<(u32, f64, usize)> = None;
        for (i, leaf) in self.leaves.iter().enumerate() {
            let Some((_, split)) = &leaf.split else { continue };
            let level = if growth == Growth::DepthWise { leaf.depth } else { 0 };
            let before =
                |&(l, gain, _): &(u32, f64, usize)| level < l || level == l && split.gain > gain;
            if best.as_ref().is_none_or(before) {
                best = Some((level, split.gain, i));
            }
        }
        best.map(|(_, _, i)| i)
    }

    /// Node and rows of each leaf of the last tree, and what its value must keep to in quantised
    /// units.
    pub(crate) fn bounded_leaves(&self) -> impl Iterator<Item = (usize, &[u32], Bounds)> {
        self.leaves.iter().map(|leaf| (leaf.node, &self.rows[leaf.rows.clone()], leaf.bounds))
    }

    /// Node and rows of each leaf of the last tree.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = (usize, &[u32])> {
        self.leaves.iter().map(|leaf| (leaf.node, &self.rows[leaf.rows.clone()]))
    }

    pub(super) fn leaf(
        &self,
        job: &Job<'_>,
        node: usize,
        rows: Range<usize>,
        depth: u32,
        total: u64,
        bounds: Bounds,
    ) -> Leaf {
        let mass = job.mass(&self.rows[rows.clone()]);
        let open = depth < job.params.max_depth
            && rows.len() > 1
            && mass >= 2 * u64::from(job.params.min_rows);
        Leaf { node, rows, depth, total, mass, bounds, open, cells: None, split: None }
    }

    /// Splits the leaf at `at` and finds its children's best splits, if more leaves may follow.
    fn divide(
        &mut self,
        job: &Job<'_>,
        rule: &Rule,
        at: usize,
        tree: &mut Tree,
        tick: &mut Ticker<'_>,
    ) -> Result<(), Stopped> {
        let parent = &mut self.leaves[at];
        let Some((column, split)) = parent.split.take() else { return Ok(()) };
        let (node, depth, total) = (parent.node, parent.depth + 1, parent.total);
        let (range, cells, bounds) = (parent.rows.clone(), parent.cells.take(), parent.bounds);
        tree.nodes[node].cover = parent.mass as f64;
        let binned = &self.columns[column as usize];
        tick.work(range.len())?;
        let rows = &mut self.rows[range.clone()];
        let middle = range.start + partition(rows, &mut self.scratch, binned, &split, self.threads);
        let left = tree.nodes.len();
        let parent = &mut tree.nodes[node];
        parent.left = left as u32;
        parent.column = column;
        parent.bin = split.bin;
        parent.also = if split.missing_left { binned.missing_bin() } else { split.bin };
        parent.gain = split.gain / job.scale.g * (job.scale.h / job.scale.g);
        if let Some(subset) = split.subset {
            tree.subsets.push(with_missing(subset, binned, split.missing_left));
            parent.subset = tree.subsets.len() as u32;
        }
        tree.nodes.extend([Node::leaf(0.0); 2]);
        let rest = total.wrapping_sub(split.left);
        let [of_left, of_right] = match job.direction(column) {
            0 => [bounds; 2],
            direction => {
                let value = |word| rule.value(Sums::of(word), bounds);
                let middle = f64::midpoint(value(split.left), value(rest));
                let (below, above) =
                    (Bounds { high: middle, ..bounds }, Bounds { low: middle, ..bounds });
                if direction > 0 { [below, above] } else { [above, below] }
            }
        };
        let mut a = self.leaf(job, left, range.start..middle, depth, split.left, of_left);
        let mut b = self.leaf(job, left + 1, middle..range.end, depth, rest, of_right);
        if self.leaves.len() + 1 < job.params.max_leaves {
            let (small, large) =
                if a.rows.len() <= b.rows.len() { (&mut a, &mut b) } else { (&mut b, &mut a) };
            self.search_pair(job, rule, small, large, cells, tick)?;
        } else {
            self.spare.extend(cells);
        }
        self.leaves[at] = a;
        self.leaves.push(b);
        Ok(())
    }

    fn search_pair(
        &mut self,
        job: &Job<'_>,
        rule: &Rule,
        small: &mut Leaf,
        large: &mut Leaf,
        parent: Option<Vec<u64>>,
        tick: &mut Ticker<'_>,
    ) -> Result<(), Stopped> {
        match parent {
            Some(mut cells) if large.open && !self.filler.few(large.rows.len()) => {
                self.pass(job, rule, small, Some((large, &mut cells)), tick)?;
                large.split = self.settle(job, rule, large, 1, tick)?;
                large.cells = self.keep(large, cells);
                small.split = self.settle(job, rule, small, 0, tick)?;
                small.cells = small.cells.take().and_then(|cells| self.keep(small, cells));
                Ok(())
            }
            parent => {
                self.spare.extend(parent);
                for leaf in [small, large].into_iter().filter(|leaf| leaf.open) {
                    self.search_alone(job, rule, leaf, tick)?;
                }
                Ok(())
            }
        }
    }

    fn search_alone(
        &mut self,
        job: &Job<'_>,
        rule: &Rule,
        leaf: &mut Leaf,
        tick: &mut Ticker<'_>,
    ) -> Result<(), Stopped> {
        self.pass(job, rule, leaf, None, tick)?;
        leaf.split = self.settle(job, rule, leaf, 0, tick)?;
        leaf.cells = leaf.cells.take().and_then(|cells| self.keep(leaf, cells));
        Ok(())
    }

    /// Cells are of use only to a leaf that will be split.
    fn keep(&mut self, leaf: &Leaf, cells: Vec<u64>) -> Option<Vec<u64>> {
        if leaf.split.is_some() {
            return Some(cells);
        }
        self.spare.push(cells);
        None
    }

    /// Fills the histograms of `leaf` and searches them if it is open; subtracts them from the
    /// parent's, which become the sibling's, and searches those.
    fn pass(
        &mut self,
        job: &Job<'_>,
        rule: &Rule,
        leaf: &mut Leaf,
        mut sibling: Option<(&Leaf, &mut Vec<u64>)>,
        tick: &mut Ticker<'_>,
    ) -> Result<(), Stopped> {
        let keep = leaf.open && !self.filler.few(leaf.rows.len());
        let mut kept = if keep { self.spare.pop() } else { None };
        if keep && kept.is_none() && self.allowance > 0 {
            self.allowance -= 1;
            kept = Some(vec![0; self.offsets[self.columns.len()]]);
        }
        let [found, found_sibling] = &mut self.found;
        let [usable, usable_sibling] = &mut self.usable;
        let reset = |found: &mut Vec<_>| {
            found.clear();
            found.resize(job.columns.len(), None);
        };
        reset(found);
        job.sample(leaf.depth, leaf.node, usable);
        if let Some((sibling, _)) = &sibling {
            reset(found_sibling);
            job.sample(sibling.depth, sibling.node, usable_sibling);
        }
        let sink = Search {
            job,
            rule,
            columns: self.columns,
            offsets: &self.offsets,
            first: 0,
            kept: kept.as_deref_mut(),
            leaf: leaf.open.then(|| Wanted { leaf: &*leaf, usable, found }),
            sibling: sibling.as_mut().map(|(leaf, parent)| {
                (Wanted { leaf, usable: usable_sibling, found: found_sibling }, &mut parent[..])
            }),
        };
        let rows = &self.rows[leaf.rows.clone()];
        self.filler.fill(job.columns, rows, job.words, tick, sink)?;
        leaf.cells = kept;
        Ok(())
    }

    /// The best of the splits found in all columns (`which` names the list). One that may leave
    /// too few rows is found again with the rows counted, until the best is sure.
    fn settle(
        &mut self,
        job: &Job<'_>,
        rule: &Rule,
        leaf: &Leaf,
        which: usize,
        tick: &mut Ticker<'_>,
    ) -> Result<Option<(u32, Split)>, Stopped> {
        loop {
            let mut best: Option<(usize, Split)> = None;
            for (i, split) in self.found[which].iter().enumerate() {
                if let Some(split) = split
                    && best.is_none_or(|(_, b)| split.gain > b.gain)
                {
                    best = Some((i, *split));
                }
            }
            match best {
                Some((i, split)) if !split.sure => {
                    tick.work(2 * leaf.rows.len() + 600)?;
                    self.found[which][i] = self.counted(job, rule, leaf, job.columns[i]);
                }
                Some((i, split)) => return Ok(Some((job.columns[i], split))),
                None => return Ok(None),
            }
        }
    }

    /// A column's best split with the rows counted.
    fn counted(&mut self, job: &Job<'_>, rule: &Rule, leaf: &Leaf, c: u32) -> Option<Split> {
        let column = &self.columns[c as usize];
        let (mut cells, mut counts): (Cells, Counts) = ([0; 256], [0; 256]);
        let mut add = |row: u32, bin: u8| {
            let (row, bin) = (row as usize, usize::from(bin));
            cells[bin] = cells[bin].wrapping_add(job.words[row]);
            counts[bin] += job.masses.map_or(1, |m| u64::from(m[row]));
        };
        let rows = &self.rows[leaf.rows.clone()];
        if let Some(entries) = column.entries() {
            entries.each(rows, |place, bin| add(rows[place], bin));
            let absent = usize::from(entries.absent);
            let less = |rest: u64, part: &u64| rest.wrapping_sub(*part);
            cells[absent] = cells.iter().fold(leaf.total, less);
            counts[absent] = counts.iter().fold(leaf.mass, less);
        } else {
            rows.iter().for_each(|&row| add(row, column.bins()[row as usize]));
        }
        let query = query(job, column, leaf, c, &cells[..column.n_bins()], Filled::Some);
        self.filler.scan().best(&Query { counts: Some(&counts), ..query }, rule)
    }
}

/// The levels that go left, with the bin of missing values where these do, seen or not.
fn with_missing(mut subset: Subset, column: &BinnedColumn, left: bool) -> Subset {
    let bin = column.missing_bin();
    if left {
        subset[usize::from(bin / 64)] |= 1 << (bin % 64);
    }
    subset
}

/// Brings the rows that go left to the front, keeping the order on both sides. Returns their number.
pub(crate) fn partition(
    rows: &mut [u32],
    scratch: &mut [u32],
    column: &BinnedColumn,
    split: &Split,
    threads: usize,
) -> usize {
    let also = if split.missing_left { column.missing_bin() } else { split.bin };
    match &split.subset {
        None => {
            let last = split.bin;
            let left = |bin| Node::goes_left(bin, last, also);
            divide_rows(rows, scratch, column, threads, left)
        }
        Some(set) => {
            let set = with_missing(*set, column, split.missing_left);
            divide_rows(rows, scratch, column, threads, |bin| subset::holds(&set, bin))
        }
    }
}
