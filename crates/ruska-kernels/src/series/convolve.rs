//! Sums of products, in a fixed order.

use crate::simd::for_widest;
use crate::{Progress, Stopped};
use std::f64::consts::TAU;

/// Sums at once, and lanes of an inner product.
const LANES: usize = 16;

for_widest! {
    /// `out[i]` becomes the sum of `taps[j]` · `values[i + j]`; `values` has at least as many values
    /// as both together, less one.
    pub(super) fn convolve(taps: &[f64], values: &[f64], out: &mut [f64]) {
        let whole = out.len() / LANES * LANES;
        for (block, sums) in out[..whole].chunks_exact_mut(LANES).enumerate() {
            let mut lanes = [0.0; LANES];
            let seen = values[block * LANES..].windows(LANES);
            for (tap, seen) in taps.iter().zip(seen) {
                for l in 0..LANES {
                    lanes[l] += tap * seen[l];
                }
            }
            sums.copy_from_slice(&lanes);
        }
        for (i, sum) in out.iter_mut().enumerate().skip(whole) {
            *sum = taps.iter().zip(&values[i..]).fold(0.0, |s, (t, v)| s + t * v);
        }
    }
}

/// The inner product of two slices of one length.
pub(super) fn inner(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    inner_into(a, b, &mut sum);
    sum
}

for_widest! {
    fn inner_into(a: &[f64], b: &[f64], sum: &mut f64) {
        let mut lanes = [0.0; LANES];
        let (a_blocks, b_blocks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
        let rest = a_blocks.remainder().iter().zip(b_blocks.remainder());
        let rest = rest.fold(0.0, |s, (a, b)| s + a * b);
        for (a, b) in a_blocks.zip(b_blocks) {
            for l in 0..LANES {
                lanes[l] += a[l] * b[l];
            }
        }
        *sum = lanes.iter().sum::<f64>() + rest;
    }
}

/// The squared length of the Fourier sums of the values at these frequencies, counted in cycles over
/// all of them (Goertzel, "An algorithm for the evaluation of finite trigonometric series", American
/// Mathematical Monthly 65, 1958).
pub(super) fn powers(
    values: &[f64],
    cycles: &[usize],
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let mut powers = Vec::with_capacity(cycles.len());
    for some in cycles.chunks(LANES) {
        if !progress.proceed() {
            return Err(Stopped);
        }
        let mut twice = [0.0; LANES];
        for (twice, cycles) in twice.iter_mut().zip(some) {
            *twice = 2.0 * (TAU * *cycles as f64 / values.len() as f64).cos();
        }
        let mut out = [0.0; LANES];
        goertzel(values, &twice, &mut out);
        powers.extend_from_slice(&out[..some.len()]);
    }
    Ok(powers)
}

for_widest! {
    fn goertzel(values: &[f64], twice: &[f64; LANES], out: &mut [f64; LANES]) {
        let (mut last, mut before) = ([0.0; LANES], [0.0; LANES]);
        for v in values {
            for l in 0..LANES {
                let next = v + twice[l] * last[l] - before[l];
                before[l] = last[l];
                last[l] = next;
            }
        }
        for l in 0..LANES {
            out[l] = last[l] * last[l] + before[l] * before[l] - twice[l] * last[l] * before[l];
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::simd::plain::plainly;

    #[test]
    fn powers_are_those_of_fourier_sums() {
        let values: Vec<f64> = (0..90).map(|i| f64::from(i * 37 % 101) - 50.0).collect();
        let cycles: Vec<usize> = (0..=45).collect();
        let powers = powers(&values, &cycles, &crate::Silent).unwrap();
        for (cycles, power) in cycles.iter().zip(powers) {
            let (mut cosine, mut sine) = (0.0, 0.0);
            for (i, v) in values.iter().enumerate() {
                let angle = TAU * (cycles * i) as f64 / 90.0;
                cosine += v * angle.cos();
                sine += v * angle.sin();
            }
            let expected = cosine * cosine + sine * sine;
            assert!((power - expected).abs() < 1e-8 * (1.0 + expected), "{power} {expected}");
        }
    }

    #[test]
    fn wide_and_plain_sums_are_those_of_the_definition() {
        let values: Vec<f64> = (0..300).map(|i| f64::from(i * 37 % 101) - 50.0).collect();
        for (count, out) in [(1, 40), (7, 33), (31, 100), (255, 40)] {
            let taps: Vec<f64> = (0..count).map(|i| f64::from(i % 13) - 4.0).collect();
            let mut wide = vec![0.0; out];
            convolve(&taps, &values, &mut wide);
            let mut narrow = vec![0.0; out];
            plainly(|| convolve(&taps, &values, &mut narrow));
            assert_eq!(wide, narrow);
            for (i, sum) in wide.iter().enumerate() {
                assert_eq!(*sum, inner(&taps, &values[i..i + taps.len()]));
            }
        }
    }
}
