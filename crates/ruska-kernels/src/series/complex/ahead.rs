//! Forecasts of a fitted model, their spread, and newer values.

use super::rates::faded;
use super::state::{Full, Pair, Partial, Plain, Recursion, Simple, State};
use super::{Complex, GREATEST, Variant, as_variant, pass, scaled};

impl Complex {
    /// Expected values of the next `horizon` steps. Growth fades by 5 % a step, that of a complex season
    /// by 5 % a period, so that the forecast of a growing series comes to rest at last.
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut state = self.state.clone();
        let outward = |v: f64| (v * self.scale).clamp(f64::MIN, f64::MAX);
        self.coast(&mut state, self.observations, horizon).into_iter().map(outward).collect()
    }

    /// Standard deviations of the errors of the next `horizon` forecasts, for independent errors of
    /// equal variance: the root of σ²·(1 + Σc²), the c being what forecasts make of an error 1 to h − 1
    /// steps before. The uncertainty of the rates is left out.
    pub fn spread(&self, horizon: usize) -> Vec<f64> {
        let still = Pair { seen: 0.0, hidden: 0.0 };
        let mut state = State { level: still, season: vec![still; self.state.season.len()] };
        let rates = pass::rates(&self.rates);
        as_variant!(self.variant, R => R::step(&mut state, &rates, 0, 1.0));
        let responses = self.coast(&mut state, 1, horizon.saturating_sub(1));
        let mut variance = 1.0f64;
        let mut deviations = Vec::with_capacity(horizon);
        for response in responses.into_iter().chain([0.0]).take(horizon) {
            deviations.push((self.sigma * variance.sqrt() * self.scale).min(f64::MAX));
            variance = (variance + response * response).min(GREATEST);
        }
        deviations
    }

    /// Goes on through newer values, in whatever portions; rates and sigma stay.
    pub fn update(&mut self, values: &[f64]) {
        let values = scaled(values, self.scale);
        let rates = pass::rates(&self.rates);
        let (period, count) = (self.state.season.len().max(1), self.observations);
        as_variant!(self.variant, R => {
            for (ahead, value) in values.iter().enumerate() {
                let phase = (count + ahead) % period;
                let error = value - R::expected(&self.state, phase);
                R::step(&mut self.state, &rates, phase, error);
                bound(&mut self.state, phase);
            }
        });
        self.observations += values.len();
    }

    /// What is expected from step `at` on, by the state.
    fn coast(&self, state: &mut State<f64>, at: usize, horizon: usize) -> Vec<f64> {
        let period = state.season.len().max(1);
        as_variant!(self.variant, R => {
            let step = |ahead: usize| {
                let phase = (at + ahead) % period;
                let rates = pass::rates(&faded(&self.rates, self.variant, ahead + 1, ahead / period + 1));
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
