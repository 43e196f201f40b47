//! From cells to the vector that the layers see, and back to the gradient of the tables.

use super::cells::{Cell, Cells, Column};
use super::layout::{Layout, Shape};
use super::real::Real;
use crate::simd::for_widest;

/// The tables of a net.
#[derive(Clone, Copy)]
pub(super) struct Tables<'a> {
    pub(super) shape: &'a Shape,
    pub(super) layout: &'a Layout,
    pub(super) cells: &'a Cells,
}

/// Where a cell's vectors lie: its own, the next one, and whether it is a number.
struct Place {
    own: usize,
    next: usize,
    number: bool,
}

impl Tables<'_> {
    #[inline(always)]
    fn place(&self, column: usize, cell: &Cell) -> Place {
        let own = self.layout.tables[column] + cell.place as usize * self.shape.dims;
        let missing = self.shape.columns[column].places() as u32 - 1;
        let number =
            matches!(self.shape.columns[column], Column::Numbers(_)) && cell.place != missing;
        let next = if cell.share > 0.0 { own + self.shape.dims } else { own };
        Place { own, next, number }
    }

    /// Where a column's line lies: its factors, then what is added.
    #[inline(always)]
    fn line(&self, column: usize) -> [usize; 2] {
        let at = self.layout.lines.start + 2 * column * self.shape.dims;
        [at, at + self.shape.dims]
    }
}

for_widest! {
/// Writes the vector of each row.
pub(super) fn embed<R: Real>(tables: Tables<'_>, params: &[R], rows: &[u32], out: &mut [R]) {
    let shape = tables.shape;
    for (out, &row) in out.chunks_exact_mut(shape.inputs().max(1)).zip(rows) {
        let (dense, words) = out.split_at_mut(shape.columns.len() * shape.dims);
        let cells = tables.cells.row(row);
        for (c, (out, cell)) in dense.chunks_exact_mut(shape.dims).zip(cells).enumerate() {
            let place = tables.place(c, cell);
            let own = &params[place.own..][..shape.dims];
            if !place.number {
                out.copy_from_slice(own);
                continue;
            }
            let next = &params[place.next..][..shape.dims];
            let [factor, added] = tables.line(c).map(|at| &params[at..][..shape.dims]);
            let (value, share) = (R::of(f64::from(cell.value)), R::of(f64::from(cell.share)));
            for i in 0..shape.dims {
                out[i] = added[i] + value * factor[i] + own[i] + share * (next[i] - own[i]);
            }
        }
        words.fill(R::zero());
        let (indices, values) = tables.cells.stored(row);
        for (&word, &value) in indices.iter().zip(values) {
            let at = tables.layout.words.start + word as usize * shape.word_dims;
            let (value, vector) = (R::of(value), &params[at..][..shape.word_dims]);
            words.iter_mut().zip(vector).for_each(|(out, v)| *out += value * *v);
        }
    }
}
}

for_widest! {
/// Adds to the gradient of the parameters what that of each row's vector is.
pub(super) fn embed_back<R: Real>(tables: Tables<'_>, rows: &[u32], delta: &[R], gradient: &mut [R]) {
    let shape = tables.shape;
    for (delta, &row) in delta.chunks_exact(shape.inputs().max(1)).zip(rows) {
        let (dense, words) = delta.split_at(shape.columns.len() * shape.dims);
        let cells = tables.cells.row(row);
        for (c, (delta, cell)) in dense.chunks_exact(shape.dims).zip(cells).enumerate() {
            let place = tables.place(c, cell);
            let share = R::of(f64::from(cell.share));
            add(R::one() - share, delta, &mut gradient[place.own..]);
            if cell.share > 0.0 {
                add(share, delta, &mut gradient[place.next..]);
            }
            if place.number {
                let [factor, added] = tables.line(c);
                add(R::of(f64::from(cell.value)), delta, &mut gradient[factor..]);
                add(R::one(), delta, &mut gradient[added..]);
            }
        }
        let (indices, values) = tables.cells.stored(row);
        for (&word, &value) in indices.iter().zip(values) {
            let at = tables.layout.words.start + word as usize * shape.word_dims;
            add(R::of(value), words, &mut gradient[at..]);
        }
    }
}
}

/// Adds a multiple of a vector.
#[inline(always)]
fn add<R: Real>(factor: R, vector: &[R], to: &mut [R]) {
    to.iter_mut().zip(vector).for_each(|(to, v)| *to += factor * *v);
}
