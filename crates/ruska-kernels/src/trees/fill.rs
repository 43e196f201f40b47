//! Histograms of some rows, column after column, each handed on while it is in cache.

use super::BinnedColumn;
use super::histogram::{Cells, GROUP, Group, Lane, fill_four, fill_one};
use super::tick::Ticker;
use crate::Stopped;

/// From so many rows on columns are laid out side by side as well: fewer stay in cache as they are.
const MANY_ROWS: usize = 250_000;

/// Fills histograms of the same columns, reusing its buffers.
pub(crate) struct Filler<'a> {
    columns: &'a [BinnedColumn],
    groups: Vec<Group>,
    lanes: Vec<Lane>,
    cells: Box<[Cells; 4]>,
    gathered: Vec<u64>,
}

impl<'a> Filler<'a> {
    pub(crate) fn new(columns: &'a [BinnedColumn]) -> Self {
        Self::with_groups_from(columns, MANY_ROWS)
    }

    /// With columns side by side from so many rows on.
    pub(crate) fn with_groups_from(columns: &'a [BinnedColumn], rows: usize) -> Self {
        let many = columns.first().is_some_and(|c| c.rows() >= rows);
        let useful: Vec<u32> =
            (0..).zip(columns).filter(|(_, c)| many && c.n_bins() > 1).map(|(i, _)| i).collect();
        let group = |group: &[u32]| {
            let bins: Vec<&[u8]> = group.iter().map(|&c| columns[c as usize].bins()).collect();
            Group::new(group.to_vec(), &bins)
        };
        Self {
            columns,
            groups: useful.chunks(GROUP).map(group).collect(),
            lanes: vec![[0; 264]; GROUP],
            cells: Box::new([[0; 256]; 4]),
            gathered: vec![],
        }
    }

    /// Adds up the words of `rows`, ascending, and hands the cells of each of the columns `wanted`,
    /// ascending and of more than one bin, to `take`. `words` are those of all rows.
    pub(crate) fn fill(
        &mut self,
        wanted: &[u32],
        rows: &[u32],
        words: &[u64],
        tick: &mut Ticker<'_>,
        mut take: impl FnMut(u32, &[u64]),
    ) -> Result<(), Stopped> {
        let all = rows.len() == words.len();
        let words = if all {
            words
        } else {
            self.gathered.clear();
            self.gathered.extend(rows.iter().map(|&r| words[r as usize]));
            &self.gathered
        };
        let rows = (!all).then_some(rows);
        let n_bins = |c: u32| self.columns[c as usize].n_bins();
        let mut left = wanted;
        for group in &self.groups {
            let last = group.columns.last().map_or(0, |c| c + 1);
            let (these, others) = left.split_at(left.partition_point(|c| *c < last));
            left = others;
            // Columns of the group that are not asked for are filled in vain.
            if 5 * these.len() < 3 * group.columns.len() {
                blocks(self.columns, these, rows, words, &mut self.cells, tick, &mut take)?;
                continue;
            }
            tick.work((words.len() / 3 + 600) * these.len())?;
            for (lane, &c) in self.lanes.iter_mut().zip(&group.columns) {
                lane[..n_bins(c)].fill(0);
            }
            group.fill(rows, words, &mut self.lanes);
            for (lane, c) in self.lanes.iter().zip(&group.columns) {
                if these.binary_search(c).is_ok() {
                    take(*c, &lane[..n_bins(*c)]);
                }
            }
        }
        blocks(self.columns, left, rows, words, &mut self.cells, tick, &mut take)
    }
}

/// The same in blocks of four columns as they are. `words` are those of `rows`.
fn blocks(
    columns: &[BinnedColumn],
    wanted: &[u32],
    rows: Option<&[u32]>,
    words: &[u64],
    cells: &mut [Cells; 4],
    tick: &mut Ticker<'_>,
    mut take: impl FnMut(u32, &[u64]),
) -> Result<(), Stopped> {
    let bins = |c: u32| columns[c as usize].bins();
    let n_bins = |c: u32| columns[c as usize].n_bins();
    for block in wanted.chunks(4) {
        tick.work((words.len() / 2 + 600) * block.len())?;
        if let &[a, b, c, d] = block {
            for (cells, &c) in cells.iter_mut().zip(block) {
                cells[..n_bins(c)].fill(0);
            }
            fill_four([a, b, c, d].map(bins), rows, words, cells);
            for (cells, &c) in cells.iter().zip(block) {
                take(c, &cells[..n_bins(c)]);
            }
        } else {
            for &c in block {
                cells[0].fill(0);
                fill_one(bins(c), rows, words, cells);
                take(c, &cells[0][..n_bins(c)]);
            }
        }
    }
    Ok(())
}
