//! Covariance of columns, and its principal directions.
//!
//! The directions are found by one-sided Jacobi rotations: two rows of the matrix at a time are
//! turned until all rows are orthogonal. Each is then an eigenvector times its eigenvalue, so
//! nothing else has to be kept. Cost O(n·p² / 2) for the covariance, about 6 to 10 sweeps of
//! 5·p³ for the directions; meant for up to some hundred columns.
//!
//! Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958.

use super::design::{Design, inner};
use super::loss::panels;
use super::precondition::gram;
use crate::{Progress, Stopped};

/// Cosine of two rows below which they count as orthogonal.
const ORTHOGONAL: f64 = 1e-14;
/// Share of the greatest eigenvalue below which one counts as rounding error.
const NOISE: f64 = 1e-13;
/// Most sweeps over all pairs of rows; some ten are enough.
const MOST_SWEEPS: usize = 60;

/// Covariance of the dense columns under weights that are not all zero, over their sum: a full
/// symmetric matrix, row by row.
pub fn covariance(
    x: &Design,
    weights: &[f64],
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let p = x.dense();
    let gram = gram(x, p, &panels(weights), progress)?;
    let border = &gram[p * (p + 1)..];
    let total = border[p];
    let mut covariance = vec![0.0; p * p];
    for i in 0..p {
        for j in 0..=i {
            let value = gram[i * (p + 1) + j] / total - border[i] / total * (border[j] / total);
            covariance[i * p + j] = value;
            covariance[j * p + i] = value;
        }
    }
    Ok(covariance)
}

/// Eigenvalues and eigenvectors of a symmetric matrix without negative eigenvalues.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// Descending; those that are rounding error are left out.
    pub values: Vec<f64>,
    /// A row of length 1 for each value; its largest component is positive.
    pub vectors: Vec<f64>,
}

/// The spectrum of a symmetric `n` × `n` matrix without negative eigenvalues, such as
/// [`covariance`] gives.
pub fn spectrum(
    mut matrix: Vec<f64>,
    n: usize,
    progress: &dyn Progress,
) -> Result<Spectrum, Stopped> {
    assert_eq!(matrix.len(), n * n, "the matrix is square");
    let mut squares = vec![0.0; n];
    for _ in 0..MOST_SWEEPS {
        for (square, row) in squares.iter_mut().zip(matrix.chunks_exact(n.max(1))) {
            *square = inner(row, row);
        }
        if !sweep(&mut matrix, &mut squares, progress)? {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| squares[b].total_cmp(&squares[a]));
    let greatest = order.first().map_or(0.0, |&i| squares[i].sqrt());
    let mut spectrum = Spectrum { values: vec![], vectors: vec![] };
    for i in order {
        let value = squares[i].sqrt();
        if value > NOISE * greatest {
            let row = &matrix[i * n..(i + 1) * n];
            let largest = row.iter().fold(0.0f64, |m, v| if v.abs() > m.abs() { *v } else { m });
            let length = value.copysign(largest);
            spectrum.values.push(value);
            spectrum.vectors.extend(row.iter().map(|v| v / length));
        }
    }
    Ok(spectrum)
}

/// Turns every pair of rows until they are orthogonal; whether there was anything to turn.
/// `squares` are their squared lengths.
fn sweep(
    matrix: &mut [f64],
    squares: &mut [f64],
    progress: &dyn Progress,
) -> Result<bool, Stopped> {
    let n = squares.len();
    let least = squares.iter().fold(0.0f64, |m, s| m.max(*s)) * NOISE * NOISE;
    let mut turned = false;
    for i in 0..n {
        if !progress.proceed() {
            return Err(Stopped);
        }
        for j in i + 1..n {
            if squares[i] <= least || squares[j] <= least {
                continue;
            }
            let (head, tail) = matrix.split_at_mut(j * n);
            let (a, b) = (&mut head[i * n..(i + 1) * n], &mut tail[..n]);
            let product = inner(a, b);
            if product.abs() <= ORTHOGONAL * squares[i].sqrt() * squares[j].sqrt() {
                continue;
            }
            turned = true;
            // The smaller root of t² + 2·ratio·t = 1 is the tangent of the angle.
            let ratio = (squares[j] - squares[i]) / (2.0 * product);
            let tangent = 1.0f64.copysign(ratio) / (ratio.abs() + ratio.hypot(1.0));
            let cosine = 1.0 / tangent.hypot(1.0);
            let sine = cosine * tangent;
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
            }
            squares[i] -= tangent * product;
            squares[j] += tangent * product;
        }
    }
    Ok(turned)
}
