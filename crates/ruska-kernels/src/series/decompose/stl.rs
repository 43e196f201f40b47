//! One season, the trend and the rest: STL.
//!
//! ```text
//! values − trend ─▶ each phase smoothed over the cycles ─▶ less its low frequencies ─▶ season
//! values − season ─▶ smoothed ─▶ trend                          repeated `inner` times
//! far from both ─▶ little weight                                repeated `outer` times
//! ```
//!
//! Reference: Cleveland, Cleveland, McRae and Terpenning, "STL: A seasonal-trend decomposition
//! procedure based on loess", Journal of Official Statistics 6, 1990.

use super::loess::{Loess, Smoother, ask};
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// How STL is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stl {
    /// Values of a cycle, ≥ 2.
    pub period: usize,
    /// Smoothing of each phase; its window counts cycles.
    pub seasonal: Loess,
    /// Smoothing of the values without their season.
    pub trend: Loess,
    /// Smoothing that finds what of the phases is trend.
    pub low_pass: Loess,
    /// Rounds between season and trend, ≥ 1.
    pub inner: usize,
    /// Rounds of robustness weights after the first without; 0 for none.
    pub outer: usize,
}

/// What STL makes of a series: values = trend + season + remainder.
#[derive(Clone, Debug, PartialEq)]
pub struct StlParts {
    /// The trend, one a value.
    pub trend: Vec<f64>,
    /// The season, one a value; its mean over a cycle is near 0.
    pub season: Vec<f64>,
    /// Robustness weights in 0..1; all 1 where `outer` is 0.
    pub weights: Vec<f64>,
}

impl Stl {
    /// The procedure with the widths its authors advise for a season smoothed over
    /// `seasonal_window` ≥ 3 cycles, lines everywhere, no jumps, two rounds and no robustness.
    pub fn new(period: usize, seasonal_window: usize) -> Self {
        let (period, seasonal) = (period.max(2), seasonal_window.max(3) | 1);
        let trend = (1.5 * period as f64 / (1.0 - 1.5 / seasonal as f64)).ceil() as usize;
        Self {
            period,
            seasonal: Loess::new(seasonal),
            trend: Loess::new(trend | 1),
            low_pass: Loess::new((period + 1) | 1),
            inner: 2,
            outer: 0,
        }
    }

    /// The same with one inner round and fifteen of robustness.
    #[must_use]
    pub fn robust(self) -> Self {
        Self { inner: 1, outer: 15, ..self }
    }

    /// The same, each smoothing fitted at every tenth part of its window only.
    #[must_use]
    pub fn skipping(self) -> Self {
        Self {
            seasonal: self.seasonal.skipping(),
            trend: self.trend.skipping(),
            low_pass: self.low_pass.skipping(),
            ..self
        }
    }

    /// Takes the series of finite values apart. Less than two cycles have no season: their trend is
    /// one smoothing. Values beyond 1e100 may overflow.
    pub fn decompose(&self, values: &[f64], progress: &dyn Progress) -> Result<StlParts, Stopped> {
        let n = values.len();
        let mut parts =
            StlParts { trend: vec![0.0; n], season: vec![0.0; n], weights: vec![1.0; n] };
        if n == 0 {
            return Ok(parts);
        }
        if self.period < 2 || n / 2 < self.period {
            Smoother::new(self.trend, n).smooth(values, None, &mut parts.trend, progress)?;
            return Ok(parts);
        }
        let mut loops = Loops::new(self, n);
        for round in 0..=self.outer {
            let robust = round > 0;
            if robust {
                robustness(values, &mut parts, &mut loops.detrended);
            }
            for _ in 0..self.inner.max(1) {
                loops.inner(values, &mut parts, robust, progress)?;
            }
        }
        Ok(parts)
    }
}

/// The smoothers and what they work on.
struct Loops {
    period: usize,
    /// Of the phases with one value more than the others, and of those.
    long: Smoother,
    short: Smoother,
    low_pass: Smoother,
    trend: Smoother,
    /// Values less the trend, later less the season.
    detrended: Vec<f64>,
    /// Smoothed phases, one cycle longer at both ends.
    cycles: Vec<f64>,
    averages: [Vec<f64>; 2],
    phase: [Vec<f64>; 3],
}

impl Loops {
    fn new(stl: &Stl, n: usize) -> Self {
        let period = stl.period;
        let longest = n.div_ceil(period);
        Self {
            period,
            long: Smoother::new(stl.seasonal, longest),
            short: Smoother::new(stl.seasonal, n / period),
            low_pass: Smoother::new(stl.low_pass, n),
            trend: Smoother::new(stl.trend, n),
            detrended: vec![0.0; n],
            cycles: vec![0.0; n + 2 * period],
            averages: [vec![0.0; n + period + 1], vec![0.0; n + 2]],
            phase: std::array::from_fn(|_| vec![0.0; longest]),
        }
    }

    /// One round between season and trend.
    fn inner(
        &mut self,
        values: &[f64],
        parts: &mut StlParts,
        robust: bool,
        progress: &dyn Progress,
    ) -> Result<(), Stopped> {
        let n = values.len();
        let weights = robust.then_some(&parts.weights[..]);
        subtract(values, &parts.trend, &mut self.detrended);
        self.phases(weights, progress)?;
        let [once, twice] = &mut self.averages;
        moving_average(&self.cycles, self.period, once);
        moving_average(once, self.period, twice);
        moving_average(twice, 3, &mut once[..n]);
        self.low_pass.smooth(&once[..n], None, &mut parts.season, progress)?;
        let cycles = &self.cycles[self.period..];
        for (season, cycle) in parts.season.iter_mut().zip(cycles) {
            *season = cycle - *season;
        }
        subtract(values, &parts.season, &mut self.detrended);
        self.trend.smooth(&self.detrended, weights, &mut parts.trend, progress)
    }

    /// Smooths each phase over the cycles.
    fn phases(&mut self, weights: Option<&[f64]>, progress: &dyn Progress) -> Result<(), Stopped> {
        let (n, period) = (self.detrended.len(), self.period);
        let [values, robust, smooth] = &mut self.phase;
        for first in 0..period {
            if first % 32 == 0 {
                ask(progress)?;
            }
            let count = (n - first).div_ceil(period);
            let smoother = if count == values.len() { &mut self.long } else { &mut self.short };
            let (values, smooth) = (&mut values[..count], &mut smooth[..count]);
            gather(&self.detrended, first, period, values);
            let robust = weights.map(|weights| {
                gather(weights, first, period, &mut robust[..count]);
                &robust[..count]
            });
            smoother.smooth(values, robust, smooth, progress)?;
            let (before, after) = smoother.beyond(values, robust);
            let cycles = &mut self.cycles[first..];
            cycles[0] = before.unwrap_or(smooth[0]);
            for (i, v) in smooth.iter().enumerate() {
                cycles[(i + 1) * period] = *v;
            }
            cycles[(count + 1) * period] = after.unwrap_or(smooth[count - 1]);
        }
        Ok(())
    }
}

fn gather(values: &[f64], first: usize, period: usize, out: &mut [f64]) {
    for (out, v) in out.iter_mut().zip(values[first..].iter().step_by(period)) {
        *out = *v;
    }
}

fn subtract(values: &[f64], part: &[f64], out: &mut [f64]) {
    for ((out, v), p) in out.iter_mut().zip(values).zip(part) {
        *out = v - p;
    }
}

/// Means of each `width` adjacent values, as many as fit.
fn moving_average(values: &[f64], width: usize, out: &mut [f64]) {
    let mut sum: f64 = values[..width].iter().sum();
    out[0] = sum / width as f64;
    for ((out, new), old) in out[1..].iter_mut().zip(&values[width..]).zip(values) {
        sum += new - old;
        *out = sum / width as f64;
    }
}

/// Bisquare weights by how far values lie from trend and season, in six medians of that distance.
fn robustness(values: &[f64], parts: &mut StlParts, scratch: &mut Vec<f64>) {
    let n = values.len();
    let fit = parts.trend.iter().zip(&parts.season);
    for ((w, v), (trend, season)) in parts.weights.iter_mut().zip(values).zip(fit) {
        *w = (v - (trend + season)).abs();
    }
    scratch.clear();
    scratch.extend_from_slice(&parts.weights);
    let mut at = |rank: usize| *scratch.select_nth_unstable_by(rank, f64::total_cmp).1;
    let far = 3.0 * (at(n / 2) + at(n - n / 2 - 1));
    for w in &mut parts.weights {
        *w = if far == 0.0 || *w <= 0.001 * far {
            1.0
        } else if *w <= 0.999 * far {
            let share = *w / far;
            (1.0 - share * share).powi(2)
        } else {
            0.0
        };
    }
}
