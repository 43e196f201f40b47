//! How far what comes is off what was told, learned from forecasts of the past.
//!
//! Errors of the rolling origins are counted in the standard deviations that the model gave them, and
//! their quantiles are kept for each step ahead: split conformal prediction with a normalised score. Steps
//! with few errors share those of their neighbours, and what few errors cannot tell is that of a normal
//! distribution of their size. How wide the intervals of a series are follows from the deviations told and from
//! how much it changes over a season, half each, and from how large its own errors were, shrunk towards that.
//!
//! Reference: Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, "Distribution-free predictive inference for
//! regression", JASA 113, 2018; Stankevičiūtė, Alaa, van der Schaar, "Conformal time-series forecasting",
//! NeurIPS 2021.

use crate::normal;
use ruska_core::codec;
use serde::{Deserialize, Serialize};

/// The levels of the quantiles kept, ascending, with the quantiles of the normal distribution there.
const LEVELS: [(f64, f64); 15] = [
    (0.005, -2.575_829_303_548_901),
    (0.01, -2.326_347_874_040_841),
    (0.025, -1.959_963_984_540_054),
    (0.05, -1.644_853_626_951_472_7),
    (0.1, -1.281_551_565_544_600_4),
    (0.2, -0.841_621_233_572_914_3),
    (0.35, -0.385_320_466_407_567_6),
    (0.5, 0.0),
    (0.65, 0.385_320_466_407_567_6),
    (0.8, 0.841_621_233_572_914_3),
    (0.9, 1.281_551_565_544_600_4),
    (0.95, 1.644_853_626_951_472_7),
    (0.975, 1.959_963_984_540_054),
    (0.99, 2.326_347_874_040_841),
    (0.995, 2.575_829_303_548_901),
];
/// Errors that a step should have, with those of its neighbours.
const ENOUGH: usize = 400;
/// Errors from which on those above and below count apart for one half; fewer count alike.
const SIGNED: usize = 400;
/// Errors as which the normal distribution counts.
const PRIOR: f64 = 20.0;
/// Errors as which the other series count for the width of one.
const SHARED: f64 = 30.0;
/// The largest squared error of a series that counts for its width, in mean squared errors.
const WILD: f64 = 6.0;
/// The largest squared error in squared standard deviations.
const LARGEST: f64 = 1e8;
/// How far changes over a season may move a width from that of the median series.
const MOVED: f64 = 4.0;

/// A past error of a forecast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PastError {
    /// Number of the series.
    pub(crate) series: usize,
    /// Steps ahead, from 0.
    pub(crate) step: usize,
    /// What came less what was told.
    pub(crate) error: f64,
    /// The standard deviation told, at least 0.
    pub(crate) spread: f64,
}

/// Quantiles of errors by step ahead, and how much wider than told the errors of each series are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// For each step the quantiles of its errors in standard deviations, at the levels kept.
    #[serde(with = "codec::packed")]
    quantiles: Vec<f32>,
    /// For each series what its standard deviations are to be multiplied by.
    #[serde(with = "codec::packed")]
    factors: Vec<f32>,
}

impl Intervals {
    /// From the errors of series at so many steps; those of a normal distribution where there are none.
    /// `changes` is for each series the mean absolute change over a season, 0 where it is not known.
    pub(crate) fn of(errors: &[PastError], changes: &[f64], steps: usize) -> Self {
        let told: Vec<&PastError> = errors.iter().filter(|e| e.spread > 0.0).collect();
        let factors = factors(&told, changes);
        let mut by_step: Vec<Vec<f64>> = vec![vec![]; steps];
        for e in &told {
            if let Some(list) = by_step.get_mut(e.step) {
                list.push(e.error / (e.spread * factors[e.series]));
            }
        }
        let quantiles = (0..steps).flat_map(|step| quantiles(neighbours(&by_step, step)));
        Self {
            quantiles: quantiles.map(|q| q as f32).collect(),
            factors: factors.iter().map(|f| *f as f32).collect(),
        }
    }

    /// Steps that it tells of.
    fn steps(&self) -> usize {
        self.quantiles.len() / LEVELS.len()
    }

    /// The quantile of the error of a series so many steps ahead, from 0, at a level in (0, 1), where the
    /// model gives it this standard deviation. Beyond the last step known it is that of the last.
    pub(crate) fn error(&self, series: usize, step: usize, level: f64, spread: f64) -> f64 {
        let factor = self.factors.get(series).map_or(1.0, |f| f64::from(*f));
        let z = normal::quantile(level.clamp(1e-12, 1.0 - 1e-12));
        let Some(last) = self.steps().checked_sub(1) else { return z * spread * factor };
        let from = step.min(last) * LEVELS.len();
        let kept = &self.quantiles[from..from + LEVELS.len()];
        let at = LEVELS.partition_point(|(_, known)| *known < z).clamp(1, LEVELS.len() - 1);
        let ((_, low), (_, high)) = (LEVELS[at - 1], LEVELS[at]);
        let (a, b) = (f64::from(kept[at - 1]), f64::from(kept[at]));
        // Between two levels, and beyond the outermost, as a normal quantile goes on.
        let scaled = a + (b - a) * (z - low) / (high - low);
        scaled * spread * factor
    }

    /// The share of errors that lie within the intervals that are to hold such a share; `None` where there
    /// are no errors.
    pub(crate) fn held(&self, errors: &[PastError], share: f64) -> Option<f64> {
        let inside = |e: &&PastError| {
            let at = |level| self.error(e.series, e.step, level, e.spread);
            (at((1.0 - share) / 2.0)..=at(f64::midpoint(1.0, share))).contains(&e.error)
        };
        let count = errors.iter().filter(inside).count() as f64;
        (!errors.is_empty()).then(|| count / errors.len() as f64)
    }

    /// What makes it useless for so many series, if anything.
    pub(crate) fn validate(&self, series: usize) -> Result<(), String> {
        let finite = |values: &[f32]| values.iter().all(|v| v.is_finite());
        let rows = self.quantiles.chunks_exact(LEVELS.len());
        let ordered = rows.clone().all(|row| row.windows(2).all(|w| w[0] <= w[1]));
        if !rows.remainder().is_empty() || !finite(&self.quantiles) || !ordered {
            return Err("its quantiles are out of order".to_owned());
        }
        if self.factors.len() != series || !finite(&self.factors) {
            return Err("its intervals are not those of its series".to_owned());
        }
        Ok(())
    }
}

/// By how much the errors of each series are larger than told: by its changes over a season, and by what they
/// were, shrunk towards that.
fn factors(told: &[&PastError], changes: &[f64]) -> Vec<f64> {
    let bases = bases(told, changes);
    let square = |e: &&PastError| (e.error / (e.spread * bases[e.series])).powi(2).min(LARGEST);
    let squares = || told.iter().map(square);
    let count = told.len().max(1) as f64;
    let mean = squares().sum::<f64>() / count;
    // A single wild error is not to widen all.
    let mean = squares().map(|square| square.min(WILD * mean)).sum::<f64>() / count;
    let mean = if mean > 0.0 { mean } else { 1.0 };
    let mut sums = vec![(0.0, 0.0); changes.len()];
    for (e, square) in told.iter().zip(squares()) {
        let (sum, n) = &mut sums[e.series];
        *sum += square.min(WILD * mean);
        *n += 1.0;
    }
    let own = |(sum, n): &(f64, f64)| ((sum + SHARED * mean) / (n + SHARED)).sqrt();
    sums.iter().zip(&bases).map(|(sums, base)| own(sums) * base).collect()
}

/// What the deviations told of each series are multiplied by to be the geometric mean of them and of its change
/// over a season, up to a factor of all.
fn bases(told: &[&PastError], changes: &[f64]) -> Vec<f64> {
    let mut spreads = vec![(0.0, 0.0); changes.len()];
    for e in told {
        let (sum, n) = &mut spreads[e.series];
        *sum += e.spread;
        *n += 1.0;
    }
    let ratio = |((sum, n), change): (&(f64, f64), &f64)| (change / (sum / n)).sqrt();
    let ratios: Vec<f64> = spreads.iter().zip(changes).map(ratio).collect();
    let usable = |ratio: &f64| ratio.is_finite() && *ratio > 0.0;
    let mut known: Vec<f64> = ratios.iter().copied().filter(usable).collect();
    known.sort_by(f64::total_cmp);
    let Some(&median) = known.get(known.len() / 2) else { return vec![1.0; changes.len()] };
    let near = |ratio: f64| if usable(&ratio) { ratio / median } else { 1.0 };
    ratios.into_iter().map(|ratio| near(ratio).clamp(1.0 / MOVED, MOVED)).collect()
}

/// The errors of a step, with those of so many neighbours on either side that there are enough.
fn neighbours(by_step: &[Vec<f64>], step: usize) -> Vec<f64> {
    let mut taken = by_step[step].clone();
    for away in 1..by_step.len() {
        if taken.len() >= ENOUGH {
            break;
        }
        let sides = [step.checked_sub(away), Some(step + away)].into_iter().flatten();
        sides.filter_map(|s| by_step.get(s)).for_each(|s| taken.extend(s));
    }
    taken
}

/// The quantiles of errors at the levels kept.
fn quantiles(errors: Vec<f64>) -> [f64; LEVELS.len()] {
    let n = errors.len() as f64;
    let size = (errors.iter().map(|e| e * e).sum::<f64>() / n.max(1.0)).sqrt();
    let size = if n > 0.0 { size } else { 1.0 };
    let both = errors.iter().flat_map(|e| [*e, -e]).collect();
    let mut found = sorted_quantiles(both, size, n);
    if errors.len() >= SIGNED {
        let signed = sorted_quantiles(errors, size, n);
        for (found, signed) in found.iter_mut().zip(signed) {
            *found = f64::midpoint(*found, signed);
        }
    }
    found.sort_by(f64::total_cmp);
    found
}

/// The quantiles of values at the levels kept by the (n + 1) rule of conformal prediction, from either end,
/// shrunk towards those of a normal distribution of this size.
fn sorted_quantiles(mut all: Vec<f64>, size: f64, n: f64) -> [f64; LEVELS.len()] {
    all.sort_by(f64::total_cmp);
    LEVELS.map(|(level, z)| {
        let Some(last) = all.len().checked_sub(1) else { return z };
        let place = level * (all.len() + 1) as f64 - 1.0;
        if place < 0.0 || place > last as f64 {
            return size * z;
        }
        let (low, part) = (place.floor(), place.fract());
        let (a, b) = (all[low as usize], all[(low as usize + 1).min(last)]);
        (n * (a + part * (b - a)) + PRIOR * size * z) / (n + PRIOR)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska_core::Rng;

    fn normal_errors(series: usize, each: usize, size: impl Fn(usize) -> f64) -> Vec<PastError> {
        let mut rng = Rng::new(3);
        let mut errors = vec![];
        for series in 0..series {
            for i in 0..each {
                let z = normal::quantile((rng.below(1_000_000) as f64 + 0.5) / 1e6);
                errors.push(PastError {
                    series,
                    step: i % 4,
                    error: z * size(series),
                    spread: 2.0,
                });
            }
        }
        errors
    }

    #[test]
    fn intervals_hold_as_many_errors_as_they_say() {
        let past = normal_errors(100, 40, |_| 6.0);
        let intervals = Intervals::of(&past, &[0.0; 100], 4);
        assert_eq!(intervals.validate(100), Ok(()));
        // The model said 2 where 6 was right.
        for (level, z) in LEVELS {
            let told = intervals.error(7, 2, level, 2.0) / 6.0;
            assert!((told - z).abs() < 0.25, "{level}: {told} for {z}");
        }
    }

    #[test]
    fn a_series_that_was_further_off_has_wider_intervals() {
        let past = normal_errors(20, 40, |series| if series == 3 { 8.0 } else { 2.0 });
        let intervals = Intervals::of(&past, &[0.0; 20], 4);
        let width = |series| intervals.error(series, 0, 0.9, 2.0);
        assert!(width(3) > 2.0 * width(4), "{} and {}", width(3), width(4));
    }

    #[test]
    fn a_series_that_changes_more_has_wider_intervals() {
        let past = normal_errors(20, 1, |_| 2.0);
        let changes: Vec<f64> = (0..20).map(|series| if series == 3 { 9.0 } else { 1.0 }).collect();
        let intervals = Intervals::of(&past, &changes, 4);
        let width = |series| intervals.error(series, 0, 0.9, 2.0);
        assert!(width(3) > 2.0 * width(4), "{} and {}", width(3), width(4));
    }

    #[test]
    fn levels_never_cross_and_little_is_known_from_little() {
        let few = [PastError { series: 0, step: 0, error: -3.0, spread: 1.0 }];
        for intervals in [Intervals::of(&few, &[1.0], 3), Intervals::of(&[], &[1.0], 3)] {
            let at = |i: u32| intervals.error(0, 2, f64::from(i) / 1000.0, 1.5);
            assert!((1..999).all(|i| at(i) <= at(i + 1) && at(i).is_finite()));
        }
        let none = Intervals::of(&[], &[1.0], 3);
        assert!((none.error(0, 9, 0.9, 2.0) - 2.0 * 1.281_551_565).abs() < 1e-6);
    }
}
