//! Rows of numbers and of levels.

use super::Points;

/// The code of a level that is missing.
pub const MISSING: u32 = u32::MAX;

/// Rows of numbers and of levels.
#[derive(Clone, Copy, Debug)]
pub struct Mixed<'a> {
    /// How many there are.
    pub rows: usize,
    /// Numbers in −10¹⁰⁰..10¹⁰⁰, those of the first row, of the second, and so on.
    pub numbers: &'a [f64],
    /// Numbers of a row; may be 0.
    pub dims: usize,
    /// Codes of levels in the same order; [`MISSING`] where there is none.
    pub codes: &'a [u32],
    /// Codes of a row; may be 0.
    pub width: usize,
}

impl<'a> Mixed<'a> {
    /// Rows of numbers alone.
    pub fn numbers(points: Points<'a>) -> Self {
        let Points { values, dims } = points;
        Self { rows: points.len(), numbers: values, dims, codes: &[], width: 0 }
    }

    /// The numbers. They have no length where a row has none.
    pub(super) fn points(&self) -> Points<'a> {
        Points { values: self.numbers, dims: self.dims }
    }

    pub(super) fn row(&self, i: usize) -> (&'a [f64], &'a [u32]) {
        let numbers = &self.numbers[i * self.dims..(i + 1) * self.dims];
        (numbers, &self.codes[i * self.width..(i + 1) * self.width])
    }

    pub(super) fn check(&self) {
        assert_eq!(self.numbers.len(), self.rows * self.dims, "numbers for each row");
        assert_eq!(self.codes.len(), self.rows * self.width, "codes for each row");
    }
}
