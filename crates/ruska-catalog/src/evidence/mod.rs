//! What single columns say of the classes of rows, one file a kind of column.
//!
//! Each kind counts or averages over the training rows of every class and then adds to a row's
//! scores, one a class, the logarithm of how likely its value is there. A value that is missing, or
//! that no training row had, adds nothing. Counts are smoothed: `alpha` rows more have each outcome.

mod flags;
mod levels;
mod normal;
mod words;

pub(crate) use flags::Flags;
pub(crate) use levels::Levels;
pub(crate) use normal::Normal;
pub(crate) use words::{Weigh, Words};

/// A class and a weight for each training row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels<'a> {
    /// The rows.
    pub(crate) rows: &'a [u32],
    /// Class of each, below `classes`.
    pub(crate) codes: &'a [u32],
    /// Weight of each, ≥ 0.
    pub(crate) weights: &'a [f64],
    /// Number of classes.
    pub(crate) classes: usize,
}

impl Labels<'_> {
    /// Row, class and weight of each training row that has weight.
    pub(crate) fn heavy(&self) -> impl Iterator<Item = (usize, usize, f64)> + Clone {
        let rows = self.rows.iter().zip(self.codes).zip(self.weights);
        let heavy = rows.filter(|(_, w)| **w > 0.0);
        heavy.map(|((&row, &code), &w)| (row as usize, code as usize, w))
    }
}

/// What a column of numbers holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One value, or none.
    Constant,
    /// 0 and 1, or mostly 0: what matters is whether there is something.
    Flag,
    /// Anything else.
    Number,
}

impl Shape {
    /// The shape of the values that training rows of weight have.
    pub(crate) fn of(values: &[f64], labels: &Labels<'_>) -> Self {
        let known = labels.heavy().map(|(row, _, w)| (values[row], w));
        let mut known = known.filter(|(v, _)| !v.is_nan());
        let Some((first, weight)) = known.next() else { return Self::Constant };
        let zero = |v: f64, w: f64| if v == 0.0 { w } else { 0.0 };
        let (mut varies, mut yes_or_no) = (false, first == 0.0 || first == 1.0);
        let (mut zeros, mut total) = (zero(first, weight), weight);
        for (v, w) in known {
            varies |= v != first;
            yes_or_no &= v == 0.0 || v == 1.0;
            zeros += zero(v, w);
            total += w;
        }
        match varies {
            false => Self::Constant,
            true if yes_or_no || zeros > 0.5 * total => Self::Flag,
            true => Self::Number,
        }
    }
}
