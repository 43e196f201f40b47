//! What was told of series before it came, with what came, known to belong together.
//!
//! Reference: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition: 100,000 time series and 61
//! forecasting methods", IJF 36, 2020.

use super::input::Weights;
use super::undefined;
use ruska_core::{Ahead, Measure, MeasureError, MeasureInfo, Predictions, Truth};
use std::sync::Arc;

/// Checked input of a measure of forecasts: at least one row.
pub(crate) struct AheadInput<'a> {
    ahead: &'a Ahead,
    /// The true value of each row.
    pub(crate) truth: Vec<f64>,
    /// Point and standard deviation of each row.
    predictions: &'a Predictions,
    weights: Weights<'a>,
}

/// The parts of a loss, or why it has no value.
pub(crate) type Found = Result<Parts, &'static str>;

/// A loss, and what each row has of it.
pub(crate) struct Parts {
    pub(crate) loss: f64,
    /// See [`ruska_core::Measure::row_losses`].
    pub(crate) rows: Vec<f64>,
}

impl<'a> AheadInput<'a> {
    /// Checks the task, rows, finiteness and weights.
    pub(crate) fn new(
        info: &'static MeasureInfo,
        truth: &'a Truth,
        predictions: &'a Predictions,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, MeasureError> {
        let measure = info.id;
        let Truth::Ahead(ahead) = truth else { return Err(MeasureError::Task { measure }) };
        if predictions.width() != 2 {
            return Err(MeasureError::Task { measure });
        }
        let weights = Weights::new(info, ahead.rows.len(), predictions, weights)?;
        let truth = ahead.truth();
        if truth.iter().any(|y| !y.is_finite()) {
            return Err(undefined(info, "a true value is not finite"));
        }
        Ok(Self { ahead, truth, predictions, weights })
    }

    /// The forecast of a row.
    pub(crate) fn point(&self, row: usize) -> f64 {
        self.predictions.row(row)[0]
    }

    /// So many standard deviations of a row's error beyond its forecast.
    pub(crate) fn at(&self, row: usize, deviations: f64) -> f64 {
        let row = self.predictions.row(row);
        row[0] + deviations * row[1].max(0.0)
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.truth.len()
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.of(row)
    }

    fn total(&self) -> f64 {
        (0..self.rows()).map(|row| self.weight(row)).sum()
    }

    /// What `of` makes of what was known of each series, under a name of its own.
    pub(crate) fn of_series<T: Send + Sync + 'static>(
        &self,
        name: &str,
        of: impl Fn(&[f64]) -> T,
    ) -> Arc<Vec<T>> {
        self.ahead.of_series(name, of)
    }

    /// The series of a row, and by how many periods it is after the last one known there, from 0.
    pub(crate) fn place(&self, row: usize) -> (usize, usize) {
        (self.ahead.series[row] as usize, self.ahead.step(row))
    }

    /// Periods of the season by which errors are scaled.
    pub(crate) fn season(&self) -> usize {
        self.ahead.panel.season
    }

    /// The mean over series, by how often each counts, of the mean over the rows of each of what is lost
    /// there, in units of the series' scale; series without one are left out, and where none has one they
    /// all are 1.
    pub(crate) fn mean_of_series(
        &self,
        scales: &[Option<f64>],
        lost: impl Fn(usize) -> f64,
    ) -> Parts {
        self.over_series(scales, lost, |mean| (mean, 1.0))
    }

    /// The same of a function of the mean of each series, which gives its value and its slope.
    pub(crate) fn over_series(
        &self,
        scales: &[Option<f64>],
        lost: impl Fn(usize) -> f64,
        of: impl Fn(f64) -> (f64, f64),
    ) -> Parts {
        let mut sums = vec![(0.0, 0.0); scales.len()];
        let lost: Vec<f64> = (0..self.rows()).map(lost).collect();
        for (row, lost) in lost.iter().enumerate() {
            let (sum, weight) = &mut sums[self.ahead.series[row] as usize];
            *sum += self.weight(row) * lost;
            *weight += self.weight(row);
        }
        // Without any past there is nothing to scale by.
        let unscaled = (0..scales.len()).all(|s| scales[s].is_none() || sums[s].1 <= 0.0);
        let scale = |series: usize| if unscaled { Some(1.0) } else { scales[series] };
        let counts = |series: usize| sums[series].1 > 0.0 && scale(series).is_some();
        let times = |series: usize| if counts(series) { self.ahead.times(series) } else { 0.0 };
        let series = (0..scales.len()).map(times).sum::<f64>();
        let series = if series > 0.0 { series } else { 1.0 };
        let total = self.total();
        let of_series: Vec<Option<(f64, f64)>> = (0..scales.len())
            .map(|s| {
                let scale = scale(s).filter(|_| counts(s))?;
                let (value, slope) = of(sums[s].0 / sums[s].1);
                let slope = slope / scale * total * times(s) / (series * sums[s].1);
                Some((times(s) * value / scale, slope))
            })
            .collect();
        let loss = of_series.iter().flatten().map(|(value, _)| value).sum::<f64>() / series;
        let rows = lost.iter().zip(&self.ahead.series).map(|(lost, &s)| {
            let s = s as usize;
            let Some((_, slope)) = of_series[s] else { return loss };
            loss + slope * (lost - sums[s].0 / sums[s].1)
        });
        Parts { loss, rows: rows.collect() }
    }

    /// What is lost on all rows over what there is on all of them, as of the true values; without a value
    /// where there is nothing.
    pub(crate) fn ratio(&self, lost: impl Fn(usize) -> f64, there: impl Fn(usize) -> f64) -> Found {
        let sum = |of: &dyn Fn(usize) -> f64| {
            (0..self.rows()).map(|row| self.weight(row) * of(row)).sum::<f64>()
        };
        let all = sum(&there);
        let loss = sum(&lost) / all;
        let times = self.total() / all;
        let row = |row| loss + (lost(row) - loss * there(row)) * times;
        if !loss.is_finite() {
            return Err("all true values are 0");
        }
        Ok(Parts { loss, rows: (0..self.rows()).map(row).collect() })
    }
}

/// The mean absolute difference of values a season apart, of those that are there; `None` where there
/// are none or they are all equal.
pub(crate) fn seasonal_difference(known: &[f64], season: usize) -> Option<f64> {
    mean_lag(known, season, f64::abs)
}

/// The mean squared difference of neighbours from the first value on that is not 0; `None` where there
/// are none or they are all equal.
pub(crate) fn squared_step(known: &[f64]) -> Option<f64> {
    let first = known.iter().position(|v| *v != 0.0 && !v.is_nan()).unwrap_or(0);
    mean_lag(&known[first..], 1, |d| d * d)
}

fn mean_lag(known: &[f64], lag: usize, of: impl Fn(f64) -> f64) -> Option<f64> {
    let pairs = known.iter().skip(lag).zip(known);
    let differences = pairs.map(|(a, b)| of(a - b)).filter(|d| !d.is_nan());
    let (sum, n) = differences.fold((0.0, 0.0), |(sum, n), d| (sum + d, n + 1.0));
    Some(sum / n).filter(|mean| *mean > 0.0 && mean.is_finite())
}

/// 200 |y − f| / (|y| + |f|), where 0 over 0 is 0.
pub(crate) fn symmetric(truth: f64, told: f64) -> f64 {
    let size = truth.abs() + told.abs();
    if size > 0.0 { 200.0 * ((truth - told).abs() / size) } else { 0.0 }
}

/// The quantiles 0.1, 0.2, …, 0.9 of the standard normal distribution.
pub(crate) const NORMAL_DECILES: [f64; 9] = [
    -1.281_551_565_544_600_4,
    -0.841_621_233_572_914_3,
    -0.524_400_512_708_040_9,
    -0.253_347_103_135_799_7,
    0.0,
    0.253_347_103_135_799_7,
    0.524_400_512_708_040_9,
    0.841_621_233_572_914_3,
    1.281_551_565_544_600_4,
];

/// A measure of forecasts as its author writes it.
pub(crate) trait ForecastMeasure: Send + Sync + 'static {
    /// What it declares.
    fn info(&self) -> &'static MeasureInfo;

    /// The loss, and what each row has of it; why there is none where there is none.
    fn parts(&self, input: &AheadInput<'_>) -> Found;
}

/// A measure of forecasts as the engine sees it.
pub(crate) struct OfForecasts<M>(pub(crate) M);

impl<M: ForecastMeasure> Measure for OfForecasts<M> {
    fn info(&self) -> &MeasureInfo {
        self.0.info()
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let info = self.0.info();
        let input = AheadInput::new(info, truth, predictions, weights)?;
        let found = self.0.parts(&input).map_err(|why| undefined(info, why))?;
        super::finite(info, self.score_of(found.loss))
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let input = AheadInput::new(self.0.info(), truth, predictions, weights).ok()?;
        super::collect(self.0.parts(&input).ok()?.rows.into_iter())
    }
}
