//! Exponential smoothing of a level.

use crate::simd::for_widest;
use serde::{Deserialize, Serialize};

/// Least and greatest smoothing that is sought.
const LEAST: f64 = 0.1;
const GREATEST: f64 = 0.3;
/// How exactly it is sought.
const EXACT: f64 = 1e-12;

/// A level that follows values by a part of the distance; the first value is the first level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Smoothing {
    pub(super) alpha: f64,
    pub(super) level: Option<f64>,
}

impl Smoothing {
    pub(super) fn new(alpha: f64) -> Self {
        Self { alpha, level: None }
    }

    /// With the smoothing that foretells the values best; its level has seen none of them.
    pub(super) fn optimised(values: &[f64]) -> Self {
        Self::new(golden_section(values))
    }

    /// Whether its numbers are in range.
    pub(super) fn is_sound(&self) -> bool {
        (0.0..=1.0).contains(&self.alpha) && self.level.is_none_or(f64::is_finite)
    }

    pub(super) fn step(&mut self, value: f64) {
        let alpha = self.alpha;
        self.level = Some(self.level.map_or(value, |level| alpha * value + (1.0 - alpha) * level));
    }
}

/// The smoothing with the least sum of squared errors, found by the golden section. Three
/// steps are taken at once: whichever way they go, one of seven smoothings is asked for next.
fn golden_section(values: &[f64]) -> f64 {
    let mut section = Section::of(LEAST, GREATEST);
    let ends = squared_errors(values, [section.c, section.d, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    (section.at_c, section.at_d) = (ends[0], ends[1]);
    while section.width() >= EXACT {
        let Some(low) = section.low() else { break };
        let next = section.half(low);
        let [l, r] = next.halves();
        let [[ll, lr], [rl, rr]] = [l.halves(), r.halves()];
        let tree = [next, l, r, ll, lr, rl, rr, next];
        let errors = squared_errors(values, tree.map(|s| s.smoothing()));
        section = next.with(errors[0]);
        let mut place = 0;
        while place < 3 && section.width() >= EXACT {
            let Some(low) = section.low() else { break };
            place = 2 * place + if low { 1 } else { 2 };
            section = section.half(low).with(errors[place]);
        }
    }
    f64::midpoint(section.a, section.b)
}

/// A range and the two smoothings within it that are compared.
#[derive(Clone, Copy)]
struct Section {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    at_c: f64,
    at_d: f64,
    /// Whether the lower of them is new, rather than the upper.
    low: bool,
}

impl Section {
    fn of(a: f64, b: f64) -> Self {
        let part = (b - a) / f64::midpoint(5f64.sqrt(), 1.0);
        Self { a, b, c: b - part, d: a + part, at_c: 0.0, at_d: 0.0, low: true }
    }

    fn width(&self) -> f64 {
        (self.b - self.a).abs()
    }

    /// Whether the least lies in the lower part; nothing where both are alike.
    fn low(&self) -> Option<bool> {
        if self.at_c < self.at_d { Some(true) } else { (self.at_d < self.at_c).then_some(false) }
    }

    /// The lower or upper part, which has one new smoothing in it.
    fn half(&self, low: bool) -> Self {
        if low {
            let new = Self::of(self.a, self.d);
            Self { d: self.c, at_d: self.at_c, low, ..new }
        } else {
            let new = Self::of(self.c, self.b);
            Self { c: self.d, at_c: self.at_d, low, ..new }
        }
    }

    fn halves(&self) -> [Self; 2] {
        [self.half(true), self.half(false)]
    }

    /// The new smoothing.
    fn smoothing(&self) -> f64 {
        if self.low { self.c } else { self.d }
    }

    /// With the errors of the new smoothing.
    fn with(self, errors: f64) -> Self {
        if self.low { Self { at_c: errors, ..self } } else { Self { at_d: errors, ..self } }
    }
}

/// Smoothings at once.
const LANES: usize = 8;

/// The sums of squared errors of one step, for each smoothing.
fn squared_errors(values: &[f64], alphas: [f64; LANES]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    add_squared_errors(values, &alphas, &mut sums);
    sums
}

for_widest! {
    fn add_squared_errors(values: &[f64], alphas: &[f64; LANES], out: &mut [f64; LANES]) {
        let Some(first) = values.first() else { return };
        let (mut levels, mut sums) = ([*first; LANES], [0.0; LANES]);
        let rest: [f64; LANES] = std::array::from_fn(|l| 1.0 - alphas[l]);
        for pair in values.windows(2) {
            for l in 0..LANES {
                levels[l] = alphas[l] * pair[0] + rest[l] * levels[l];
                let error = pair[1] - levels[l];
                sums[l] += error * error;
            }
        }
        *out = sums;
    }
}
