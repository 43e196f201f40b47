//! Products of matrices that lie in slices.
//!
//! `matrixmultiply` adds up an element of the product in the same order whatever the number of rows, so
//! that one row gives the bits it gives in a batch.

use super::real::Real;

/// A matrix in a slice.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a, R> {
    values: &'a [R],
    rows: usize,
    columns: usize,
    /// Places from a row to the next, and from a column to the next.
    strides: [usize; 2],
}

/// A matrix of so many rows and columns that lies row by row. Panics unless there are as many values.
pub(super) fn matrix<R>(values: &[R], rows: usize, columns: usize) -> Matrix<'_, R> {
    assert_eq!(values.len(), rows * columns, "a value for each row and column");
    Matrix { values, rows, columns, strides: [columns, 1] }
}

impl<R> Matrix<'_, R> {
    /// Its columns as rows.
    pub(super) fn transposed(self) -> Self {
        let Self { values, rows, columns, strides: [down, across] } = self;
        Self { values, rows: columns, columns: rows, strides: [across, down] }
    }
}

/// Writes `a · b`.
pub(super) fn product<R: Real>(a: Matrix<'_, R>, b: Matrix<'_, R>, out: &mut [R]) {
    R::products(R::zero(), a, b, out);
}

/// Adds `a · b`.
pub(super) fn add_product<R: Real>(a: Matrix<'_, R>, b: Matrix<'_, R>, out: &mut [R]) {
    R::products(R::one(), a, b, out);
}

/// Numbers of which there are products.
pub(super) trait Products: Sized {
    /// Writes `keep · out + a · b`, row by row. Panics where the shapes do not belong together.
    fn products(keep: Self, a: Matrix<'_, Self>, b: Matrix<'_, Self>, out: &mut [Self]);
}

macro_rules! products {
    ($($t:ty: $gemm:path),*) => {$(
        impl Products for $t {
            #[allow(unsafe_code)]
            fn products(keep: Self, a: Matrix<'_, Self>, b: Matrix<'_, Self>, out: &mut [Self]) {
                assert_eq!(a.columns, b.rows, "shapes belong together");
                assert_eq!(out.len(), a.rows * b.columns, "a place for each row and column");
                let [[ar, ac], [br, bc]] = [a.strides, b.strides].map(|s| s.map(|s| s as isize));
                // SAFETY: only `matrix` makes matrices, and it has seen that every row and column has
                // its value; `out` has a place for each element, and is borrowed by nobody else.
                unsafe {
                    $gemm(
                        a.rows, a.columns, b.columns, 1.0, a.values.as_ptr(), ar, ac,
                        b.values.as_ptr(), br, bc, keep, out.as_mut_ptr(), b.columns as isize, 1,
                    );
                }
            }
        }
    )*};
}
products!(f32: matrixmultiply::sgemm, f64: matrixmultiply::dgemm);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_definition_in_any_direction() {
        let a: Vec<f64> = (0..6).map(f64::from).collect();
        let b: Vec<f64> = (0..12).map(|i| f64::from(i) - 4.0).collect();
        let naive = |i: usize, j: usize| (0..3).map(|k| a[3 * i + k] * b[4 * k + j]).sum::<f64>();
        let mut out = [1.0; 8];
        add_product(matrix(&a, 2, 3), matrix(&b, 3, 4), &mut out);
        for (at, got) in out.iter().enumerate() {
            assert_eq!(*got, 1.0 + naive(at / 4, at % 4));
        }
        product(matrix(&b, 3, 4).transposed(), matrix(&a, 2, 3).transposed(), &mut out);
        for (at, got) in out.iter().enumerate() {
            assert_eq!(*got, naive(at % 2, at / 2));
        }
        product(matrix(&[], 2, 0), matrix(&[], 0, 4), &mut out);
        assert_eq!(out, [0.0; 8]);
    }
}
