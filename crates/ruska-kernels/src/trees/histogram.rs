//! The histogram kernel: packed gradients of rows added up by bin.
//!
//! A cell update is a load, an add and a store, about a cycle each, and cannot be vectorised.
//! What costs more is to wait for a store to the same cell, which is the rule in columns of two
//! values. Therefore four independent histograms are filled at a time: of four columns, or of
//! four parts of the rows of one column. All four fit the first-level cache.
//!
//! Of many rows what costs most is to wait for memory. Therefore up to 16 columns are also laid out
//! side by side, row by row ([`Group`]): a row's gradient is read once for all of them, and a row of
//! a small leaf brings one cache line instead of one for every column.

/// Cells of one column, one per possible bin, so that indexing by a byte needs no check.
pub(crate) type Cells = [u64; 256];

/// Cells of a column within a group. Not a power of two, so that equal bins of two columns do not
/// contend for the same place in the cache.
pub(crate) type Lane = [u64; 264];

/// Most columns of a group: their cells fit the first-level cache.
pub(crate) const GROUP: usize = 16;

/// Rows that are brought near before they are added.
const NEAR: usize = 64;

/// Some columns side by side, four bins a word.
pub(crate) struct Group {
    pub(crate) columns: Vec<u32>,
    rows: Rows,
}

enum Rows {
    One(Vec<[u32; 1]>),
    Two(Vec<[u32; 2]>),
    Three(Vec<[u32; 3]>),
    Four(Vec<[u32; 4]>),
}

impl Group {
    /// Lays out at most [`GROUP`] columns, given as their bins.
    pub(crate) fn new(columns: Vec<u32>, bins: &[&[u8]]) -> Self {
        let rows = match bins.len().div_ceil(4) {
            0 | 1 => Rows::One(side_by_side(bins)),
            2 => Rows::Two(side_by_side(bins)),
            3 => Rows::Three(side_by_side(bins)),
            _ => Rows::Four(side_by_side(bins)),
        };
        Self { columns, rows }
    }

    /// Adds the words of `rows` (all rows in order, if `None`) to the cells of the columns.
    /// `words` are those of `rows`, in their order. There are [`GROUP`] lanes; those beyond the columns may be written to.
    pub(crate) fn fill(&self, rows: Option<&[u32]>, words: &[u64], lanes: &mut [Lane]) {
        match &self.rows {
            Rows::One(data) => fill_group::<1, 4>(data, rows, words, lanes),
            Rows::Two(data) => fill_group::<2, 8>(data, rows, words, lanes),
            Rows::Three(data) => fill_group::<3, 12>(data, rows, words, lanes),
            Rows::Four(data) => fill_group::<4, 16>(data, rows, words, lanes),
        }
    }
}

fn side_by_side<const Q: usize>(bins: &[&[u8]]) -> Vec<[u32; Q]> {
    let mut data = vec![[0; Q]; bins.first().map_or(0, |b| b.len())];
    for (c, bins) in bins.iter().enumerate() {
        for (row, &bin) in data.iter_mut().zip(*bins) {
            row[c / 4] |= u32::from(bin) << (8 * (c % 4));
        }
    }
    data
}

fn fill_group<const Q: usize, const LANES: usize>(
    data: &[[u32; Q]],
    rows: Option<&[u32]>,
    words: &[u64],
    lanes: &mut [Lane],
) {
    let lanes: &mut [Lane; LANES] =
        lanes.first_chunk_mut().expect("a group has no more columns than there are lanes");
    let mut add = |row: &[u32; Q], word: u64| {
        for (q, four) in row.iter().enumerate() {
            for (i, bin) in four.to_le_bytes().into_iter().enumerate() {
                let cell = &mut lanes[4 * q + i][usize::from(bin)];
                *cell = cell.wrapping_add(word);
            }
        }
    };
    match rows {
        Some(rows) => {
            // Loads alone leave room for many of them to be under way at a time.
            let mut near = [[0; Q]; NEAR];
            for (rows, words) in rows.chunks(NEAR).zip(words.chunks(NEAR)) {
                for (near, &row) in near.iter_mut().zip(rows) {
                    *near = data[row as usize];
                }
                near.iter().zip(words).for_each(|(row, &word)| add(row, word));
            }
        }
        None => data.iter().zip(words).for_each(|(row, &word)| add(row, word)),
    }
}

/// Adds the words of `rows` (all rows in order, if `None`) to the histograms of four columns.
/// `words` are those of `rows`, in their order.
pub(crate) fn fill_four(
    columns: [&[u8]; 4],
    rows: Option<&[u32]>,
    words: &[u64],
    cells: &mut [Cells; 4],
) {
    let [h0, h1, h2, h3] = cells;
    let mut add = |bins: [u8; 4], word: u64| {
        let [b0, b1, b2, b3] = bins.map(usize::from);
        h0[b0] = h0[b0].wrapping_add(word);
        h1[b1] = h1[b1].wrapping_add(word);
        h2[b2] = h2[b2].wrapping_add(word);
        h3[b3] = h3[b3].wrapping_add(word);
    };
    // One length for all lets the compiler drop three of four checks.
    let n = columns[0].len();
    let [c0, c1, c2, c3] = columns.map(|c| &c[..n]);
    match rows {
        Some(rows) => {
            for (&row, &word) in rows.iter().zip(words) {
                let r = row as usize;
                if r >= n {
                    break;
                }
                add([c0[r], c1[r], c2[r], c3[r]], word);
            }
        }
        None => {
            for ((((&b0, &b1), &b2), &b3), &word) in c0.iter().zip(c1).zip(c2).zip(c3).zip(words) {
                add([b0, b1, b2, b3], word);
            }
        }
    }
}

/// Adds the words of `rows` to the histogram of one column, `cells[0]`. Overwrites the others.
pub(crate) fn fill_one(column: &[u8], rows: Option<&[u32]>, words: &[u64], cells: &mut [Cells; 4]) {
    let quarter = words.len() / 4;
    let [w0, w1, w2, w3] = quarters(words, quarter);
    let (first, others) = cells.split_at_mut(1);
    let h0 = &mut first[0];
    others.iter_mut().for_each(|c| c.fill(0));
    if let [h1, h2, h3] = others {
        let mut add = |bins: [u8; 4], words: [u64; 4]| {
            let [b0, b1, b2, b3] = bins.map(usize::from);
            h0[b0] = h0[b0].wrapping_add(words[0]);
            h1[b1] = h1[b1].wrapping_add(words[1]);
            h2[b2] = h2[b2].wrapping_add(words[2]);
            h3[b3] = h3[b3].wrapping_add(words[3]);
        };
        if let Some(rows) = rows {
            let [r0, r1, r2, r3] = quarters(rows, quarter).map(|r| &r[..quarter]);
            let bin = |row: u32| column[row as usize];
            for i in 0..quarter {
                add([bin(r0[i]), bin(r1[i]), bin(r2[i]), bin(r3[i])], [w0[i], w1[i], w2[i], w3[i]]);
            }
        } else {
            let [c0, c1, c2, c3] = quarters(column, quarter).map(|c| &c[..quarter]);
            for i in 0..quarter {
                add([c0[i], c1[i], c2[i], c3[i]], [w0[i], w1[i], w2[i], w3[i]]);
            }
        }
    }
    for i in 4 * quarter..words.len() {
        let bin = usize::from(column[rows.map_or(i, |rows| rows[i] as usize)]);
        h0[bin] = h0[bin].wrapping_add(words[i]);
    }
    for part in others {
        for (sum, &cell) in h0.iter_mut().zip(part.iter()) {
            *sum = sum.wrapping_add(cell);
        }
    }
}

fn quarters<T>(items: &[T], quarter: usize) -> [&[T]; 4] {
    [0, 1, 2, 3].map(|i| &items[i * quarter..(i + 1) * quarter])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trees::gradients::{Sums, pack};
    use crate::trees::random::mix;

    #[test]
    fn equals_a_naive_sum_of_reals() {
        for (n, bins) in [(0usize, 3u64), (1, 1), (5, 2), (1003, 2), (5000, 256)] {
            let column = |c: u64| -> Vec<u8> {
                (0..n as u64).map(|i| (mix(i * 4 + c) % bins) as u8).collect()
            };
            let columns = [column(0), column(1), column(2), column(3)];
            let g: Vec<f32> = (0..n).map(|i| (i as f32 * 0.3).sin()).collect();
            let h: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).cos().abs()).collect();
            let mut words = vec![];
            let Some(scale) = pack(&g, &h, None, None, &mut words) else { continue };
            let some: Vec<u32> =
                (0..n as u32).filter(|&i| mix(u64::from(i)).is_multiple_of(3)).collect();
            let picked: Vec<u64> = some.iter().map(|&r| words[r as usize]).collect();
            for (rows, words) in [(None, &words), (Some(&some[..]), &picked)] {
                let mut four = [[0; 256]; 4];
                fill_four([0, 1, 2, 3].map(|c| &columns[c][..]), rows, words, &mut four);
                for count in 1..=GROUP {
                    let bins: Vec<&[u8]> = (0..count).map(|c| &columns[c % 4][..]).collect();
                    let group = Group::new((0..count as u32).collect(), &bins);
                    let mut lanes = vec![[0; 264]; GROUP];
                    group.fill(rows, words, &mut lanes);
                    for (c, lane) in lanes.iter().take(count).enumerate() {
                        assert_eq!(lane[..256], four[c % 4]);
                    }
                }
                for (c, column) in columns.iter().enumerate() {
                    let mut one = [[0; 256]; 4];
                    fill_one(column, rows, words, &mut one);
                    assert_eq!(one[0], four[c]);
                    let all: Vec<u32> = (0..n as u32).collect();
                    let mut naive = [(0.0, 0.0); 256];
                    for &r in rows.unwrap_or(&all) {
                        let cell = &mut naive[usize::from(column[r as usize])];
                        cell.0 += f64::from(g[r as usize]);
                        cell.1 += f64::from(h[r as usize]);
                    }
                    for (cell, naive) in one[0].iter().zip(naive) {
                        let got = Sums::of(*cell);
                        let room = words.len() as f64 / 2.0;
                        assert!((got.g - naive.0 * scale.g).abs() <= room);
                        assert!((got.h - naive.1 * scale.h).abs() <= room);
                    }
                }
            }
        }
    }
}
