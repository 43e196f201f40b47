//! The power transform of Yeo and Johnson, and back.

use super::numbers::Known;
use crate::sound::ensure;
use serde::{Deserialize, Serialize};

/// Most values of a column that the exponent is chosen by.
const MOST: usize = 10_000;
/// The exponent is sought so far around 1, which bends nothing.
const REACH: f64 = 10.0;
/// Greatest logarithm of a power in training: its square is still a number.
const GREATEST: f64 = 300.0;
/// Width at which the search for the exponent ends.
const NEAR: f64 = 1e-7;
/// Part of an interval on either side of the golden section.
const PART: f64 = 0.381_966_011_250_105_1;

/// `((1 + x)^λ − 1) / λ` for x ≥ 0 and `−((1 − x)^(2 − λ) − 1) / (2 − λ)` below, less its value
/// at an anchor, over a power of the anchor. That changes neither its shape nor its likelihood, and
/// keeps the digits of numbers that are large beside their spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct YeoJohnson {
    lambda: f64,
    /// `±ln(1 + |x|)` of the number that becomes 0: the one nearest to zero if all that is known
    /// has one sign, else zero.
    anchor: f64,
}

impl YeoJohnson {
    /// The exponent of the greatest likelihood that what comes out is normal; 1 where numbers are
    /// too far apart for any other, or only zeros and ones.
    pub(crate) fn fit(known: &Known) -> Self {
        let (low, high) = known.range().unwrap_or((0.0, 0.0));
        let anchor = signed_log(if low > 0.0 { low } else { high.min(0.0) });
        let above = GREATEST / high.max(0.0).ln_1p();
        let below = GREATEST / low.min(0.0).abs().ln_1p();
        let least = (1.0 - REACH).max(-above).max(2.0 - below);
        let most = (1.0 + REACH).min(above).min(2.0 + below);
        if least > most || low == high || known.is_yes_or_no() {
            return Self { lambda: 1.0, anchor };
        }
        let mut bent = known.clone().thinned(MOST);
        let logs: Vec<f64> = bent.values.iter().map(|&v| signed_log(v)).collect();
        let total: f64 = bent.weights.iter().sum();
        let sum: f64 = logs.iter().zip(&bent.weights).map(|(l, w)| w * l).sum();
        // Up to what does not depend on the exponent.
        let likelihood = |lambda| {
            let bend = Self { lambda, anchor };
            bent.values.iter_mut().zip(&logs).for_each(|(v, &l)| *v = bend.of_log(l));
            let sd = bent.moments().1;
            let slope = bend.power(anchor) * anchor.abs();
            if sd > 0.0 { lambda * sum - total * (sd.ln() + slope) } else { f64::NEG_INFINITY }
        };
        Self { lambda: maximum(least, most, likelihood), anchor }
    }

    /// The exponent on the side of zero on which a number lies.
    fn power(&self, x: f64) -> f64 {
        if x >= 0.0 { self.lambda } else { 2.0 - self.lambda }
    }

    /// The side of zero on which the anchor lies, or else the number: 1 or −1.
    fn side(&self, x: f64) -> f64 {
        1.0f64.copysign(if self.anchor == 0.0 { x } else { self.anchor })
    }

    /// The transform of a number that is not missing; infinite beyond what can be told apart.
    pub(crate) fn apply(&self, x: f64) -> f64 {
        self.of_log(signed_log(x))
    }

    fn of_log(&self, log: f64) -> f64 {
        let side = self.side(log);
        let power = self.power(side);
        if log * side >= 0.0 {
            return side * grown(power, log.abs() - self.anchor.abs());
        }
        let scale = (-power * self.anchor.abs()).exp();
        self.zero(side) - side * grown(self.power(-side), log.abs()) * scale
    }

    /// What zero becomes.
    fn zero(&self, side: f64) -> f64 {
        side * grown(self.power(side), -self.anchor.abs())
    }

    /// The number that becomes `y`; infinite where none does.
    pub(crate) fn invert(&self, y: f64) -> f64 {
        let side = self.side(y);
        let power = self.power(side);
        let rest = y - self.zero(side);
        if rest * side >= 0.0 {
            let log = self.anchor.abs() + shrunk(power, side * y);
            return side * log.max(0.0).exp_m1();
        }
        let scale = (power * self.anchor.abs()).exp();
        -side * shrunk(self.power(-side), rest.abs() * scale).exp_m1()
    }

    /// What is wrong with it, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let sane = (self.lambda - 1.0).abs() <= REACH && self.anchor.abs() <= 710.0;
        ensure(sane, "the exponent or its anchor is out of range")
    }
}

/// `ln(1 + |x|)` with the sign of `x`.
fn signed_log(x: f64) -> f64 {
    x.abs().ln_1p().copysign(x)
}

/// `(exp(power · log) − 1) / power`, which is `log` for the power 0.
fn grown(power: f64, log: f64) -> f64 {
    if power == 0.0 { log } else { (power * log).exp_m1() / power }
}

/// The logarithm that [`grown`] makes `value` of; infinite where there is none.
fn shrunk(power: f64, value: f64) -> f64 {
    if power == 0.0 { value } else { (power * value).max(-1.0).ln_1p() / power }
}

/// Where a function with one hill is greatest, by golden sections.
fn maximum(mut low: f64, mut high: f64, mut of: impl FnMut(f64) -> f64) -> f64 {
    let (mut a, mut b) = (low + PART * (high - low), high - PART * (high - low));
    let (mut of_a, mut of_b) = (of(a), of(b));
    while high - low > NEAR {
        if of_a >= of_b {
            (high, b, of_b) = (b, a, of_a);
            a = low + PART * (high - low);
            of_a = of(a);
        } else {
            (low, a, of_a) = (a, b, of_b);
            b = high - PART * (high - low);
            of_b = of(b);
        }
    }
    f64::midpoint(low, high)
}
