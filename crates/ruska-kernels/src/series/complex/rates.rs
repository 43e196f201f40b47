//! Which complex rates of smoothing are admissible, and how growth fades ahead.
//!
//! A pair at rest moves on by the matrix [[1, a₁−1], [1, 1−a₀]]. Its greatest root is at most 1 + g where
//! a₁ ≤ 1 + g(a₀ + g), and pairs do not swing ever wider where a₀ + a₁ ≥ 1 and 2a₀ + a₁ ≤ 5. Corrected
//! by errors, it is stable where |T| < 1 + D and D < 1, T = 2 − 2a₀ + a₁ and
//! D = a₀² − 3a₀ + 2 + a₁² − a₁ being trace and determinant.
//!
//! With a₁ = 1 a pair at rest stays where it is or comes to rest; a₁ above makes it grow as compound
//! interest does, a₁ below makes it die or swing. Neither goes on for ever, so a₁ − 1 fades ahead: a
//! series grows by a factor of e at most.

use super::Variant;
use super::pass::MOST;

/// Bounds of the rates: real and imaginary part of the level's, then of the season's.
const BOUNDS: [(f64, f64); MOST] = [(0.01, 1.8), (0.01, 1.9), (0.01, 1.5), (0.01, 1.5)];

/// Greatest growth a step of a level without season; those with a period of m steps grow by √m less.
const GROWTH: f64 = 0.05;
/// Greatest growth a period of a complex season.
const SEASON_GROWTH: f64 = 0.05;
/// What is left of a rate's difference from rest, a step ahead for a level and a period for a season.
const FADING: f64 = 0.95;

/// What rates may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admissible {
    variant: Variant,
    growth: f64,
}

impl Admissible {
    pub(super) fn new(variant: Variant, period: usize) -> Self {
        Self { variant, growth: GROWTH / (period.max(1) as f64).sqrt() }
    }

    /// The bounds of the variant's rates.
    pub(super) fn bounds(self) -> &'static [(f64, f64)] {
        &BOUNDS[..self.variant.rates()]
    }

    /// Moves rates within their bounds to where a forecast neither explodes nor swings ever wider.
    pub(super) fn restrict(self, at: &mut [f64; MOST]) {
        let (level, season) = at.split_at_mut(2);
        match self.variant {
            Variant::None | Variant::Partial => restrict(level, self.growth),
            Variant::Simple => restrict(level, SEASON_GROWTH),
            Variant::Full => {
                restrict(level, self.growth);
                restrict(season, SEASON_GROWTH);
            }
        }
    }

    /// Whether the recursion of the level, or of the season where it is simple, forgets its errors.
    pub(super) fn stable(self, at: &[f64; MOST]) -> bool {
        let [real, imaginary, ..] = *at;
        let trace = 2.0 - 2.0 * real + imaginary;
        let determinant = (real - 3.0) * real + 2.0 + (imaginary - 1.0) * imaginary;
        determinant < 1.0 && trace.abs() < 1.0 + determinant
    }
}

/// The rates that move a model on when `steps` after the first forecast have been made, `periods` of
/// them whole.
pub(super) fn faded(
    at: &[f64; MOST],
    variant: Variant,
    steps: usize,
    periods: usize,
) -> [f64; MOST] {
    let [a, b, c, d] = *at;
    match variant {
        Variant::None | Variant::Partial => [a, fade(b, steps), c, d],
        Variant::Simple => [a, fade(b, periods), c, d],
        Variant::Full => [a, fade(b, steps), c, fade(d, periods)],
    }
}

fn fade(imaginary: f64, times: usize) -> f64 {
    1.0 + (imaginary - 1.0) * FADING.powi(i32::try_from(times).unwrap_or(i32::MAX))
}

/// Moves the imaginary part of a rate.
fn restrict(rate: &mut [f64], growth: f64) {
    let real = rate[0];
    let most = (1.0 + growth * (real + growth)).min(5.0 - 2.0 * real);
    rate[1] = rate[1].clamp(1.0 - real, most);
}
