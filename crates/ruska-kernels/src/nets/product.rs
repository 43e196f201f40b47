//! Products of matrices that lie in slices row by row.
//!
//! `matrixmultiply` adds up an element of the product in the same order whatever the number of rows, so
//! that one row gives the bits it gives in a batch.

use super::real::Real;
use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};

/// A matrix of so many rows and columns.
pub(super) fn matrix<R>(values: &[R], rows: usize, columns: usize) -> ArrayView2<'_, R> {
    ArrayView2::from_shape((rows, columns), values).expect("a value for each row and column")
}

/// Writes `a · b`.
pub(super) fn product<R: Real>(a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, out: &mut [R]) {
    into(R::zero(), a, b, out);
}

/// Adds `a · b`.
pub(super) fn add_product<R: Real>(a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, out: &mut [R]) {
    into(R::one(), a, b, out);
}

fn into<R: Real>(keep: R, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, out: &mut [R]) {
    let out = ArrayViewMut2::from_shape((a.nrows(), b.ncols()), out);
    general_mat_mul(R::one(), &a, &b, keep, &mut out.expect("a value for each row and column"));
}
