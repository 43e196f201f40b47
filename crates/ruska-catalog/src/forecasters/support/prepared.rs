//! A model of a series that was made easier: by logarithms, by taking its seasons out.

use super::each::GoesOn;
use super::history::History;
use crate::bridge::{Watch, stopped};
use crate::sound::ensure;
use ruska_core::{FitError, Space, TaskMeta};
use ruska_kernels::series::decompose::{Decomposed, Mstl};
use ruska_kernels::series::periods::confirmed;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longest season that models have in their own equations.
const LONGEST: usize = 24;
/// How likely a series without a season may be taken for one with it.
const LEVEL: f64 = 0.05;
/// Largest logarithm that is taken back.
const LARGEST: f64 = 700.0;

/// What is done to a series first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Preparation {
    /// Logarithms, where all values are above 0.
    pub(crate) log: bool,
    /// Seasons are taken out by MSTL and put back; those that a model cannot have always are.
    pub(crate) take_seasons: bool,
}

/// A model of a prepared series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
pub(crate) struct Prepared<M> {
    log: bool,
    seasons: Option<Decomposed>,
    model: M,
}

/// Adds the parameter `log`, for series that are above 0.
pub(crate) fn with_log(space: Space, meta: &TaskMeta) -> Space {
    if meta.least_target > 0.0 { space.bool("log", false) } else { space }
}

/// Adds the parameter `take_seasons`, for series that have one.
pub(crate) fn with_seasons(space: Space, meta: &TaskMeta) -> Space {
    if meta.seasons.is_empty() { space } else { space.bool("take_seasons", false) }
}

impl<M: GoesOn> Prepared<M> {
    /// Fits `fit` to the prepared values, given the season left in them, 1 for none.
    pub(crate) fn fit(
        how: Preparation,
        history: History<'_>,
        watch: &Watch<'_>,
        fit: impl FnOnce(&[f64], usize) -> Result<M, FitError>,
    ) -> Result<Self, FitError> {
        let log = how.log && history.values.iter().all(|v| *v > 0.0);
        let logs: Vec<f64>;
        let mut values = history.values;
        if log {
            logs = values.iter().map(|v| v.ln()).collect();
            values = &logs;
        }
        let longest = history.seasons.last().copied().unwrap_or(1);
        let take = how.take_seasons || longest > LONGEST || history.seasons.len() > 1;
        let shown = if take {
            confirmed(values, history.seasons, LEVEL, watch).map_err(|s| stopped(watch.0, s))?
        } else {
            vec![]
        };
        let mstl = Mstl::new(&shown.iter().map(|s| s.period).collect::<Vec<_>>());
        if !take || mstl.usable(values.len()).is_empty() {
            let season = if take { 1 } else { history.season() };
            let model = fit(values, season)?;
            return Ok(Self { log, seasons: None, model });
        }
        let taken = Decomposed::fit(values, &mstl, watch).map_err(|s| stopped(watch.0, s))?;
        let model = fit(&taken.values, 1)?;
        Ok(Self { log, seasons: Some(taken.seasons), model })
    }

    /// Forecasts as they are modelled.
    fn modelled(&self, horizon: usize) -> Vec<f64> {
        let mut told = self.model.forecast(horizon);
        if let Some(seasons) = &self.seasons {
            told.iter_mut().zip(seasons.season_ahead(horizon)).for_each(|(v, s)| *v += s);
        }
        told
    }
}

impl<M: GoesOn> GoesOn for Prepared<M> {
    fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut told = self.modelled(horizon);
        if self.log {
            told.iter_mut().for_each(|v| *v = v.min(LARGEST).exp());
        }
        told
    }

    fn spread(&self, horizon: usize) -> Vec<f64> {
        let mut spread = self.model.spread(horizon);
        if self.log {
            // A small error of the logarithm is the same share of the value.
            let told = self.modelled(horizon);
            spread.iter_mut().zip(told).for_each(|(s, v)| *s = s.min(1.0) * v.min(LARGEST).exp());
        }
        spread
    }

    fn update(&mut self, newer: &[f64]) {
        let mut newer = newer.to_vec();
        if self.log {
            // What a logarithm does not take is as small as what it does.
            newer.iter_mut().for_each(|v| *v = v.max(f64::MIN_POSITIVE).ln());
        }
        match &mut self.seasons {
            Some(seasons) => self.model.update(&seasons.update(&newer)),
            None => self.model.update(&newer),
        }
    }

    fn sound(&self) -> Result<(), String> {
        let seasons = self.seasons.as_ref();
        ensure(seasons.is_none_or(Decomposed::is_sound), "a season is none")?;
        self.model.sound()
    }
}
