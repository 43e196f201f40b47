//! Stable partition of row numbers by their bins in a column.
//!
//! Eight rows at a time where the processor has AVX2: the bits that say which go left choose a
//! permutation that brings these to the front, and another for those that go right. Both halves
//! are written whole, and what is too much is overwritten by the next eight.
#![allow(unsafe_code)]

use super::BinnedColumn;
use super::parallel::in_parts;
use rayon::prelude::*;

/// Brings the rows, ascending, whose bin in the column goes left to the front, keeping the order on
/// both sides. Returns their number. There is as much scratch as there are rows, or more.
pub(super) fn divide_rows(
    rows: &mut [u32],
    scratch: &mut [u32],
    column: &BinnedColumn,
    threads: usize,
    goes_left: impl Fn(u8) -> bool + Copy + Sync,
) -> usize {
    match column.entries() {
        Some(entries) => entries.move_rows(rows, scratch, goes_left),
        None => move_rows(rows, scratch, column.bins(), threads, goes_left),
    }
}

/// The same by the bins of all rows.
pub(super) fn move_rows(
    rows: &mut [u32],
    scratch: &mut [u32],
    bins: &[u8],
    threads: usize,
    goes_left: impl Fn(u8) -> bool + Copy + Sync,
) -> usize {
    let scratch = &mut scratch[..rows.len()];
    if threads == 1 {
        let left = divide(rows, scratch, bins, goes_left);
        let right = &mut rows[left..];
        right.copy_from_slice(&scratch[..right.len()]);
        return left;
    }
    // Each part brings its own to the front, and the others to the front of its scratch.
    let parts = in_parts(threads, rows, scratch, |rows, scratch| {
        (rows.len(), divide(rows, scratch, bins, goes_left))
    });
    let (mut start, mut left) = (0, 0);
    for &(len, of_part) in &parts {
        rows.copy_within(start..start + of_part, left);
        (start, left) = (start + len, left + of_part);
    }
    let (mut start, mut to) = (0, &mut rows[left..]);
    let mut copies = vec![];
    for &(len, of_part) in &parts {
        let (these, later) = to.split_at_mut(len - of_part);
        copies.push((these, &scratch[start..start + len - of_part]));
        (start, to) = (start + len, later);
    }
    if let [(to, from)] = &mut copies[..] {
        to.copy_from_slice(from);
    } else {
        copies.into_par_iter().for_each(|(to, from)| to.copy_from_slice(from));
    }
    left
}

/// Brings those that go left to the front and copies the others to the front of the scratch, of the
/// same length. Returns the number of those that go left.
fn divide(
    rows: &mut [u32],
    scratch: &mut [u32],
    bins: &[u8],
    goes_left: impl Fn(u8) -> bool + Copy,
) -> usize {
    let mut places = (0, 0);
    #[cfg(target_arch = "x86_64")]
    if crate::simd::wide() {
        // SAFETY: the processor has AVX2, the one feature asked for.
        places = unsafe { wide::divide(rows, scratch, bins, goes_left) };
    }
    let (mut left, mut right) = places;
    for i in left + right..rows.len() {
        let row = rows[i];
        let goes_left = goes_left(bins[row as usize]);
        rows[left] = row;
        scratch[right] = row;
        left += usize::from(goes_left);
        right += usize::from(!goes_left);
    }
    left
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m256i, _mm_loadl_epi64, _mm256_cvtepu8_epi32, _mm256_loadu_si256,
        _mm256_permutevar8x32_epi32, _mm256_storeu_si256,
    };

    /// Rows at a time.
    const LANES: usize = 8;

    /// By the bits of those that go left: which lanes they are in, ascending.
    static LANES_OF: [[u8; LANES]; 256] = {
        let mut table = [[0; LANES]; 256];
        let mut bits = 0;
        while bits < 256 {
            let (mut n, mut lane) = (0, 0);
            while lane < LANES {
                if bits >> lane & 1 == 1 {
                    table[bits][n] = lane as u8;
                    n += 1;
                }
                lane += 1;
            }
            bits += 1;
        }
        table
    };

    /// The same of all whole groups of rows; returns how many went left and right.
    #[target_feature(enable = "avx2")]
    pub(super) fn divide(
        rows: &mut [u32],
        scratch: &mut [u32],
        bins: &[u8],
        goes_left: impl Fn(u8) -> bool,
    ) -> (usize, usize) {
        let (mut left, mut right) = (0, 0);
        for start in (0..rows.len() / LANES * LANES).step_by(LANES) {
            let group: &[u32; LANES] = rows[start..].first_chunk().expect("a whole group is left");
            let flags = group.map(|row| u8::from(goes_left(bins[row as usize])));
            // The product brings the eighth bits together in the highest byte.
            let bits = u64::from_le_bytes(flags).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            let of_left = bits.count_ones() as usize;
            let group = load(group);
            store(group, bits as u8, &mut rows[left..]);
            store(group, !bits as u8, &mut scratch[right..]);
            left += of_left;
            right += LANES - of_left;
        }
        (left, right)
    }

    #[target_feature(enable = "avx2")]
    fn load(group: &[u32; LANES]) -> __m256i {
        // SAFETY: the group has the size of the vector; it need not be aligned.
        unsafe { _mm256_loadu_si256(group.as_ptr().cast()) }
    }

    /// Writes the lanes whose bits are set to the front of `to`, and others behind.
    #[target_feature(enable = "avx2")]
    fn store(group: __m256i, bits: u8, to: &mut [u32]) {
        let to: &mut [u32; LANES] = to.first_chunk_mut().expect("no more rows go to either side");
        let lanes = &LANES_OF[usize::from(bits)];
        // SAFETY: `lanes` has the eight bytes that are read, and `to` the size of the vector; neither
        // need be aligned.
        unsafe {
            let lanes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(lanes.as_ptr().cast()));
            let moved = _mm256_permutevar8x32_epi32(group, lanes);
            _mm256_storeu_si256(to.as_mut_ptr().cast(), moved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trees::random::mix;

    #[test]
    fn keeps_the_order_on_both_sides() {
        let many: &[usize] = if cfg!(miri) { &[] } else { &[70, 1000, 40_000] };
        for n in (0..if cfg!(miri) { 20 } else { 70 }).chain(many.iter().copied()) {
            let bins: Vec<u8> = (0..=2 * n as u64).map(|i| mix(i) as u8).collect();
            for limit in [0, 3, 128, 250, 255] {
                for threads in [1, 2, 3] {
                    let all: Vec<u32> = (0..n as u32).map(|i| 2 * i + 1).collect();
                    let left = |row: &u32| bins[*row as usize] < limit;
                    let (mut expected, right): (Vec<u32>, Vec<u32>) =
                        all.iter().partition(|r| left(r));
                    let of_left = expected.len();
                    expected.extend(right);
                    let (mut rows, mut scratch) = (all, vec![0; n]);
                    let got = move_rows(&mut rows, &mut scratch, &bins, threads, |b| b < limit);
                    assert_eq!((got, rows), (of_left, expected));
                }
            }
        }
    }
}
