//! Work divided over some threads of the pool. What is computed does not depend on their number.

use rayon::prelude::*;

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

/// What `f` makes of each of as many parts of the items as there are threads.
pub(super) fn map_parts<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    f: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    if threads < 2 || items.len() < LEAST {
        return vec![f(items)];
    }
    items.par_chunks(items.len().div_ceil(threads)).map(|part| f(part)).collect()
}

/// Runs `f` within the pool if there are several threads, so that parts are handed over quickly.
pub(super) fn within<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
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

/// What `f` makes of each item, each of them some work.
pub(super) fn map_each<T: Copy + Sync, R: Send>(
    threads: usize,
    items: &[T],
    f: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    if threads < 2 {
        return items.iter().map(|&item| f(item)).collect();
    }
    items.par_iter().map(|&item| f(item)).collect()
}
