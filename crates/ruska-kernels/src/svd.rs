//! The leading singular values and right singular vectors of a sparse matrix.
//!
//! Does: a few random vectors, more than are asked for, go back and forth through the matrix and
//! are made orthonormal each time, until they span what it stretches most; within that span the
//! decomposition is that of a small symmetric matrix, which rotations make diagonal. Cost:
//! O(passes · vectors · (entries + width · vectors)). Reference: Halko, Martinsson, Tropp, "Finding
//! structure with randomness", SIAM Review 53(2), 2011, algorithm 4.4; Golub, Van Loan, "Matrix
//! Computations", 8.5, for Jacobi's rotations.

use crate::linear::Csr;
use crate::trees::random;
use crate::{Progress, Stopped};

/// Vectors beyond those asked for.
const SPARE: usize = 10;
/// Times the vectors go back and forth.
const PASSES: usize = 6;
/// Singular values below this share of the largest count as zero.
const LEAST: f64 = 1e-7;
/// Sweeps of rotations; a handful suffices.
const SWEEPS: usize = 30;
/// Rows between two reports.
const ROWS: usize = 1024;

/// Leading singular values with their right vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RightVectors {
    /// The singular values, descending, all above 0.
    pub values: Vec<f64>,
    /// One number a column of the matrix and vector, column after column. Each vector has length 1
    /// and its largest entry is positive.
    pub vectors: Vec<f64>,
}

/// The `count` leading singular values of a matrix of finite numbers, and their right vectors;
/// fewer where its rank is less. Equal seeds give equal bits.
pub fn right_vectors(
    a: &Csr,
    count: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<RightVectors, Stopped> {
    let rows = a.offsets.len().saturating_sub(1);
    let lanes = (count + SPARE).min(rows).min(a.width);
    if lanes == 0 || count == 0 {
        return Ok(RightVectors::default());
    }
    let seed = random::mix(seed);
    let normal = |i: usize| random::normal(seed.wrapping_add(i as u64));
    let mut basis: Vec<f64> = (0..a.width * lanes).map(normal).collect();
    orthonormalise(&mut basis, lanes, progress)?;
    for _ in 0..PASSES {
        let image = times(a, &basis, lanes, progress)?;
        basis = transposed_times(a, &image, lanes, progress)?;
        orthonormalise(&mut basis, lanes, progress)?;
    }
    let image = times(a, &basis, lanes, progress)?;
    let gram = gram(&image, lanes, progress)?;
    let (squares, rotation) = symmetric_eigen(gram, lanes);
    let mut order: Vec<usize> = (0..lanes).collect();
    order.sort_by(|&i, &j| squares[j].total_cmp(&squares[i]));
    let most = squares[order[0]];
    order.retain(|&i| squares[i] > 0.0 && squares[i] >= most * LEAST * LEAST);
    order.truncate(count);
    let values = order.iter().map(|&i| squares[i].sqrt()).collect();
    let along = |row: &[f64], i: usize| -> f64 {
        row.iter().enumerate().map(|(j, v)| v * rotation[j * lanes + i]).sum()
    };
    let mut vectors: Vec<f64> = basis
        .chunks_exact(lanes)
        .flat_map(|row| order.iter().map(move |&i| along(row, i)))
        .collect();
    point_up(&mut vectors, order.len());
    Ok(RightVectors { values, vectors })
}

/// The matrix times `lanes` vectors, both row by row.
fn times(
    a: &Csr,
    vectors: &[f64],
    lanes: usize,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let rows = a.offsets.len() - 1;
    let mut out = vec![0.0; rows * lanes];
    for (row, out) in out.chunks_exact_mut(lanes).enumerate() {
        report(row, progress)?;
        let (indices, values) = a.row(row);
        for (&j, v) in indices.iter().zip(values) {
            let vector = &vectors[j as usize * lanes..][..lanes];
            out.iter_mut().zip(vector).for_each(|(o, x)| *o += v * x);
        }
    }
    Ok(out)
}

/// The transposed matrix times `lanes` vectors, both row by row.
fn transposed_times(
    a: &Csr,
    vectors: &[f64],
    lanes: usize,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let mut out = vec![0.0; a.width * lanes];
    for (row, vector) in vectors.chunks_exact(lanes).enumerate() {
        report(row, progress)?;
        let (indices, values) = a.row(row);
        for (&j, v) in indices.iter().zip(values) {
            let out = &mut out[j as usize * lanes..][..lanes];
            out.iter_mut().zip(vector).for_each(|(o, x)| *o += v * x);
        }
    }
    Ok(out)
}

fn report(row: usize, progress: &dyn Progress) -> Result<(), Stopped> {
    if row.is_multiple_of(ROWS) && !progress.proceed() { Err(Stopped) } else { Ok(()) }
}

/// Products of the `lanes` columns of an array with each other.
fn gram(rows: &[f64], lanes: usize, progress: &dyn Progress) -> Result<Vec<f64>, Stopped> {
    let mut gram = vec![0.0; lanes * lanes];
    for (i, row) in rows.chunks_exact(lanes).enumerate() {
        report(i, progress)?;
        for (out, v) in gram.chunks_exact_mut(lanes).zip(row) {
            out.iter_mut().zip(row).for_each(|(o, x)| *o += v * x);
        }
    }
    Ok(gram)
}

/// Makes the columns of an array, given row by row, orthonormal; what depends on earlier columns
/// becomes zero. Each is cleared of the earlier ones twice, after which nothing of them is left.
fn orthonormalise(rows: &mut [f64], lanes: usize, progress: &dyn Progress) -> Result<(), Stopped> {
    let n = rows.len() / lanes;
    let mut columns: Vec<Vec<f64>> =
        (0..lanes).map(|j| rows.iter().skip(j).step_by(lanes).copied().collect()).collect();
    for j in 0..lanes {
        let (done, rest) = columns.split_at_mut(j);
        let column = &mut rest[0];
        let before = dot(column, column).sqrt();
        for earlier in done.iter().chain(done.iter()) {
            let along = dot(earlier, column);
            column.iter_mut().zip(earlier).for_each(|(c, e)| *c -= along * e);
        }
        if !progress.proceed() {
            return Err(Stopped);
        }
        let left = dot(column, column).sqrt();
        let scale = if left > before * 1e-10 { 1.0 / left } else { 0.0 };
        column.iter_mut().for_each(|c| *c *= scale);
    }
    for i in 0..n {
        for (j, column) in columns.iter().enumerate() {
            rows[i * lanes + j] = column[i];
        }
    }
    Ok(())
}

/// Sum of products in four interleaved parts.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut parts = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a4.remainder().iter().zip(b4.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a4.zip(b4) {
        parts.iter_mut().zip(x.iter().zip(y)).for_each(|(p, (x, y))| *p += x * y);
    }
    parts.iter().sum::<f64>() + rest
}

/// Eigenvalues of a symmetric matrix, row by row, and its eigenvectors as columns.
fn symmetric_eigen(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors: Vec<f64> = (0..n * n).map(|i| f64::from(u8::from(i / n == i % n))).collect();
    let total: f64 = a.iter().map(|v| v * v).sum();
    for _ in 0..SWEEPS {
        let off = |i: usize| (0..n).filter(|j| *j != i).map(|j| a[i * n + j].powi(2)).sum::<f64>();
        if (0..n).map(off).sum::<f64>() <= total * 1e-30 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, n, (p, q));
            }
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), vectors)
}

/// Turns two axes so that they no longer mix.
fn rotate(a: &mut [f64], vectors: &mut [f64], n: usize, (p, q): (usize, usize)) {
    let mixed = a[p * n + q];
    if mixed == 0.0 {
        return;
    }
    let slope = (a[q * n + q] - a[p * n + p]) / (2.0 * mixed);
    let tangent = slope.signum() / (slope.abs() + slope.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let turn = |values: &mut [f64], i: usize, j: usize| {
        let (x, y) = (values[i], values[j]);
        values[i] = cosine * x - sine * y;
        values[j] = sine * x + cosine * y;
    };
    for k in 0..n {
        turn(a, k * n + p, k * n + q);
        turn(vectors, k * n + p, k * n + q);
    }
    for k in 0..n {
        turn(a, p * n + k, q * n + k);
    }
}

/// Gives each of the `lanes` columns the sign under which its largest entry is positive.
fn point_up(rows: &mut [f64], lanes: usize) {
    for j in 0..lanes {
        let mut largest = 0.0f64;
        for v in rows.iter().skip(j).step_by(lanes) {
            if v.abs() > largest.abs() {
                largest = *v;
            }
        }
        if largest < 0.0 {
            rows.iter_mut().skip(j).step_by(lanes).for_each(|v| *v = -*v);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Silent, StopAfter};

    /// A matrix of given singular values: left and right vectors are cosines, which are orthogonal.
    fn known(rows: usize, width: usize, values: &[f64]) -> (Csr, Vec<Vec<f64>>) {
        let cosine = |n: usize, k: usize| -> Vec<f64> {
            let at = |i| (std::f64::consts::PI * (i as f64 + 0.5) * k as f64 / n as f64).cos();
            (0..n).map(|i| at(i) * (2.0 / n as f64).sqrt()).collect()
        };
        let right: Vec<Vec<f64>> = (1..=values.len()).map(|k| cosine(width, k)).collect();
        let left: Vec<Vec<f64>> = (1..=values.len()).map(|k| cosine(rows, k)).collect();
        let mut a = Csr { width, offsets: vec![0], ..Csr::default() };
        for i in 0..rows {
            for j in 0..width {
                let cell = values.iter().enumerate().map(|(k, s)| s * left[k][i] * right[k][j]);
                a.indices.push(j as u32);
                a.values.push(cell.sum());
            }
            a.offsets.push(a.indices.len());
        }
        (a, right)
    }

    #[test]
    fn finds_what_a_matrix_was_made_of() {
        let made = [9.0, 7.0, 3.0, 1.0, 0.5];
        for (rows, width) in [(40, 25), (25, 40), (6, 200)] {
            let (a, right) = known(rows, width, &made);
            let found = right_vectors(&a, 3, 5, &Silent).unwrap();
            assert_eq!(found.values.len(), 3);
            for (k, (value, expected)) in found.values.iter().zip(&made).enumerate() {
                assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
                let vector: Vec<f64> = found.vectors.iter().skip(k).step_by(3).copied().collect();
                assert!((dot(&vector, &right[k]).abs() - 1.0).abs() < 1e-9);
                assert!((dot(&vector, &vector) - 1.0).abs() < 1e-12);
                let largest = vector.iter().fold(0.0f64, |m, v| m.max(v.abs()));
                assert!(vector.iter().any(|v| (v - largest).abs() < 1e-12), "points up");
            }
            assert_eq!(found, right_vectors(&a, 3, 5, &Silent).unwrap());
        }
    }

    #[test]
    fn gives_no_more_than_the_rank() {
        let (a, _) = known(30, 20, &[2.0, 1.0]);
        assert_eq!(right_vectors(&a, 8, 1, &Silent).unwrap().values.len(), 2);
        let zero = Csr { width: 4, offsets: vec![0, 0, 0], ..Csr::default() };
        assert_eq!(right_vectors(&zero, 2, 1, &Silent), Ok(RightVectors::default()));
        let none = Csr { width: 4, offsets: vec![0], ..Csr::default() };
        assert_eq!(right_vectors(&none, 2, 1, &Silent), Ok(RightVectors::default()));
    }

    #[test]
    fn stops_when_told() {
        let (a, _) = known(30, 20, &[2.0, 1.0]);
        assert_eq!(right_vectors(&a, 2, 1, &StopAfter::new(0)), Err(Stopped));
    }
}
