//! Complex exponential smoothing: level and season as complex numbers, smoothed at complex rates.
//!
//! ```text
//! values ─▶ squares(rates) ◀─ search      number  plain, and with derivatives
//!               │                         state   the recursions of the forms
//!               ▼                         pass    there, back and there again: squares of the errors
//!     state, rates ─▶ forecasts           search  the rates with the least squares
//!                                         fit     from a series to a model
//! ```
//!
//! What is seen of a series is the real part; the imaginary part is what is known of where it goes. No
//! trend is given: a rate makes the forecast level, trended or oscillating as it turns the pair.
//!
//! When it wins: as a member of a mean with models that do have a trend; long seasonal series. When it
//! fails: alone on short series without season.
//!
//! Short series: three values or fewer are smoothed at the rate 0.3; a season needs two periods of values.
//!
//! Cost: O(n) a step of the search, 5 to 20 steps a form.
//!
//! Reference: Svetunkov, Kourentzes and Ord, "Complex exponential smoothing", Naval Research Logistics
//! 69, 2022.

mod fit;
mod number;
mod pass;
mod search;
mod state;
#[cfg(test)]
mod tests;

use super::MOST_VALUES;
use super::classical::size;
use crate::{Progress, Stopped};
use fit::fit;
use serde::{Deserialize, Serialize};
use state::{Full, None, Pair, Partial, Recursion, Simple, State};

/// Values are kept within this times the scale of the series.
const GREATEST: f64 = 1e100;

/// How the season is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Not at all.
    None,
    /// A complex level for each phase.
    Simple,
    /// An index for each phase, added to the level.
    Partial,
    /// A complex index for each phase, added to the level.
    Full,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Simple, Self::Partial, Self::Full];

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
    form: Form,
    period: usize,
    scale: f64,
    rates: [f64; 4],
    state: State<f64>,
    sigma: f64,
    squares: f64,
    fitted: usize,
    count: usize,
}

macro_rules! as_form {
    ($form:expr, $recursion:ident => $body:expr) => {
        match $form {
            Form::None => {
                type $recursion = None;
                $body
            }
            Form::Simple => {
                type $recursion = Simple;
                $body
            }
            Form::Partial => {
                type $recursion = Partial;
                $body
            }
            Form::Full => {
                type $recursion = Full;
                $body
            }
        }
    };
}
use as_form;

impl Complex {
    /// Fits one form to at least one value. Without two periods of values, or with a period below 2, the
    /// form is [`Form::None`].
    pub fn fit(
        values: &[f64],
        period: usize,
        form: Form,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let scale = size(values);
        fit(&scaled(values, scale), scale, period, form, Option::None, progress)
    }

    /// The form with the least corrected information criterion of Akaike.
    pub fn choose(values: &[f64], period: usize, progress: &dyn Progress) -> Result<Self, Stopped> {
        let scale = size(values);
        let scaled = scaled(values, scale);
        let mut best = fit(&scaled, scale, period, Form::None, Option::None, progress)?;
        if period >= 2 && values.len() / 2 >= period {
            for form in [Form::Simple, Form::Partial, Form::Full] {
                let other = fit(&scaled, scale, period, form, Option::None, progress)?;
                if other.criterion() < best.criterion() {
                    best = other;
                }
            }
        }
        Ok(best)
    }

    /// Fits the same form to other values, at least one, starting from the present rates.
    pub fn fit_from(&self, values: &[f64], progress: &dyn Progress) -> Result<Self, Stopped> {
        let scale = size(values);
        fit(&scaled(values, scale), scale, self.period, self.form, Some(self.rates), progress)
    }

    /// Expected values of the next `horizon` steps.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut state = self.state.clone();
        let outward = |v: f64| (v * self.scale).clamp(f64::MIN, f64::MAX);
        self.coast(&mut state, self.count, horizon).into_iter().map(outward).collect()
    }

    /// Standard deviations of the errors of the next `horizon` forecasts, for independent errors of
    /// equal variance. Exact but for the uncertainty of the rates.
    pub fn spread(&self, horizon: usize) -> Vec<f64> {
        let still = Pair { seen: 0.0, hidden: 0.0 };
        let mut state = State { level: still, season: vec![still; self.state.season.len()] };
        let rates = pass::rates(&self.rates);
        as_form!(self.form, R => R::step(&mut state, &rates, 0, 1.0));
        let responses = self.coast(&mut state, 1, horizon.saturating_sub(1));
        let mut variance = 1.0f64;
        let mut deviations = Vec::with_capacity(horizon);
        for response in responses.into_iter().chain([0.0]).take(horizon) {
            deviations.push((self.sigma * variance.sqrt() * self.scale).min(f64::MAX));
            variance = (variance + response * response).min(GREATEST);
        }
        deviations
    }

    /// Goes on through newer values; rates stay.
    pub fn update(&mut self, values: &[f64]) {
        let values = scaled(values, self.scale);
        let rates = pass::rates(&self.rates);
        let (period, count) = (self.state.season.len().max(1), self.count);
        as_form!(self.form, R => {
            for (ahead, value) in values.iter().enumerate() {
                let phase = (count + ahead) % period;
                let error = value - R::expected(&self.state, phase);
                R::step(&mut self.state, &rates, phase, error);
            }
        });
        self.count += values.len();
    }

    /// How the season is modelled.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Real and imaginary part of the rate of the level (of the season where it is simple), then of the
    /// season; 0 for those that the form does not have.
    pub fn rates(&self) -> [f64; 4] {
        self.rates
    }

    /// Standard deviation of the errors of one step, in the unit of the values.
    pub fn sigma(&self) -> f64 {
        (self.sigma * self.scale).min(f64::MAX)
    }

    /// Values seen.
    pub fn count(&self) -> usize {
        self.count
    }

    /// n·ln Σe² over the n values of the fit: twice the negative log-likelihood but for a constant.
    pub fn likelihood(&self) -> f64 {
        let squares = self.squares.max(f64::MIN_POSITIVE);
        self.fitted as f64 * (squares.ln() + 2.0 * self.scale.ln())
    }

    /// The corrected information criterion of Akaike, but for a constant; infinite for series too short.
    pub fn criterion(&self) -> f64 {
        let k = self.form.counted();
        let left = self.fitted as f64 - k - 1.0;
        if left <= 0.0 {
            return f64::INFINITY;
        }
        self.likelihood() + 2.0 * k + 2.0 * k * (k + 1.0) / left
    }

    /// Whether its parts belong together and all numbers are in range, as they are after a fit.
    pub fn is_sound(&self) -> bool {
        let season = self.state.season.iter();
        let pairs = season.chain([&self.state.level]).flat_map(|pair| [pair.seen, pair.hidden]);
        (self.form == Form::None || !self.state.season.is_empty())
            && pairs.chain(self.rates).all(f64::is_finite)
            && self.scale > 0.0
            && self.scale.is_finite()
            && (0.0..f64::INFINITY).contains(&self.sigma)
            && self.count < MOST_VALUES
    }

    /// What is expected from step `at` on, by the state.
    fn coast(&self, state: &mut State<f64>, at: usize, horizon: usize) -> Vec<f64> {
        let rates = pass::rates(&self.rates);
        let period = state.season.len().max(1);
        as_form!(self.form, R => {
            let step = |ahead| {
                let phase = (at + ahead) % period;
                let expected = R::expected(state, phase);
                R::step(state, &rates, phase, 0.0);
                bound(state, phase);
                expected
            };
            (0..horizon).map(step).collect()
        })
    }
}

/// Keeps what has moved within bounds.
fn bound(state: &mut State<f64>, phase: usize) {
    let within = |pair: &mut Pair<f64>| {
        pair.seen = pair.seen.clamp(-GREATEST, GREATEST);
        pair.hidden = pair.hidden.clamp(-GREATEST, GREATEST);
    };
    within(&mut state.level);
    state.season.get_mut(phase).map(within);
}

fn scaled(values: &[f64], scale: f64) -> Vec<f64> {
    values.iter().map(|v| (v / scale).clamp(-GREATEST, GREATEST)).collect()
}
