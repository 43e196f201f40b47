//! Steps of single columns.
//!
//! Numbers get a tree of few leaves, grown best first on the histogram. Levels without an order, and
//! missing values, get a Newton step of their own, drawn to nothing where they are rare.

use super::Terms;
use super::bag::{Job, Scratch};
use crate::trees::BinnedColumn;
use crate::trees::gradients::Sums;
use crate::trees::histogram::{PASS, fill};
use crate::trees::split::{Bounds, Filled, Query, Rule, Scan, Split};
use std::ops::Range;

/// The columns of more than one bin.
pub(super) struct Mains<'a> {
    columns: Vec<(usize, &'a BinnedColumn)>,
    leaves: usize,
}

impl<'a> Mains<'a> {
    pub(super) fn new(columns: &'a [BinnedColumn], leaves: usize) -> Self {
        let columns = columns.iter().enumerate().filter(|(_, c)| c.n_bins() > 1).collect();
        Self { columns, leaves }
    }

    /// The column of a term, and its number among all.
    pub(super) fn column(&self, term: usize) -> (usize, &'a BinnedColumn) {
        self.columns[term]
    }
}

/// Places in the table of a column: its bins, and the last for missing values, if there are any or not.
pub(super) fn places(column: &BinnedColumn) -> usize {
    column.cuts().len() + 2
}

impl Terms for Mains<'_> {
    fn count(&self) -> usize {
        self.columns.len()
    }

    fn places(&self, term: usize) -> usize {
        places(self.columns[term].1)
    }

    fn steps(&self, terms: &[usize], job: &Job<'_>, scratch: &mut Scratch) {
        let columns: Vec<&BinnedColumn> = terms.iter().map(|&t| self.columns[t].1).collect();
        let mut bins: [&[u8]; PASS] = [&[]; PASS];
        for ((bins, cells), column) in bins.iter_mut().zip(&mut *scratch.cells).zip(&columns) {
            *bins = column.bins();
            cells[..places(column)].fill(0);
        }
        fill(&bins[..columns.len()], None, job.words, &mut scratch.cells);
        let of_all = |cells: &[u64]| cells.iter().fold(0u64, |sum, w| sum.wrapping_add(*w));
        let Some(first) = columns.first() else { return };
        let total = of_all(&scratch.cells[0][..places(first)]);
        let rule = job.rule(total);
        let whole = rule.score(Sums::of(total));
        for (i, column) in columns.iter().enumerate() {
            let step = &mut scratch.steps[i];
            step.clear();
            step.resize(places(column), 0.0);
            let cells = &scratch.cells[i][..places(column)];
            let (values, missing) = cells.split_at(cells.len() - 1);
            if column.is_categorical() {
                values.iter().zip(&mut *step).for_each(|(cell, s)| *s = of_level(*cell, &rule));
            } else {
                tree(values, self.leaves, &rule, &mut scratch.scan, step);
            }
            step[values.len()] = of_level(missing[0], &rule);
            scratch.gains[i] = gain(cells, step) - whole;
        }
    }

    fn add(&self, term: usize, table: &[f64], scores: &mut [f64]) {
        // One place for every byte, so that looking up needs no check.
        let mut values = [0.0; 256];
        values[..table.len()].copy_from_slice(table);
        let bins = self.columns[term].1.bins();
        scores.iter_mut().zip(bins).for_each(|(score, &bin)| *score += values[usize::from(bin)]);
    }
}

/// The step of a level's rows.
fn of_level(cell: u64, rule: &Rule) -> f64 {
    let sums = Sums::of(cell);
    rule.value(Sums { h: sums.h + rule.category_l2, ..sums }, Bounds::NONE)
}

/// How much a step lowers twice the loss.
fn gain(cells: &[u64], step: &[f64]) -> f64 {
    let of_place = |(cell, value): (&u64, &f64)| {
        let sums = Sums::of(*cell);
        -value * (2.0 * sums.g + sums.h * value)
    };
    cells.iter().zip(step).map(of_place).sum()
}

/// Some neighbouring bins and the best split between them.
struct Leaf {
    bins: Range<usize>,
    total: u64,
    split: Option<Split>,
}

impl Leaf {
    fn new(cells: &[u64], bins: Range<usize>, rule: &Rule, scan: &mut Scan) -> Self {
        let cells = &cells[bins.clone()];
        let total = cells.iter().fold(0u64, |sum, w| sum.wrapping_add(*w));
        let split = scan.best(&within(cells, total), rule);
        Self { bins, total, split }
    }
}

/// What is asked of a row of cells of numbers, which add up to a total.
pub(super) fn within(cells: &[u64], total: u64) -> Query<'_> {
    Query {
        cells,
        has_missing: false,
        categorical: false,
        total,
        filled: Filled::Most,
        counts: None,
        bounds: Bounds::NONE,
        direction: 0,
        random: None,
    }
}

/// Writes the values of a tree of most so many leaves; nothing where there is no split.
fn tree(cells: &[u64], most: usize, rule: &Rule, scan: &mut Scan, step: &mut [f64]) {
    let mut leaves = vec![Leaf::new(cells, 0..cells.len(), rule, scan)];
    while leaves.len() < most {
        let gain = |leaf: &Leaf| leaf.split.map_or(0.0, |s| s.gain);
        let best = (0..leaves.len()).max_by(|&a, &b| gain(&leaves[a]).total_cmp(&gain(&leaves[b])));
        let Some((at, split)) = best.and_then(|at| Some((at, leaves[at].split?))) else { break };
        let Range { start, end } = leaves[at].bins.clone();
        let middle = start + usize::from(split.bin) + 1;
        leaves[at] = Leaf::new(cells, start..middle, rule, scan);
        leaves.push(Leaf::new(cells, middle..end, rule, scan));
    }
    if leaves.len() > 1 {
        for leaf in leaves {
            step[leaf.bins].fill(rule.value(Sums::of(leaf.total), Bounds::NONE));
        }
    }
}
