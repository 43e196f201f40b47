//! What a global model sees beside the values: covariates, and where in its seasons a period is.

use super::known::columns;
use crate::sound::ensure;
use ruska_core::{Covariates, Frame, PredictError, Timelines};
use serde::{Deserialize, Serialize};

/// The covariates of a panel; with them go its seasons, since what they do may depend on these, as do seasons
/// that are left in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Beside {
    covariates: Covariates,
    /// Periods of the seasons; none where there are no covariates and seasons are taken out.
    seasons: Vec<usize>,
}

/// The columns of covariates in a frame.
pub(super) struct Columns<'a> {
    known: Vec<&'a [f64]>,
    others: Vec<&'a [f64]>,
}

impl Columns<'_> {
    /// The covariates of a row whose value is there.
    pub(super) fn now(&self, row: usize) -> Vec<f64> {
        self.known.iter().chain(&self.others).map(|column| column[row]).collect()
    }

    /// Those that are known ahead, of a row whose value is asked for.
    pub(super) fn ahead(&self, row: usize) -> Vec<f64> {
        self.known.iter().map(|column| column[row]).collect()
    }
}

impl Beside {
    /// What there is beside the values of a panel, whose seasons are taken out or not.
    pub(super) fn new(lines: &Timelines, taken: bool) -> Self {
        let covariates = lines.covariates.clone();
        let seen = !covariates.is_empty() || !taken;
        let seasons = if seen { lines.seasons.clone() } else { vec![] };
        Self { covariates, seasons }
    }

    /// Its columns in a frame.
    ///
    /// Fails where one is not there.
    pub(super) fn columns<'a>(&self, x: &'a Frame) -> Result<Columns<'a>, PredictError> {
        let Covariates { known, past, fixed } = &self.covariates;
        let others = columns(x, past)?.into_iter().chain(columns(x, fixed)?).collect();
        Ok(Columns { known: columns(x, known)?, others })
    }

    /// Those of its columns that are known ahead.
    ///
    /// Fails where one is not there.
    pub(super) fn known<'a>(&self, x: &'a Frame) -> Result<Columns<'a>, PredictError> {
        Ok(Columns { known: columns(x, &self.covariates.known)?, others: vec![] })
    }

    /// Covariates of a period.
    pub(super) fn width(&self) -> usize {
        let Covariates { known, past, fixed } = &self.covariates;
        known.len() + past.len() + fixed.len()
    }

    /// Adds to a row the covariates of the last value, for each that is known ahead its value there and how
    /// much more than now that is, and the place of the period ahead in each season; NaN where `ahead` is
    /// empty.
    pub(super) fn seen(&self, now: &[f64], ahead: &[f64], period: i64, row: &mut Vec<f64>) {
        let known = self.covariates.known.len();
        row.extend_from_slice(&now[known..]);
        for (k, now) in now[..known].iter().enumerate() {
            let then = ahead.get(k).copied().unwrap_or(f64::NAN);
            row.extend([then, then - now]);
        }
        row.extend(self.seasons.iter().map(|season| period.rem_euclid(*season as i64) as f64));
    }

    /// What makes it useless, if anything.
    pub(super) fn validate(&self) -> Result<(), String> {
        ensure(self.seasons.iter().all(|season| *season > 1), "a season is none")
    }
}
