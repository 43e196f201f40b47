//! Several seasons, the trend and the rest: MSTL.
//!
//! Seasons are found in ascending order of their periods, each by STL of what the others leave, and
//! once more with all the others known. The trend is that of the last. Without a season it is
//! Friedman's super smoother's.
//!
//! Reference: Bandara, Hyndman and Bergmeir, "MSTL: A seasonal-trend decomposition algorithm for time
//! series with multiple seasonal patterns", arXiv:2107.13462, 2021.

use super::stl::Stl;
use super::super_smoother::super_smoother;
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// Windows from which on smoothings skip places, unless told otherwise.
const WIDE: usize = 400;

/// How MSTL is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mstl {
    /// Values of a cycle of each season. Those below 2 and those of half the series or more are left
    /// out; order and repetition do not matter.
    pub periods: Vec<usize>,
    /// Cycles each season is smoothed over, ascending by period among those that are not left out;
    /// 7 + 4·i for the i-th of 1, 2, … where there are fewer.
    pub windows: Vec<usize>,
    /// How often all seasons are found, ≥ 1; a single one is found once.
    pub iterations: usize,
    /// Rounds of each STL between season and trend, ≥ 1.
    pub inner: usize,
    /// Rounds of robustness of each STL; 0 for none.
    pub outer: usize,
    /// Smoothings with a wider window are fitted at every tenth part of it only.
    pub skip_above: usize,
}

impl Mstl {
    /// The usual procedure for these periods.
    pub fn new(periods: &[usize]) -> Self {
        Self {
            periods: periods.to_vec(),
            windows: Vec::new(),
            iterations: 2,
            inner: 2,
            outer: 0,
            skip_above: WIDE,
        }
    }

    /// The periods that a series of `n` values is long enough for, ascending.
    pub fn usable(&self, n: usize) -> Vec<usize> {
        let mut periods = self.periods.clone();
        periods.retain(|&p| p >= 2 && p < n.div_ceil(2));
        periods.sort_unstable();
        periods.dedup();
        periods
    }

    /// Takes a series of finite values apart. Series of any length and scale have a decomposition;
    /// those too short for a season have none.
    pub fn decompose(
        &self,
        values: &[f64],
        progress: &dyn Progress,
    ) -> Result<Decomposition, Stopped> {
        let unit = unit(values);
        let mut left: Vec<f64> = values.iter().map(|v| v / unit).collect();
        let periods = self.usable(values.len());
        let mut seasons = vec![vec![0.0; values.len()]; periods.len()];
        let mut trend = Vec::new();
        if periods.is_empty() {
            trend = super_smoother(&left);
        }
        let iterations = if periods.len() == 1 { 1 } else { self.iterations.max(1) };
        for _ in 0..iterations {
            for (i, season) in seasons.iter_mut().enumerate() {
                left.iter_mut().zip(&*season).for_each(|(l, s)| *l += s);
                let parts = self.stl(i, periods[i]).decompose(&left, progress)?;
                (*season, trend) = (parts.season, parts.trend);
                left.iter_mut().zip(&*season).for_each(|(l, s)| *l -= s);
            }
        }
        left.iter_mut().zip(&trend).for_each(|(l, t)| *l -= t);
        let season = |(period, mut values): (usize, Vec<f64>)| {
            rescale(&mut values, unit);
            Season { period, values }
        };
        rescale(&mut trend, unit);
        rescale(&mut left, unit);
        let seasons = periods.into_iter().zip(seasons).map(season).collect();
        Ok(Decomposition { trend, seasons, remainder: left })
    }

    /// The STL of the season with order `i`.
    fn stl(&self, i: usize, period: usize) -> Stl {
        let window = self.windows.get(i).copied().unwrap_or(7 + 4 * (i + 1));
        let mut stl = Stl::new(period, window);
        stl.seasonal.lines = false;
        (stl.inner, stl.outer) = (self.inner, self.outer);
        for loess in [&mut stl.seasonal, &mut stl.trend, &mut stl.low_pass] {
            if loess.window > self.skip_above {
                *loess = loess.skipping();
            }
        }
        stl
    }
}

/// One season of a decomposition.
#[derive(Clone, Debug, PartialEq)]
pub struct Season {
    /// Values of a cycle.
    pub period: usize,
    /// The season, one a value of the series.
    pub values: Vec<f64>,
}

/// Parts that add up to the series.
#[derive(Clone, Debug, PartialEq)]
pub struct Decomposition {
    /// The trend, one a value.
    pub trend: Vec<f64>,
    /// Seasons, ascending by period.
    pub seasons: Vec<Season>,
    /// What is left, one a value.
    pub remainder: Vec<f64>,
}

impl Decomposition {
    /// The series without its seasons.
    pub fn adjusted(&self) -> Vec<f64> {
        self.trend.iter().zip(&self.remainder).map(|(t, r)| t + r).collect()
    }
}

/// A power of two that brings values of an extreme scale near 1, where sums of them neither overflow
/// nor vanish; 1 for all others.
fn unit(values: &[f64]) -> f64 {
    let most = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if most == 0.0 || (1e-100..1e100).contains(&most) {
        return 1.0;
    }
    // At most 2^1000, so that its reciprocal is a normal number as well.
    most.log2().round().clamp(-1000.0, 1000.0).exp2()
}

fn rescale(values: &mut [f64], unit: f64) {
    values.iter_mut().for_each(|v| *v *= unit);
}
