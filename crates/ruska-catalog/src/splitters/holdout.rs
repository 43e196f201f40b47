//! One fold: a share of the rows is set aside to test.
//!
//! For tables large enough that one part judges well. What the rows carry decides how, the first
//! that is there: times — the latest rows test, equal times stay together; groups — whole groups
//! test, drawn at random as long as they fit; classes — the same share of every class, give or take
//! a row, and no class tests with all its rows unless that would leave none to test; else random
//! rows. The share is met to the row by random rows, by the others as nearly as they allow.
//! Cost O(n log n).
//!
//! Reference: Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model
//! selection", IJCAI 1995.

use super::support::{check_lengths, counts, dense, divide, shuffled, shuffled_by_class};
use super::time_ordered::{ascending, by_time, nearest};
use ruska_core::{Fold, Rng, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo};

/// See the module.
pub(crate) struct Holdout;

static INFO: SplitterInfo = SplitterInfo {
    id: "holdout",
    summary: "One fold: a share of the rows tests, by time, group or class where given",
    partition: false,
    tests_trained: false,
};

impl Splitter for Holdout {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        check_lengths(input)?;
        if !(params.test_share > 0.0 && params.test_share < 1.0) {
            return Err(SplitError::Params("test_share must be above 0 and below 1"));
        }
        if input.rows < 2 {
            return Err(SplitError::Params("a holdout needs at least 2 rows"));
        }
        let wanted = (input.rows as f64 * params.test_share).round() as usize;
        let wanted = wanted.clamp(1, input.rows - 1);
        let mut rng = Rng::new(params.seed);
        let fold = match input {
            SplitInput { times: Some(times), .. } => latest(times, wanted)?,
            SplitInput { groups: Some(groups), .. } => whole_groups(groups, wanted, &mut rng)?,
            SplitInput { classes: Some(classes), .. } => by_class(classes, wanted, &mut rng),
            _ => {
                let order = shuffled(input.rows, &mut rng);
                Fold { train: ascending(&order[wanted..]), test: ascending(&order[..wanted]) }
            }
        };
        Ok(vec![fold])
    }
}

fn latest(times: &[i64], wanted: usize) -> Result<Fold, SplitError> {
    let (order, starts) = by_time(times);
    if starts.len() < 2 {
        return Err(SplitError::Params("a holdout by time needs at least 2 distinct times"));
    }
    let cut = starts[nearest(&starts, order.len() - wanted, 1, starts.len() - 1)];
    Ok(Fold { train: ascending(&order[..cut]), test: ascending(&order[cut..]) })
}

fn whole_groups(groups: &[u32], wanted: usize, rng: &mut Rng) -> Result<Fold, SplitError> {
    let (groups, n) = dense(groups);
    if n < 2 {
        return Err(SplitError::Params("a holdout by group needs at least 2 groups"));
    }
    let sizes = counts(&groups, n);
    let order = shuffled(n, rng);
    let mut tests = vec![false; n];
    let mut room = wanted;
    for &group in &order {
        let size = sizes[group as usize] as usize;
        if size <= room {
            tests[group as usize] = true;
            room -= size;
        }
    }
    if room == wanted {
        let smallest = order.iter().min_by_key(|&&group| sizes[group as usize]);
        smallest.iter().for_each(|&&group| tests[group as usize] = true);
    }
    Ok(divide(groups.len(), |row| tests[groups[row] as usize]))
}

/// Every `rows / wanted`-th row in order of class tests, so each class is within one row of its
/// share; then a class that would have no row to train takes one back.
fn by_class(classes: &[u32], wanted: usize, rng: &mut Rng) -> Fold {
    let rows = classes.len();
    let order = shuffled_by_class(classes, rng);
    let due = |at: usize| at as u64 * wanted as u64 / rows as u64;
    let mut tests = vec![false; rows];
    let mut left = wanted;
    for at in 0..rows {
        tests[order[at] as usize] = due(at + 1) > due(at);
    }
    for class in order.chunk_by(|&a, &b| classes[a as usize] == classes[b as usize]) {
        if left > 1 && class.iter().all(|&row| tests[row as usize]) {
            tests[class[0] as usize] = false;
            left -= 1;
        }
    }
    divide(rows, |row| tests[row])
}
