//! How far chance alone may move the difference of a measure of two models: the paired bootstrap.
//!
//! Rows are drawn with replacement, the same for both models; the interval lies between percentiles
//! of the differences. Classes keep their numbers of rows, so that none is lost. Above
//! [`DRAWN_ROWS`] fewer rows are drawn than there are, of each class alike, and the differences are
//! scaled by the square root of their share, so that a large table does not take minutes; never so
//! few that a class has fewer than [`DRAWN_OF_CLASS`] rows that it could have. The draws depend on
//! the rows alone, not on threads. Of forecasts series are drawn, with all that was told of each, as what
//! comes one period after the other goes together. Cost: two measurements of the rows drawn, a thousand times.
//!
//! References: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13; Bickel, Götze,
//! van Zwet, "Resampling fewer than n observations", Statistica Sinica 7, 1997.

use super::gain::Pair;
use rayon::prelude::*;
use ruska::{Ahead, Measure, Rng, Truth};
use std::collections::BTreeSet;

/// Resamples, unless the significance asks for more.
const RESAMPLES: usize = 1000;
/// Resamples that lie outside of an interval at least, so that its ends mean something.
const OUTSIDE: f64 = 4.0;
/// Rows drawn at most.
const DRAWN_ROWS: usize = 20_000;
/// Rows drawn of every class at least, where it has as many.
const DRAWN_OF_CLASS: usize = 50;

/// The interval, at 1 − `significance`, of a `gain` on all rows; `None` when a resample has none.
pub(super) fn bootstrap(
    measure: &dyn Measure,
    pair: &Pair<'_>,
    gain: f64,
    significance: f64,
) -> Option<(f64, f64)> {
    if let Truth::Ahead(ahead) = pair.truth {
        return by_series(measure, pair, ahead, significance);
    }
    let strata = strata(pair.truth);
    let share = share(&strata);
    let drawn = |stratum: &Vec<u32>| (stratum.len() as f64 * share).ceil() as usize;
    let total: usize = strata.iter().map(drawn).sum();
    let draw = |seed: usize| {
        let mut rng = Rng::new(seed as u64);
        let mut rows = Vec::with_capacity(total);
        for stratum in &strata {
            rows.extend((0..drawn(stratum)).map(|_| stratum[rng.below(stratum.len())]));
        }
        rows
    };
    let gains = resampled(significance, |seed| gain_on(measure, pair, &draw(seed)))?;
    let scale = (total as f64 / pair.truth.rows() as f64).sqrt();
    let end = |p: f64| gain + (percentile(&gains, p) - gain) * scale;
    Some((end(significance / 2.0), end(1.0 - significance / 2.0)))
}

/// The gains of as many draws as the significance asks for, rising; `None` when one has none.
fn resampled(
    significance: f64,
    gain: impl Fn(usize) -> Option<f64> + Send + Sync,
) -> Option<Vec<f64>> {
    let resamples = RESAMPLES.max((OUTSIDE / significance).ceil() as usize);
    let mut gains: Vec<f64> = (0..resamples).into_par_iter().map(gain).collect::<Option<_>>()?;
    gains.sort_unstable_by(f64::total_cmp);
    Some(gains)
}

/// The interval where series are drawn.
fn by_series(
    measure: &dyn Measure,
    pair: &Pair<'_>,
    ahead: &Ahead,
    significance: f64,
) -> Option<(f64, f64)> {
    let told: BTreeSet<u32> = ahead.series.iter().copied().collect();
    let told: Vec<u32> = told.into_iter().collect();
    let gain = |seed: usize| {
        let mut rng = Rng::new(seed as u64);
        let mut times = vec![0.0; ahead.panel.series()];
        for _ in 0..told.len() {
            times[told[rng.below(told.len())] as usize] += 1.0;
        }
        let of_row = |row: &u32| times[ahead.series[*row as usize] as usize];
        let rows: Vec<u32> = (0..ahead.rows.len() as u32).filter(|row| of_row(row) > 0.0).collect();
        let weights: Vec<f64> = rows.iter().map(of_row).collect();
        let (challenger, champion) = (pair.challenger.take(&rows), pair.champion.take(&rows));
        let drawn = Pair {
            truth: &Truth::Ahead(ahead.take(&rows).counting(times)),
            weights: Some(&weights),
            challenger: &challenger,
            champion: &champion,
        };
        drawn.gain(measure)
    };
    let gains = resampled(significance, gain)?;
    Some((percentile(&gains, significance / 2.0), percentile(&gains, 1.0 - significance / 2.0)))
}

fn gain_on(measure: &dyn Measure, pair: &Pair<'_>, rows: &[u32]) -> Option<f64> {
    let weights: Option<Vec<f64>> =
        pair.weights.map(|w| rows.iter().map(|&row| w[row as usize]).collect());
    let (challenger, champion) = (pair.challenger.take(rows), pair.champion.take(rows));
    let drawn = Pair {
        truth: &pair.truth.take(rows),
        weights: weights.as_deref(),
        challenger: &challenger,
        champion: &champion,
    };
    drawn.gain(measure)
}

/// The rows of each class that has some; all rows of numbers.
fn strata(truth: &Truth) -> Vec<Vec<u32>> {
    let Truth::Classes { codes, n_classes, .. } = truth else {
        return vec![(0..truth.rows() as u32).collect()];
    };
    let mut strata = vec![vec![]; *n_classes];
    for (row, &code) in (0u32..).zip(codes) {
        strata[code as usize].push(row);
    }
    strata.retain(|rows| !rows.is_empty());
    strata
}

/// Share of the rows that are drawn.
fn share(strata: &[Vec<u32>]) -> f64 {
    let rows: usize = strata.iter().map(Vec::len).sum();
    let least = strata.iter().map(Vec::len).min().unwrap_or(rows);
    let wanted = DRAWN_ROWS as f64 / rows as f64;
    wanted.max(DRAWN_OF_CLASS as f64 / least as f64).min(1.0)
}

/// A percentile of rising values by linear interpolation between them; NaN of none.
pub(crate) fn percentile(values: &[f64], p: f64) -> f64 {
    let place = p * values.len().saturating_sub(1) as f64;
    let low = values.get(place as usize).copied().unwrap_or(f64::NAN);
    let high = values.get(place as usize + 1).copied().unwrap_or(low);
    low + (high - low) * place.fract()
}
