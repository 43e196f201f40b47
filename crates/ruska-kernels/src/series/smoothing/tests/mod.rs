#![allow(clippy::unwrap_used)]

mod model;
mod reference;

use super::*;
use crate::trees::random::{mix, normal};
use crate::{Silent, StopAfter};

/// A made-up series with a season of 12, a slope and noise.
pub(super) fn made_up(n: usize, seed: u64) -> Vec<f64> {
    let value = |t: usize| {
        let wave = (std::f64::consts::TAU * t as f64 / 12.0).sin();
        (200.0 + 0.8 * t as f64) * (1.0 + 0.2 * wave + 0.04 * normal(mix(seed) ^ mix(t as u64)))
    };
    (0..n).map(value).collect()
}

pub(super) fn near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs()).max(1e-300)
}
