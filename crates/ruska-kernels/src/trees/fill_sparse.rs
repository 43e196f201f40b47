//! Histograms of the sparse columns, at the cost of their entries.
//!
//! One walk over the entries of a node's rows fills the cells of all sparse columns, which lie one
//! after the other; an entry is the number of its cell. What is missing from the node's sum is added
//! to the cell of the absent rows. Of few rows the entries are kept in order of their cells, so that
//! columns without any cost next to nothing. Several threads divide the columns; each walks all rows.

use super::BinnedColumn;
use super::fill::{Sink, Worker};
use super::sparse::ByRow;
use super::split::Scan;
use super::subset;
use super::tick::Ticker;
use crate::Stopped;

/// With so many times fewer entries than cells, sorting them is quicker than visiting all cells.
const FEW: usize = 8;
/// Fewer entries and cells are not worth a second thread.
const PARALLEL: usize = 1 << 16;

/// Fills histograms of sparse columns, which come after all dense ones.
pub(super) struct SparseFiller<'a> {
    /// The sparse columns, and the number of dense ones before them.
    columns: &'a [BinnedColumn],
    first: u32,
    /// Where each column's cells begin, and their number.
    starts: Vec<usize>,
    /// Numbers of cells.
    entries: ByRow,
    /// All 0 between fills.
    cells: Vec<u64>,
    /// Cells of few rows, ascending.
    filled: Vec<u32>,
}

impl<'a> SparseFiller<'a> {
    /// `None` if all columns are dense.
    pub(super) fn new(columns: &'a [BinnedColumn]) -> Option<Self> {
        let first = columns.iter().position(|c| c.entries().is_some())?;
        let columns_before = first as u32;
        let columns = &columns[first..];
        assert!(columns.iter().all(|c| c.entries().is_some()), "dense columns come first");
        let mut starts = vec![0];
        for column in columns {
            starts.push(starts[starts.len() - 1] + column.n_bins());
        }
        let number = |cell: usize| u32::try_from(cell).expect("there are fewer than 2³² bins");
        let entries = ByRow::of(columns, |c, bin| number(starts[c] + usize::from(bin)));
        let cells = vec![0; starts[columns.len()]];
        Some(Self { columns, first: columns_before, starts, entries, cells, filled: vec![] })
    }

    /// The number of dense columns.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// Cells, and entries a row that make up for one of them.
    pub(super) fn size(&self) -> (usize, usize) {
        let rows = self.columns[0].rows().max(1);
        (self.cells.len(), FEW * self.entries.len() / rows)
    }

    /// See [`super::fill::Filler::fill`]; `words` are those of `rows`.
    pub(super) fn fill(
        &mut self,
        wanted: &[u32],
        rows: &[u32],
        words: &[u64],
        workers: &mut [Worker],
        tick: &mut Ticker<'_>,
        mut sink: impl Sink,
    ) -> Result<(), Stopped> {
        let entries: usize = rows.iter().map(|&r| self.entries.row(r).len()).sum();
        let work = Walk {
            columns: self.columns,
            first: self.first,
            starts: &self.starts,
            entries: &self.entries,
            rows,
            words,
            total: words.iter().fold(0, |a: u64, w| a.wrapping_add(*w)),
        };
        if entries * FEW <= self.cells.len() {
            tick.work(20 * entries + 5 * wanted.len())?;
            work.few(wanted, &mut self.cells, &mut self.filled, workers[0].scan(), &mut sink);
            return Ok(());
        }
        let several = entries + self.cells.len() >= PARALLEL;
        let workers = if several { workers.len().min(wanted.len()) } else { 1 };
        work.all(wanted, 0, &mut self.cells, entries, workers, tick, sink)
    }
}

/// Rows to add up.
#[derive(Clone, Copy)]
struct Walk<'w> {
    columns: &'w [BinnedColumn],
    first: u32,
    starts: &'w [usize],
    entries: &'w ByRow,
    rows: &'w [u32],
    words: &'w [u64],
    total: u64,
}

impl Walk<'_> {
    /// Where the cells of a column are.
    fn cells(&self, c: u32) -> std::ops::Range<usize> {
        let c = (c - self.first) as usize;
        self.starts[c]..self.starts[c + 1]
    }

    /// Adds up all columns whose cells, from the `from`th on, are given, and empties these.
    #[expect(clippy::too_many_arguments, reason = "one call for each part of the columns")]
    fn all(
        self,
        wanted: &[u32],
        from: usize,
        cells: &mut [u64],
        entries: usize,
        workers: usize,
        tick: &mut Ticker<'_>,
        mut sink: impl Sink,
    ) -> Result<(), Stopped> {
        if workers > 1 {
            let at = wanted.len() * (workers / 2) / workers;
            let middle = self.cells(wanted[at]).start;
            let (a, b) = cells.split_at_mut(middle - from);
            let (first, second) = sink.split_at(at, wanted[at]);
            let mut other = tick.another();
            let (few, rest) = (workers / 2, workers - workers / 2);
            let (first, second) = rayon::join(
                || self.all(&wanted[..at], from, a, entries, few, tick, first),
                || self.all(&wanted[at..], middle, b, entries, rest, &mut other, second),
            );
            return first.and(second);
        }
        tick.work(entries + cells.len() + 50 * wanted.len())?;
        self.add(from, cells);
        let mut scan = Scan::new();
        for (i, &c) in wanted.iter().enumerate() {
            let range = self.cells(c);
            let cells = &mut cells[range.start - from..range.end - from];
            let column = &self.columns[(c - self.first) as usize];
            let absent = usize::from(column.entries().map_or(0, |e| e.absent));
            if cells.iter().all(|cell| *cell == 0) {
                sink.one_bin(i, c, cells.len(), absent, self.total, &mut scan);
                continue;
            }
            let rest = cells.iter().fold(self.total, |rest, cell| rest.wrapping_sub(*cell));
            cells[absent] = rest;
            sink.take(i, c, cells, None, &mut scan);
        }
        cells.fill(0);
        Ok(())
    }

    /// Adds the words of the rows to those cells that are given.
    fn add(&self, from: usize, cells: &mut [u64]) {
        let whole = cells.len() == self.starts[self.columns.len()];
        let end = from + cells.len();
        for (&row, &word) in self.rows.iter().zip(self.words) {
            let mut entries = self.entries.row(row);
            if !whole {
                let below = |limit: usize| entries.partition_point(|e| (*e as usize) < limit);
                entries = &entries[below(from)..below(end)];
            }
            for &entry in entries {
                let cell = &mut cells[entry as usize - from];
                *cell = cell.wrapping_add(word);
            }
        }
    }

    /// The same at the cost of the entries and a little for each column.
    fn few(
        self,
        wanted: &[u32],
        cells: &mut [u64],
        filled: &mut Vec<u32>,
        scan: &mut Scan,
        sink: &mut impl Sink,
    ) {
        filled.clear();
        self.rows.iter().for_each(|&row| filled.extend_from_slice(self.entries.row(row)));
        filled.sort_unstable();
        filled.dedup();
        self.add(0, cells);
        let mut next = 0;
        for (i, &c) in wanted.iter().enumerate() {
            let range = self.cells(c);
            while filled.get(next).is_some_and(|f| (*f as usize) < range.start) {
                next += 1;
            }
            let start = next;
            while filled.get(next).is_some_and(|f| (*f as usize) < range.end) {
                next += 1;
            }
            let absent = self.columns[(c - self.first) as usize].entries().map_or(0, |e| e.absent);
            if start == next {
                sink.one_bin(i, c, range.len(), usize::from(absent), self.total, scan);
                continue;
            }
            let cells = &mut cells[range.clone()];
            let bins = filled[start..next].iter().map(|f| (*f as usize - range.start) as u8);
            let rest = bins
                .clone()
                .fold(self.total, |rest, bin| rest.wrapping_sub(cells[usize::from(bin)]));
            cells[usize::from(absent)] = rest;
            sink.take(i, c, cells, Some(subset::of(bins.chain([absent]))), scan);
            cells[usize::from(absent)] = 0;
        }
        filled.iter().for_each(|f| cells[*f as usize] = 0);
    }
}
