//! Every measure that is defined, with the interval that chance leaves it.
//!
//! Percentile bootstrap over rows. Above [`RESAMPLED_ROWS`] fewer rows are drawn than there are and
//! deviations scaled by the square root of their share, so that a large table does not take minutes.
//!
//! References: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13; Bickel, Götze,
//! van Zwet, "Resampling fewer than n observations", Statistica Sinica 7, 1997.

use super::rows::Judged;
use rayon::prelude::*;
use ruska_core::{Ahead, Catalog, Measure, Rng, Truth};
use serde::Serialize;

/// Resamples from which intervals are taken.
const RESAMPLES: usize = 200;
/// Rows drawn at most.
const RESAMPLED_ROWS: usize = 10_000;

/// A measure of a model on labelled rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Id of the measure.
    pub metric: String,
    /// Its value on all rows.
    pub value: f64,
    /// Lower end of the 95 % interval (percentile bootstrap over rows).
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Measures that errors are told in units of what came before by.
const SCALED: [&str; 4] = ["mase", "rmsse", "owa", "msis"];

/// Whether the rows hold more of some series than a season that was known before what was told of it.
fn has_past(ahead: &Ahead) -> bool {
    ahead.series.iter().any(|series| ahead.known(*series as usize).len() > ahead.panel.season)
}

/// The measures of some rows, a metric first.
pub(super) fn scores(judged: &Judged, metric: &str) -> Vec<Score> {
    let catalog: Catalog = ruska_catalog::builtin();
    let resamples = resamples(judged.rows.len());
    let mut scores: Vec<Score> = catalog
        .measures
        .par_iter()
        .filter_map(|measure| {
            let value = value(&**measure, judged)?;
            let (low, high) = interval(&**measure, judged, value, &resamples);
            Some(Score { metric: measure.info().id.to_owned(), value, low, high })
        })
        .collect();
    scores.sort_by_key(|s| s.metric != metric);
    scores
}

/// One measure of some rows.
pub(super) fn score(judged: &Judged, metric: &str) -> Option<Score> {
    let catalog = ruska_catalog::builtin();
    let measure = catalog.measure(metric)?;
    let value = value(&**measure, judged)?;
    let (low, high) = interval(&**measure, judged, value, &resamples(judged.rows.len()));
    Some(Score { metric: metric.to_owned(), value, low, high })
}

/// The value of a measure where it is defined.
pub(super) fn value(measure: &dyn Measure, judged: &Judged) -> Option<f64> {
    if tells_nothing(measure.info().id, judged) {
        return None;
    }
    let score = measure.score(&judged.truth, &judged.predictions, judged.weights.as_deref());
    score.ok().filter(|value| value.is_finite())
}

/// Whether rows or labels are missing that a measure of labels is a share of; a search takes it for 0.
/// Of more classes, a mean over classes counts those that nobody is said to be of as 0.
fn tells_nothing(id: &str, judged: &Judged) -> bool {
    if let Truth::Ahead(ahead) = &judged.truth {
        return SCALED.contains(&id) && !has_past(ahead);
    }
    let Truth::Classes { codes, n_classes, positive } = &judged.truth else { return false };
    let positive = *positive as usize;
    let weighs = |row: &usize| judged.weights.as_ref().is_none_or(|w| w[*row] > 0.0);
    let rows = || (0..codes.len()).filter(weighs);
    let is = |class: usize| rows().any(|row| codes[row] as usize == class);
    let said = |class: usize| rows().any(|row| judged.predictions.class(row) == class);
    let single = |of: &dyn Fn(usize) -> bool| (0..*n_classes).filter(|k| of(*k)).count() < 2;
    match (id, n_classes) {
        ("precision", 2) => !said(positive),
        ("recall", 2) => !is(positive),
        ("f1", 2) => !is(positive) && !said(positive),
        ("mcc", _) => single(&is) || single(&said),
        _ => false,
    }
}

fn interval(
    measure: &dyn Measure,
    judged: &Judged,
    value: f64,
    resamples: &[Vec<u32>],
) -> (f64, f64) {
    let drawn = resamples.iter().filter_map(|rows| self::value(measure, &judged.take(rows)));
    let mut drawn: Vec<f64> = drawn.collect();
    drawn.sort_by(f64::total_cmp);
    let size = resamples.first().map_or(1, Vec::len);
    let scale = (size as f64 / judged.rows.len() as f64).sqrt();
    let at = |share: f64| {
        let index = (share * drawn.len().saturating_sub(1) as f64).round() as usize;
        drawn.get(index).map_or(value, |d| value + (d - value) * scale)
    };
    (at(0.025), at(0.975))
}

fn resamples(rows: usize) -> Vec<Vec<u32>> {
    let size = rows.min(RESAMPLED_ROWS);
    let mut rng = Rng::new(0);
    (0..RESAMPLES).map(|_| (0..size).map(|_| rng.below(rows) as u32).collect()).collect()
}
