//! Rows of numbers and of levels.

use crate::sound::all_finite;
use crate::steps::Levels;
use ruska_core::{Column, FitError, Frame, PredictError, hash};
use ruska_kernels::clusters::{MISSING, Mixed};
use serde::{Deserialize, Serialize};

/// The columns a model of numbers and levels was fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Columns {
    numbers: Vec<String>,
    /// Columns of two numbers that are taken as levels, and what lies between the two.
    flags: Vec<(String, f64)>,
    levels: Vec<(String, Levels)>,
}

impl Columns {
    /// Those of a frame, with the levels that some rows have.
    ///
    /// Fails where there is none.
    pub(crate) fn of(x: &Frame, rows: &[u32]) -> Result<Self, FitError> {
        let (mut numbers, mut levels, flags) = (vec![], vec![], vec![]);
        for field in x.fields() {
            match &field.column {
                Column::Str(column) => {
                    levels.push((field.name.to_string(), Levels::of(column, rows)));
                }
                _ => numbers.push(field.name.to_string()),
            }
        }
        if numbers.is_empty() && levels.is_empty() {
            return Err(FitError::Data("there is no column that tells rows apart".to_owned()));
        }
        Ok(Self { numbers, flags, levels })
    }

    /// The same, where columns that have two numbers in some rows, such as yes and no, are levels.
    pub(crate) fn with_flags(self, x: &Frame, rows: &[u32]) -> Result<Self, PredictError> {
        let (mut numbers, mut flags) = (vec![], self.flags);
        for name in self.numbers {
            match middle_of_two(floats(x, &name)?, rows) {
                Some(middle) => flags.push((name, middle)),
                None => numbers.push(name),
            }
        }
        Ok(Self { numbers, flags, ..self })
    }

    /// How many columns of numbers there are.
    pub(crate) fn numbers(&self) -> usize {
        self.numbers.len()
    }

    /// How many levels each column of them has.
    pub(crate) fn levels(&self) -> Vec<u32> {
        let levels = self.levels.iter().map(|(_, levels)| levels.len() as u32);
        self.flags.iter().map(|_| 2).chain(levels).collect()
    }

    /// These columns of some rows of a frame.
    ///
    /// Fails where a column is missing or of another type, or a number is not finite.
    pub(crate) fn cells(&self, x: &Frame, rows: &[u32]) -> Result<Cells, PredictError> {
        let cells = self.cells_with_gaps(x, rows)?;
        let Some(at) = cells.numbers.iter().position(|v| v.is_nan()) else { return Ok(cells) };
        Err(PredictError::WrongType {
            column: self.numbers[at % cells.dims].clone(),
            got: "a value that is missing or infinite".to_owned(),
            expected: "finite numbers".to_owned(),
            at: format!(" (row {})", rows[at / cells.dims]),
        })
    }

    /// The same with numbers that are missing or infinite as NaN.
    ///
    /// Fails where a column is missing or of another type.
    pub(crate) fn cells_with_gaps(&self, x: &Frame, rows: &[u32]) -> Result<Cells, PredictError> {
        let (n, dims, flags) = (rows.len(), self.numbers.len(), self.flags.len());
        let width = flags + self.levels.len();
        if x.fields().len() != dims + width {
            return Err(PredictError::Width { got: x.fields().len(), expected: dims + width });
        }
        let (numbers, codes) = (vec![0.0; n * dims], vec![MISSING; n * width]);
        let mut cells = Cells { rows: n, numbers, dims, codes, width };
        for (j, name) in self.numbers.iter().enumerate() {
            let values = floats(x, name)?;
            for (i, &row) in rows.iter().enumerate() {
                let value = values[row as usize];
                cells.numbers[i * dims + j] = if value.is_finite() { value } else { f64::NAN };
            }
        }
        for (j, (name, middle)) in self.flags.iter().enumerate() {
            let values = floats(x, name)?;
            for (i, &row) in rows.iter().enumerate() {
                let value = values[row as usize];
                if value.is_finite() {
                    cells.codes[i * width + j] = u32::from(value > *middle);
                }
            }
        }
        for (j, (name, known)) in self.levels.iter().enumerate() {
            let Column::Str(column) = &field(x, name)?.column else {
                return Err(wrong(x, name, "levels"));
            };
            let codes = known.codes(column);
            for (i, &row) in rows.iter().enumerate() {
                let code = codes[row as usize];
                if (code as usize) < known.len() {
                    cells.codes[i * width + flags + j] = code;
                }
            }
        }
        Ok(cells)
    }

    /// What is wrong with them as a state, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        all_finite("middles", self.flags.iter().map(|(_, middle)| middle))?;
        self.levels.iter().try_for_each(|(_, levels)| levels.validate())
    }
}

/// Rows as the kernels see them.
pub(crate) struct Cells {
    pub(crate) rows: usize,
    /// Row after row.
    pub(crate) numbers: Vec<f64>,
    pub(crate) dims: usize,
    /// Row after row.
    pub(crate) codes: Vec<u32>,
    pub(crate) width: usize,
}

impl Cells {
    /// A hash of what a row holds.
    pub(crate) fn content(&self, row: usize) -> u64 {
        let numbers = &self.numbers[row * self.dims..(row + 1) * self.dims];
        let bits = numbers.iter().map(|v| if v.is_nan() { u64::MAX } else { (v + 0.0).to_bits() });
        let codes = &self.codes[row * self.width..(row + 1) * self.width];
        let all = bits.chain(codes.iter().map(|code| u64::from(*code)));
        all.fold(0, |hash, part| hash::combine(&[hash, part]))
    }

    pub(crate) fn mixed(&self) -> Mixed<'_> {
        let Self { rows, numbers, dims, codes, width } = self;
        Mixed { rows: *rows, numbers, dims: *dims, codes, width: *width }
    }
}

/// The middle of the two numbers that some rows have, where it lies between them; `None` where they have
/// fewer or more.
fn middle_of_two(values: &[f64], rows: &[u32]) -> Option<f64> {
    let mut known = rows.iter().map(|&row| values[row as usize]).filter(|v| v.is_finite());
    let first = known.next()?;
    let second = known.find(|v| *v != first)?;
    let two = known.all(|v| v == first || v == second);
    let (low, high) = (first.min(second), first.max(second));
    let middle = f64::midpoint(low, high);
    (two && low <= middle && middle < high).then_some(middle)
}

fn floats<'a>(x: &'a Frame, name: &str) -> Result<&'a [f64], PredictError> {
    field(x, name)?.floats().ok_or_else(|| wrong(x, name, "numbers"))
}

fn field<'a>(x: &'a Frame, name: &str) -> Result<&'a ruska_core::Field, PredictError> {
    x.field(name).ok_or_else(|| PredictError::MissingColumn { column: name.to_owned() })
}

fn wrong(x: &Frame, name: &str, expected: &str) -> PredictError {
    let got = x.field(name).map_or("nothing", |f| f.kind.name()).to_owned();
    PredictError::WrongType {
        column: name.to_owned(),
        got,
        expected: expected.to_owned(),
        at: String::new(),
    }
}
