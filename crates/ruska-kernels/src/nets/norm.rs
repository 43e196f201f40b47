//! Norms over the units of a layer.
//!
//! Source: Ba, Kiros, Hinton, "Layer normalization", 2016.

use super::real::Real;
use crate::simd::for_widest;

/// Added to the variance.
const LEAST: f64 = 1e-5;

for_widest! {
/// Brings each row to mean 0 and variance 1, which `normed` keeps, and multiplies it by the gain.
/// `inverse` keeps what each row was divided by, as a factor.
pub(super) fn norm<R: Real>(gain: &[R], rows: &mut [R], normed: &mut [R], inverse: &mut [R]) {
    let width = gain.len();
    let share = R::of(1.0 / width as f64);
    let both = rows.chunks_exact_mut(width).zip(normed.chunks_exact_mut(width));
    for ((row, normed), inverse) in both.zip(inverse) {
        let mean = row.iter().fold(R::zero(), |s, v| s + *v) * share;
        let square = |s, v: &R| s + (*v - mean) * (*v - mean);
        let variance = row.iter().fold(R::zero(), square) * share;
        *inverse = R::one() / (variance + R::of(LEAST)).sqrt();
        for i in 0..width {
            normed[i] = (row[i] - mean) * *inverse;
            row[i] = normed[i] * gain[i];
        }
    }
}
}

for_widest! {
/// Turns the gradient of what [`norm`] made into that of what it was given; adds that of the gain.
pub(super) fn norm_back<R: Real>(gain: &[R], normed: &[R], inverse: &[R], delta: &mut [R], gains: &mut [R]) {
    let width = gain.len();
    let share = R::of(1.0 / width as f64);
    let both = delta.chunks_exact_mut(width).zip(normed.chunks_exact(width));
    for ((delta, normed), inverse) in both.zip(inverse) {
        let (mut mean, mut along) = (R::zero(), R::zero());
        for i in 0..width {
            gains[i] += delta[i] * normed[i];
            delta[i] *= gain[i];
            mean += delta[i];
            along += delta[i] * normed[i];
        }
        let (mean, along) = (mean * share, along * share);
        for i in 0..width {
            delta[i] = *inverse * (delta[i] - mean - normed[i] * along);
        }
    }
}
}
