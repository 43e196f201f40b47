//! A model of a series that was made easier: by logarithms, by taking its seasons out.

use super::each::GoesOn;
use super::history::History;
use crate::bridge::{Watch, stopped};
use crate::sound::ensure;
use ruska_core::{FitError, Space, TaskMeta};
use ruska_kernels::series::decompose::{Adjusted, Decomposed, Mstl};
use ruska_kernels::series::periods::confirmed;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longest season that models have in their own equations.
const LONGEST: usize = 24;
/// How likely a series without a season may be taken for one with it.
const LEVEL: f64 = 0.05;
/// Largest logarithm that is taken back.
const LARGEST: f64 = 700.0;

/// What is done to a series first; the parameters of forecasters that have no others.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Preparation {
    /// Whether logarithms are told ahead, where all values are above 0.
    pub(crate) log: bool,
    /// Whether seasons are taken out by MSTL and put back; those that a model cannot have always are.
    pub(crate) take_seasons: bool,
}

/// The parameters of forecasters that have no seasons, so that these are always taken out.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Logarithms {
    /// Whether logarithms are told ahead, where all values are above 0.
    log: bool,
}

impl Logarithms {
    /// What is done to a series.
    pub(crate) fn preparation(self) -> Preparation {
        Preparation { log: self.log, take_seasons: true }
    }
}

/// A model of a prepared series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
pub(crate) struct Prepared<M> {
    log: bool,
    seasons: Option<Decomposed>,
    model: M,
}

/// A series without those of the seasons that it shows; `None` where it shows none.
pub(super) fn without_seasons(
    values: &[f64],
    seasons: &[usize],
    watch: &Watch<'_>,
) -> Result<Option<Adjusted>, FitError> {
    let stop = |s| stopped(watch.0, s);
    let shown = confirmed(values, seasons, LEVEL, watch).map_err(stop)?;
    let mstl = Mstl::new(&shown.iter().map(|s| s.period).collect::<Vec<_>>());
    if mstl.usable(values.len()).is_empty() {
        return Ok(None);
    }
    Decomposed::fit(values, &mstl, watch).map(Some).map_err(stop)
}

/// The logarithm of a value; of what has none, that of the least that has one.
pub(super) fn logarithm(value: f64) -> f64 {
    value.max(f64::MIN_POSITIVE).ln()
}

/// The value of a logarithm, finite.
pub(super) fn exponential(value: f64) -> f64 {
    value.min(LARGEST).exp()
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
        if !take {
            return Ok(Self { log, seasons: None, model: fit(values, history.season())? });
        }
        Ok(match without_seasons(values, history.seasons, watch)? {
            None => Self { log, seasons: None, model: fit(values, 1)? },
            Some(Adjusted { seasons, values }) => {
                Self { log, seasons: Some(seasons), model: fit(&values, 1)? }
            }
        })
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
            told.iter_mut().for_each(|v| *v = exponential(*v));
        }
        told
    }

    fn spread(&self, horizon: usize) -> Vec<f64> {
        let mut spread = self.model.spread(horizon);
        if self.log {
            // A small error of the logarithm is the same share of the value.
            let told = self.modelled(horizon);
            spread.iter_mut().zip(told).for_each(|(s, v)| *s = s.min(1.0) * exponential(v));
        }
        spread
    }

    fn update(&mut self, newer: &[f64]) {
        let mut newer = newer.to_vec();
        if self.log {
            newer.iter_mut().for_each(|v| *v = logarithm(*v));
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
