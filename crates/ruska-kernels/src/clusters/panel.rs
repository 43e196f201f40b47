//! Distances of 64 rows at a time, column after column, compiled for AVX2 as well.

use super::Points;
use crate::linear::{Lane, PANEL};
use crate::simd::for_widest;

/// Centres that meet a row together: their sums stay in registers.
const GROUP: usize = 4;

/// Centres in groups of four: the first coordinates of four, their second ones, and so on. Those
/// that fill the last group are infinitely far from everything.
#[derive(Clone, Debug)]
pub(super) struct Grouped {
    values: Vec<[f64; GROUP]>,
    dims: usize,
}

impl Grouped {
    /// Of centres that lie row after row.
    pub(super) fn new(centres: Points<'_>) -> Self {
        let dims = centres.dims;
        let mut values = vec![[f64::INFINITY; GROUP]; centres.len().div_ceil(GROUP) * dims];
        for c in 0..centres.len() {
            for (j, &v) in centres.row(c).iter().enumerate() {
                values[c / GROUP * dims + j][c % GROUP] = v;
            }
        }
        Self { values, dims }
    }

    /// The number of centres with those that fill the last group.
    pub(super) fn len(&self) -> usize {
        self.values.len() / self.dims * GROUP
    }

    /// Squared distances of a panel's rows from each centre.
    pub(super) fn squared_distances(&self, panel: &[Lane], out: &mut [Lane]) {
        squared_distances(panel, &self.values, out);
    }
}

/// Writes up to 64 rows, less an origin, column after column. Other lanes keep what they hold.
pub(super) fn pack(
    points: Points<'_>,
    rows: impl Iterator<Item = usize>,
    origin: &[f64],
    panel: &mut [Lane],
) {
    for (l, row) in rows.enumerate() {
        for ((lane, v), o) in panel.iter_mut().zip(points.row(row)).zip(origin) {
            lane[l] = v - o;
        }
    }
}

for_widest! {
    /// Squared distances of a panel's rows from the centres of every group.
    fn squared_distances(panel: &[Lane], groups: &[[f64; GROUP]], out: &mut [Lane]) {
        let columns = panel.len();
        for (group, out) in groups.chunks_exact(columns).zip(out.chunks_exact_mut(GROUP)) {
            for b in 0..PANEL / 8 {
                let mut sums = [[0.0; 8]; GROUP];
                for (lane, centres) in panel.iter().zip(group) {
                    let x = &lane.as_chunks::<8>().0[b];
                    for c in 0..GROUP {
                        for l in 0..8 {
                            let gap = x[l] - centres[c];
                            sums[c][l] += gap * gap;
                        }
                    }
                }
                for c in 0..GROUP {
                    out[c].as_chunks_mut::<8>().0[b] = sums[c];
                }
            }
        }
    }
}

/// The nearest centre of each row of a panel, its squared distance and that of the second nearest.
#[derive(Clone, Debug)]
pub(super) struct Nearest {
    /// The number of the nearest, a whole number; the lower of equally near ones.
    pub(super) centre: Lane,
    /// Its squared distance.
    pub(super) first: Lane,
    /// That of the next; infinite if there is none.
    pub(super) second: Lane,
}

impl Nearest {
    pub(super) fn new() -> Self {
        Self { centre: [0.0; PANEL], first: [0.0; PANEL], second: [0.0; PANEL] }
    }

    /// Of the distances that `Grouped::squared_distances` wrote.
    pub(super) fn find(&mut self, distances: &[Lane]) {
        two_least(distances, self);
    }
}

for_widest! {
    /// The two least numbers of each lane, and where the least is.
    fn two_least(distances: &[Lane], found: &mut Nearest) {
        for b in 0..PANEL / 8 {
            let (mut first, mut second) = ([f64::INFINITY; 8], [f64::INFINITY; 8]);
            let mut centre = [0.0; 8];
            for (c, lane) in distances.iter().enumerate() {
                let (c, lane) = (c as f64, &lane.as_chunks::<8>().0[b]);
                for l in 0..8 {
                    let d = lane[l];
                    let farther = if d < first[l] { first[l] } else { d };
                    second[l] = if farther < second[l] { farther } else { second[l] };
                    centre[l] = if d < first[l] { c } else { centre[l] };
                    first[l] = if d < first[l] { d } else { first[l] };
                }
            }
            found.first.as_chunks_mut::<8>().0[b] = first;
            found.second.as_chunks_mut::<8>().0[b] = second;
            found.centre.as_chunks_mut::<8>().0[b] = centre;
        }
    }
}
