#![allow(clippy::unwrap_used)]

mod model;
mod peers;
mod searching;

/// A series of the process with these coefficients, by a fixed stream of normal errors.
pub(super) fn simulated(ar: &[f64], ma: &[f64], n: usize) -> Vec<f64> {
    let mut seed = 7u64;
    let mut uniform = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1u64 << 53) as f64
    };
    let e: Vec<f64> = (0..n + 200).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect();
    let mut x = vec![0.0; n + 200];
    for t in 0..x.len() {
        let past = |c: &[f64], of: &[f64]| -> f64 {
            c.iter().enumerate().filter(|(i, _)| t > *i).map(|(i, c)| c * of[t - 1 - i]).sum()
        };
        x[t] = e[t] + past(ar, &x) + past(ma, &e);
    }
    x.split_off(200)
}

/// Sums of a series.
fn walk(x: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |x: &f64| {
        sum += x;
        sum
    };
    x.iter().map(add).collect()
}

/// A trend with a season of 12 and noise.
fn seasonal(n: usize) -> Vec<f64> {
    let wave = |t: usize| 5.0 * (t as f64 * std::f64::consts::TAU / 12.0).sin();
    let noise = simulated(&[0.5], &[], n);
    noise.iter().enumerate().map(|(t, e)| 20.0 + 0.2 * t as f64 + wave(t) + e).collect()
}
