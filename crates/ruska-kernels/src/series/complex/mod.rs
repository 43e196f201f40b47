//! Complex exponential smoothing: level and season as complex numbers, smoothed at complex rates.
//!
//! ```text
//! values ─▶ squares(rates) ◀─ search      number  plain, and with derivatives
//!               │                         state   the recursions of the variants
//!               ▼                         pass    there, back and there again: squares of the errors
//!     state, rates ─▶ ahead               rates   which rates are admissible
//!                                         search  the rates with the least squares
//!                                         fit     from a series to a model
//!                                         ahead   forecasts, their spread, newer values
//! ```
//!
//! What is seen of a series is the real part; the imaginary part is what is known of where it goes. No
//! trend is given: a rate makes the forecast level, trended or oscillating as it turns the pair.
//!
//! When it wins: as a member of a mean with models that do have a trend; long seasonal series. When it
//! fails: alone on short series without season.
//!
//! Short series: three values or fewer are smoothed at the rate 0.3. A season needs a period of 2 to 24
//! and two periods and 5 values; without, the variant is [`Variant::None`].
//!
//! Cost: O(n) a step of the search, 5 to 20 steps a variant.
//!
//! Reference: Svetunkov, Kourentzes and Ord, "Complex exponential smoothing", Naval Research Logistics
//! 69, 2022.

mod ahead;
mod fit;
mod number;
mod pass;
mod rates;
mod search;
mod state;
#[cfg(test)]
mod tests;

use super::MOST_VALUES;
use crate::{Progress, Stopped};
use fit::Task;
use serde::{Deserialize, Serialize};
use state::State;

/// Values are kept within this times the scale of the series.
const GREATEST: f64 = 1e100;
/// Longest season that is modelled.
const MOST_PERIOD: usize = 24;
/// Values that a season needs beyond two periods.
const BEYOND_PERIODS: usize = 5;

/// How the season is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Variant {
    /// Not at all.
    None,
    /// A complex level for each phase.
    Simple,
    /// An index for each phase, added to the level.
    Partial,
    /// A complex index for each phase, added to the level.
    Full,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Simple, Self::Partial, Self::Full];

    /// Itself where `n` values suffice for it, else [`Self::None`].
    fn for_length(self, n: usize, period: usize) -> Self {
        let seasonal = (2..=MOST_PERIOD).contains(&period) && n >= 2 * period + BEYOND_PERIODS;
        if seasonal { self } else { Self::None }
    }

    /// Rates that are estimated.
    fn rates(self) -> usize {
        match self {
            Self::None | Self::Simple => 2,
            Self::Partial => 3,
            Self::Full => 4,
        }
    }

    /// What counts as parameters in the information criterion: components and the variance.
    fn counted(self) -> f64 {
        self.rates() as f64 + 1.0
    }
}

/// A fitted model. States are in units of `scale`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Complex {
    variant: Variant,
    period: usize,
    scale: f64,
    rates: [f64; 4],
    state: State<f64>,
    sigma: f64,
    squares: f64,
    fitted: usize,
    observations: usize,
}

macro_rules! as_variant {
    ($variant:expr, $recursion:ident => $body:expr) => {
        match $variant {
            Variant::None => {
                type $recursion = Plain;
                $body
            }
            Variant::Simple => {
                type $recursion = Simple;
                $body
            }
            Variant::Partial => {
                type $recursion = Partial;
                $body
            }
            Variant::Full => {
                type $recursion = Full;
                $body
            }
        }
    };
}
use as_variant;

impl Complex {
    /// Fits one variant to at least one value; [`Variant::None`] where the season is too long or the
    /// series too short for it.
    pub fn fit(
        values: &[f64],
        period: usize,
        variant: Variant,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        on(values, period, progress, |task| task.fit(variant))
    }

    /// The variant with the least corrected information criterion of Akaike.
    pub fn choose(values: &[f64], period: usize, progress: &dyn Progress) -> Result<Self, Stopped> {
        on(values, period, progress, |task| {
            let mut best = task.fit(Variant::None)?;
            for variant in &Variant::ALL[1..] {
                if variant.for_length(values.len(), period) == *variant {
                    let other = task.fit(*variant)?;
                    if other.criterion() < best.criterion() {
                        best = other;
                    }
                }
            }
            Ok(best)
        })
    }

    /// How the season is modelled.
    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// Real and imaginary part of the rate of the level (of the season where it is simple), then of the
    /// season; 0 for those that the variant does not have.
    pub fn rates(&self) -> [f64; 4] {
        self.rates
    }

    /// Whether its parts belong together and all numbers are in range, as they are after a fit.
    pub fn is_sound(&self) -> bool {
        let season = self.state.season.iter();
        let pairs = season.chain([&self.state.level]).flat_map(|pair| [pair.seen, pair.hidden]);
        (self.variant == Variant::None || !self.state.season.is_empty())
            && pairs.chain(self.rates).all(f64::is_finite)
            && self.scale > 0.0
            && self.scale.is_finite()
            && (0.0..f64::INFINITY).contains(&self.sigma)
            && self.observations < MOST_VALUES
    }

    /// Standard deviation of the errors of one step, in the unit of the values.
    pub fn sigma(&self) -> f64 {
        (self.sigma * self.scale).min(f64::MAX)
    }

    /// Values seen.
    pub fn observations(&self) -> usize {
        self.observations
    }

    /// n·ln Σe² over the n values of the fit: twice the negative log-likelihood but for a constant.
    pub fn likelihood(&self) -> f64 {
        let squares = self.squares.max(f64::MIN_POSITIVE);
        self.fitted as f64 * (squares.ln() + 2.0 * self.scale.ln())
    }

    /// The corrected information criterion of Akaike, but for a constant; infinite for series too short.
    pub fn criterion(&self) -> f64 {
        let k = self.variant.counted();
        let left = self.fitted as f64 - k - 1.0;
        if left <= 0.0 {
            return f64::INFINITY;
        }
        self.likelihood() + 2.0 * k + 2.0 * k * (k + 1.0) / left
    }
}

fn on(
    values: &[f64],
    period: usize,
    progress: &dyn Progress,
    fit: impl Fn(&Task) -> Result<Complex, Stopped>,
) -> Result<Complex, Stopped> {
    let scale = size(values);
    fit(&Task { values: &scaled(values, scale), scale, period, progress })
}

fn scaled(values: &[f64], scale: f64) -> Vec<f64> {
    values.iter().map(|v| (v / scale).clamp(-GREATEST, GREATEST)).collect()
}

/// The power of two at or below the largest size of the values, which divides them without rounding;
/// 1 where all are zero.
fn size(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0f64, |most, v| most.max(v.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE)
}
