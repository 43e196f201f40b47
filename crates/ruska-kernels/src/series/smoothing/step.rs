//! One step of the recursions, in the error correction form of all additive-trend models.
//!
//! ```text
//! q = l + φ·b          f = q, q + s or q·s          ε = y − f, or that by f
//! l ← q + α·u          b ← φ·b + β·u                s ← s + γ·v
//! u = y − f, by s where the season is a factor      v = y − f, by q where it is one
//! ```

use super::form::{Component, Form, Trend};
use serde::{Deserialize, Serialize};

/// Forecasts, levels and seasonal factors of multiplicative forms stay above this, where values are
/// of the size of one.
const LEAST: f64 = 1e-10;

/// Smoothing parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// How fast the level follows, in 0..1.
    pub alpha: f64,
    /// How fast the slope follows, in 0..1; zero without a trend.
    pub beta: f64,
    /// How fast the season follows, in 0..1; zero without one.
    pub gamma: f64,
    /// What is left of the slope after a step, 0.8..0.98; one where it is not damped.
    pub phi: f64,
}

/// Level and slope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) level: f64,
    pub(super) slope: f64,
}

/// What a step met: the forecast before its value was known, and how far off it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    /// Level and slope together.
    pub(super) q: f64,
    pub(super) forecast: f64,
    /// Of the size of the unit, or relative, as the form says.
    pub(super) error: f64,
    pub(super) u: f64,
    pub(super) v: f64,
}

impl Met {
    /// Whether a multiplicative form makes sense here.
    #[inline(always)]
    pub(super) fn is_sound(&self, form: Form, season: f64) -> bool {
        let level =
            form.season != Some(Component::Multiplicative) || (self.q > LEAST && season > LEAST);
        level && (form.error == Component::Additive || self.forecast > LEAST)
    }
}

/// Moves the states past the value `y`. With a constant `form` all branches on it vanish.
#[inline(always)]
pub(super) fn step(form: Form, rates: Rates, line: &mut Line, season: &mut f64, y: f64) -> Met {
    let (q, drift) = match form.trend {
        Trend::None => (line.level, 0.0),
        _ => (line.level + rates.phi * line.slope, rates.phi * line.slope),
    };
    let forecast = match form.season {
        None => q,
        Some(Component::Additive) => q + *season,
        Some(Component::Multiplicative) => q * *season,
    };
    let off = y - forecast;
    let (u, v) = match form.season {
        Some(Component::Multiplicative) => (off / *season, off / q),
        _ => (off, off),
    };
    let error = match form.error {
        Component::Additive => off,
        Component::Multiplicative => off / forecast,
    };
    line.level = q + rates.alpha * u;
    if form.trend != Trend::None {
        line.slope = drift + rates.beta * u;
    }
    if form.season.is_some() {
        *season += rates.gamma * v;
    }
    Met { q, forecast, error, u, v }
}
