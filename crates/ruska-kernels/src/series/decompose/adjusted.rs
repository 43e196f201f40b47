//! Seasons that repeat: what a forecaster without seasons needs before and after.

use super::super::MOST_VALUES;
use super::{Decomposition, Mstl};
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// The last cycle of each season of a series, which goes on for ever.
///
/// The series without its seasons goes to any forecaster; [`season_ahead`](Self::season_ahead) is
/// added to what that says. The spread of its errors is that of the sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decomposed {
    /// The cycles, ascending by period, each from the place after the series on.
    cycles: Vec<Vec<f64>>,
    /// Values seen since the cycles were found.
    seen: usize,
    /// Strengths in 0..1 of the trend and then of the seasons.
    strengths: Vec<f64>,
    observations: usize,
}

/// A series without its seasons, and those.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjusted {
    /// The seasons.
    pub seasons: Decomposed,
    /// Trend and remainder, one a value of the series.
    pub values: Vec<f64>,
}

impl Decomposed {
    /// Takes the seasons out of a series of finite values. Series with no period or too short for
    /// all have none, and stay as they are.
    pub fn fit(values: &[f64], mstl: &Mstl, progress: &dyn Progress) -> Result<Adjusted, Stopped> {
        if mstl.usable(values.len()).is_empty() {
            let seasons = Self {
                cycles: Vec::new(),
                seen: 0,
                strengths: vec![0.0],
                observations: values.len(),
            };
            return Ok(Adjusted { seasons, values: values.to_vec() });
        }
        let parts = mstl.decompose(values, progress)?;
        Ok(Adjusted { seasons: Self::of(&parts), values: parts.adjusted() })
    }

    /// The seasons of a decomposition.
    pub fn of(parts: &Decomposition) -> Self {
        let last = |s: &super::Season| s.values[s.values.len() - s.period..].to_vec();
        let seasons = parts.season_strengths().into_iter().map(|(_, strength)| strength);
        Self {
            cycles: parts.seasons.iter().map(last).collect(),
            seen: 0,
            strengths: std::iter::once(parts.trend_strength()).chain(seasons).collect(),
            observations: parts.remainder.len(),
        }
    }

    /// The sum of the seasons at each of the next `horizon` places.
    pub fn season_ahead(&self, horizon: usize) -> Vec<f64> {
        let at = |step: usize| {
            self.cycles.iter().map(|cycle| cycle[(self.seen + step) % cycle.len()]).sum()
        };
        (0..horizon).map(at).collect()
    }

    /// Goes on over newer values, and returns them without the seasons, which stay as they are.
    pub fn update(&mut self, values: &[f64]) -> Vec<f64> {
        let seasons = self.season_ahead(values.len());
        self.seen += values.len();
        self.observations += values.len();
        values.iter().zip(seasons).map(|(v, s)| v - s).collect()
    }

    /// Values of a cycle of each season, ascending.
    pub fn periods(&self) -> Vec<usize> {
        self.cycles.iter().map(Vec::len).collect()
    }

    /// The strength in 0..1 of the trend.
    pub fn trend_strength(&self) -> f64 {
        self.strengths[0]
    }

    /// The strength in 0..1 of each season, by ascending period.
    pub fn season_strengths(&self) -> &[f64] {
        &self.strengths[1..]
    }

    /// Whether its parts belong together and all numbers are in range, as they are after a fit.
    pub fn is_sound(&self) -> bool {
        let whole = |cycle: &Vec<f64>| !cycle.is_empty() && cycle.iter().all(|v| v.is_finite());
        self.cycles.iter().all(whole)
            && self.strengths.len() == self.cycles.len() + 1
            && self.seen.max(self.observations) < MOST_VALUES
    }

    /// Values seen in all.
    pub fn observations(&self) -> usize {
        self.observations
    }
}
