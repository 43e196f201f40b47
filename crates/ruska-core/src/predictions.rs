//! What a model says about rows.

use crate::PredictError;

/// One row of `width` numbers per predicted row: the value for regression (`width` 1), the
/// probability of every class for classification (`width` = number of classes ≥ 2), the group for
/// clustering (0, 1, …, or −1 for none), followed by what else the model says of it, and for forecasting
/// the value and the standard deviation of its error.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    width: usize,
    values: Vec<f64>,
    /// The probability of the second of two classes from which on it is the class of a row.
    cut: Option<f64>,
}

impl Predictions {
    /// Row-major values; their number must be a multiple of `width` ≥ 1.
    pub fn new(width: usize, values: Vec<f64>) -> Self {
        assert!(width > 0 && values.len().is_multiple_of(width), "predictions are whole rows");
        Self { width, values, cut: None }
    }

    /// The same with another place where the class of a row changes: the second of two classes from
    /// this probability on. Nothing for any other number of classes.
    #[must_use]
    pub fn with_cut(self, cut: f64) -> Self {
        Self { cut: Some(cut).filter(|_| self.width == 2), ..self }
    }

    /// Class probabilities from any non-negative scores: rows are scaled to sum to one.
    /// Rows that sum to nothing, or hold a NaN, become uniform.
    pub fn normalised(width: usize, mut values: Vec<f64>) -> Self {
        for row in values.chunks_exact_mut(width) {
            for v in row.iter_mut() {
                *v = v.max(0.0);
            }
            let sum: f64 = row.iter().sum();
            if sum > 0.0 && sum.is_finite() {
                row.iter_mut().for_each(|v| *v /= sum);
            } else {
                row.fill(1.0 / width as f64);
            }
        }
        Self::new(width, values)
    }

    /// Class probabilities of a binary task from the probability of class 1.
    pub fn binary(p1: impl IntoIterator<Item = f64>) -> Self {
        let mut values = Vec::new();
        for p in p1 {
            values.extend([1.0 - p, p]);
        }
        Self::new(2, values)
    }

    /// Numbers per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    /// Number of rows, and of numbers in each.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows(), self.width)
    }

    /// All numbers, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The numbers of a row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..(row + 1) * self.width]
    }

    /// The given rows, in the given order.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        let mut values = Vec::with_capacity(rows.len() * self.width);
        for &row in rows {
            values.extend_from_slice(self.row(row as usize));
        }
        Self { width: self.width, values, cut: self.cut }
    }

    /// The most probable class of a row, the first of equals; of two classes with a
    /// [cut](Self::with_cut) the one on its side of that.
    pub fn class(&self, row: usize) -> usize {
        let row = self.row(row);
        if let Some(cut) = self.cut {
            return usize::from(row[1] >= cut);
        }
        (1..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best })
    }

    /// The group of each row: 0, 1, …, or −1 for none.
    pub fn groups(&self) -> Vec<i32> {
        self.values.chunks_exact(self.width).map(|row| row[0] as i32).collect()
    }

    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        self.values.iter().all(|v| v.is_finite())
    }

    /// The mean of several predictions of the same shape, with weights summing to one, added in
    /// the order given.
    pub fn blend(parts: &[(f64, Self)]) -> Result<Self, PredictError> {
        let (_, first) = parts.first().ok_or(PredictError::Empty)?;
        let mut values = vec![0.0; first.values.len()];
        for (weight, part) in parts {
            if part.shape() != first.shape() {
                return Err(PredictError::Shape { got: part.shape(), expected: first.shape() });
            }
            for (sum, v) in values.iter_mut().zip(&part.values) {
                *sum += weight * v;
            }
        }
        Ok(Self::new(first.width, values))
    }
}
