//! Leaf-wise growth: the leaf whose best split gains most is split next.
//!
//! Row numbers of a leaf are contiguous, so that a split is one stable partition. Histograms are
//! filled for the smaller child only; the larger one's are the parent's less the smaller one's.
//! Blocks of four columns are filled, subtracted and searched while they are in cache. Histograms
//! lie compactly at their true number of bins; where all leaves' would exceed a cap, some are
//! not kept and filled again when needed, which changes the cost but not the tree.
//! Cost O(rows · columns · log leaves) and O(leaves · columns · bins) for the searches.

use super::BinnedColumn;
use super::gradients::Sums;
use super::histogram::{Cells, fill_four, fill_one};
use super::job::Job;
use super::split::{Counts, Rule, Scan, Split};
use super::tick::Ticker;
use super::tree::{Node, Tree};
use crate::Stopped;
use std::ops::Range;

/// Most bytes of histograms kept during the growth of a tree.
const HISTOGRAM_BYTES: usize = 256 << 20;

struct Leaf {
    node: usize,
    rows: Range<usize>,
    depth: u32,
    total: u64,
    /// Enough rows and depth left for a split.
    open: bool,
    cells: Option<Vec<u64>>,
    split: Option<(u32, Split)>,
}

/// Grows trees over the same columns, reusing its buffers.
pub(crate) struct Grower<'a> {
    columns: &'a [BinnedColumn],
    /// Where each column's cells begin in a leaf's histograms, and their total.
    offsets: Vec<usize>,
    rows: Vec<u32>,
    scratch: Vec<u32>,
    gathered: Vec<u64>,
    cells: Box<[Cells; 4]>,
    scan: Scan,
    spare: Vec<Vec<u64>>,
    /// Histograms that may still be allocated.
    allowance: usize,
    found: [Vec<Option<Split>>; 2],
    leaves: Vec<Leaf>,
}

impl<'a> Grower<'a> {
    pub(crate) fn new(columns: &'a [BinnedColumn]) -> Self {
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
            gathered: vec![],
            cells: Box::new([[0; 256]; 4]),
            scan: Scan::new(),
            spare: vec![],
            allowance: (HISTOGRAM_BYTES / bytes).max(2),
            found: [vec![], vec![]],
            leaves: vec![],
        }
    }

    /// Sets how many histograms may be kept.
    #[cfg(test)]
    pub(crate) fn keep_at_most(&mut self, histograms: usize) {
        self.allowance = histograms;
    }

    /// Grows a tree. Leaf values are minimisers of the second-order loss, not shrunk.
    pub(crate) fn grow(&mut self, job: &Job<'_>, tick: &mut Ticker<'_>) -> Result<Tree, Stopped> {
        self.rows.clear();
        match job.rows {
            Some(rows) => self.rows.extend_from_slice(rows),
            None => self.rows.extend(0..job.words.len() as u32),
        }
        self.scratch.resize(self.rows.len(), 0);
        for leaf in self.leaves.drain(..) {
            self.spare.extend(leaf.cells);
        }
        tick.work(2 * self.rows.len())?;
        let total = self.rows.iter().fold(0, |a: u64, &r| a.wrapping_add(job.words[r as usize]));
        let rule = job.rule(&self.rows, Sums::of(total));
        let mut tree = Tree { nodes: vec![Node::leaf(0.0)] };
        let mut root = self.leaf(job, 0, 0..self.rows.len(), 0, total);
        if root.open && job.params.max_leaves > 1 {
            self.search_alone(job, &rule, &mut root, tick)?;
        }
        self.leaves.push(root);
        while self.leaves.len() < job.params.max_leaves {
            let gain = |leaf: &Leaf| leaf.split.map_or(0.0, |(_, s)| s.gain);
            let (at, best) = self.leaves.iter().enumerate().fold((0, 0.0), |(at, best), (i, l)| {
                if gain(l) > best { (i, gain(l)) } else { (at, best) }
            });
            if best <= 0.0 {
                break;
            }
            self.divide(job, &rule, at, &mut tree, tick)?;
        }
        let factor = job.scale.h / job.scale.g;
        for leaf in &self.leaves {
            tree.nodes[leaf.node].value = rule.value(Sums::of(leaf.total)) * factor;
        }
        Ok(tree)
    }

    /// Node and rows of each leaf of the last tree.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = (usize, &[u32])> {
        self.leaves.iter().map(|leaf| (leaf.node, &self.rows[leaf.rows.clone()]))
    }

    fn leaf(&self, job: &Job<'_>, node: usize, rows: Range<usize>, depth: u32, total: u64) -> Leaf {
        let mass = job.mass(&self.rows[rows.clone()]);
        let open = depth < job.params.max_depth
            && rows.len() > 1
            && mass >= 2 * u64::from(job.params.min_rows);
        Leaf { node, rows, depth, total, open, cells: None, split: None }
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
        let (range, cells) = (parent.rows.clone(), parent.cells.take());
        let binned = &self.columns[column as usize];
        let also = if split.missing_left { binned.missing_bin() } else { split.bin };
        tick.work(range.len())?;
        let rows = &mut self.rows[range.clone()];
        let middle =
            range.start + partition(rows, &mut self.scratch, binned.bins(), split.bin, also);
        let left = tree.nodes.len();
        tree.nodes[node] = Node {
            left: left as u32,
            column,
            bin: split.bin,
            also,
            gain: split.gain / job.scale.g * (job.scale.h / job.scale.g),
            value: 0.0,
        };
        tree.nodes.extend([Node::leaf(0.0); 2]);
        let mut a = self.leaf(job, left, range.start..middle, depth, split.left);
        let rest = total.wrapping_sub(split.left);
        let mut b = self.leaf(job, left + 1, middle..range.end, depth, rest);
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
            Some(mut cells) if large.open => {
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
        let rows = &self.rows[leaf.rows.clone()];
        let all = rows.len() == job.words.len();
        let words = if all {
            job.words
        } else {
            self.gathered.clear();
            self.gathered.extend(rows.iter().map(|&r| job.words[r as usize]));
            &self.gathered
        };
        let rows = (!all).then_some(rows);
        let mut kept = if leaf.open { self.spare.pop() } else { None };
        if leaf.open && kept.is_none() && self.allowance > 0 {
            self.allowance -= 1;
            kept = Some(vec![0; self.offsets[self.columns.len()]]);
        }
        let (columns, offsets, scan) = (self.columns, &self.offsets, &mut self.scan);
        let [found, found_sibling] = &mut self.found;
        found.clear();
        found_sibling.clear();
        let mut take = |c: u32, cells: &[u64]| {
            let (column, range) =
                (&columns[c as usize], offsets[c as usize]..offsets[c as usize + 1]);
            let missing = column.has_missing();
            if leaf.open {
                found.push(scan.best(cells, missing, leaf.total, rule, None));
            }
            if let Some(kept) = &mut kept {
                kept[range.clone()].copy_from_slice(cells);
            }
            if let Some((sibling, parent)) = &mut sibling {
                let parent = &mut parent[range];
                for (rest, &cell) in parent.iter_mut().zip(cells) {
                    *rest = rest.wrapping_sub(cell);
                }
                found_sibling.push(scan.best(parent, missing, sibling.total, rule, None));
            }
        };
        let bins = |c: u32| columns[c as usize].bins();
        let n_bins = |c: u32| columns[c as usize].n_bins();
        for block in job.columns.chunks(4) {
            tick.work((words.len() / 2 + 600) * block.len())?;
            if let &[a, b, c, d] = block {
                for (cells, &c) in self.cells.iter_mut().zip(block) {
                    cells[..n_bins(c)].fill(0);
                }
                fill_four([a, b, c, d].map(bins), rows, words, &mut self.cells);
                for (cells, &c) in self.cells.iter().zip(block) {
                    take(c, &cells[..n_bins(c)]);
                }
            } else {
                for &c in block {
                    self.cells[0].fill(0);
                    fill_one(bins(c), rows, words, &mut self.cells);
                    take(c, &self.cells[0][..n_bins(c)]);
                }
            }
        }
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
    fn counted(&mut self, job: &Job<'_>, rule: &Rule, leaf: &Leaf, column: u32) -> Option<Split> {
        let column = &self.columns[column as usize];
        let (mut cells, mut counts): (Cells, Counts) = ([0; 256], [0; 256]);
        for &row in &self.rows[leaf.rows.clone()] {
            let row = row as usize;
            let bin = usize::from(column.bins()[row]);
            cells[bin] = cells[bin].wrapping_add(job.words[row]);
            counts[bin] += job.masses.map_or(1, |m| u64::from(m[row]));
        }
        let cells = &cells[..column.n_bins()];
        self.scan.best(cells, column.has_missing(), leaf.total, rule, Some(&counts))
    }
}

/// Brings the rows that go left to the front, keeping the order on both sides. Returns their number.
fn partition(rows: &mut [u32], scratch: &mut [u32], bins: &[u8], last: u8, also: u8) -> usize {
    let (mut left, mut right) = (0, 0);
    let scratch = &mut scratch[..rows.len()];
    for i in 0..rows.len() {
        let row = rows[i];
        let goes_left = Node::goes_left(bins[row as usize], last, also);
        rows[left] = row;
        scratch[right] = row;
        left += usize::from(goes_left);
        right += usize::from(!goes_left);
    }
    rows[left..].copy_from_slice(&scratch[..right]);
    left
}
