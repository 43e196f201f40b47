//! Work done for each of many rows.

use crate::trees::parallel::within;
use crate::{Progress, Stopped};
use rayon::prelude::*;

/// Rows that one thread takes at a time.
const PART: usize = 64;

/// What `f` makes of each of the rows 0..n, in their order. Asks before each whether to go on.
pub(super) fn each<R: Send>(
    threads: usize,
    n: usize,
    progress: &dyn Progress,
    f: impl Fn(usize) -> R + Sync + Send,
) -> Result<Vec<R>, Stopped> {
    let one = |i: usize| if progress.proceed() { Ok(f(i)) } else { Err(Stopped) };
    if threads < 2 || n <= PART {
        return (0..n).map(one).collect();
    }
    let part =
        |p: usize| (p * PART..n.min((p + 1) * PART)).map(one).collect::<Result<Vec<R>, Stopped>>();
    let parts: Vec<Vec<R>> = within(threads, || {
        (0..n.div_ceil(PART)).into_par_iter().map(part).collect::<Result<_, _>>()
    })?;
    Ok(parts.into_iter().flatten().collect())
}
