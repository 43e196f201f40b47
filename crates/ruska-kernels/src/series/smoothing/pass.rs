//! One run of a form over a series: its likelihood, and how that changes with each estimated number.
//!
//! ```text
//! −2·log L = n·log(Σ ε²) + 2·Σ log f        the second sum with multiplicative errors only
//!          = n·log(Σ r²)                    r = ε·g, g the geometric mean of the forecasts
//! ```
//! So every form is a problem of least squares, and Gauss and Newton's matrix serves. Derivatives of the
//! states run forward beside the states, four numbers to a lane.
//!
//! Reference: Hyndman, Koehler, Ord and Snyder, 2008, 5.1.

use super::form::{Component, Form, Trend};
use super::layout::Layout;
use super::step::{Rates, step};
use crate::simd::for_widest;

/// Numbers that are treated at once.
pub(super) const LANE: usize = 4;
pub(super) type Lane = [f64; LANE];

/// Rows of derivatives that are gathered before their products are added.
const ROWS: usize = 4;

/// A form known when compiling.
pub(super) trait Known {
    const FORM: Form;
}

/// Error 0 or 1, trend 0 or 1, season 0, 1 or 2: none, additive, multiplicative.
pub(super) struct Code<const E: u8, const T: u8, const S: u8>;

impl<const E: u8, const T: u8, const S: u8> Known for Code<E, T, S> {
    const FORM: Form = Form {
        error: if E == 0 { Component::Additive } else { Component::Multiplicative },
        trend: if T == 0 { Trend::None } else { Trend::Damped },
        season: match S {
            0 => None,
            1 => Some(Component::Additive),
            _ => Some(Component::Multiplicative),
        },
    };
}

/// Calls a function compiled for the form. A trend that is not damped is one damped by one.
macro_rules! known {
    ($form:expr, $function:ident($($arg:expr),*)) => {{
        let form = $form;
        let season = form.season.map_or(0, |s| 1 + s as u8);
        match (form.error, form.trend != Trend::None, season) {
            (Component::Additive, false, 0) => $function::<Code<0, 0, 0>>($($arg),*),
            (Component::Additive, false, 1) => $function::<Code<0, 0, 1>>($($arg),*),
            (Component::Additive, false, _) => $function::<Code<0, 0, 2>>($($arg),*),
            (Component::Additive, true, 0) => $function::<Code<0, 1, 0>>($($arg),*),
            (Component::Additive, true, 1) => $function::<Code<0, 1, 1>>($($arg),*),
            (Component::Additive, true, _) => $function::<Code<0, 1, 2>>($($arg),*),
            (Component::Multiplicative, false, 0) => $function::<Code<1, 0, 0>>($($arg),*),
            (Component::Multiplicative, false, 1) => $function::<Code<1, 0, 1>>($($arg),*),
            (Component::Multiplicative, false, _) => $function::<Code<1, 0, 2>>($($arg),*),
            (Component::Multiplicative, true, 0) => $function::<Code<1, 1, 0>>($($arg),*),
            (Component::Multiplicative, true, 1) => $function::<Code<1, 1, 1>>($($arg),*),
            (Component::Multiplicative, true, _) => $function::<Code<1, 1, 2>>($($arg),*),
        }
    }};
}

/// A series of values of the size of one, and a form for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem<'a> {
    pub(super) values: &'a [f64],
    pub(super) layout: Layout,
    /// Sums of squared errors below this are no better: the size of rounding.
    pub(super) least: f64,
}

/// What a run found, and room to run in.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// `−2·log L` without constants; infinite where the form makes no sense.
    pub(super) value: f64,
    /// Sum of squared errors.
    pub(super) squares: f64,
    /// `Σ ε·∂ε`.
    pub(super) slopes: Vec<Lane>,
    /// `Σ ∂ε·∂εᵀ`: rows of lanes; those above the diagonal's lane.
    pub(super) products: Vec<Lane>,
    /// `Σ ∂ log f`.
    pub(super) drift: Vec<Lane>,
    season: Vec<f64>,
    states: Vec<Lane>,
    rows: Vec<Lane>,
}

impl Problem<'_> {
    /// `−2·log L` at a point.
    pub(super) fn value(&self, at: &[f64], run: &mut Run) -> f64 {
        self.layout.season_into(at, &mut run.season);
        known!(self.layout.form, likelihood(self, at, run));
        run.value
    }

    /// The same with all its derivatives.
    pub(super) fn derive(&self, at: &[f64], run: &mut Run) {
        self.layout.season_into(at, &mut run.season);
        known!(self.layout.form, derivatives(self, at, run));
    }

    fn likelihood_of(&self, squares: f64, logs: f64) -> f64 {
        let value = self.values.len() as f64 * squares.max(self.least).ln() + 2.0 * logs;
        if value.is_finite() { value } else { f64::INFINITY }
    }
}

/// A sum of logarithms, as the logarithm of a product as long as that neither vanishes nor overflows.
struct Logs {
    product: f64,
    sum: f64,
}

impl Logs {
    const NONE: Self = Self { product: 1.0, sum: 0.0 };

    #[inline(always)]
    fn add(&mut self, v: f64) {
        self.product *= v;
        if !(1e-200..1e200).contains(&self.product) {
            self.sum += self.product.ln();
            self.product = 1.0;
        }
    }

    fn total(&self) -> f64 {
        self.sum + self.product.ln()
    }
}

fn likelihood<K: Known>(problem: &Problem, at: &[f64], run: &mut Run) {
    let layout = problem.layout;
    let (rates, mut line) = (layout.rates(at), layout.line(at));
    let season = &mut run.season[..];
    let (mut squares, mut logs) = (0.0, Logs::NONE);
    run.value = f64::INFINITY;
    let mut place = 0;
    if season.iter().any(|s| K::FORM.season == Some(Component::Multiplicative) && *s <= 0.0) {
        return;
    }
    for &y in problem.values {
        let state = &mut season[place];
        let before = *state;
        let met = step(K::FORM, rates, &mut line, state, y);
        if !met.is_sound(K::FORM, before) {
            return;
        }
        squares += met.error * met.error;
        if K::FORM.error == Component::Multiplicative {
            logs.add(met.forecast);
        }
        if K::FORM.season.is_some() {
            place = if place + 1 == layout.period { 0 } else { place + 1 };
        }
    }
    run.squares = squares;
    run.value = problem.likelihood_of(squares, logs.total());
}

/// Sums that the derivatives of one row go into.
struct Sums<'a> {
    slopes: &'a mut [Lane],
    products: &'a mut [Lane],
    drift: &'a mut [Lane],
}

for_widest! {
    fn derivatives<K: Known>(problem: &Problem, at: &[f64], run: &mut Run) {
        let layout = problem.layout;
        let (rates, mut line) = (layout.rates(at), layout.line(at));
        let lanes = layout.len().div_ceil(LANE);
        run.begin(layout, lanes);
        let Run { season, states, rows, slopes, products, drift, .. } = run;
        let (level, rest) = states.split_at_mut(lanes);
        let (slope, seasons) = rest.split_at_mut(lanes);
        let mut sums = Sums { slopes, products, drift };
        let (mut squares, mut logs) = (0.0, Logs::NONE);
        let (mut place, mut row) = (0, 0);
        run.value = f64::INFINITY;
        for &y in problem.values {
            let (s, b) = (season[place], line.slope);
            let met = step(K::FORM, rates, &mut line, &mut season[place], y);
            if !met.is_sound(K::FORM, s) {
                return;
            }
            squares += met.error * met.error;
            if K::FORM.error == Component::Multiplicative {
                logs.add(met.forecast);
            }
            let phi = layout.phi();
            if let Some(i) = phi {
                level[i / LANE][i % LANE] += b;
            }
            let turn = Turn { rates, s, met };
            let states = (&mut *level, &mut *slope, &mut seasons[place * lanes..(place + 1) * lanes]);
            let into = &mut rows[row * lanes..(row + 1) * lanes];
            turn.differentiate::<K>(states, into, &mut sums);
            level[0][Layout::ALPHA] += met.u;
            if let Some(i) = layout.beta() {
                slope[i / LANE][i % LANE] += met.u;
            }
            if let Some(i) = phi {
                slope[i / LANE][i % LANE] += b;
            }
            if let Some(i) = layout.gamma() {
                seasons[place * lanes + i / LANE][i % LANE] += met.v;
            }
            row += 1;
            if row == ROWS {
                add_products(rows, lanes, sums.products);
                row = 0;
            }
            if K::FORM.season.is_some() {
                place = if place + 1 == layout.period { 0 } else { place + 1 };
            }
        }
        rows[row * lanes..].fill([0.0; LANE]);
        add_products(rows, lanes, sums.products);
        run.squares = squares;
        run.value = problem.likelihood_of(squares, logs.total());
    }
}

impl Run {
    /// Clears sums and sets derivatives of the first states.
    fn begin(&mut self, layout: Layout, lanes: usize) {
        let zero = |v: &mut Vec<Lane>, n: usize| {
            v.clear();
            v.resize(n, [0.0; LANE]);
        };
        zero(&mut self.slopes, lanes);
        zero(&mut self.drift, lanes);
        zero(&mut self.products, lanes * lanes * LANE);
        zero(&mut self.rows, lanes * ROWS);
        zero(&mut self.states, lanes * (2 + layout.period));
        let mut set = |state: usize, i: usize, v: f64| {
            self.states[state * lanes + i / LANE][i % LANE] = v;
        };
        set(0, layout.level(), 1.0);
        if layout.form.trend != Trend::None {
            set(1, layout.level() + 1, 1.0);
        }
        for s in 1..layout.period {
            let i = layout.seasons() + s - 1;
            set(2 + s, i, 1.0);
            set(2, i, -1.0);
        }
    }
}

/// What the derivatives of a step need to know of it.
struct Turn {
    rates: Rates,
    /// The season before the step.
    s: f64,
    met: super::step::Met,
}

impl Turn {
    /// Moves the derivatives of level, slope and season past the step, without the terms of the
    /// parameters themselves, and writes the error's to `row`.
    #[inline(always)]
    fn differentiate<K: Known>(
        &self,
        (level, slope, season): (&mut [Lane], &mut [Lane], &mut [Lane]),
        row: &mut [Lane],
        sums: &mut Sums,
    ) {
        let Rates { alpha, beta, gamma, phi } = self.rates;
        let (met, s) = (self.met, self.s);
        let (by_s, by_q, by_f) = (1.0 / s, 1.0 / met.q, 1.0 / met.forecast);
        let relative = (1.0 + met.error) * by_f;
        let lanes = level.len();
        let (slope, season, row) = (&mut slope[..lanes], &mut season[..lanes], &mut row[..lanes]);
        let (slopes, drift) = (&mut sums.slopes[..lanes], &mut sums.drift[..lanes]);
        for j in 0..lanes {
            for k in 0..LANE {
                let (dl, db, ds) = (level[j][k], slope[j][k], season[j][k]);
                let dq = if K::FORM.trend == Trend::None { dl } else { dl + phi * db };
                let df = match K::FORM.season {
                    None => dq,
                    Some(Component::Additive) => dq + ds,
                    Some(Component::Multiplicative) => dq * s + met.q * ds,
                };
                let (du, dv) = match K::FORM.season {
                    Some(Component::Multiplicative) => {
                        (-(df + met.u * ds) * by_s, -(df + met.v * dq) * by_q)
                    }
                    _ => (-df, -df),
                };
                let de = if K::FORM.error == Component::Multiplicative {
                    drift[j][k] += df * by_f;
                    -relative * df
                } else {
                    -df
                };
                slopes[j][k] += met.error * de;
                row[j][k] = de;
                level[j][k] = dq + alpha * du;
                if K::FORM.trend != Trend::None {
                    slope[j][k] = phi * db + beta * du;
                }
                if K::FORM.season.is_some() {
                    season[j][k] = ds + gamma * dv;
                }
            }
        }
    }
}

/// Adds the products of a few rows' numbers among themselves.
#[inline(always)]
fn add_products(rows: &[Lane], lanes: usize, products: &mut [Lane]) {
    let (a, rest) = rows.split_at(lanes);
    let (b, rest) = rest.split_at(lanes);
    let (c, d) = rest.split_at(lanes);
    let d = &d[..lanes];
    for i in 0..lanes * LANE {
        let (lane, k) = (i / LANE, i % LANE);
        let (x, y, z, w) = (a[lane][k], b[lane][k], c[lane][k], d[lane][k]);
        let into = &mut products[i * lanes..(i + 1) * lanes];
        for j in lane..lanes {
            for k in 0..LANE {
                into[j][k] += (x * a[j][k] + y * b[j][k]) + (z * c[j][k] + w * d[j][k]);
            }
        }
    }
}
