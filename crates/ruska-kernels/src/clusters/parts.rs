//! Rows divided into parts, which are the same for any number of threads.

use crate::Stopped;
use crate::linear::PANEL;
use rayon::prelude::*;

/// Rows of a part.
pub(super) const PART: usize = 16 * PANEL;

/// Calls with each part of two lists of one length, and its number.
pub(super) fn for_each_part<A: Send, B: Send>(
    threads: usize,
    a: &mut [A],
    b: &mut [B],
    f: impl Fn((usize, (&mut [A], &mut [B]))) -> Result<(), Stopped> + Sync + Send,
) -> Result<(), Stopped> {
    if threads < 2 {
        return a.chunks_mut(PART).zip(b.chunks_mut(PART)).enumerate().try_for_each(f);
    }
    a.par_chunks_mut(PART).zip(b.par_chunks_mut(PART)).enumerate().try_for_each(f)
}
