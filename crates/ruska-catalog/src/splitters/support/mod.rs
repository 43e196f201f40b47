//! What the splitters share: checks, folds from an assignment, small codes for any codes.

use ruska_core::{Fold, Rng, SplitError, SplitInput, SplitParams};

/// Checks lengths, and that there are at least 2 folds and as many rows as folds.
pub(crate) fn check_folds(input: SplitInput<'_>, params: &SplitParams) -> Result<(), SplitError> {
    check_lengths(input)?;
    if params.folds < 2 {
        return Err(SplitError::Params("folds must be at least 2"));
    }
    enough("rows", params.folds, params.folds, input.rows)
}

/// Checks that roles have one entry per row and that rows can be numbered.
pub(crate) fn check_lengths(input: SplitInput<'_>) -> Result<(), SplitError> {
    let fits = |len: Option<usize>| len.is_none_or(|len| len == input.rows);
    if !(fits(input.classes.map(<[_]>::len))
        && fits(input.groups.map(<[_]>::len))
        && fits(input.times.map(<[_]>::len)))
    {
        return Err(SplitError::Params("classes, groups and times need one entry per row"));
    }
    if u32::try_from(input.rows).is_err() {
        return Err(SplitError::Params("more than 4,294,967,295 rows cannot be split"));
    }
    Ok(())
}

/// Fails when there is less than what the folds need.
pub(crate) fn enough(
    what: &'static str,
    folds: usize,
    need: usize,
    got: usize,
) -> Result<(), SplitError> {
    if got >= need {
        return Ok(());
    }
    Err(SplitError::TooFew { what, folds, need, got })
}

/// All rows in random order.
pub(crate) fn shuffled(rows: usize, rng: &mut Rng) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows as u32).collect();
    rng.shuffle(&mut order);
    order
}

/// All rows class by class, in random order within a class.
pub(crate) fn shuffled_by_class(classes: &[u32], rng: &mut Rng) -> Vec<u32> {
    let (codes, n) = dense(classes);
    let mut next = starts(&codes, n);
    let mut order = vec![0; codes.len()];
    for row in shuffled(codes.len(), rng) {
        let at = &mut next[codes[row as usize] as usize];
        order[*at as usize] = row;
        *at += 1;
    }
    order
}

/// The order dealt to `n` folds like cards; the fold of each row.
pub(crate) fn deal(order: &[u32], n: usize) -> Vec<u32> {
    let mut fold_of = vec![0; order.len()];
    for round in order.chunks(n) {
        for (fold, &row) in round.iter().enumerate() {
            fold_of[row as usize] = fold as u32;
        }
    }
    fold_of
}

/// One fold per number in `fold_of`: its rows test, all others train.
pub(crate) fn folds(fold_of: &[u32], n: usize) -> Vec<Fold> {
    (0..n as u32).map(|fold| divide(fold_of.len(), |row| fold_of[row] == fold)).collect()
}

/// The fold whose test rows are those of which `tests` holds.
pub(crate) fn divide(rows: usize, tests: impl Fn(usize) -> bool) -> Fold {
    let count = (0..rows).filter(|&row| tests(row)).count();
    let mut test = Vec::with_capacity(count);
    let mut train = Vec::with_capacity(rows - count);
    for row in 0..rows {
        if tests(row) { test.push(row as u32) } else { train.push(row as u32) }
    }
    Fold { train, test }
}

/// Codes 0..n in the order of the given ones, and n, their number of distinct values. O(n log n)
/// time whatever the size of the codes.
pub(crate) fn dense(codes: &[u32]) -> (Vec<u32>, usize) {
    let mut keyed: Vec<u64> =
        codes.iter().enumerate().map(|(row, &c)| u64::from(c) << 32 | row as u64).collect();
    keyed.sort_unstable();
    let mut ranks = vec![0; codes.len()];
    let mut n = 0;
    for same in keyed.chunk_by(|a, b| a >> 32 == b >> 32) {
        same.iter().for_each(|key| ranks[(key & 0xffff_ffff) as usize] = n);
        n += 1;
    }
    (ranks, n as usize)
}

/// Number of rows of each of `n` dense codes.
pub(crate) fn counts(codes: &[u32], n: usize) -> Vec<u32> {
    let mut counts = vec![0; n];
    codes.iter().for_each(|&c| counts[c as usize] += 1);
    counts
}

/// Where the rows of each dense code start when rows are put in the order of codes.
fn starts(codes: &[u32], n: usize) -> Vec<u32> {
    let mut end = 0;
    let sizes = counts(codes, n).into_iter();
    sizes
        .map(|size| {
            end += size;
            end - size
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_keeps_order_and_takes_any_code() {
        assert_eq!(dense(&[u32::MAX, 7, 7, 0]), (vec![2, 1, 1, 0], 3));
        assert_eq!(dense(&[]), (vec![], 0));
        assert_eq!(starts(&[2, 1, 1, 0], 3), [0, 1, 3]);
    }
}
