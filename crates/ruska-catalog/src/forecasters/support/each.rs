//! A forecaster of one series, fitted to each series of a panel.

use super::history::{History, panel};
use crate::bridge::Watch;
use crate::sound::ensure;
use rayon::prelude::*;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, LearnerInfo, PERIOD, Predict, PredictError, Predictions,
    RunContext, SERIES, Space, Target, TaskMeta, Timelines, Train,
};
use ruska_kernels::series::holes::filled;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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
    /// By number of the series; none for those without a value.
    series: Vec<Option<One<M>>>,
}

/// The model of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct One<M> {
    model: M,
    /// The first period that it does not know.
    next: i64,
    /// Whether all values have been at least 0, and forecasts are to be.
    positive: bool,
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
        let panel = panel(&train, F::INFO.id)?;
        let runs: Vec<_> = panel.runs(train.rows).collect();
        let one = |(series, places): &(usize, std::ops::Range<usize>)| {
            ctx.check()?;
            let known = train.rows[places.start] as usize..train.rows[places.end - 1] as usize + 1;
            let next = panel.period(known.end - 1) + 1;
            let known = &panel.values[known];
            if known.iter().all(|v| v.is_nan()) {
                return Ok((*series, None));
            }
            let values = filled(known, panel.season);
            let seasons = &panel.seasons;
            let history = History { values: &values, seasons };
            let model = self.0.fit(params, history, &Watch(ctx))?;
            let positive = values.iter().all(|v| *v >= 0.0);
            Ok((*series, Some(One { model, next, positive })))
        };
        let fitted: Result<Vec<_>, FitError> = if ctx.threads() > 1 {
            runs.par_iter().map(one).collect()
        } else {
            runs.iter().map(one).collect()
        };
        let mut series = vec![None; panel.series()];
        for (number, model) in fitted? {
            series[number] = model;
        }
        Ok(EachModel { series })
    }
}

impl<M: GoesOn> Predict for EachModel<M> {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let asked = asked(x, rows)?;
        let mut steps = vec![0; self.series.len()];
        for (series, period) in &asked {
            let model = self.series.get(*series).and_then(Option::as_ref);
            let model = model.ok_or(PredictError::UnknownSeries { number: *series })?;
            let ahead = usize::try_from(period - model.next);
            let ahead = ahead.map_err(|_| PredictError::NotAhead { number: *series })?;
            steps[*series] = steps[*series].max(ahead + 1);
        }
        let told: Vec<_> = self
            .series
            .iter()
            .zip(&steps)
            .map(|(one, steps)| one.as_ref().filter(|_| *steps > 0).map(|one| one.ahead(*steps)))
            .collect();
        let mut values = Vec::with_capacity(2 * rows.len());
        for (series, period) in asked {
            let (Some(one), Some((points, spreads))) = (&self.series[series], &told[series]) else {
                continue;
            };
            let step = (period - one.next) as usize;
            values.extend([points[step], spreads[step]]);
        }
        Ok(Predictions::new(2, values))
    }

    fn updated(&self, x: &Frame, y: &Target) -> Option<Self> {
        let Target::Series(panel) = y else { return None };
        let numbers = x.field(SERIES)?.floats()?;
        let mut newer = self.clone();
        for run in 0..panel.series() {
            let span = panel.span(run);
            let number = *numbers.get(span.start)? as usize;
            if let Some(Some(one)) = newer.series.get_mut(number) {
                one.take_in(panel, run);
            }
        }
        Some(newer)
    }

    fn validate(&self) -> Result<(), String> {
        let mut models = self.series.iter().flatten();
        models.try_for_each(|one| {
            ensure(in_range(one.next), "a period is out of range")?;
            one.model.sound()
        })
    }
}

impl<M: GoesOn> One<M> {
    /// Points and spreads of so many periods.
    fn ahead(&self, steps: usize) -> (Vec<f64>, Vec<f64>) {
        let (mut points, spreads) = (self.model.forecast(steps), self.model.spread(steps));
        if self.positive {
            points.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        (points, spreads)
    }

    /// Takes in what a series of a panel has from the first unknown period on; what is missing is as it
    /// was told.
    fn take_in(&mut self, panel: &Timelines, run: usize) {
        let span = panel.span(run);
        let Ok(known) = usize::try_from(self.next - panel.starts[run]) else { return };
        if known >= span.len() {
            return;
        }
        let mut newer = panel.values[span.start + known..span.end].to_vec();
        let mut at = 0;
        while at < newer.len() {
            let missing = newer[at..].iter().take_while(|v| v.is_nan()).count();
            if missing > 0 {
                let (told, _) = self.ahead(missing);
                newer[at..at + missing].copy_from_slice(&told);
            }
            let to = newer[at + missing..].iter().position(|v| v.is_nan());
            let to = to.map_or(newer.len(), |n| at + missing + n);
            self.model.update(&newer[at..to]);
            self.positive &= newer[at..to].iter().all(|v| *v >= 0.0);
            at = to;
        }
        self.next += newer.len() as i64;
    }
}

/// Whether a period is one that a frame can ask for.
pub(super) fn in_range(period: i64) -> bool {
    period.unsigned_abs() < 1 << 53
}

/// The series and period of some rows.
pub(super) fn asked(x: &Frame, rows: &[u32]) -> Result<Vec<(usize, i64)>, PredictError> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let column = |name: &str| {
        let found = x.field(name).and_then(|f| f.floats());
        found.ok_or_else(|| PredictError::MissingColumn { column: name.to_owned() })
    };
    let (series, periods) = (column(SERIES)?, column(PERIOD)?);
    Ok(rows.iter().map(|&r| (series[r as usize] as usize, periods[r as usize] as i64)).collect())
}
