//! What leaf-wise growth does with the histograms of a leaf: it searches them column by column while
//! they are in cache, keeps them, and makes those of the sibling by subtraction, to search them too.

use super::BinnedColumn;
use super::fill::Sink;
use super::grow::Leaf;
use super::job::Job;
use super::split::{Filled, Query, Rule, Scan, Split, Subset};

/// A leaf whose best split of some columns is searched.
pub(super) struct Wanted<'s> {
    pub(super) leaf: &'s Leaf,
    /// By column; all, if empty.
    pub(super) usable: &'s [bool],
    pub(super) found: &'s mut [Option<Split>],
}

impl Wanted<'_> {
    /// Whether the leaf may use the `i`th column.
    fn may(&self, i: usize) -> bool {
        self.usable.get(i).copied().unwrap_or(true)
    }

    fn split_at(self, at: usize) -> (Self, Self) {
        let (a, b) = self.usable.split_at(at.min(self.usable.len()));
        let (first, second) = self.found.split_at_mut(at);
        (
            Self { leaf: self.leaf, usable: a, found: first },
            Self { leaf: self.leaf, usable: b, found: second },
        )
    }
}

/// Searches the histograms of a leaf, keeps them, and subtracts them from its parent's, which
/// become its sibling's, to be searched as well.
pub(super) struct Search<'s> {
    pub(super) job: &'s Job<'s>,
    pub(super) rule: &'s Rule,
    pub(super) columns: &'s [BinnedColumn],
    pub(super) offsets: &'s [usize],
    /// Where the histograms that follow begin among those of a leaf.
    pub(super) first: usize,
    pub(super) kept: Option<&'s mut [u64]>,
    pub(super) leaf: Option<Wanted<'s>>,
    pub(super) sibling: Option<(Wanted<'s>, &'s mut [u64])>,
}

impl Search<'_> {
    fn best(
        &self,
        leaf: &Leaf,
        c: u32,
        cells: &[u64],
        touched: Option<Subset>,
        scan: &mut Scan,
    ) -> Option<Split> {
        let filled = match touched {
            Some(touched) => Filled::These(touched),
            None if leaf.rows.len() > 2 * cells.len() => Filled::Most,
            None => Filled::Some,
        };
        let query = query(self.job, &self.columns[c as usize], leaf, c, cells, filled);
        scan.best(&query, self.rule)
    }
}

impl Sink for Search<'_> {
    fn take(&mut self, i: usize, c: u32, cells: &[u64], touched: Option<Subset>, scan: &mut Scan) {
        let range =
            self.offsets[c as usize] - self.first..self.offsets[c as usize + 1] - self.first;
        if let Some(wanted) = self.leaf.take() {
            let best = wanted.may(i).then(|| self.best(wanted.leaf, c, cells, touched, scan));
            wanted.found[i] = best.flatten();
            self.leaf = Some(wanted);
        }
        if let Some(kept) = &mut self.kept {
            kept[range.clone()].copy_from_slice(cells);
        }
        if let Some((wanted, parent)) = self.sibling.take() {
            for (rest, &cell) in parent[range.clone()].iter_mut().zip(cells) {
                *rest = rest.wrapping_sub(cell);
            }
            let best = wanted.may(i).then(|| self.best(wanted.leaf, c, &parent[range], None, scan));
            wanted.found[i] = best.flatten();
            self.sibling = Some((wanted, parent));
        }
    }

    /// There is no split of the leaf, whose place in the list stays empty.
    fn one_bin(&mut self, i: usize, c: u32, bins: usize, bin: usize, word: u64, scan: &mut Scan) {
        let start = self.offsets[c as usize] - self.first;
        if let Some(kept) = &mut self.kept {
            kept[start..start + bins].fill(0);
            kept[start + bin] = word;
        }
        if let Some((wanted, parent)) = self.sibling.take() {
            parent[start + bin] = parent[start + bin].wrapping_sub(word);
            let cells = &parent[start..start + bins];
            let best = wanted.may(i).then(|| self.best(wanted.leaf, c, cells, None, scan));
            wanted.found[i] = best.flatten();
            self.sibling = Some((wanted, parent));
        }
    }

    fn split_at(self, at: usize, c: u32) -> (Self, Self) {
        let middle = self.offsets[c as usize];
        let place = middle - self.first;
        let (kept, later_kept) = self.kept.map(|k| k.split_at_mut(place)).unzip();
        let (leaf, later_leaf) = self.leaf.map(|w| w.split_at(at)).unzip();
        let (sibling, later_sibling) = self
            .sibling
            .map(|(w, parent)| {
                let ((a, b), (first, second)) = (w.split_at(at), parent.split_at_mut(place));
                ((a, first), (b, second))
            })
            .unzip();
        let first = Self { kept, leaf, sibling, ..self };
        let second = Self {
            first: middle,
            kept: later_kept,
            leaf: later_leaf,
            sibling: later_sibling,
            ..first
        };
        (first, second)
    }
}

/// What is asked of a leaf's histogram of a column.
pub(super) fn query<'q>(
    job: &Job<'_>,
    column: &BinnedColumn,
    leaf: &Leaf,
    c: u32,
    cells: &'q [u64],
    filled: Filled,
) -> Query<'q> {
    Query {
        cells,
        filled,
        has_missing: column.has_missing(),
        categorical: column.is_categorical(),
        total: leaf.total,
        counts: None,
        bounds: leaf.bounds,
        direction: job.direction(c),
        random: job.threshold_seed(leaf.node, c),
    }
}
