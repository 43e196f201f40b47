//! The histogram kernel: packed gradients of rows added up by bin.
//!
//! A cell update is a load, an add and a store, about a cycle each, and cannot be vectorised.
//! What costs more is to wait for a store to the same cell, which is the rule in columns of two
//! values, and for memory, where there are many rows. Therefore several columns are filled in a
//! pass: their updates do not wait for each other, and a row's gradient is read once for all of them.
//! Their cells fit the first-level cache.

use super::split::Subset;

/// Cells of one column, one per possible bin, so that indexing by a byte needs no check.
pub(crate) type Cells = [u64; 256];

/// Most columns filled in a pass.
pub(crate) const PASS: usize = 4;

/// Adds the words of `rows` (all rows in order, if `None`) to the histograms of some columns of one
/// length. `words` are those of `rows`, in their order; each row lies in the columns. There are at
/// least as many cells as columns.
pub(crate) fn fill(
    columns: &[&[u8]],
    rows: Option<&[u32]>,
    words: &[u64],
    cells: &mut [Cells; PASS],
) {
    match *columns {
        [a] => fill_some([a], rows, words, cells),
        [a, b] => fill_some([a, b], rows, words, cells),
        [a, b, c] => fill_some([a, b, c], rows, words, cells),
        [a, b, c, d] => fill_some([a, b, c, d], rows, words, cells),
        _ => debug_assert!(columns.is_empty(), "no more columns than a pass takes"),
    }
}

fn fill_some<const N: usize>(
    columns: [&[u8]; N],
    rows: Option<&[u32]>,
    words: &[u64],
    cells: &mut [Cells; PASS],
) {
    let mut add = |bins: [u8; N], word: u64| {
        for (cells, bin) in cells.iter_mut().zip(bins) {
            let cell = &mut cells[usize::from(bin)];
            *cell = cell.wrapping_add(word);
        }
    };
    // One length for all lets the compiler drop all checks but one.
    let n = columns[0].len();
    let columns = columns.map(|c| &c[..n]);
    match rows {
        Some(rows) => {
            for (&row, &word) in rows.iter().zip(words) {
                let r = row as usize;
                if r >= n {
                    break;
                }
                add(columns.map(|c| c[r]), word);
            }
        }
        None => {
            for (r, &word) in words.iter().take(n).enumerate() {
                add(columns.map(|c| c[r]), word);
            }
        }
    }
}

/// Adds the words of some rows, all in the column, to its histogram; returns the bins they are in.
pub(crate) fn fill_few(column: &[u8], rows: &[u32], words: &[u64], cells: &mut Cells) -> Subset {
    let mut touched: Subset = [0; 4];
    for (&row, &word) in rows.iter().zip(words) {
        let bin = column[row as usize];
        touched[usize::from(bin / 64)] |= 1 << (bin % 64);
        let cell = &mut cells[usize::from(bin)];
        *cell = cell.wrapping_add(word);
    }
    touched
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trees::gradients::{Sums, packed};
    use crate::trees::random::mix;
    use crate::trees::subset::each_bin;

    #[test]
    fn equals_a_naive_sum_of_reals() {
        for (n, bins) in [(0usize, 3u64), (1, 1), (5, 2), (1003, 2), (5000, 256)] {
            if cfg!(miri) && n > 5 {
                continue;
            }
            let column = |c: usize| -> Vec<u8> {
                (0..n).map(|i| (mix((i * PASS + c) as u64) % bins) as u8).collect()
            };
            let columns: Vec<Vec<u8>> = (0..PASS).map(column).collect();
            let g: Vec<f32> = (0..n).map(|i| (i as f32 * 0.3).sin()).collect();
            let h: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).cos().abs()).collect();
            let Some((words, scale)) = packed(&g, &h, None) else { continue };
            let all: Vec<u32> = (0..n as u32).collect();
            let some: Vec<u32> =
                all.iter().copied().filter(|&i| mix(u64::from(i)).is_multiple_of(3)).collect();
            let picked: Vec<u64> = some.iter().map(|&r| words[r as usize]).collect();
            for (rows, words) in [(None, &words), (Some(&some[..]), &picked)] {
                for count in 1..=PASS {
                    let bins: Vec<&[u8]> = columns[..count].iter().map(|c| &c[..]).collect();
                    let mut cells = [[0; 256]; PASS];
                    fill(&bins, rows, words, &mut cells);
                    for (column, cells) in columns.iter().zip(&cells).take(count) {
                        let mut naive = [(0.0, 0.0); 256];
                        for &r in rows.unwrap_or(&all) {
                            let cell = &mut naive[usize::from(column[r as usize])];
                            cell.0 += f64::from(g[r as usize]);
                            cell.1 += f64::from(h[r as usize]);
                        }
                        for (cell, naive) in cells.iter().zip(naive) {
                            let got = Sums::of(*cell);
                            let room = words.len() as f64 / 2.0;
                            assert!((got.g - naive.0 * scale.g).abs() <= room);
                            assert!((got.h - naive.1 * scale.h).abs() <= room);
                        }
                        let mut few = [0; 256];
                        let touched = fill_few(column, rows.unwrap_or(&all), words, &mut few);
                        assert_eq!(few, *cells);
                        let mut seen = vec![];
                        each_bin(&touched, |bin| seen.push(bin));
                        let full = (0..256).filter(|&b| cells[b] != 0);
                        assert!(full.eq(seen.into_iter().filter(|&b| few[b] != 0)));
                    }
                }
            }
        }
    }
}
