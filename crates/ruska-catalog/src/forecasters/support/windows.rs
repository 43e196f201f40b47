//! What a global model sees of a series: where it stands, and how it came there.
//!
//! Logarithms where all series are above 0, otherwise the series in units of its steps; the seasons that it
//! shows taken out, unless what else is seen acts through them; and of each window its values less its level. So what is learned from one series
//! holds for another of any level.

use super::history::History;
use super::prepared::{exponential, logarithm, without_seasons};
use crate::bridge::Watch;
use ruska_core::FitError;
use ruska_kernels::series::decompose::Decomposed;
use serde::{Deserialize, Serialize};

/// Where a window is, from which its values and those ahead are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// At its last value: for what wanders.
    #[default]
    Last,
    /// At the mean of its values: for what stays about a level.
    Mean,
    /// At 0: for amounts, which may be 0 most of the time.
    Zero,
}

/// What is done to every series of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scaling {
    /// Logarithms are modelled.
    pub(crate) log: bool,
    /// Values of a window, at least 2.
    pub(crate) lags: usize,
    /// Where a window is.
    pub(crate) level: Level,
    /// Seasons that series show are taken out before, and put back.
    pub(crate) take_seasons: bool,
}

/// Where a series stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The last values as they are modelled, at most as many as a window has, at least one.
    recent: Vec<f64>,
    seasons: Option<Decomposed>,
    /// What a unit of the model is, above 0; 1 for logarithms.
    unit: f64,
}

/// A series as it is modelled, and where it stands.
pub(crate) fn modelled(
    how: Scaling,
    history: History<'_>,
    watch: &Watch<'_>,
) -> Result<(Vec<f64>, Standing), FitError> {
    let unit = if how.log { 1.0 } else { step(history.values) };
    let mut values: Vec<f64> = history.values.iter().map(|v| how.forth(*v, unit)).collect();
    let mut seasons = None;
    if how.take_seasons
        && let Some(taken) = without_seasons(&values, history.seasons, watch)?
    {
        values = taken.values;
        seasons = Some(taken.seasons);
    }
    let recent = values[values.len().saturating_sub(how.lags)..].to_vec();
    Ok((values, Standing { recent, seasons, unit }))
}

/// To single precision, so that numbers are equal that differ by rounding alone.
fn single(value: f64) -> f64 {
    f64::from(value.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32)
}

/// The mean size of the steps of a series; of its values where it has none, 1 where they are 0.
fn step(values: &[f64]) -> f64 {
    let n = values.len().saturating_sub(1).max(1) as f64;
    let mean = values.windows(2).map(|w| (w[1] - w[0]).abs() / n).sum::<f64>();
    let usable = |unit: &f64| *unit > 0.0 && unit.is_finite();
    [mean, values[0].abs()].into_iter().find(usable).unwrap_or(1.0)
}

impl Scaling {
    fn forth(self, value: f64, unit: f64) -> f64 {
        if self.log { logarithm(value) } else { value / unit }
    }

    /// Where the last window of the values up to a moment is.
    pub(crate) fn level(self, known: &[f64]) -> f64 {
        let window = &known[known.len().saturating_sub(self.lags)..];
        match self.level {
            Level::Last => window[window.len() - 1],
            Level::Mean => window.iter().map(|v| v / window.len() as f64).sum(),
            Level::Zero => 0.0,
        }
    }

    /// Adds to a row what is seen of the values up to a moment: for each lag by how much the value was above
    /// the level, NaN where there was none, then the mean size of the steps.
    pub(crate) fn seen(self, known: &[f64], row: &mut Vec<f64>) {
        let level = self.level(known);
        let window = &known[known.len().saturating_sub(self.lags)..];
        // The last value is no news where it is the level.
        for lag in usize::from(self.level == Level::Last)..self.lags {
            let at = known.len().checked_sub(lag + 1);
            row.push(at.map_or(f64::NAN, |at| single(known[at] - level)));
        }
        let steps = window.windows(2).map(|w| (w[1] - w[0]).abs());
        row.push(single(steps.sum::<f64>() / (window.len() - 1).max(1) as f64));
    }
}

impl Standing {
    /// The values of the last window.
    pub(crate) fn recent(&self) -> &[f64] {
        &self.recent
    }

    /// What a last window that holds one value throughout goes on as, from its level.
    pub(crate) fn still(&self, how: Scaling) -> Option<f64> {
        let first = self.recent[0];
        let same = self.recent.iter().all(|v| v.to_bits() == first.to_bits());
        same.then(|| first - how.level(&self.recent))
    }

    /// Takes in values that came.
    pub(crate) fn update(&mut self, how: Scaling, newer: &[f64]) {
        let mut newer: Vec<f64> = newer.iter().map(|v| how.forth(*v, self.unit)).collect();
        if let Some(seasons) = &mut self.seasons {
            newer = seasons.update(&newer);
        }
        self.recent.extend(newer);
        self.recent.drain(..self.recent.len().saturating_sub(how.lags));
    }

    /// What is told of the steps from the level on, and the spreads there, as values.
    pub(crate) fn told(&self, how: Scaling, steps: &[f64], spreads: &[f64]) -> Vec<(f64, f64)> {
        let level = how.level(&self.recent);
        let seasons = self.seasons.as_ref().map(|s| s.season_ahead(steps.len()));
        let told = steps.iter().zip(spreads).enumerate().map(|(i, (step, spread))| {
            let value = level + step + seasons.as_ref().map_or(0.0, |s| s[i]);
            if how.log {
                let value = exponential(value);
                (value, spread.min(1.0) * value)
            } else {
                (value * self.unit, spread * self.unit)
            }
        });
        told.collect()
    }

    /// Whether it can be used.
    pub(crate) fn is_sound(&self) -> bool {
        let finite = self.recent.iter().all(|v| v.is_finite());
        let seasons = self.seasons.as_ref().is_none_or(Decomposed::is_sound);
        finite && seasons && !self.recent.is_empty() && self.unit > 0.0 && self.unit.is_finite()
    }
}
