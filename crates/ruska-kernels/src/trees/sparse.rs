//! Columns that are mostly zero: only the other rows are stored.
//!
//! A column holds its rows, ascending, and their bins: five bytes an entry, and nothing for the rows
//! that are absent, whose value is zero and whose bin is one and the same. Sums over the absent rows
//! of a node are the node's less those of its entries, which is exact, as words are integers. Trees
//! also want the entries of a row; [`ByRow`] has them, with four bytes an entry more.

use super::BinnedColumn;
use std::cmp::Ordering;

/// The rows of a column that are not absent.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    /// Number of rows, absent ones included.
    pub(super) of: usize,
    /// Ascending.
    pub(super) rows: Vec<u32>,
    /// Of each of the rows.
    pub(super) bins: Vec<u8>,
    /// The bin of all other rows.
    pub(super) absent: u8,
}

impl Entries {
    /// The bin of a row.
    pub(super) fn bin(&self, row: u32) -> u8 {
        self.rows.binary_search(&row).map_or(self.absent, |at| self.bins[at])
    }

    /// Calls with the place of each of some rows, ascending, that is not absent, and its bin.
    pub(super) fn each(&self, rows: &[u32], mut f: impl FnMut(usize, u8)) {
        let (mut i, mut j) = (0, 0);
        while let (Some(&row), Some(&other)) = (rows.get(i), self.rows.get(j)) {
            match row.cmp(&other) {
                Ordering::Equal => {
                    f(i, self.bins[j]);
                    (i, j) = (i + 1, j + 1);
                }
                Ordering::Less => i += below(&rows[i..], other),
                Ordering::Greater => j += below(&self.rows[j..], row),
            }
        }
    }

    /// Brings those of some rows, ascending, whose bin goes left to the front, keeping the order on
    /// both sides. Returns their number. There is as much scratch as there are rows, or more.
    pub(super) fn move_rows(
        &self,
        rows: &mut [u32],
        scratch: &mut [u32],
        goes_left: impl Fn(u8) -> bool,
    ) -> usize {
        let absent_left = goes_left(self.absent);
        // Places of the rows that part from the absent ones.
        let mut parting = 0;
        self.each(rows, |place, bin| {
            if goes_left(bin) != absent_left {
                scratch[parting] = place as u32;
                parting += 1;
            }
        });
        let parting = &mut scratch[..parting];
        let (mut from, mut to) = (0, 0);
        for place in &mut *parting {
            let at = *place as usize;
            *place = rows[at];
            rows.copy_within(from..at, to);
            (to, from) = (to + at - from, at + 1);
        }
        rows.copy_within(from.., to);
        let others = rows.len() - parting.len();
        if absent_left {
            rows[others..].copy_from_slice(parting);
            others
        } else {
            rows.copy_within(..others, parting.len());
            rows[..parting.len()].copy_from_slice(parting);
            parting.len()
        }
    }
}

/// How many of some ascending numbers are below a limit, found in steps of growing size as it is
/// often near.
fn below(numbers: &[u32], limit: u32) -> usize {
    let mut end = 1;
    while end < numbers.len() && numbers[end] < limit {
        end *= 2;
    }
    let start = end / 2;
    start + numbers[start..numbers.len().min(end)].partition_point(|n| *n < limit)
}

/// Where each row of a column goes when some rows are taken, in an order of their own.
pub(super) struct Taken {
    /// The number of rows taken.
    count: usize,
    /// Where the places of each row begin.
    starts: Vec<u32>,
    places: Vec<u32>,
    in_order: bool,
}

impl Taken {
    /// Of `n` rows, these.
    pub(super) fn new(n: usize, rows: &[u32]) -> Self {
        let mut starts = vec![0; n + 1];
        rows.iter().for_each(|&r| starts[r as usize + 1] += 1);
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let (mut next, mut places) = (starts.clone(), vec![0; rows.len()]);
        for (place, &r) in (0..).zip(rows) {
            let at = &mut next[r as usize];
            places[*at as usize] = place;
            *at += 1;
        }
        Self { count: rows.len(), starts, places, in_order: rows.is_sorted() }
    }

    pub(super) fn of(&self, entries: &Entries) -> Entries {
        let mut taken: Vec<(u32, u8)> = vec![];
        for (&row, &bin) in entries.rows.iter().zip(&entries.bins) {
            let range = self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize;
            taken.extend(self.places[range].iter().map(|&place| (place, bin)));
        }
        if !self.in_order {
            taken.sort_unstable();
        }
        let (rows, bins) = taken.into_iter().unzip();
        Entries { of: self.count, rows, bins, absent: entries.absent }
    }
}

/// A number for each entry of the sparse columns, by row.
pub(super) struct ByRow {
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl ByRow {
    /// Numbers by column and bin. Columns have one length; dense ones have no entries.
    pub(super) fn of(columns: &[BinnedColumn], item: impl Fn(usize, u8) -> u32) -> Self {
        let entries = || columns.iter().enumerate().filter_map(|(c, b)| Some((c, b.entries()?)));
        let n = entries().next().map_or(0, |(_, e)| e.of);
        let mut starts = vec![0; n + 1];
        for (_, entries) in entries() {
            entries.rows.iter().for_each(|&r| starts[r as usize + 1] += 1);
        }
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let (mut next, mut items) = (starts.clone(), vec![0; starts[n]]);
        for (c, entries) in entries() {
            for (&r, &bin) in entries.rows.iter().zip(&entries.bins) {
                let at = &mut next[r as usize];
                items[*at] = item(c, bin);
                *at += 1;
            }
        }
        Self { starts, items }
    }

    /// Those of a row, in the order of the columns.
    #[inline]
    pub(super) fn row(&self, row: u32) -> &[u32] {
        &self.items[self.starts[row as usize]..self.starts[row as usize + 1]]
    }

    /// Entries of all rows.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trees::random::mix;

    fn entries(n: usize, share: u64, seed: u64) -> Entries {
        let rows: Vec<u32> = (0..n as u32)
            .filter(|&r| mix(seed ^ mix(u64::from(r))).is_multiple_of(share))
            .collect();
        let bins = rows.iter().map(|&r| [0, 2, 3][(mix(u64::from(r)) % 3) as usize]).collect();
        Entries { of: n, rows, bins, absent: 1 }
    }

    #[test]
    fn entries_are_found_moved_and_taken_as_if_dense() {
        for (n, share, seed) in
            [(0, 1, 0u64), (1, 1, 1), (40, 1, 2), (300, 2, 3), (900, 30, 4), (50, 1000, 5)]
        {
            let column = entries(n, share, seed);
            let dense: Vec<u8> = (0..n as u32).map(|r| column.bin(r)).collect();
            for every in [1, 2, 40] {
                let rows: Vec<u32> = (0..n as u32)
                    .filter(|&r| mix(u64::from(r) ^ seed).is_multiple_of(every))
                    .collect();
                let mut found = vec![column.absent; rows.len()];
                column.each(&rows, |place, bin| found[place] = bin);
                assert!(rows.iter().zip(found).all(|(&r, bin)| dense[r as usize] == bin));
                for last in 0..4 {
                    let left = |bin: u8| bin <= last;
                    let (mut expected, right): (Vec<u32>, Vec<u32>) =
                        rows.iter().partition(|r| left(dense[**r as usize]));
                    let of_left = expected.len();
                    expected.extend(right);
                    let (mut got, mut scratch) = (rows.clone(), vec![0; n]);
                    assert_eq!(column.move_rows(&mut got, &mut scratch, left), of_left);
                    assert_eq!(got, expected);
                }
            }
            let picked: Vec<u32> = (0..n as u64).map(|i| (mix(i) % n as u64) as u32).collect();
            let taken = Taken::new(n, &picked).of(&column);
            assert!(taken.rows.windows(2).all(|w| w[0] < w[1]));
            for (place, &row) in (0..).zip(&picked) {
                assert_eq!(taken.bin(place), dense[row as usize]);
            }
        }
    }
}
