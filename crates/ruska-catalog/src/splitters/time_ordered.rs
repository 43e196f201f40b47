//! Expanding window: each fold trains on the past and tests on what comes next.
//!
//! For data that drift, where a random fold would let the model see the future. Rows in order of
//! time are cut into folds + 1 blocks of about equal size; fold i trains on blocks 0..=i and tests
//! on block i + 1, so the first block is never tested. Cuts fall between distinct times only:
//! equal times are never divided. Needs times, at least folds + 1 distinct ones; classes and
//! groups are not considered, and the seed has no effect. Cost O(n log n + n k).
//!
//! Reference: Tashman, "Out-of-sample tests of forecasting accuracy", IJF 16, 2000.

use super::support::{check_folds, enough};
use ruska_core::{Fold, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo};

/// See the module.
pub(crate) struct TimeOrdered;

static INFO: SplitterInfo = SplitterInfo {
    id: "time_ordered",
    summary: "Expanding window: past rows train, the next ones test",
    partition: false,
    tests_trained: false,
};

impl Splitter for TimeOrdered {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        check_folds(input, params)?;
        let times = input.times.ok_or(SplitError::NeedsRole("time"))?;
        let (order, starts) = by_time(times);
        enough("distinct times", params.folds, params.folds + 1, starts.len())?;
        let cuts = cuts(&starts, order.len(), params.folds);
        let ends = cuts.iter().skip(1).copied().chain([order.len()]);
        let folds = cuts.iter().zip(ends).map(|(&cut, end)| Fold {
            train: ascending(&order[..cut]),
            test: ascending(&order[cut..end]),
        });
        Ok(folds.collect())
    }
}

/// Rows in order of time, ties by row, and the positions at which a new time starts.
pub(crate) fn by_time(times: &[i64]) -> (Vec<u32>, Vec<usize>) {
    let mut order: Vec<(i64, u32)> = times.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let new = |&at: &usize| at == 0 || order[at].0 != order[at - 1].0;
    let starts = (0..order.len()).filter(new).collect();
    (order.into_iter().map(|(_, row)| row).collect(), starts)
}

/// The start nearest to a position, the earlier of two as near, among `starts[low..=high]`;
/// its index in `starts`.
pub(crate) fn nearest(starts: &[usize], position: usize, low: usize, high: usize) -> usize {
    let after = starts.partition_point(|&s| s < position).clamp(low, high);
    let before = after.saturating_sub(1).max(low);
    let distance = |i: usize| starts[i].abs_diff(position);
    if distance(before) <= distance(after) { before } else { after }
}

/// Ascending positions of the first test row of each fold; `starts` has more entries than folds.
fn cuts(starts: &[usize], rows: usize, folds: usize) -> Vec<usize> {
    let mut least = 1;
    let mut cuts = Vec::with_capacity(folds);
    for fold in 0..folds {
        // Later folds need a start each.
        let most = starts.len() - (folds - fold);
        let even = ((fold + 1) as u128 * rows as u128 / (folds + 1) as u128) as usize;
        let at = nearest(starts, even, least, most);
        cuts.push(starts[at]);
        least = at + 1;
    }
    cuts
}

/// The rows in ascending order.
pub(crate) fn ascending(rows: &[u32]) -> Vec<u32> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    rows
}
