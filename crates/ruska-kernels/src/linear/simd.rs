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
    pub(super) fn add_triangle(a: &[Lane], b: &[Lane], stride: usize, out: &mut [f64]) {
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
