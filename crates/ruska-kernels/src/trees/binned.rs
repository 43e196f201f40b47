//! A column as small integers: quantile bins and a bin for missing values.
//!
//! Built once per column and shared by every fit that uses it: one byte per row, or in a sparse
//! column five per row that is not zero. Bins hold about equally many rows; a column with few
//! distinct values has a bin for each. Cuts are found on at most 65,536 values, spread over the
//! column. Cost O(n log bins) and one sort of that sample.

use super::random::mix;
use super::sparse::{Entries, Taken};
use std::sync::Arc;

/// Most bins a column may have, the one for missing values not counted.
pub const MAX_BINS: usize = 255;

/// Values that are looked at to find the cuts of a column with many distinct values.
const SAMPLE: usize = 1 << 16;

/// Bin `b` holds the values in `(cuts[b - 1], cuts[b]]`; missing values have the bin after the last.
/// Cloning shares the data.
#[derive(Clone, Debug)]
pub struct BinnedColumn {
    /// Of each row; empty for a sparse column.
    bins: Arc<[u8]>,
    /// Of a sparse column.
    entries: Option<Arc<Entries>>,
    cuts: Arc<[f64]>,
    missing: bool,
    categorical: bool,
}

impl BinnedColumn {
    /// A column of categories: level `l` in bin `l`. Codes of `levels` (≤ [`MAX_BINS`]) or more are
    /// missing.
    pub fn categorical(codes: &[u32], levels: usize) -> Self {
        let levels = levels.clamp(1, MAX_BINS);
        let missing = codes.iter().any(|&c| c as usize >= levels);
        let bins = codes.iter().map(|&c| c.min(levels as u32) as u8).collect();
        let cuts = (1..levels).map(|l| l as f64 - 0.5).collect();
        Self { bins, entries: None, cuts, missing, categorical: true }
    }

    /// Bins a column; NaN is missing, infinities are values. `max_bins` is brought into
    /// 2..=[`MAX_BINS`].
    pub fn new(values: &[f64], max_bins: usize) -> Self {
        let max_bins = max_bins.clamp(2, MAX_BINS);
        let cuts = match distinct(values.iter().copied(), max_bins) {
            Some(values) => values.windows(2).map(|w| between(w[0], w[1])).collect(),
            None => quantile_cuts(&sorted_sample(values), max_bins),
        };
        let (bins, missing) = bins_of(values, &cuts);
        Self { bins, entries: None, missing, cuts: cuts.into(), categorical: false }
    }

    /// Bins `width` columns that are mostly zero, given by row: columns, ascending and below `width`,
    /// and their values; all others are zero. NaN is missing. Columns of fewer than `least` entries
    /// count as zero everywhere.
    ///
    /// A column with few distinct values has the bins of [`Self::new`]; in any other zero has a bin of
    /// its own, and the bins of the other values do not depend on how many zeros there are. Memory
    /// and cost are proportional to rows, columns and entries.
    pub fn sparse<'a>(
        width: usize,
        rows: impl ExactSizeIterator<Item = (&'a [u32], &'a [f64])>,
        least: usize,
        max_bins: usize,
    ) -> Vec<Self> {
        let n = rows.len();
        let mut columns = vec![(vec![], vec![]); width];
        for (row, (indices, values)) in (0u32..).zip(rows) {
            for (&c, &x) in indices.iter().zip(values).filter(|(_, x)| **x != 0.0) {
                let (rows, values) = &mut columns[c as usize];
                rows.push(row);
                values.push(x);
            }
        }
        let max_bins = max_bins.clamp(2, MAX_BINS);
        let column = |(rows, values): (Vec<u32>, Vec<f64>)| {
            if rows.len() < least {
                Self::of_entries(n, vec![], vec![], max_bins)
            } else {
                Self::of_entries(n, rows, values, max_bins)
            }
        };
        columns.into_iter().map(column).collect()
    }

    fn of_entries(n: usize, rows: Vec<u32>, values: Vec<f64>, max_bins: usize) -> Self {
        let zero = (rows.len() < n).then_some(0.0);
        let cuts = match distinct(values.iter().copied().chain(zero), max_bins) {
            Some(values) => values.windows(2).map(|w| between(w[0], w[1])).collect(),
            None => cuts_around_zero(&sorted_sample(&values), max_bins),
        };
        let (bins, missing) = bins_of(&values, &cuts);
        let absent = cuts.iter().filter(|c| **c < 0.0).count() as u8;
        // Some values may share the bin of zero.
        let entries = rows.into_iter().zip(bins.iter().copied()).filter(|(_, b)| *b != absent);
        let (rows, bins) = entries.unzip();
        let entries = Some(Arc::new(Entries { of: n, rows, bins, absent }));
        Self { bins: [].into(), entries, missing, cuts: cuts.into(), categorical: false }
    }

    /// The given rows, in the given order, with the same bins. Shares the data when these are all
    /// rows in order. Each row is below [`Self::rows`].
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        Self::take_all(std::slice::from_ref(self), rows).swap_remove(0)
    }

    /// The same of several columns of one length, which is quicker if they are sparse.
    #[must_use]
    pub fn take_all(columns: &[Self], rows: &[u32]) -> Vec<Self> {
        let n = columns.first().map_or(0, Self::rows);
        let all = rows.len() == n && rows.iter().zip(0..).all(|(&row, i): (&u32, u32)| row == i);
        if all {
            return columns.to_vec();
        }
        let sparse = columns.iter().any(|c| c.entries.is_some());
        let taken = sparse.then(|| Taken::new(n, rows));
        let of = |column: &Self| Self {
            bins: match column.entries {
                None => rows.iter().map(|&r| column.bins[r as usize]).collect(),
                Some(_) => [].into(),
            },
            entries: column.entries.as_ref().zip(taken.as_ref()).map(|(e, t)| Arc::new(t.of(e))),
            cuts: Arc::clone(&column.cuts),
            ..*column
        };
        columns.iter().map(of).collect()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.entries.as_ref().map_or(self.bins.len(), |e| e.of)
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let entries = self.entries.as_ref().map_or(0, |e| 5 * e.rows.len() + size_of::<Entries>());
        self.bins.len() + entries + 8 * self.cuts.len() + size_of::<Self>()
    }

    /// The bin of each row; none of a sparse column.
    pub(crate) fn bins(&self) -> &[u8] {
        &self.bins
    }

    /// The rows of a sparse column that are not zero.
    pub(super) fn entries(&self) -> Option<&Entries> {
        self.entries.as_deref()
    }

    /// The bin of a row.
    #[inline(always)]
    pub(super) fn bin(&self, row: usize) -> u8 {
        match self.bins.get(row) {
            Some(&bin) => bin,
            None => self.bin_of_entry(row),
        }
    }

    #[cold]
    fn bin_of_entry(&self, row: usize) -> u8 {
        self.entries.as_ref().expect("the row lies in the column").bin(row as u32)
    }

    /// The column as if it were zero everywhere.
    pub(super) fn emptied(&self) -> Self {
        Self::of_entries(self.rows(), vec![], vec![], 2)
    }

    /// Ascending, finite but for a first cut of −∞; one fewer than there are bins of values.
    pub fn cuts(&self) -> &[f64] {
        &self.cuts
    }

    /// Number of bins, the one for missing values included.
    pub fn n_bins(&self) -> usize {
        self.cuts.len() + 1 + usize::from(self.missing)
    }

    /// Whether there is a bin for missing values, the last one.
    pub fn has_missing(&self) -> bool {
        self.missing
    }

    /// Whether bins are levels without an order.
    pub fn is_categorical(&self) -> bool {
        self.categorical
    }

    /// The bin of missing values, whether there is any or not.
    pub(crate) fn missing_bin(&self) -> u8 {
        self.cuts.len() as u8 + 1
    }

    /// The number `t` for which `x <= t` holds exactly for the values in bins up to `bin`.
    pub(crate) fn threshold(&self, bin: u8) -> f64 {
        self.cuts.get(usize::from(bin)).copied().unwrap_or(f64::INFINITY)
    }
}

/// How many cuts are below `x`, by binary search without branches. The table ends in infinities.
#[inline(always)]
pub(super) fn cuts_below(table: &[f64; 256], x: f64) -> u8 {
    first_cuts_below(table, 256, x)
}

/// The same where only the first `size` numbers of the table, a power of two, may be cuts.
#[inline(always)]
pub(super) fn first_cuts_below(table: &[f64; 256], size: usize, x: f64) -> u8 {
    let (mut at, mut step) = (0, size / 2);
    while step > 0 {
        at += step * usize::from(table[(at + step - 1) & 255] < x);
        step /= 2;
    }
    at as u8
}

/// A cut between two values, `a <= cut < b`: their midpoint where that can be. Next to an infinity
/// the cut leaves all finite numbers on the other side.
fn between(a: f64, b: f64) -> f64 {
    let middle = if b == f64::INFINITY {
        if a == f64::NEG_INFINITY { 0.0 } else { f64::MAX }
    } else {
        a / 2.0 + b / 2.0
    };
    if middle >= a && middle < b { middle } else { a }
}

/// The bins of some values, and whether any is missing.
fn bins_of(values: &[f64], cuts: &[f64]) -> (Arc<[u8]>, bool) {
    let missing_bin = cuts.len() as u8 + 1;
    let mut table = [f64::INFINITY; 256];
    table[..cuts.len()].copy_from_slice(cuts);
    let mut missing = false;
    let bins = values.iter().map(|&x| {
        missing |= x.is_nan();
        let bin = cuts_below(&table, x);
        if x.is_nan() { missing_bin } else { bin }
    });
    (bins.collect(), missing)
}

/// The distinct values in ascending order, unless there are more than `limit` (≤ 255).
fn distinct(values: impl Iterator<Item = f64>, limit: usize) -> Option<Vec<f64>> {
    const SLOTS: usize = 1024;
    let empty = f64::NAN.to_bits();
    let mut table = [empty; SLOTS];
    let mut found = Vec::new();
    for x in values.filter(|x| !x.is_nan()) {
        let x = x + 0.0;
        let key = x.to_bits();
        let mut slot = (mix(key) as usize) % SLOTS;
        while table[slot] != key {
            if table[slot] == empty {
                if found.len() == limit {
                    return None;
                }
                table[slot] = key;
                found.push(x);
                break;
            }
            slot = (slot + 1) % SLOTS;
        }
    }
    found.sort_unstable_by(f64::total_cmp);
    Some(found)
}

/// The values that are not missing, ascending; of a long column one from each of `SAMPLE` equal
/// stretches.
fn sorted_sample(values: &[f64]) -> Vec<f64> {
    let picked: Vec<f64> = if values.len() <= SAMPLE {
        values.to_vec()
    } else {
        let start = |i: usize| (i as u128 * values.len() as u128 / SAMPLE as u128) as usize;
        let pick = |i: usize| start(i) + mix(i as u64) as usize % (start(i + 1) - start(i));
        (0..SAMPLE).map(|i| values[pick(i)]).collect()
    };
    // Integers in the order of the reals sort faster than the reals themselves.
    let flip = |bits: i64| bits ^ (((bits >> 63) as u64) >> 1) as i64;
    let known = picked.into_iter().filter(|x| !x.is_nan());
    let mut keys: Vec<i64> = known.map(|x| flip((x + 0.0).to_bits() as i64)).collect();
    keys.sort_unstable();
    keys.into_iter().map(|k| f64::from_bits(flip(k) as u64)).collect()
}

/// Cuts into at most `max_bins` bins of about equal numbers of rows. A value frequent enough to
/// fill a bin has one of its own.
fn quantile_cuts(sorted: &[f64], max_bins: usize) -> Vec<f64> {
    let mut cuts = Vec::with_capacity(max_bins);
    let (mut in_bin, mut rest, mut last) = (0.0, sorted.len() as f64, f64::NAN);
    let mut target = rest / max_bins as f64;
    for run in sorted.chunk_by(|a, b| a == b) {
        let count = run.len() as f64;
        if in_bin > 0.0 && in_bin + count / 2.0 >= target && cuts.len() + 1 < max_bins {
            cuts.push(between(last, run[0]));
            rest -= in_bin;
            in_bin = 0.0;
            target = rest / (max_bins - cuts.len()) as f64;
        }
        in_bin += count;
        last = run[0];
    }
    cuts
}

/// The same with a bin more for zero, which is none of the values.
fn cuts_around_zero(sorted: &[f64], max_bins: usize) -> Vec<f64> {
    let (negative, positive) = sorted.split_at(sorted.partition_point(|x| *x < 0.0));
    let (Some(&low), Some(&high)) = (negative.last(), positive.first()) else {
        let mut cuts = quantile_cuts(sorted, max_bins - 1);
        match (negative.last(), positive.first()) {
            (Some(&low), _) => cuts.push(between(low, 0.0)),
            (_, Some(&high)) => cuts.insert(0, between(0.0, high)),
            _ => {}
        }
        return cuts;
    };
    let bins = max_bins.max(3) - 1;
    let below = (bins * negative.len() / sorted.len()).clamp(1, bins - 1);
    let mut cuts = quantile_cuts(negative, below);
    cuts.extend([between(low, 0.0), between(0.0, high)]);
    cuts.extend(quantile_cuts(positive, bins - below));
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(column: &BinnedColumn, x: f64) -> u8 {
        if x.is_nan() {
            return column.missing_bin();
        }
        column.cuts().iter().filter(|c| **c < x).count() as u8
    }

    #[test]
    fn a_value_lies_in_the_bin_its_cuts_say() {
        let many: Vec<f64> = (0..3000).map(|i| (f64::from(i) * 0.77).sin() * 1e12).collect();
        let few = vec![3.0, -1.0, f64::NAN, 3.0, 0.0, -0.0, 7.5];
        let odd = vec![f64::INFINITY, f64::NEG_INFINITY, 1.0, f64::MAX, f64::MIN, 5e-324, 0.0];
        for values in [many, few, odd, vec![], vec![f64::NAN; 5], vec![4.0; 9]] {
            for max_bins in [2, 3, 16, 255, 9999] {
                let column = BinnedColumn::new(&values, max_bins);
                assert!(column.n_bins() <= max_bins.min(255) + 1);
                assert!(column.cuts().windows(2).all(|w| w[0] < w[1]));
                for (&x, &b) in values.iter().zip(column.bins()) {
                    assert_eq!(b, naive(&column, x), "{x} with {max_bins} bins");
                    for bin in 0..column.cuts().len() as u8 {
                        assert_eq!(b <= bin && !x.is_nan(), x <= column.threshold(bin));
                    }
                }
            }
        }
    }

    #[test]
    fn few_values_have_a_bin_each_and_infinities_stand_apart() {
        let values = [f64::NEG_INFINITY, -2.0, 5.0, f64::INFINITY, f64::NAN, 5.0];
        let column = BinnedColumn::new(&values, 255);
        assert_eq!(column.bins(), [0, 1, 2, 3, 4, 2]);
        assert_eq!(column.cuts(), [f64::NEG_INFINITY, 1.5, f64::MAX]);
        assert_eq!((column.n_bins(), column.has_missing()), (5, true));
    }

    #[test]
    fn bins_hold_about_equal_numbers_and_heavy_values_stand_alone() {
        let mut values: Vec<f64> = (0..10_000).map(|i| f64::from(i).powi(3)).collect();
        let column = BinnedColumn::new(&values, 100);
        let mut counts = [0usize; 100];
        column.bins().iter().for_each(|&b| counts[usize::from(b)] += 1);
        assert!(counts.iter().all(|&c| (95..=105).contains(&c)), "{counts:?}");

        let heavy = values[3000];
        values[3000..6000].fill(heavy);
        let column = BinnedColumn::new(&values, 100);
        let mut counts = [0usize; 100];
        column.bins().iter().for_each(|&b| counts[usize::from(b)] += 1);
        assert_eq!(counts[usize::from(column.bins()[3000])], 3000);
    }

    #[test]
    fn long_columns_are_sampled_evenly() {
        let values: Vec<f64> = (0..300_000).map(|i| f64::from(i % 1000)).collect();
        let column = BinnedColumn::new(&values, 10);
        let mut counts = [0usize; 10];
        column.bins().iter().for_each(|&b| counts[usize::from(b)] += 1);
        assert!(counts.iter().all(|&c| (27_000..33_000).contains(&c)), "{counts:?}");
    }

    #[test]
    fn taking_rows_keeps_bins_and_shares_when_it_can() {
        let column = BinnedColumn::new(&[1.0, f64::NAN, 3.0], 255);
        assert_eq!(column.take(&[2, 1, 1]).bins(), [1, 2, 2]);
        assert!(Arc::ptr_eq(&column.take(&[0, 1, 2]).bins, &column.bins));
        assert!(column.take(&[0]).has_missing());
    }

    #[test]
    fn a_sparse_column_has_the_bins_of_the_dense_one_or_one_for_zero() {
        let n = 4000;
        let value = |i: usize, kind: usize| match (mix(i as u64) % 10, kind) {
            (0, 0) => 1.0,
            (0..3, 1) => (mix(i as u64 * 7) % 9) as f64 - 4.0,
            (0..5, 2) if i.is_multiple_of(31) => f64::NAN,
            (0..5, 2) => (i % 40) as f64,
            // More values than bins.
            (_, 3) => (i as f64).sin().max(0.0),
            (_, 4) => -(i as f64).sin().max(0.0),
            (0..9, 5) => (i as f64).sin(),
            _ => 0.0,
        };
        let rows: Vec<(Vec<u32>, Vec<f64>)> = (0..n)
            .map(|i| {
                (0..7).map(|kind| (kind, value(i, kind as usize))).filter(|v| v.1 != 0.0).unzip()
            })
            .collect();
        let rows = rows.iter().map(|(indices, values)| (&indices[..], &values[..]));
        for max_bins in [2, 3, 16, 255] {
            let columns = BinnedColumn::sparse(7, rows.clone(), 1, max_bins);
            for (kind, column) in columns.iter().enumerate() {
                let values: Vec<f64> = (0..n).map(|i| value(i, kind)).collect();
                let dense = BinnedColumn::new(&values, max_bins);
                if distinct(values.iter().copied(), max_bins).is_some() {
                    assert_eq!(column.cuts(), dense.cuts());
                } else if max_bins > 2 {
                    let zero = column.cuts().iter().filter(|c| **c < 0.0).count();
                    assert!(
                        (0..n).all(|i| {
                            (usize::from(column.bin(i)) == zero) == (values[i] == 0.0)
                        })
                    );
                }
                assert!(column.cuts().len() < max_bins.max(3));
                assert!(column.cuts().windows(2).all(|w| w[0] < w[1]));
                assert_eq!(column.has_missing(), dense.has_missing());
                assert!((0..n).all(|i| column.bin(i) == naive(column, values[i])));
            }
        }
    }
}
