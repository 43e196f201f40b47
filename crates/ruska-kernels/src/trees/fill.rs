//! Histograms of some rows, column after column, each handed on while it is in cache.

use super::BinnedColumn;
use super::fill_sparse::SparseFiller;
use super::histogram::{Cells, PASS, fill, fill_few};
use super::parallel::for_parts;
use super::split::{Scan, Subset};
use super::subset::each_bin;
use super::tick::Ticker;
use crate::Stopped;

/// Fewer cell updates are not worth a second thread.
const PARALLEL: usize = 1 << 17;

/// What becomes of the histograms of some columns.
pub(crate) trait Sink: Send + Sized {
    /// Takes the cells of column `c`, the `i`th of this sink. Cells of bins that are not in
    /// `touched` are 0. Columns come in order.
    fn take(&mut self, i: usize, c: u32, cells: &[u64], touched: Option<Subset>, scan: &mut Scan);

    /// The same of a column of so many bins, all rows of which are in one, whose cell is `word`.
    fn one_bin(&mut self, i: usize, c: u32, bins: usize, bin: usize, word: u64, scan: &mut Scan) {
        let mut cells: Cells = [0; 256];
        cells[bin] = word;
        self.take(i, c, &cells[..bins], None, scan);
    }

    /// Divides the sink in two, the second one for the columns from the `at`th, `c`, on.
    fn split_at(self, at: usize, c: u32) -> (Self, Self);
}

/// What one thread works with.
pub(super) struct Worker {
    cells: Box<[Cells; PASS]>,
    /// All 0 between columns.
    few: Box<Cells>,
    scan: Scan,
}

impl Worker {
    pub(super) fn scan(&mut self) -> &mut Scan {
        &mut self.scan
    }
}

/// Fills histograms of the same columns, reusing its buffers.
pub(crate) struct Filler<'a> {
    columns: &'a [BinnedColumn],
    sparse: Option<SparseFiller<'a>>,
    /// With at most so many rows only the bins they are in are looked at.
    few: usize,
    workers: Vec<Worker>,
    gathered: Vec<u64>,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(columns: &'a [BinnedColumn], threads: usize) -> Self {
        let sparse = SparseFiller::new(columns);
        let dense = sparse.as_ref().map_or(columns.len(), |s| s.first() as usize);
        let bins: usize = columns[..dense].iter().map(BinnedColumn::n_bins).sum();
        let (cells, a_row) = sparse.as_ref().map_or((0, 0), SparseFiller::size);
        let worker = |_| Worker {
            cells: Box::new([[0; 256]; PASS]),
            few: Box::new([0; 256]),
            scan: Scan::new(),
        };
        Self {
            columns,
            sparse,
            few: (bins + cells) / (2 * dense + a_row).max(1),
            workers: (0..threads.max(1)).map(worker).collect(),
            gathered: vec![],
        }
    }

    /// Whether the histograms of so many rows are quicker found anew than by subtraction.
    pub(crate) fn few(&self, rows: usize) -> bool {
        rows <= self.few
    }

    /// Sets how many rows are few.
    #[cfg(test)]
    pub(crate) fn set_few(&mut self, rows: usize) {
        self.few = rows;
    }

    /// A buffer for searches.
    pub(crate) fn scan(&mut self) -> &mut Scan {
        &mut self.workers[0].scan
    }

    /// Adds up the words of `rows`, ascending, and hands the cells of each of the columns `wanted`,
    /// ascending and of more than one bin, to the sink. `words` are those of all rows.
    pub(crate) fn fill(
        &mut self,
        wanted: &[u32],
        rows: &[u32],
        words: &[u64],
        tick: &mut Ticker<'_>,
        sink: impl Sink,
    ) -> Result<(), Stopped> {
        let sparse = self.sparse.as_mut();
        let dense =
            sparse.as_ref().map_or(wanted.len(), |s| wanted.partition_point(|c| *c < s.first()));
        let all = rows.len() == words.len();
        let words = if all {
            words
        } else {
            self.gathered.resize(self.gathered.len().max(rows.len()), 0);
            let gathered = &mut self.gathered[..rows.len()];
            for_parts(self.workers.len(), gathered, |first, gathered| {
                for (to, &r) in gathered.iter_mut().zip(&rows[first..]) {
                    *to = words[r as usize];
                }
            });
            gathered
        };
        let few = rows.len() <= self.few;
        let work = Work { columns: self.columns, rows: (!all || few).then_some(rows), words, few };
        let (wanted, later) = wanted.split_at(dense);
        let parallel = rows.len() * wanted.len() >= PARALLEL && wanted.len() > 1;
        let workers = if parallel { self.workers.len().min(wanted.len()) } else { 1 };
        let Some(sparse) = sparse.filter(|_| !later.is_empty()) else {
            return work.fill(wanted, &mut self.workers[..workers], tick, sink);
        };
        let (sink, of_later) = sink.split_at(dense, later[0]);
        work.fill(wanted, &mut self.workers[..workers], tick, sink)?;
        sparse.fill(later, rows, words, &mut self.workers, tick, of_later)
    }
}

/// Rows to add up.
#[derive(Clone, Copy)]
struct Work<'w> {
    columns: &'w [BinnedColumn],
    rows: Option<&'w [u32]>,
    words: &'w [u64],
    few: bool,
}

impl Work<'_> {
    fn fill(
        self,
        wanted: &[u32],
        workers: &mut [Worker],
        tick: &mut Ticker<'_>,
        mut sink: impl Sink,
    ) -> Result<(), Stopped> {
        if let [worker] = workers {
            return if self.few {
                self.few(wanted, worker, tick, &mut sink)
            } else {
                self.blocks(wanted, worker, tick, &mut sink)
            };
        }
        let (a, b) = workers.split_at_mut(workers.len() / 2);
        let at = wanted.len() * a.len() / (a.len() + b.len());
        let (first, second) = sink.split_at(at, wanted[at]);
        let mut other = tick.another();
        let (first, second) = rayon::join(
            || self.fill(&wanted[..at], a, tick, first),
            || self.fill(&wanted[at..], b, &mut other, second),
        );
        first.and(second)
    }

    /// In blocks of columns of about one size.
    fn blocks(
        self,
        wanted: &[u32],
        worker: &mut Worker,
        tick: &mut Ticker<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), Stopped> {
        let n_bins = |c: u32| self.columns[c as usize].n_bins();
        let size = wanted.len().div_ceil(wanted.len().div_ceil(PASS).max(1)).max(1);
        for (i, block) in wanted.chunks(size).enumerate() {
            tick.work((self.words.len() / 2 + 600) * block.len())?;
            for (cells, &c) in worker.cells.iter_mut().zip(block) {
                cells[..n_bins(c)].fill(0);
            }
            let mut bins: [&[u8]; PASS] = [&[]; PASS];
            bins.iter_mut().zip(block).for_each(|(b, &c)| *b = self.columns[c as usize].bins());
            fill(&bins[..block.len()], self.rows, self.words, &mut worker.cells);
            for (j, (cells, &c)) in worker.cells.iter().zip(block).enumerate() {
                sink.take(i * size + j, c, &cells[..n_bins(c)], None, &mut worker.scan);
            }
        }
        Ok(())
    }

    /// One column at a time, at the cost of its rows.
    fn few(
        self,
        wanted: &[u32],
        worker: &mut Worker,
        tick: &mut Ticker<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), Stopped> {
        let rows = self.rows.unwrap_or_default();
        for (i, &c) in wanted.iter().enumerate() {
            tick.work(4 * rows.len() + 50)?;
            let column = &self.columns[c as usize];
            let touched = fill_few(column.bins(), rows, self.words, &mut worker.few);
            sink.take(i, c, &worker.few[..column.n_bins()], Some(touched), &mut worker.scan);
            each_bin(&touched, |bin| worker.few[bin] = 0);
        }
        Ok(())
    }
}
