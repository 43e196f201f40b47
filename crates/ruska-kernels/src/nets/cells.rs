//! What a net is told of a table: for every cell a place in its column's table of vectors.

use crate::linear::Csr;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// How the values of a dense column become places.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Column {
    /// Numbers: scaled by quartiles, drawn in smoothly beyond, and then between knots.
    Numbers(Scale),
    /// Codes below a number of levels.
    Levels(u32),
}

/// Numbers that tell the scale and the knots of a column.
const LOOKED_AT: usize = 20_000;

/// The scale of a column of numbers, and its knots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    centre: f64,
    factor: f64,
    /// Ascending scaled values, at least one, as little-endian bytes.
    knots: ByteBuf,
}

/// A cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cell {
    /// The scaled number; 0 for a level and a missing value.
    pub(super) value: f32,
    /// Share of the next place's vector, 0 to 1.
    pub(super) share: f32,
    /// Row of the column's table.
    pub(super) place: u32,
}

impl Column {
    /// Numbers like these, with their weights; `most` ≥ 1 knots at quantiles, or one at each number if they
    /// are no more. Of many numbers every so many-th is looked at.
    pub fn numbers(values: &[(f64, f64)], most: usize) -> Self {
        let some = values.iter().step_by(values.len().div_ceil(LOOKED_AT).max(1));
        let some = some.filter(|(v, w)| !v.is_nan() && *w > 0.0);
        let mut some: Vec<_> = some.map(|&(v, w)| (v.clamp(-f64::MAX, f64::MAX), w)).collect();
        some.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let quantile = |share: f64| quantile(&some, share);
        let centre = quantile(0.5);
        let half = |low, high| quantile(high) / 2.0 - quantile(low) / 2.0;
        // Where half of the values are equal the range tells instead.
        let spread = [half(0.25, 0.75), half(0.0, 1.0)].into_iter().find(|s| *s > 0.0);
        let factor = spread.map_or(0.0, |s| (0.5 / s).min(f64::MAX));
        let mut scale = Scale { centre, factor, knots: ByteBuf::new() };
        let mut knots: Vec<f32> = some.iter().map(|(v, _)| scale.of(*v)).collect();
        knots.dedup();
        if knots.len() > most {
            let last = (most - 1).max(1) as f64;
            knots = (0..most).map(|i| scale.of(quantile(i as f64 / last))).collect();
            knots.dedup();
        }
        if knots.is_empty() {
            knots.push(0.0);
        }
        scale.knots = knots.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<_>>().into();
        Self::Numbers(scale)
    }

    /// Rows of its table: one a knot or level, and one for missing values.
    pub fn places(&self) -> usize {
        match self {
            Self::Numbers(scale) => scale.knots.len() / 4 + 1,
            Self::Levels(levels) => *levels as usize + 1,
        }
    }

    /// Cells of some values; NaN and codes out of range count as missing.
    fn cells(&self, values: &[f64], mut put: impl FnMut(Cell)) {
        let missing = Cell { place: self.places() as u32 - 1, ..Cell::default() };
        match self {
            Self::Levels(levels) => values.iter().for_each(|&v| {
                let known = v >= 0.0 && v < f64::from(*levels);
                put(if known { Cell { place: v as u32, ..Cell::default() } } else { missing });
            }),
            Self::Numbers(scale) => {
                let knots = scale.knots();
                values
                    .iter()
                    .for_each(|&v| put(if v.is_nan() { missing } else { scale.cell(v, &knots) }));
            }
        }
    }

    /// What makes it useless, if anything.
    pub fn validate(&self) -> Result<(), String> {
        let Self::Numbers(scale) = self else { return Ok(()) };
        let knots = scale.knots();
        let ascending = knots.windows(2).all(|w| w[0] < w[1]);
        let finite = knots.iter().all(|k| k.is_finite());
        let sane = scale.centre.is_finite() && scale.factor.is_finite();
        let whole = !knots.is_empty() && scale.knots.len() % 4 == 0;
        if ascending && finite && sane && whole {
            return Ok(());
        }
        Err("the knots of a column are no ascending numbers".to_owned())
    }
}

/// The number below which a share of the weight lies, of ascending numbers; 0 of none.
fn quantile(values: &[(f64, f64)], share: f64) -> f64 {
    let mut rest = share * values.iter().map(|(_, w)| w).sum::<f64>();
    let found = values.iter().find(|(_, w)| {
        rest -= w;
        rest <= 0.0
    });
    found.or(values.last()).map_or(0.0, |(v, _)| *v)
}

impl Scale {
    /// The scaled number: about linear within the quartiles, and never beyond ±3.
    fn of(&self, value: f64) -> f32 {
        let z = ((value - self.centre) * self.factor).clamp(-1e6, 1e6);
        (z / (1.0 + (z / 3.0).powi(2)).sqrt()) as f32
    }

    fn knots(&self) -> Vec<f32> {
        let of = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        self.knots.chunks_exact(4).map(of).collect()
    }

    fn cell(&self, value: f64, knots: &[f32]) -> Cell {
        let value = self.of(value);
        let above = knots.partition_point(|k| *k <= value);
        let below = above.saturating_sub(1);
        if above == 0 || above == knots.len() {
            return Cell { value, share: 0.0, place: below as u32 };
        }
        let share = (value - knots[below]) / (knots[above] - knots[below]);
        Cell { value, share, place: below as u32 }
    }
}

/// The cells of some rows, and the stored values of their sparse columns.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    columns: usize,
    cells: Vec<Cell>,
    sparse: Option<Csr>,
}

impl Cells {
    /// Cells of columns of `rows` values each.
    pub fn new(columns: &[Column], rows: usize, values: &[Vec<f64>], sparse: Option<Csr>) -> Self {
        let width = columns.len();
        let mut cells = vec![Cell::default(); rows * width];
        for (c, (column, values)) in columns.iter().zip(values).enumerate() {
            let mut at = c;
            column.cells(values, |cell| {
                cells[at] = cell;
                at += width;
            });
        }
        Self { columns: width, cells, sparse }
    }

    /// The cells of a row.
    #[inline]
    pub(super) fn row(&self, row: u32) -> &[Cell] {
        &self.cells[row as usize * self.columns..][..self.columns]
    }

    /// Columns and values stored for a row, of all sparse columns together.
    #[inline]
    pub(super) fn stored(&self, row: u32) -> (&[u32], &[f64]) {
        self.sparse.as_ref().map_or((&[], &[]), |sparse| sparse.row(row as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(column: &Column, values: &[f64]) -> Vec<Cell> {
        let mut out = vec![];
        column.cells(values, |cell| out.push(cell));
        out
    }

    #[test]
    fn few_values_have_a_place_each_and_what_lies_between_takes_from_both() {
        let column = Column::numbers(&[0.0, 2.0, 1.0, 1.0, f64::NAN].map(|v| (v, 1.0)), 8);
        assert_eq!(column.places(), 4);
        let got = cells(&column, &[0.0, 1.0, 2.0, f64::NAN, -9.0, f64::INFINITY, 0.5]);
        assert_eq!(got.iter().map(|c| c.place).collect::<Vec<_>>(), [0, 1, 2, 3, 0, 2, 0]);
        assert!(got[..6].iter().all(|c| c.share == 0.0));
        assert!(got[6].share > 0.4 && got[6].share < 0.6, "{}", got[6].share);
        assert!(got.iter().all(|c| c.value.abs() <= 3.0));
    }

    #[test]
    fn many_values_have_knots_at_quantiles() {
        let column =
            Column::numbers(&(0..1000).map(|v| (f64::from(v), 1.0)).collect::<Vec<_>>(), 5);
        assert_eq!(column.places(), 6);
        let places: Vec<u32> =
            cells(&column, &[0.0, 240.0, 260.0, 998.0, 999.0]).iter().map(|c| c.place).collect();
        assert_eq!(places, [0, 0, 1, 3, 4]);
        let some: Vec<_> = (0..10).map(|v| (f64::from(v), f64::from(v / 9))).collect();
        assert_eq!(Column::numbers(&some, 5).places(), 2);
    }

    #[test]
    fn odd_columns_have_places_too() {
        for values in
            [&[][..], &[7.0; 3], &[f64::MAX, f64::MIN], &[f64::INFINITY, 0.0], &[1e-320, 0.0]]
        {
            let weighed: Vec<_> = values.iter().map(|v| (*v, 1.0)).collect();
            let column = Column::numbers(&weighed, 16);
            column.validate().expect("finite knots");
            assert!(cells(&column, values).iter().all(|c| c.value.is_finite()));
        }
        let got = cells(&Column::Levels(2), &[1.0, 2.0, f64::NAN, -1.0]);
        assert_eq!(got.iter().map(|c| c.place).collect::<Vec<_>>(), [1, 2, 2, 2]);
    }
}
