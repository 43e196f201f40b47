//! Cholesky factor of a symmetric positive semidefinite matrix.

use super::design::inner;
use crate::{Progress, Stopped};

/// Pivots of the unit-diagonal matrix below this count as zero.
const LEAST_PIVOT: f64 = 1e-13;

/// `D·L·Lᵀ·D = A + jitter`, where D scales A to a unit diagonal.
pub(crate) struct Cholesky {
    n: usize,
    /// Row-major; the lower triangle is used.
    lower: Vec<f64>,
    scale: Vec<f64>,
}

impl Cholesky {
    /// Factors `a`, row-major, of which the lower triangle is read. Columns are scaled to a unit
    /// diagonal first. Where a pivot vanishes, as it does for duplicate columns without a penalty,
    /// the least sufficient power of ten is added to the diagonal.
    pub(crate) fn new(a: &[f64], n: usize, progress: &dyn Progress) -> Result<Self, Stopped> {
        let root = |i: usize| {
            let d = a[i * n + i];
            if d > 0.0 && d.is_finite() { d.sqrt() } else { 1.0 }
        };
        let scale: Vec<f64> = (0..n).map(root).collect();
        let mut jitter = 0.0;
        loop {
            let lower = factor(a, &scale, jitter, progress)?;
            if let Some(lower) = lower {
                return Ok(Self { n, lower, scale });
            }
            jitter = if jitter == 0.0 { 1e-10 } else { jitter * 10.0 };
            if jitter > 1.0 {
                return Ok(Self::diagonal(n, scale));
            }
        }
    }

    fn diagonal(n: usize, scale: Vec<f64>) -> Self {
        let lower = (0..n * n).map(|i| f64::from(u8::from(i / n == i % n))).collect();
        Self { n, lower, scale }
    }

    /// The lower triangular matrix `R`, row-major, for which `R·Rᵀ` is what was factored.
    pub(crate) fn root(&self) -> Vec<f64> {
        let rows = self.lower.chunks_exact(self.n).zip(&self.scale);
        rows.flat_map(|(row, scale)| row.iter().map(move |v| v * scale)).collect()
    }

    /// Solves `A·x = b` in place.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        let n = self.n;
        for (v, s) in b.iter_mut().zip(&self.scale) {
            *v /= s;
        }
        for i in 0..n {
            let row = &self.lower[i * n..i * n + i];
            b[i] = (b[i] - inner(row, &b[..i])) / self.lower[i * n + i];
        }
        for i in (0..n).rev() {
            b[i] /= self.lower[i * n + i];
            let (head, tail) = b.split_at_mut(i);
            let row = &self.lower[i * n..i * n + i];
            for (v, l) in head.iter_mut().zip(row) {
                *v -= l * tail[0];
            }
        }
        for (v, s) in b.iter_mut().zip(&self.scale) {
            *v /= s;
        }
    }
}

fn factor(
    a: &[f64],
    scale: &[f64],
    jitter: f64,
    progress: &dyn Progress,
) -> Result<Option<Vec<f64>>, Stopped> {
    let n = scale.len();
    let mut lower = vec![0.0; n * n];
    for i in 0..n {
        if i % 16 == 0 && !progress.proceed() {
            return Err(Stopped);
        }
        let (done, rest) = lower.split_at_mut(i * n);
        let row = &mut rest[..=i];
        for j in 0..i {
            let other = &done[j * n..=j * n + j];
            let value = a[i * n + j] / (scale[i] * scale[j]);
            row[j] = (value - inner(&row[..j], &other[..j])) / other[j];
        }
        let pivot = 1.0 + jitter - inner(&row[..i], &row[..i]);
        // The diagonal is 1 by construction, or an all-zero column that is kept apart as 1.
        if pivot.is_nan() || pivot <= LEAST_PIVOT {
            return Ok(None);
        }
        row[i] = pivot.sqrt();
    }
    Ok(Some(lower))
}
