//! From a series to a model.

use super::number::{Dual, Number};
use super::pass::{MOST, Squares, forward, rates, squares, there_and_back};
use super::rates::Admissible;
use super::search::{Search, search};
use super::state::{Full, Pair, Partial, Plain, Recursion, Simple, State};
use super::{Complex, Variant};
use crate::{Progress, Stopped};

/// From where rates are sought.
const START: [f64; MOST] = [1.3, 1.0, 1.3, 1.0];
/// The gain of a partial season is sought from here.
const PARTIAL_START: f64 = 0.1;
/// Values of the first level.
const FIRST_LEVEL: usize = 10;
/// Values up to which rates are not sought.
const SHORT: usize = 3;
/// Steps of a search.
const STEPS: u32 = 60;

/// Periods after which what is left of an error tells whether it is forgotten.
const FORGET: usize = 20;

/// Values in units of `scale`, and what is to be fitted to them.
pub(super) struct Task<'a> {
    pub values: &'a [f64],
    pub scale: f64,
    pub period: usize,
    pub progress: &'a dyn Progress,
}

impl Task<'_> {
    /// Fits a variant, from rates that suit most series.
    pub(super) fn fit(&self, variant: Variant) -> Result<Complex, Stopped> {
        let variant = variant.for_length(self.values.len(), self.period);
        let mut rates = start(variant);
        if self.values.len() > SHORT {
            rates = match variant {
                Variant::None => self.seek::<Plain, 2>(variant, rates)?,
                Variant::Simple => self.seek::<Simple, 2>(variant, rates)?,
                Variant::Partial => self.seek::<Partial, 3>(variant, rates)?,
                Variant::Full => self.seek::<Full, 4>(variant, rates)?,
            };
        }
        Ok(self.at(variant, rates))
    }

    /// The model with given rates.
    pub(super) fn at(&self, variant: Variant, rates: [f64; MOST]) -> Complex {
        let mut state = self.first(variant);
        let squares = super::as_variant!(variant, R => run::<R>(self.values, &rates, &mut state));
        let n = self.values.len();
        let free = (n as f64 - variant.counted() - 1.0).max(1.0);
        Complex {
            variant,
            period: self.period,
            scale: self.scale,
            rates,
            state,
            sigma: (squares / free).sqrt(),
            squares,
            fitted: n,
            observations: n,
        }
    }

    fn seek<R: Recursion, const K: usize>(
        &self,
        variant: Variant,
        start: [f64; MOST],
    ) -> Result<[f64; MOST], Stopped> {
        let first = self.first::<Dual<K>>(variant);
        let mut state = first.clone();
        let admissible = Admissible::new(variant, self.period);
        let of = |at: &[f64; MOST]| {
            if !admissible.stable(at) || !steady::<R>(at, self.period) {
                return Squares::NEVER;
            }
            state.level = first.level;
            state.season.copy_from_slice(&first.season);
            squares::<R, K>(self.values, at, &mut state)
        };
        search(&Search { start, admissible, steps: STEPS }, of, self.progress)
    }

    /// Where the first run begins.
    fn first<N: Number>(&self, variant: Variant) -> State<N> {
        let values = self.values;
        let mean = |count: usize| {
            let values = &values[..count.min(values.len())];
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        let pairs = |seen: &[f64]| seen.iter().map(|v| Pair::start(*v)).collect();
        match variant {
            Variant::None => {
                let level = mean(FIRST_LEVEL.max(self.period));
                State { level: Pair::start(level), season: Vec::new() }
            }
            Variant::Simple => {
                State { level: Pair::start(0.0), season: pairs(&values[..self.period]) }
            }
            Variant::Partial | Variant::Full => State {
                level: Pair::start(mean(self.period)),
                season: pairs(&indices(values, self.period)),
            },
        }
    }
}

/// Squares at some rates; leaves the state after the last value.
fn run<R: Recursion>(values: &[f64], parameters: &[f64; MOST], state: &mut State<f64>) -> f64 {
    let rates = rates(parameters);
    there_and_back::<R, _>(values, &rates, state);
    let mut squares = 0.0;
    forward::<R, _>(values, &rates, state, |error| squares += error * error);
    squares
}

/// Whether a model forgets an error.
fn steady<R: Recursion>(parameters: &[f64; MOST], period: usize) -> bool {
    if !(R::LEVEL && R::SEASON) {
        // What is said of one pair says all.
        return true;
    }
    let rates = rates(parameters);
    let still = Pair { seen: 0.0, hidden: 0.0 };
    let mut state = State { level: still, season: vec![still; period] };
    R::step(&mut state, &rates, 0, 1.0);
    let mut largest = 0.0f64;
    for at in 1..FORGET * period {
        let expected: f64 = R::expected(&state, at % period);
        largest = if at % period == 0 { expected.abs() } else { largest.max(expected.abs()) };
        R::step(&mut state, &rates, at % period, -expected);
    }
    largest <= 1.0
}

fn start(variant: Variant) -> [f64; MOST] {
    let [real, imaginary, ..] = START;
    match variant {
        Variant::None | Variant::Simple => [real, imaginary, 0.0, 0.0],
        Variant::Partial => [real, imaginary, PARTIAL_START, 0.0],
        Variant::Full => START,
    }
}

/// What the values of a phase are above the moving average over a period, on average; mean 0. The
/// values fill two periods at least.
fn indices(values: &[f64], period: usize) -> Vec<f64> {
    let half = period / 2;
    let mut sums = vec![0.0; period];
    let mut counts = vec![0.0; period];
    for (from, window) in values.windows(2 * half + 1).enumerate() {
        let mut total: f64 = window.iter().sum();
        if period.is_multiple_of(2) {
            total -= 0.5 * (window[0] + window[2 * half]);
        }
        let phase = (from + half) % period;
        sums[phase] += window[half] - total / period as f64;
        counts[phase] += 1.0;
    }
    for (sum, count) in sums.iter_mut().zip(&counts) {
        *sum /= f64::max(*count, 1.0);
    }
    let mean = sums.iter().sum::<f64>() / period as f64;
    sums.iter().map(|sum| sum - mean).collect()
}
