//! The rows of a small node copied together: its descendants then find them in the cache, where
//! those of a large table would each have to be fetched for every column.

use super::BinnedColumn;
use super::node_split::Rows;

/// Most bytes of bins copied, so that they fit the second-level cache beside what else is used.
const BYTES: usize = 1 << 18;

/// With fewer rows there is nothing to gain.
const LEAST: usize = 64;

/// Copied rows, numbered from 0 in the order they were given in.
#[derive(Default)]
pub(super) struct Compact {
    rows: usize,
    /// By column; those of columns that are not useful are arbitrary.
    bins: Vec<u8>,
    words: Vec<u64>,
    masses: Vec<u32>,
    codes: Vec<f64>,
}

/// Whether it pays to copy a node of so many rows: it does if its descendants look at a column of a
/// row more often, at every level `tries` of them.
pub(super) fn pays(rows: usize, columns: usize, tries: usize, min_rows: usize) -> bool {
    let levels = (rows / min_rows.max(1)).max(1).ilog2() as usize;
    rows >= LEAST && rows.saturating_mul(columns) <= BYTES && columns <= tries * levels
}

impl Compact {
    /// Copies rows: their bins in the useful columns, and what is given of words and codes.
    pub(super) fn copy(
        &mut self,
        columns: &[BinnedColumn],
        useful: &[u32],
        rows: &[u32],
        (words, masses, codes): (&[u64], &[u32], &[f64]),
    ) {
        self.rows = rows.len();
        self.bins.resize(columns.len() * rows.len(), 0);
        for &c in useful {
            let from = columns[c as usize].bins();
            let to = &mut self.bins[c as usize * rows.len()..][..rows.len()];
            to.iter_mut().zip(rows).for_each(|(to, &row)| *to = from[row as usize]);
        }
        pick(&mut self.words, words, rows);
        pick(&mut self.masses, masses, rows);
        pick(&mut self.codes, codes, rows);
    }

    /// Some of the copied rows.
    pub(super) fn rows<'a>(&'a self, numbers: &'a [u32]) -> Rows<'a> {
        let Self { words, masses, codes, .. } = self;
        Rows { numbers, words, masses, codes, compact: Some(self) }
    }

    /// The bins of all copied rows in a column.
    pub(super) fn bins(&self, column: u32) -> &[u8] {
        &self.bins[column as usize * self.rows..][..self.rows]
    }
}

fn pick<T: Copy>(to: &mut Vec<T>, from: &[T], rows: &[u32]) {
    to.clear();
    if !from.is_empty() {
        to.extend(rows.iter().map(|&row| from[row as usize]));
    }
}
