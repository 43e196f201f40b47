//! The inner loops over the dense columns of a panel, compiled for AVX2 as well and chosen when
//! the processor has it. Both have the same lanes and order of sums, hence the same bits.

use super::design::{Lane, PANEL, dot};
use crate::simd::for_widest;

for_widest! {
    /// Adds `Σⱼ w[j] · x[j]` to `z`.
    pub(super) fn add_scores(x: &[Lane], w: &[f64], z: &mut Lane) {
        let (w4, x4) = (w.chunks_exact(4), x.chunks_exact(4));
        for (w, x) in w4.remainder().iter().zip(x4.remainder()) {
            for i in 0..PANEL {
                z[i] += w * x[i];
            }
        }
        for (w, x) in w4.zip(x4) {
            for i in 0..PANEL {
                z[i] += (w[0] * x[0][i] + w[1] * x[1][i]) + (w[2] * x[2][i] + w[3] * x[3][i]);
            }
        }
    }
}

for_widest! {
    /// Adds `r · x[j]` to `out[j]`.
    pub(super) fn add_products(x: &[Lane], r: &Lane, out: &mut [f64]) {
        for (sum, x) in out.iter_mut().zip(x) {
            *sum += dot(r, x);
        }
    }
}

for_widest! {
    /// Adds `a[i] · b[j]` to `out[i * stride + j]` for `j` ≤ `i`, and for some `j` above.
    pub(crate) fn add_triangle(a: &[Lane], b: &[Lane], stride: usize, out: &mut [f64]) {
        let mut i = 0;
        while i < a.len() {
            let rows = (a.len() - i).min(2);
            let b = &b[..i + rows];
            let mut j = 0;
            while j < b.len() {
                let columns = if b.len() - j >= 4 { 4 } else { 1 };
                let at = i * stride + j;
                match (rows, columns) {
                    (2, 4) => tile::<2, 4>(&a[i..], &b[j..], stride, &mut out[at..]),
                    (2, _) => tile::<2, 1>(&a[i..], &b[j..], stride, &mut out[at..]),
                    (_, 4) => tile::<1, 4>(&a[i..], &b[j..], stride, &mut out[at..]),
                    _ => tile::<1, 1>(&a[i..], &b[j..], stride, &mut out[at..]),
                }
                j += columns;
            }
            i += rows;
        }
    }
}

/// Column `column` of `width` in every panel, with the numbers of its rows.
#[inline(always)]
fn panels<'a>(
    x: &'a [Lane],
    (column, width): (usize, usize),
    numbers: &'a [f64],
) -> impl Iterator<Item = (&'a Lane, &'a Lane)> {
    x[column..].iter().step_by(width).zip(numbers.as_chunks::<PANEL>().0)
}

for_widest! {
    /// Adds `Σᵢ q[i] · (1 − p[i]) · x[i]²` over a column's rows to `sum`.
    pub(super) fn add_curvature(
        x: &[Lane],
        column: (usize, usize),
        q: &[f64],
        p: &[f64],
        sum: &mut f64,
    ) {
        for ((x, q), p) in panels(x, column, q).zip(p.as_chunks::<PANEL>().0) {
            let a: Lane = std::array::from_fn(|i| q[i] * (1.0 - p[i]) * x[i]);
            *sum += dot(&a, x);
        }
    }
}

for_widest! {
    /// Adds `Σᵢ x[i] · q[i] · (v[i] − m[i])` over a column's rows to `sum`.
    pub(super) fn add_slope(
        x: &[Lane],
        column: (usize, usize),
        q: &[f64],
        v: &[f64],
        m: &[f64],
        sum: &mut f64,
    ) {
        for (((x, q), v), m) in panels(x, column, q).zip(v.as_chunks::<PANEL>().0).zip(m.as_chunks::<PANEL>().0) {
            let a: Lane = std::array::from_fn(|i| q[i] * (v[i] - m[i]));
            *sum += dot(&a, x);
        }
    }
}

for_widest! {
    /// Adds `by` times a column to `v`.
    pub(super) fn add_multiple(x: &[Lane], column: (usize, usize), by: f64, v: &mut [f64]) {
        let (column, width) = column;
        for (x, v) in x[column..].iter().step_by(width).zip(v.chunks_exact_mut(PANEL)) {
            for i in 0..PANEL {
                v[i] += by * x[i];
            }
        }
    }
}

for_widest! {
    /// Adds `by` times a column, row by row times `p`, to `m`.
    pub(super) fn add_shares(
        x: &[Lane],
        column: (usize, usize),
        by: f64,
        p: &[f64],
        m: &mut [f64],
    ) {
        for ((x, p), m) in panels(x, column, p).zip(m.chunks_exact_mut(PANEL)) {
            for i in 0..PANEL {
                m[i] += by * x[i] * p[i];
            }
        }
    }
}

/// Adds the products of the first `R` of `a` with the first `C` of `b`, four lanes each.
#[inline(always)]
fn tile<const R: usize, const C: usize>(a: &[Lane], b: &[Lane], stride: usize, out: &mut [f64]) {
    let a: [&Lane; R] = std::array::from_fn(|r| &a[r]);
    let b: [&Lane; C] = std::array::from_fn(|c| &b[c]);
    let mut sums = [[[0.0; 4]; C]; R];
    for i in (0..PANEL).step_by(4) {
        for r in 0..R {
            for c in 0..C {
                for l in 0..4 {
                    sums[r][c][l] += a[r][i + l] * b[c][i + l];
                }
            }
        }
    }
    for r in 0..R {
        for c in 0..C {
            let s = sums[r][c];
            out[r * stride + c] += (s[0] + s[2]) + (s[1] + s[3]);
        }
    }
}
