//! Where each estimated number lies in the vector that is searched.

use super::form::{Component, Form, Trend};
use super::step::{Line, Rates};

/// Least and greatest smoothing parameter.
const RATES: (f64, f64) = (1e-4, 0.9999);
/// Least and greatest damping.
const DAMPING: (f64, f64) = (0.8, 0.98);

/// `α, [β], [γ], [φ], l₀, [b₀], [s₁ … s₍ₘ₋₁₎]`; the season of the first step follows from the others,
/// which sum to zero or average to one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) form: Form,
    /// Steps of a season, one without.
    pub(super) period: usize,
    /// What rates start by: slower by this.
    slowness: f64,
}

impl Layout {
    /// For a series whose season has `period` steps, used or not.
    pub(super) fn new(form: Form, period: usize) -> Self {
        let relative = form.error == Component::Multiplicative;
        let slow = relative || form.season.is_some();
        Self {
            form,
            period: form.season.map_or(1, |_| period),
            slowness: if slow { period as f64 } else { 1.0 },
        }
    }

    /// How fast the level follows at the start of the search, and the slope at most: it is not to
    /// chase noise, which long seasons and relative errors invite.
    fn pace(&self) -> f64 {
        RATES.0 + 0.2 * (RATES.1 - RATES.0) / self.slowness
    }

    pub(super) fn len(&self) -> usize {
        self.form.parameters(self.period)
    }

    #[inline(always)]
    fn trend(&self) -> usize {
        usize::from(self.form.trend != Trend::None)
    }

    pub(super) const ALPHA: usize = 0;

    #[inline(always)]
    pub(super) fn beta(&self) -> Option<usize> {
        (self.form.trend != Trend::None).then_some(1)
    }

    #[inline(always)]
    pub(super) fn gamma(&self) -> Option<usize> {
        self.form.season.map(|_| 1 + self.trend())
    }

    #[inline(always)]
    pub(super) fn phi(&self) -> Option<usize> {
        (self.form.trend == Trend::Damped).then(|| 2 + usize::from(self.form.season.is_some()))
    }

    /// Where the first level lies; the first slope is next to it.
    #[inline(always)]
    pub(super) fn level(&self) -> usize {
        1 + self.trend()
            + usize::from(self.form.season.is_some())
            + usize::from(self.form.trend == Trend::Damped)
    }

    /// Where the season of the second step lies.
    #[inline(always)]
    pub(super) fn seasons(&self) -> usize {
        self.level() + 1 + self.trend()
    }

    /// Smoothing parameters of a point.
    #[inline(always)]
    pub(super) fn rates(&self, at: &[f64]) -> Rates {
        Rates {
            alpha: at[Self::ALPHA],
            beta: self.beta().map_or(0.0, |i| at[i]),
            gamma: self.gamma().map_or(0.0, |i| at[i]),
            phi: self.phi().map_or(1.0, |i| at[i]),
        }
    }

    /// First level and slope of a point.
    #[inline(always)]
    pub(super) fn line(&self, at: &[f64]) -> Line {
        let slope = if self.form.trend == Trend::None { 0.0 } else { at[self.level() + 1] };
        Line { level: at[self.level()], slope }
    }

    /// First seasons of a point, that of the first step first; one number without a season.
    pub(super) fn season_into(&self, at: &[f64], into: &mut Vec<f64>) {
        into.clear();
        into.push(0.0);
        let Some(season) = self.form.season else { return };
        let rest = &at[self.seasons()..];
        let total = match season {
            Component::Additive => 0.0,
            Component::Multiplicative => self.period as f64,
        };
        into[0] = total - rest.iter().sum::<f64>();
        into.extend_from_slice(rest);
    }

    /// Puts parameters and first states into a point.
    pub(super) fn point(&self, rates: Rates, line: Line, season: &[f64]) -> Vec<f64> {
        let mut at = vec![0.0; self.len()];
        at[Self::ALPHA] = rates.alpha;
        for (place, v) in
            [(self.beta(), rates.beta), (self.gamma(), rates.gamma), (self.phi(), rates.phi)]
        {
            if let Some(i) = place {
                at[i] = v;
            }
        }
        at[self.level()] = line.level;
        if self.form.trend != Trend::None {
            at[self.level() + 1] = line.slope;
        }
        if self.form.season.is_some() {
            let from = self.seasons();
            at[from..].copy_from_slice(&season[1..]);
        }
        at
    }

    /// Where smoothing starts: slow, the slower the longer the season; or fast.
    pub(super) fn first_rates(&self, fast: bool) -> Rates {
        let low = RATES.0;
        let slow = self.pace();
        let alpha = if fast { 0.9 } else { slow };
        let phi = DAMPING.0 + 0.99 * (DAMPING.1 - DAMPING.0);
        let Form { trend, season, .. } = self.form;
        Rates {
            alpha,
            beta: if trend == Trend::None { 0.0 } else { low + 0.1 * (slow - low) },
            gamma: season.map_or(0.0, |_| if fast { 0.3 } else { low + 0.05 * (1.0 - slow - low) }),
            phi: if trend == Trend::Damped { phi } else { 1.0 },
        }
    }

    /// Least and greatest value of each number.
    pub(super) fn bounds(&self) -> Vec<(f64, f64)> {
        let pace = self.pace();
        let mut bounds = vec![(f64::NEG_INFINITY, f64::INFINITY); self.len()];
        bounds[Self::ALPHA] = RATES;
        for (place, bound) in [
            (self.beta(), (RATES.0, pace)),
            (self.gamma(), (RATES.0, RATES.1.min(1.0 - pace))),
            (self.phi(), DAMPING),
        ] {
            if let Some(i) = place {
                bounds[i] = bound;
            }
        }
        bounds
    }
}
