//! The theta models: exponential smoothing about a line, after the season is taken out.
//!
//! ```text
//! values ─ season (tested) ─▶ squares(α) ◀─ search        line     the line through the values so far
//!                                 │                       squares  best start and θ at given rates
//!                                 ▼                       search   the rate
//!                     level, line, α, θ ─▶ forecasts      state    one step
//! ```
//!
//! A series is the mean of two lines: its trend, and a line whose bends are θ times those of the series,
//! which exponential smoothing goes on. The variants differ in whether θ is 2 or found, and in whether the
//! trend is that of the whole series or, dynamically, of the values up to each step.
//!
//! When it wins: short business series with a damped trend; it costs next to nothing. When it fails:
//! several seasons, seasons that change, turning points.
//!
//! Short series: two values or fewer are smoothed at rate 1/2 from the first; below 8 values the errors
//! count from the second value on rather than from the fourth.
//!
//! Cost: 4 passes over the series, a few microseconds for 100 values.
//!
//! References: Assimakopoulos and Nikolopoulos, "The theta model", International Journal of Forecasting
//! 16, 2000; Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, "Models for optimising the theta
//! method and their relationship to state space models", International Journal of Forecasting 32, 2016.

mod line;
mod search;
mod squares;
mod state;
#[cfg(test)]
mod tests;

use super::MOST_VALUES;
use super::classical::{Season, size};
use crate::{Progress, Stopped};
use line::Line;
use serde::{Deserialize, Serialize};
use squares::{Fitted, Lined};
use state::{Rates, State};

/// Values are kept within this times the scale of the series.
const GREATEST: f64 = 1e100;
/// First steps whose errors do not count.
const BURN: usize = 3;
/// Values from which on that many steps are left out.
const LONG: usize = 8;

/// Which of the theta models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Variant {
    /// θ = 2 about the line through the series (STM).
    Standard,
    /// θ ≥ 1 about that line (OTM).
    Optimised,
    /// θ = 2 about the line through the values so far (DSTM).
    DynamicStandard,
    /// θ ≥ 1 about the line through the values so far (DOTM).
    DynamicOptimised,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Standard, Self::Optimised, Self::DynamicStandard, Self::DynamicOptimised];

    fn dynamic(self) -> bool {
        matches!(self, Self::DynamicStandard | Self::DynamicOptimised)
    }

    /// 1 − 1/θ where θ is given.
    fn weight(self) -> Option<f64> {
        matches!(self, Self::Standard | Self::DynamicStandard).then_some(0.5)
    }
}

/// A fitted theta model. States and errors are as its frame has them, without the season.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Theta {
    variant: Variant,
    season: Option<Season>,
    frame: Frame,
    rates: Rates,
    state: State,
    sigma: f64,
    count: usize,
}

/// Where a series without season has its 0 and its 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Frame {
    /// The first value.
    origin: f64,
    /// About the farthest that values are from it.
    scale: f64,
}

/// A series without its season, ready for a fit of any variant.
struct Prepared {
    season: Option<Season>,
    frame: Frame,
    values: Vec<f64>,
}

impl Theta {
    /// Fits one variant to at least one value; a season of `period` steps (1: none) is taken out where
    /// the test finds it.
    pub fn fit(
        values: &[f64],
        period: usize,
        variant: Variant,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let prepared = Prepared::new(values, Season::tested(values, period));
        Ok(prepared.fit(variant, progress)?.0)
    }

    /// The variant with the least squared errors of one step.
    pub fn choose(values: &[f64], period: usize, progress: &dyn Progress) -> Result<Self, Stopped> {
        let prepared = Prepared::new(values, Season::tested(values, period));
        let mut best: Option<(Self, f64)> = None;
        for variant in Variant::ALL {
            let (model, squares) = prepared.fit(variant, progress)?;
            if best.as_ref().is_none_or(|(_, least)| squares < *least) {
                best = Some((model, squares));
            }
        }
        best.map(|(model, _)| model).ok_or(Stopped)
    }

    /// Expected values of the next `horizon` steps.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut state = self.state;
        let step = |ahead| {
            let expected = state.expected(&self.rates);
            state.step(&self.rates, expected);
            self.outward(expected, self.count + ahead)
        };
        (0..horizon).map(step).collect()
    }

    /// Standard deviations of the errors of the next `horizon` forecasts, for independent errors of
    /// equal variance about the model. Exact but for the uncertainty of the parameters.
    pub fn spread(&self, horizon: usize) -> Vec<f64> {
        let variances = self.state.variances(&self.rates).take(horizon).enumerate();
        let outward = |(ahead, variance): (usize, f64)| {
            let deviation = self.sigma * variance.sqrt();
            let deviation = match &self.season {
                Some(season) => season.spread(deviation, self.count + ahead),
                None => deviation,
            };
            (deviation * self.frame.scale).min(f64::MAX)
        };
        variances.map(outward).collect()
    }

    /// Goes on through newer values; parameters stay.
    pub fn update(&mut self, values: &[f64]) {
        for value in values {
            let value = self.frame.inward(without(*value, self.count, self.season.as_ref()));
            self.state.step(&self.rates, value);
            self.count += 1;
        }
    }

    /// Which model it is.
    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// The season taken out, if the test found one; its first index belongs to the first value.
    pub fn season(&self) -> Option<&Season> {
        self.season.as_ref()
    }

    /// Rate of smoothing, in 0.1..=0.99.
    pub fn alpha(&self) -> f64 {
        self.rates.alpha
    }

    /// θ ≥ 1, how much the bends are exaggerated; may be infinite.
    pub fn theta(&self) -> f64 {
        1.0 / (1.0 - self.rates.weight)
    }

    /// Standard deviation of the errors of one step, in the unit of the values, without the season.
    pub fn sigma(&self) -> f64 {
        (self.sigma * self.frame.scale).min(f64::MAX)
    }

    /// Values seen.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether its parts belong together and all numbers are in range, as they are after a fit.
    pub fn is_sound(&self) -> bool {
        self.season.as_ref().is_none_or(Season::is_sound)
            && self.frame.scale > 0.0
            && self.frame.origin.is_finite()
            && self.rates.alpha > 0.0
            && [self.frame.scale, self.rates.alpha, self.rates.weight].iter().all(|v| v.is_finite())
            && self.state.is_finite()
            && (0.0..f64::INFINITY).contains(&self.sigma)
            && self.count < MOST_VALUES
    }

    fn outward(&self, value: f64, at: usize) -> f64 {
        let value = self.frame.outward(value);
        let value = match &self.season {
            Some(season) => season.with(value, at),
            None => value,
        };
        bounded(value)
    }
}

impl Prepared {
    fn new(values: &[f64], season: Option<Season>) -> Self {
        let one = |(t, v): (usize, &f64)| without(*v, t, season.as_ref());
        let mut values: Vec<f64> = values.iter().enumerate().map(one).collect();
        let frame = Frame::of(&values);
        values.iter_mut().for_each(|v| *v = frame.inward(*v));
        Self { season, frame, values }
    }

    /// The model and its squared errors.
    fn fit(&self, variant: Variant, progress: &dyn Progress) -> Result<(Theta, f64), Stopped> {
        let n = self.values.len();
        let burn = if n < LONG { 1 } else { BURN };
        let series = Lined::new(&self.values, variant.dynamic(), burn);
        let best = if n <= 2 {
            let weight = variant.weight().unwrap_or(0.5);
            Fitted { alpha: 0.5, shift: 0.0, weight, squares: 0.0 }
        } else {
            search::search(&series, variant.weight(), progress)?
        };
        let numbers = if variant.weight().is_some() { 2 } else { 3 };
        let free = n.saturating_sub(burn + numbers).max(1);
        let rates = Rates { alpha: best.alpha, weight: best.weight };
        let line = if variant.dynamic() {
            Line::first(self.values[0])
        } else {
            Line::through(&self.values)
        };
        let mut state = State::new(self.values[0], best.shift, line, variant.dynamic(), &rates);
        for value in &self.values[1..] {
            state.step(&rates, *value);
        }
        let sigma = (best.squares / free as f64).sqrt();
        let (season, frame) = (self.season.clone(), self.frame);
        let model = Theta { variant, season, frame, rates, state, sigma, count: n };
        Ok((model, best.squares))
    }
}

impl Frame {
    fn of(values: &[f64]) -> Self {
        let origin = values[0];
        let apart: Vec<f64> = values.iter().map(|v| bounded(v - origin)).collect();
        Self { origin, scale: size(&apart) }
    }

    fn inward(&self, value: f64) -> f64 {
        (bounded(value - self.origin) / self.scale).clamp(-GREATEST, GREATEST)
    }

    fn outward(&self, value: f64) -> f64 {
        bounded(bounded(value * self.scale) + self.origin)
    }
}

fn without(value: f64, at: usize, season: Option<&Season>) -> f64 {
    match season {
        Some(season) => bounded(season.without(value, at)),
        None => value,
    }
}

fn bounded(value: f64) -> f64 {
    value.clamp(f64::MIN, f64::MAX)
}
