//! What a layer does to its sums, and how that changes with them.

use super::layout::Activation;
use super::real::Real;
use crate::simd::for_widest;

for_widest! {
/// Adds the bias to the sums of each row and writes what becomes of them; the sums become the slopes there.
pub(super) fn activate<R: Real>(how: Activation, bias: &[R], sums: &mut [R], out: &mut [R]) {
    let width = bias.len();
    for (sums, out) in sums.chunks_exact_mut(width).zip(out.chunks_exact_mut(width)) {
        match how {
            Activation::Relu => {
                for i in 0..width {
                    let z = sums[i] + bias[i];
                    let on = if z > R::zero() { R::one() } else { R::zero() };
                    out[i] = z * on;
                    sums[i] = on;
                }
            }
            Activation::Silu => {
                for i in 0..width {
                    let z = sums[i] + bias[i];
                    let s = z.logistic();
                    out[i] = z * s;
                    sums[i] = s + s * z * (R::one() - s);
                }
            }
        }
    }
}
}

for_widest! {
/// Multiplies each by its factor.
pub(super) fn multiply<R: Real>(values: &mut [R], factors: &[R]) {
    values.iter_mut().zip(factors).for_each(|(v, f)| *v *= *f);
}
}

for_widest! {
/// Adds up the rows.
pub(super) fn add_rows<R: Real>(rows: &[R], to: &mut [R]) {
    for row in rows.chunks_exact(to.len().max(1)) {
        to.iter_mut().zip(row).for_each(|(to, v)| *to += *v);
    }
}
}
