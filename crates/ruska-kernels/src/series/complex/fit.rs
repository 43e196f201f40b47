//! From a series to a model.

use super::number::{Dual, Number};
use super::pass::{MOST, forward, rates, squares, there_and_back};
use super::search::{Found, search};
use super::state::{Full, None, Pair, Partial, Recursion, Simple, State};
use super::{Complex, Form};
use crate::series::classical::{Kind, indices};
use crate::{Progress, Stopped};

/// Bounds of the rates: real and imaginary part of the level's, then of the season's.
const BOUNDS: [(f64, f64); MOST] = [(0.01, 1.8), (0.01, 1.9), (0.01, 1.5), (0.01, 1.5)];
/// From where they are sought.
const START: [f64; MOST] = [1.3, 1.0, 1.3, 1.0];
/// The gain of a partial season is sought from here.
const PARTIAL_START: f64 = 0.1;
/// Values of the first level.
const FIRST_LEVEL: usize = 10;
/// Values up to which rates are not sought.
const SHORT: usize = 3;

/// Fits values that were divided by `scale`.
pub(super) fn fit(
    values: &[f64],
    scale: f64,
    period: usize,
    form: Form,
    from: Option<[f64; MOST]>,
    progress: &dyn Progress,
) -> Result<Complex, Stopped> {
    let form = if period < 2 || values.len() / 2 < period { Form::None } else { form };
    let start = from.unwrap_or_else(|| start(form));
    let found = if values.len() <= SHORT {
        Option::None
    } else {
        match form {
            Form::None => seek::<None, 2>(values, period, form, start, progress)?,
            Form::Simple => seek::<Simple, 2>(values, period, form, start, progress)?,
            Form::Partial => seek::<Partial, 3>(values, period, form, start, progress)?,
            Form::Full => seek::<Full, 4>(values, period, form, start, progress)?,
        }
    };
    let at = found.map_or_else(|| self::start(form), |found| found.at);
    let mut state = first(values, period, form);
    let squares = super::as_form!(form, R => run::<R>(values, &at, &mut state));
    let n = values.len();
    let free = (n as f64 - form.counted() - 1.0).max(1.0);
    let sigma = (squares / free).sqrt();
    Ok(Complex { form, period, scale, rates: at, state, sigma, squares, fitted: n, count: n })
}

/// Squares at some rates; leaves the state after the last value.
pub(super) fn run<R: Recursion>(
    values: &[f64],
    parameters: &[f64; MOST],
    state: &mut State<f64>,
) -> f64 {
    let rates = rates(parameters);
    there_and_back::<R, _>(values, &rates, state);
    let mut squares = 0.0;
    forward::<R, _>(values, &rates, state, |error| squares += error * error);
    squares
}

fn seek<R: Recursion, const K: usize>(
    values: &[f64],
    period: usize,
    form: Form,
    start: [f64; MOST],
    progress: &dyn Progress,
) -> Result<Option<Found>, Stopped> {
    let first = first::<Dual<K>>(values, period, form);
    let mut state = first.clone();
    let of = |at: &[f64; MOST]| {
        state.level = first.level;
        state.season.copy_from_slice(&first.season);
        squares::<R, K>(values, at, &mut state)
    };
    search(start, &BOUNDS[..K], of, progress)
}

fn start(form: Form) -> [f64; MOST] {
    let [real, imaginary, ..] = START;
    match form {
        Form::None | Form::Simple => [real, imaginary, 0.0, 0.0],
        Form::Partial => [real, imaginary, PARTIAL_START, 0.0],
        Form::Full => START,
    }
}

/// Where the first run begins.
fn first<N: Number>(values: &[f64], period: usize, form: Form) -> State<N> {
    let mean = |count: usize| {
        let values = &values[..count.min(values.len())];
        values.iter().sum::<f64>() / values.len() as f64
    };
    let pairs = |seen: &[f64]| seen.iter().map(|v| Pair::start(*v)).collect();
    match form {
        Form::None => {
            State { level: Pair::start(mean(FIRST_LEVEL.max(period))), season: Vec::new() }
        }
        Form::Simple => State { level: Pair::start(0.0), season: pairs(&values[..period]) },
        Form::Partial | Form::Full => State {
            level: Pair::start(mean(period)),
            season: pairs(&indices(values, period, Kind::Additive)),
        },
    }
}
