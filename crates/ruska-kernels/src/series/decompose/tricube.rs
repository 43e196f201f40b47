//! Weights of a window's values in a fit at one place.

use crate::simd::for_widest;

/// Share of the farthest distance within which the weight is 1, and beyond whose complement it is 0.
pub(super) const NEAR: f64 = 0.001;
const LANES: usize = 16;

for_widest! {
    /// Tricube weights of the places 0, 1, …, seen from the place `at`; `farthest` > 0 has none.
    pub(super) fn tricube(at: f64, farthest: f64, out: &mut [f64]) {
        let (share, near, far) = (1.0 / farthest, NEAR * farthest, (1.0 - NEAR) * farthest);
        for (i, w) in out.iter_mut().enumerate() {
            let distance = (f64::from(i as i32) - at).abs();
            let part = distance * share;
            let rest = 1.0 - part * part * part;
            let weight = if distance <= near { 1.0 } else { rest * rest * rest };
            *w = if distance <= far { weight } else { 0.0 };
        }
    }
}

/// Makes the weights those of a level's fit, or of a line's where `lines` and the places' deviation
/// exceeds `least`; false where all are zero.
pub(super) fn turn(weights: &mut [f64], at: f64, lines: bool, least: f64) -> bool {
    let mut sums = [0.0; 3];
    moments(weights, at, &mut sums);
    let [sum, first, second] = sums;
    if sum <= 0.0 {
        return false;
    }
    let centre = first / sum;
    let spread = second / sum - centre * centre;
    let slope = if lines && spread.max(0.0).sqrt() > least { -centre / spread } else { 0.0 };
    times_line(weights, (1.0 - slope * (at + centre)) / sum, slope / sum);
    true
}

for_widest! {
    /// The sums of the weights, of their places counted from `at`, and of the squares of those.
    fn moments(weights: &[f64], at: f64, out: &mut [f64; 3]) {
        let mut lanes = [[0.0; LANES]; 3];
        let whole = weights.len() / LANES * LANES;
        for start in (0..whole).step_by(LANES) {
            let weights = &weights[start..start + LANES];
            let first = start as f64 - at;
            for l in 0..LANES {
                let place = first + l as f64;
                let product = weights[l] * place;
                lanes[0][l] += weights[l];
                lanes[1][l] += product;
                lanes[2][l] += product * place;
            }
        }
        for (i, w) in weights.iter().enumerate().skip(whole) {
            let place = i as f64 - at;
            lanes[0][0] += w;
            lanes[1][0] += w * place;
            lanes[2][0] += w * place * place;
        }
        *out = lanes.map(|lane| lane.iter().sum());
    }
}

for_widest! {
    /// Multiplies each weight by `start` + `slope` · its place.
    fn times_line(weights: &mut [f64], start: f64, slope: f64) {
        for (i, w) in weights.iter_mut().enumerate() {
            *w *= start + slope * f64::from(i as i32);
        }
    }
}
