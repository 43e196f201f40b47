//! Work divided over some threads of the pool. What is computed does not depend on their number.

use rayon::prelude::*;
use std::ops::Range;

/// Fewer items are not worth a second thread.
const LEAST: usize = 1 << 13;

/// Calls with each of as many parts of the items as there are threads, and the place of its first.
pub(super) fn for_parts<T: Send>(
    threads: usize,
    items: &mut [T],
    f: impl Fn(usize, &mut [T]) + Sync,
) {
    if threads < 2 || size_of_val(items) < 8 * LEAST {
        return f(0, items);
    }
    let size = items.len().div_ceil(threads);
    items.par_chunks_mut(size).enumerate().for_each(|(i, part)| f(i * size, part));
}

/// Calls with each of as many parts of two lists of one length as there are threads; the results are
/// in the order of the parts.
pub(super) fn in_parts<A: Send, B: Send, R: Send>(
    threads: usize,
    a: &mut [A],
    b: &mut [B],
    f: impl Fn(&mut [A], &mut [B]) -> R + Sync,
) -> Vec<R> {
    if threads < 2 || a.len() < 2 * LEAST {
        return vec![f(a, b)];
    }
    let size = a.len().div_ceil(threads);
    a.par_chunks_mut(size).zip(b.par_chunks_mut(size)).map(|(a, b)| f(a, b)).collect()
}

/// What `f` makes of parts of `0..n`, which are the same for any number of threads.
pub(super) fn map_parts<R: Send>(
    threads: usize,
    n: usize,
    f: impl Fn(Range<usize>) -> R + Sync + Send,
) -> Vec<R> {
    const PART: usize = 1 << 15;
    let range = |part: usize| part * PART..n.min((part + 1) * PART);
    let parts = 0..n.div_ceil(PART);
    if threads < 2 {
        return parts.map(|part| f(range(part))).collect();
    }
    parts.into_par_iter().map(|part| f(range(part))).collect()
}

/// Runs `f` within the pool if there are several threads, so that parts are handed over quickly.
pub(crate) fn within<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    if threads < 2 { f() } else { rayon::scope(|_| f()) }
}

/// Calls with each of some lists, of so many items in all, and its place among them.
pub(super) fn for_each<T: Sync>(
    threads: usize,
    items: usize,
    lists: &[&[T]],
    f: impl Fn(usize, &[T]) + Sync,
) {
    if threads < 2 || items < LEAST {
        return lists.iter().enumerate().for_each(|(i, list)| f(i, list));
    }
    lists.par_iter().enumerate().for_each(|(i, list)| f(i, list));
}
