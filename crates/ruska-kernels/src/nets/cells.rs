//! What a net is told of a table: for every cell a place in its column's table of vectors.

use crate::linear::Csr;
use crate::trees::math::quantile_of_sorted;
use crate::{Progress, Stopped, packed};
use serde::{Deserialize, Serialize};

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
    /// Ascending scaled values, at least one.
    #[serde(with = "packed")]
    knots: Vec<f32>,
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
    pub fn numbers(values: impl Iterator<Item = (f64, f64)>, most: usize) -> Self {
        let known = values.filter(|(v, w)| !v.is_nan() && *w > 0.0);
        let known: Vec<_> = known.map(|(v, w)| (v.clamp(-f64::MAX, f64::MAX), w)).collect();
        let every = known.len().div_ceil(LOOKED_AT).max(1);
        let mut some: Vec<_> = known.into_iter().step_by(every).collect();
        some.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let quantile = |share: f64| quantile_of_sorted(&some, share);
        let centre = quantile(0.5);
        let half = |low, high| quantile(high) / 2.0 - quantile(low) / 2.0;
        // Where half of the values are equal the range tells instead.
        let spread = [half(0.25, 0.75), half(0.0, 1.0)].into_iter().find(|s| *s > 0.0);
        let factor = spread.map_or(0.0, |s| (0.5 / s).min(f64::MAX));
        let mut scale = Scale { centre, factor, knots: vec![] };
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
        scale.knots = knots;
        Self::Numbers(scale)
    }

    /// Rows of its table: one a knot or level, and one for missing values.
    pub fn places(&self) -> usize {
        match self {
            Self::Numbers(scale) => scale.knots.len() + 1,
            Self::Levels(levels) => *levels as usize + 1,
        }
    }

    /// The cell of a value; NaN and codes out of range count as missing.
    fn cell(&self, value: f64) -> Cell {
        match self {
            Self::Levels(levels) if value >= 0.0 && value < f64::from(*levels) => {
                Cell { place: value as u32, ..Cell::default() }
            }
            Self::Numbers(scale) if !value.is_nan() => scale.cell(value),
            _ => Cell { place: self.places() as u32 - 1, ..Cell::default() },
        }
    }

    /// What makes it useless, if anything.
    pub fn validate(&self) -> Result<(), String> {
        let Self::Numbers(Scale { centre, factor, knots }) = self else { return Ok(()) };
        let ascending = knots.windows(2).all(|w| w[0] < w[1]);
        let finite = knots.iter().all(|k| k.is_finite());
        let sane = centre.is_finite() && factor.is_finite() && !knots.is_empty();
        if ascending && finite && sane {
            return Ok(());
        }
        Err("the knots of a column are no ascending numbers".to_owned())
    }
}

impl Scale {
    /// The scaled number: about linear within the quartiles, and never beyond ±3.
    fn of(&self, value: f64) -> f32 {
        let z = (value.clamp(-f64::MAX, f64::MAX) - self.centre) * self.factor;
        // What was constant has no scale; what is farther than numbers go is as far as can be.
        let z = if self.factor == 0.0 { 0.0 } else { z.clamp(-1e6, 1e6) };
        (z / (1.0 + (z / 3.0).powi(2)).sqrt()) as f32
    }

    fn cell(&self, value: f64) -> Cell {
        let (value, knots) = (self.of(value), &self.knots);
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
    /// Row by row.
    all: Vec<Cell>,
    sparse: Option<Csr>,
}

impl Cells {
    /// Cells of so many rows, given the value of a column, counted from 0, in a row. Fails when told to
    /// stop.
    pub fn new(
        columns: &[Column],
        rows: usize,
        value: impl Fn(usize, usize) -> f64,
        sparse: Option<Csr>,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let mut all = Vec::with_capacity(rows * columns.len());
        for row in 0..rows {
            if row.is_multiple_of((1 << 16) / columns.len().max(1) + 1) && !progress.proceed() {
                return Err(Stopped);
            }
            all.extend(columns.iter().enumerate().map(|(c, column)| column.cell(value(c, row))));
        }
        Ok(Self { columns: columns.len(), all, sparse })
    }

    /// The cells of a row.
    #[inline]
    pub(super) fn row(&self, row: u32) -> &[Cell] {
        &self.all[row as usize * self.columns..][..self.columns]
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
        values.iter().map(|v| column.cell(*v)).collect()
    }

    fn numbers(values: &[f64], most: usize) -> Column {
        Column::numbers(values.iter().map(|v| (*v, 1.0)), most)
    }

    #[test]
    fn few_values_have_a_place_each_and_what_lies_between_takes_from_both() {
        let column = numbers(&[0.0, 2.0, 1.0, 1.0, f64::NAN], 8);
        assert_eq!(column.places(), 4);
        let got = cells(&column, &[0.0, 1.0, 2.0, f64::NAN, -9.0, f64::INFINITY, 0.5]);
        assert_eq!(got.iter().map(|c| c.place).collect::<Vec<_>>(), [0, 1, 2, 3, 0, 2, 0]);
        assert!(got[..6].iter().all(|c| c.share == 0.0));
        assert!(got[6].share > 0.4 && got[6].share < 0.6, "{}", got[6].share);
        assert!(got.iter().all(|c| c.value.abs() <= 3.0));
    }

    #[test]
    fn many_values_have_knots_at_quantiles() {
        let column = Column::numbers((0..1000).map(|v| (f64::from(v), 1.0)), 5);
        assert_eq!(column.places(), 6);
        let places: Vec<u32> =
            cells(&column, &[0.0, 240.0, 260.0, 998.0, 999.0]).iter().map(|c| c.place).collect();
        assert_eq!(places, [0, 0, 1, 3, 4]);
        let some = (0..10).map(|v| (f64::from(v), f64::from(v / 9)));
        assert_eq!(Column::numbers(some, 5).places(), 2);
        // Rows without weight are no reason to look at fewer others.
        let every_other = (0..100_000).map(|v| (f64::from(v), f64::from(v % 2)));
        assert_eq!(Column::numbers(every_other, 5).places(), 6);
    }

    #[test]
    fn odd_columns_have_places_too() {
        for values in
            [&[][..], &[7.0; 3], &[f64::MAX, f64::MIN], &[f64::INFINITY, 0.0], &[1e-320, 0.0]]
        {
            let column = numbers(values, 16);
            column.validate().expect("finite knots");
            let far = [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, 0.0];
            let all = [values, &far].concat();
            assert!(
                cells(&column, &all).iter().all(|c| c.value.is_finite() && c.share.is_finite())
            );
        }
        let got = cells(&Column::Levels(2), &[1.0, 2.0, f64::NAN, -1.0]);
        assert_eq!(got.iter().map(|c| c.place).collect::<Vec<_>>(), [1, 2, 2, 2]);
    }
}
