//! Models beside each other on the same labelled rows: what differs, and whether that may be chance.
//!
//! By measures: the gain with its interval, see [`Gain`]. By rows: how often one model alone is right,
//! or nearer the truth, with the exact sign test (for classes McNemar's), which takes rows alike. Of
//! forecasts series take the place of rows: a model is nearer where its mean absolute error is less.
//!
//! Reference: McNemar, "Note on the sampling error of the difference between correlated proportions or
//! percentages", Psychometrika 12, 1947.

use super::gain::{Gain, Pair};
use super::rows::learned;
use crate::Error;
use ruska::{Frame, Measure, Model, Predictions, SharedAhead, SharedTruth, TaskKind, Truth};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Intervals are at 1 − this.
const SIGNIFICANCE: f64 = 0.05;
/// Rows below which no interval is told, and series.
const LEAST_ROWS: usize = 20;
const LEAST_SERIES: usize = 10;

/// A model beside the first one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    /// What it is called.
    pub model: String,
    /// Rows that both were measured on.
    pub rows: usize,
    /// Of forecasts, the series that they are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<usize>,
    /// The measures: both models' metrics, then the usual ones of the task.
    pub metrics: Vec<Compared>,
    /// Rows of which the first model's prediction alone is right, or is nearer the truth; series where it
    /// is nearer.
    pub first_alone: usize,
    /// Those of which the other's is.
    pub other_alone: usize,
    /// How likely numbers that far apart were if either were as likely, two-sided.
    pub p: f64,
    /// Rows that the first model may have learned from, where its file tells.
    pub first_learned: Option<usize>,
    /// Rows that the other may have learned from.
    pub other_learned: Option<usize>,
}

/// A measure of both models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Id of the measure.
    pub metric: String,
    /// Of the first model.
    pub first: f64,
    /// Of the other.
    pub other: f64,
    /// How much better the first is; positive is better whatever the measure's direction.
    pub better_by: f64,
    /// Lower end of its 95 % interval, of at least 20 rows or 10 series.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// How it was made: `delong` or `bootstrap`.
    pub method: Option<&'static str>,
}

/// The first model against others, which go by names.
///
/// Fails when a model does not predict what the first does, when the table lacks a column, and where no
/// row has a target that the models know.
pub fn against(
    table: &Frame,
    first: &Model,
    others: &[(&str, &Model)],
) -> Result<Vec<Against>, Error> {
    if others.is_empty() {
        return Ok(vec![]);
    }
    let models: Vec<&Model> = [first].into_iter().chain(others.iter().map(|o| o.1)).collect();
    if first.manifest().task == TaskKind::Forecasting {
        return of_series(table, &models, others);
    }
    let shared = SharedTruth::of(table, &models)?;
    if shared.rows.is_empty() {
        let what = "no row of the table has a target that the models know";
        return Err(Error::Refused(what.to_owned()));
    }
    let kept = table.take(&shared.rows);
    let predict = |name: &str, model: &Model| {
        let predicted = model.predict(&kept).map_err(|e| Error::Refused(format!("{name}: {e}")))?;
        Ok::<_, Error>(shared.align(&predicted))
    };
    let of_first = predict("the model", first)?;
    let first_learned = learned(first, table, &shared);
    let mut all = vec![];
    for (name, model) in others {
        let of_other = predict(name, model)?;
        let pair = Pair {
            truth: &shared.truth,
            weights: shared.weights.as_deref(),
            challenger: &of_first,
            champion: &of_other,
        };
        let (first_alone, other_alone) = alone(&pair);
        all.push(Against {
            model: (*name).to_owned(),
            rows: shared.rows.len(),
            series: None,
            metrics: metrics(first, model, &pair),
            first_alone,
            other_alone,
            p: sign_test(first_alone, other_alone),
            first_learned,
            other_learned: learned(model, table, &shared),
        });
    }
    Ok(all)
}

/// Models of series, the first of which is measured against the others.
fn of_series(
    table: &Frame,
    models: &[&Model],
    others: &[(&str, &Model)],
) -> Result<Vec<Against>, Error> {
    let shared = SharedAhead::of(table, models)?;
    let beside = |((name, model), told): (&(&str, &Model), &Predictions)| {
        let pair = Pair {
            truth: &shared.truth,
            weights: None,
            challenger: &shared.told[0],
            champion: told,
        };
        let [first, other] = [&shared.told[0], told].map(|told| errors(&shared.truth, told));
        let count = |nearer: fn(f64, f64) -> bool| {
            first.iter().filter(|(series, error)| nearer(**error, other[*series])).count()
        };
        let (first_alone, other_alone) = (count(|a, b| a < b), count(|a, b| b < a));
        Against {
            model: (*name).to_owned(),
            rows: shared.truth.rows(),
            series: Some(first.len()),
            metrics: metrics(models[0], model, &pair),
            first_alone,
            other_alone,
            p: sign_test(first_alone, other_alone),
            first_learned: None,
            other_learned: None,
        }
    };
    Ok(others.iter().zip(&shared.told[1..]).map(beside).collect())
}

/// The mean absolute error of each series told.
fn errors(truth: &Truth, told: &Predictions) -> BTreeMap<u32, f64> {
    let Truth::Ahead(ahead) = truth else { return BTreeMap::new() };
    let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (row, (series, came)) in ahead.series.iter().zip(ahead.truth()).enumerate() {
        let sum = sums.entry(*series).or_default();
        *sum = (sum.0 + (told.row(row)[0] - came).abs(), sum.1 + 1.0);
    }
    sums.into_iter().map(|(series, (sum, n))| (series, sum / n)).collect()
}

fn metrics(first: &Model, other: &Model, pair: &Pair<'_>) -> Vec<Compared> {
    let usual = match first.manifest().task {
        TaskKind::Regression => ["rmse", "mae"],
        TaskKind::Forecasting => ["mase", "mae"],
        _ => ["logloss", "accuracy"],
    };
    let own = [first.manifest().metric.as_str(), &other.manifest().metric];
    let mut ids: Vec<&str> = vec![];
    for id in own.into_iter().chain(usual) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let catalog = ruska::builtin();
    let measures = ids.into_iter().filter_map(|id| catalog.measure(id));
    measures.filter_map(|measure| compared(measure.as_ref(), pair)).collect()
}

fn compared(measure: &dyn Measure, pair: &Pair<'_>) -> Option<Compared> {
    let score = |of| measure.score(pair.truth, of, pair.weights).ok().filter(|s| s.is_finite());
    let (first, other) = (score(pair.challenger)?, score(pair.champion)?);
    let enough = match pair.truth {
        Truth::Ahead(ahead) => ahead.series.iter().collect::<BTreeSet<_>>().len() >= LEAST_SERIES,
        truth => truth.rows() >= LEAST_ROWS,
    };
    let sure = if enough { Gain::of(measure, pair, SIGNIFICANCE) } else { None };
    Some(Compared {
        metric: measure.info().id.to_owned(),
        first,
        other,
        better_by: pair.gain(measure)?,
        low: sure.map(|gain| gain.low),
        high: sure.map(|gain| gain.high),
        method: sure.map(|gain| gain.method),
    })
}

/// Rows of which one model's prediction alone is right, or is nearer the truth.
fn alone(pair: &Pair<'_>) -> (usize, usize) {
    let off = |row: usize| -> (f64, f64) {
        let of = |predictions: &Predictions| match pair.truth {
            Truth::Classes { codes, .. } => {
                f64::from(u8::from(predictions.class(row) != codes[row] as usize))
            }
            Truth::Values(values) => (predictions.row(row)[0] - values[row]).abs(),
            Truth::Points { .. } | Truth::Ahead(_) => 0.0,
        };
        (of(pair.challenger), of(pair.champion))
    };
    let rows = || (0..pair.truth.rows()).map(off);
    (rows().filter(|(a, b)| a < b).count(), rows().filter(|(a, b)| b < a).count())
}

/// The two-sided exact sign test: how likely it is that two numbers are at least as far apart, each of
/// their sum falling on either side with probability ½.
fn sign_test(one: usize, other: usize) -> f64 {
    let (n, least) = (one + other, one.min(other));
    if one == other {
        return 1.0;
    }
    // Terms in logarithms, as 2⁻ⁿ is below any number for large n.
    let mut log_term = -(n as f64) * std::f64::consts::LN_2;
    let mut tail = log_term.exp();
    for k in 1..=least {
        log_term += ((n - k + 1) as f64 / k as f64).ln();
        tail += log_term.exp();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::sign_test;

    /// Numbers of `scipy.stats.binomtest(k, n).pvalue` (scipy 1.17.1).
    #[test]
    fn the_sign_test_equals_scipy() {
        for (one, other, expected) in [
            (0, 0, 1.0),
            (5, 5, 1.0),
            (0, 5, 0.0625),
            (3, 12, 0.035_156_25),
            (40, 60, 0.056_887_933_640_980_83),
            (900, 1100, 8.457_089_535_503_81e-6),
        ] {
            let got = sign_test(one, other);
            assert!((got / expected - 1.0).abs() < 1e-9, "{one} {other}: {got} for {expected}");
            assert_eq!(got, sign_test(other, one));
        }
    }
}
