//! A forecaster of one series, fitted to each series of a panel.

use super::effects::{Effects, Form};
use super::history::{History, panel};
use super::known::{Known, One, Told, columns, fitted};
use crate::bridge::Watch;
use rayon::prelude::*;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, LearnerInfo, Predict, PredictError, Predictions, RunContext,
    Space, Target, TaskMeta, Train,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How one series goes on.
pub(crate) trait GoesOn:
    Clone + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// The next values, one per period, finite.
    fn forecast(&self, horizon: usize) -> Vec<f64>;
    /// The standard deviation of the error of each, finite, at least 0.
    fn spread(&self, horizon: usize) -> Vec<f64>;
    /// Takes in the values that came next, finite.
    fn update(&mut self, newer: &[f64]);
    /// What makes the state useless, if anything.
    fn sound(&self) -> Result<(), String>;
}

/// A forecaster of one series as its author writes it.
pub(crate) trait OneSeries: Send + Sync + 'static {
    /// See [`Algorithm::Params`].
    type Params: Serialize + DeserializeOwned + Default + Sync;
    /// What is fitted to a series.
    type Model: GoesOn;
    /// See [`Algorithm::INFO`].
    const INFO: LearnerInfo;

    /// See [`Algorithm::space`].
    fn space(&self, meta: &TaskMeta) -> Space {
        let _ = meta;
        Space::new()
    }

    /// How effects of known covariates make up a value; `None` where they are not looked at.
    fn effects(&self, params: &Self::Params) -> Option<Form> {
        let _ = params;
        None
    }

    /// Work units of a fit to a series of so many values with these seasons.
    fn work(&self, params: &Self::Params, values: f64, meta: &TaskMeta) -> f64;

    /// Fits one series.
    fn fit(
        &self,
        params: &Self::Params,
        history: History<'_>,
        watch: &Watch<'_>,
    ) -> Result<Self::Model, FitError>;
}

/// A forecaster of one series as one of panels.
pub(crate) struct Each<F>(pub(crate) F);

/// A model for each series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
pub(crate) struct EachModel<M> {
    /// The known covariates whose effects are looked at.
    covariates: Vec<String>,
    series: Known<Regressed<M>>,
}

/// A model of what is left of a series without the effects of covariates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "M: Serialize + DeserializeOwned")]
struct Regressed<M> {
    effects: Option<Effects>,
    model: M,
}

impl<F: OneSeries> Algorithm for Each<F> {
    type Params = F::Params;
    type Model = EachModel<F::Model>;

    const INFO: LearnerInfo = F::INFO;

    fn space(&self, meta: &TaskMeta) -> Space {
        self.0.space(meta)
    }

    fn cost(&self, params: &F::Params, meta: &TaskMeta) -> Cost {
        let series = meta.series.unwrap_or(1).max(1) as f64;
        let values = meta.rows as f64 / series;
        let work = series * (self.0.work(params, values, meta) + 500.0);
        Cost { work, bytes: 400.0 * series + 64.0 * values }
    }

    fn fit(
        &self,
        params: &F::Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Self::Model, FitError> {
        let lines = panel(&train, F::INFO.id)?;
        let form = self.0.effects(params).filter(|_| !lines.covariates.known.is_empty());
        let covariates = form.map_or_else(Vec::new, |_| lines.covariates.known.clone());
        let known = columns(train.x, &covariates)?;
        let runs: Vec<_> = lines.runs(train.rows).collect();
        let one = |(series, places): &(usize, Range<usize>)| {
            ctx.check()?;
            let rows = train.rows[places.start] as usize..train.rows[places.end - 1] as usize + 1;
            let known: Vec<&[f64]> = known.iter().map(|column| &column[rows.clone()]).collect();
            let model = fitted(lines, rows, |values| {
                self.regressed(params, (form, &known), (values, &lines.seasons), &Watch(ctx))
            });
            Ok((*series, model?))
        };
        let models: Result<Vec<_>, FitError> = if ctx.threads() > 1 {
            runs.par_iter().map(one).collect()
        } else {
            runs.iter().map(one).collect()
        };
        Ok(EachModel { covariates, series: Known::of(lines.series(), models?.into_iter()) })
    }
}

impl<F: OneSeries> Each<F> {
    /// Fits what is left of a series without the effects of covariates.
    fn regressed(
        &self,
        params: &F::Params,
        (form, covariates): (Option<Form>, &[&[f64]]),
        (mut values, seasons): (Vec<f64>, &[usize]),
        watch: &Watch<'_>,
    ) -> Result<Regressed<F::Model>, FitError> {
        let effects = match form {
            Some(form) => Effects::fit(form, &values, covariates, seasons, watch)?,
            None => None,
        };
        if let Some(effects) = &effects {
            for (i, value) in values.iter_mut().enumerate() {
                *value = effects.without(*value, effects.of(covariates.iter().map(|c| c[i])));
            }
        }
        let history = History { values: &values, seasons };
        Ok(Regressed { effects, model: self.0.fit(params, history, watch)? })
    }
}

impl<M: GoesOn> Predict for EachModel<M> {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        self.series.predictions(x, rows, |asked| {
            let columns = columns(asked.x, &self.covariates)?;
            let mut told = vec![vec![]; asked.series()];
            for (number, one) in self.series.asked(asked) {
                let steps = asked.steps(number);
                let effect = |step| {
                    let (effects, row) = (one.model.effects.as_ref()?, asked.row(number, step)?);
                    Some(effects.of(columns.iter().map(|column| column[row])))
                };
                let effects: Vec<f64> =
                    (0..steps).map(|step| effect(step).unwrap_or(0.0)).collect();
                told[number] = ahead(one, &effects);
            }
            Ok(told)
        })
    }

    fn updated(&self, x: &Frame, y: &Target) -> Option<Self> {
        let columns = columns(x, &self.covariates).ok()?;
        let series = self.series.clone().updated(x, y, |one, lines, span, known| {
            let rows = span.start + known..span.end;
            let of_row = |row: usize| {
                let known = columns.iter().map(|column| column[row]);
                one.model.effects.as_ref().map_or(0.0, |e| e.of(known))
            };
            let effects: Vec<f64> = rows.clone().map(of_row).collect();
            take_in(one, lines.values[rows].to_vec(), &effects);
        });
        Some(Self { covariates: self.covariates.clone(), series: series? })
    }

    fn validate(&self) -> Result<(), String> {
        self.series.validate(|one| {
            one.effects.as_ref().map_or(Ok(()), |e| e.sound(self.covariates.len()))?;
            one.model.sound()
        })
    }
}

/// Points and spreads of the next periods, by the effect of covariates in each.
fn ahead<M: GoesOn>(one: &One<Regressed<M>>, effects: &[f64]) -> Told {
    let Regressed { effects: how, model } = &one.model;
    let told = model.forecast(effects.len()).into_iter().zip(model.spread(effects.len()));
    let told = told.zip(effects).map(|(told, effect)| match how {
        Some(how) => how.with(told, *effect),
        None => told,
    });
    told.map(|(point, spread)| (one.bounded(point), spread)).collect()
}

/// Takes in values that came, by the effect of covariates in each; what is missing is as it was told.
fn take_in<M: GoesOn>(one: &mut One<Regressed<M>>, mut newer: Vec<f64>, effects: &[f64]) {
    let mut at = 0;
    while at < newer.len() {
        let missing = newer[at..].iter().take_while(|v| v.is_nan()).count();
        if missing > 0 {
            let told = ahead(one, &effects[at..at + missing]);
            newer[at..].iter_mut().zip(told).for_each(|(v, (point, _))| *v = point);
        }
        let to = newer[at + missing..].iter().position(|v| v.is_nan());
        let to = to.map_or(newer.len(), |n| at + missing + n);
        let Regressed { effects: how, model } = &mut one.model;
        if let Some(how) = how {
            let all = newer[at..to].iter_mut().zip(&effects[at..to]);
            all.for_each(|(value, effect)| *value = how.without(*value, *effect));
        }
        model.update(&newer[at..to]);
        at = to;
    }
}
