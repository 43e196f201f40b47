//! Measuring a model on labelled rows.
//!
//! ```text
//! model, table ─▶ judged rows ─▶ scores with intervals
//!                      ├──▶ two classes: curves, calibration, thresholds
//!                      ├──▶ classes: confusion, each class against the rest
//!                      ├──▶ numbers: errors
//!                      ├──▶ intervals, sets of classes: what they hold
//!                      ├──▶ amounts of outcomes: money
//!                      └──▶ groups of rows: segments, fairness
//! ```
//!
//! Rows count by the model's column of weights, where the table has it. Nothing here is chosen on the
//! rows that it is told of unless it says so.

mod calibration;
mod confusion;
mod curves;
mod equalize;
mod errors;
mod fairness;
mod groups;
mod held;
mod money;
mod profit;
mod rates;
mod rows;
mod scores;
mod segments;
mod stock;
mod thresholds;

#[cfg(test)]
mod reference_tests;

pub use calibration::{BrierParts, Calibration, CalibrationBin, CalibrationBins};
pub use confusion::{ClassMeasures, Confusion};
pub use curves::{Curves, Gains, PrecisionRecall, Roc};
pub use equalize::{Decisions, Difference, Equalized, EqualizedGroup, Parity};
pub use errors::{ErrorQuantile, Errors, LargeErrors, PredictionRange};
pub use fairness::{Audit, AuditedGroup, Gap, GapMeasure, audit};
pub use held::Held;
pub use money::{Decided, Money, ProfitCurve, Worth};
pub use profit::{Amount, Profit, Stakes};
pub use rates::Rates;
pub use scores::Score;
pub use segments::{Segment, Segments};
pub use stock::{Stock, StockCost};
pub use thresholds::{Operating, Thresholds};

use crate::error::Error;
use crate::forecast;
use crate::manifest::Manifest;
use crate::model::Model;
pub(crate) use rows::Judged;
use ruska_core::{Frame, Predictions, TaskKind, Truth};
use serde::Serialize;

/// What may be asked beyond the measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Lists of columns; rows with equal values in all columns of a list are measured apart.
    pub by: Vec<Vec<String>>,
    /// Columns of people's groups, each audited on its own, and several in combination too. Where there
    /// are none, those that the model was told are sensitive, as far as the table has them.
    pub sensitive: Vec<String>,
    /// The rate that thresholds by group of people are to make alike.
    pub equalize: Option<Parity>,
    /// What outcomes of decisions between two classes are worth, or what being off costs.
    pub profit: Option<Stakes>,
    /// A threshold of the positive class chosen elsewhere, whose profit is told too.
    pub threshold: Option<f64>,
}

/// What a model is worth on labelled rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Rows scored.
    pub rows: usize,
    /// Rows without a target, not scored.
    pub dropped: usize,
    /// Every measure that is defined, the model's metric first.
    pub scores: Vec<Score>,
    /// Of classes: what was predicted of which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confusion: Option<Confusion>,
    /// Of more than two classes: each against the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassMeasures>,
    /// Of two classes, where both have rows: what can be had at which threshold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curves: Option<Curves>,
    /// Of two classes: measures of the decisions at a few thresholds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
    /// Of classes: whether what is said to be likely happens as often.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Of numbers: how far off predictions are, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Errors>,
    /// What 90 % intervals of numbers or sets of classes hold of the rows, where the model has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// What decisions are worth, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
    /// What having forecasts in store would have cost, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<StockCost>,
    /// Measures of groups of rows, as they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segments>,
    /// What is done to groups of people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fairness: Vec<Audit>,
    /// Thresholds by group of people, where they were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equalized: Vec<Equalized>,
}

/// Measures a model on a labelled table, as [`crate::read`] gives it; see [`evaluate_asked`].
pub fn evaluate(model: &Model, table: &Frame) -> Result<Evaluation, Error> {
    evaluate_asked(model, table, &Asked::default())
}

/// Measures a model on a labelled table and tells what is asked beside.
///
/// Fails when the table has no target or not the model's columns, or a class unknown to the model, and
/// when what is asked has no sense for the model or names columns that are not there.
pub fn evaluate_asked(model: &Model, table: &Frame, asked: &Asked) -> Result<Evaluation, Error> {
    let manifest = model.manifest();
    if manifest.task == TaskKind::Clustering {
        let what = "the model finds groups, and no column tells which are right";
        return Err(Error::Options(what.to_owned()));
    }
    if manifest.task == TaskKind::Forecasting {
        return ahead(model, table, asked);
    }
    let (judged, dropped) = Judged::of(model, table)?;
    let told = of_rows(&judged, table, manifest, asked)?;
    Ok(Evaluation { dropped, held: Held::of(model, &judged), ..told })
}

/// Measures what was predicted of rows of a table.
pub(crate) fn of_rows(
    judged: &Judged,
    table: &Frame,
    manifest: &Manifest,
    asked: &Asked,
) -> Result<Evaluation, Error> {
    let by = asked.by.iter();
    let groups: Vec<_> = by
        .map(|columns| groups::groups(table, &judged.rows, columns, groups::Many::Together))
        .collect::<Result<_, _>>()?;
    let scores = scores::scores(judged, &manifest.metric);
    let segment = |groups| segments::segments(judged, groups, &scores);
    let known = manifest.sensitive.iter().filter(|column| table.field(column).is_some());
    let known: Vec<String> = known.cloned().collect();
    let sensitive = if asked.sensitive.is_empty() { &known } else { &asked.sensitive };
    let fairness = fairness::audits(judged, table, sensitive)?;
    let equalized = match asked.equalize {
        Some(parity) => {
            let profit = match &asked.profit {
                Some(Stakes::Decisions(profit)) => Some(profit),
                _ => None,
            };
            let lists = fairness::lists(sensitive);
            equalize::equalized(judged, table, &lists, (parity, profit))?
        }
        None => vec![],
    };
    let two = judged.two();
    let several = judged.classes.len() > 2;
    let money = match (&asked.profit, &two) {
        (Some(Stakes::Decisions(profit)), Some(two)) => {
            Some(Money::of(judged, two, table, profit, asked.threshold)?)
        }
        (Some(stakes), _) => {
            let of = match stakes {
                Stakes::Decisions(_) => "is of decisions between two classes",
                Stakes::Stock(_) => "under=…,over=… is of forecasts",
            };
            return Err(Error::Options(format!("--profit {of}, not of `{}`", manifest.target)));
        }
        _ => None,
    };
    Ok(Evaluation {
        rows: judged.rows.len(),
        dropped: 0,
        confusion: Confusion::of(judged),
        classes: if several { confusion::classes(judged) } else { vec![] },
        curves: two.as_ref().and_then(Curves::of),
        thresholds: two.as_ref().map(Thresholds::of),
        calibration: Calibration::of(judged),
        errors: Errors::of(judged),
        held: None,
        money,
        stock: None,
        segments: groups.iter().map(segment).collect(),
        fairness,
        equalized,
        scores,
    })
}

/// Measures, by their ids, of what was predicted of rows whose truth came later; those that are not
/// defined on the rows are left out. `classes` names the classes in the order of their
/// probabilities; none of numbers.
pub fn scores_of(
    truth: Truth,
    predictions: Predictions,
    classes: &[String],
    metrics: &[&str],
) -> Vec<Score> {
    let rows = (0..predictions.rows() as u32).collect();
    let judged = Judged { rows, truth, predictions, weights: None, classes: classes.to_vec() };
    if judged.rows.is_empty() {
        return vec![];
    }
    metrics.iter().filter_map(|metric| scores::score(&judged, metric)).collect()
}

/// A code per row of the group of people that it belongs to, by the values of some columns.
pub(crate) fn people(table: &Frame, columns: &[String]) -> Result<Vec<u32>, Error> {
    let rows: Vec<u32> = (0..table.rows() as u32).collect();
    let groups = groups::groups(table, &rows, columns, groups::Many::Refused)?;
    let mut codes = vec![0; rows.len()];
    for (code, group) in (0..).zip(&groups.groups) {
        group.places.iter().for_each(|place| codes[*place as usize] = code);
    }
    Ok(codes)
}

/// Measures a model of series by what came true.
fn ahead(model: &Model, table: &Frame, asked: &Asked) -> Result<Evaluation, Error> {
    let given =
        [("--sensitive", !asked.sensitive.is_empty()), ("--equalize", asked.equalize.is_some())];
    if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
        let what = format!("{option} has a sense with models of rows alone, this one is of series");
        return Err(Error::Options(what));
    }
    let stock = match &asked.profit {
        Some(Stakes::Stock(stock)) => Some(*stock),
        Some(Stakes::Decisions(_)) => {
            let what = "--profit of forecasts is what a unit too few and too many cost, such as \
                        under=3,over=1";
            return Err(Error::Options(what.to_owned()));
        }
        None => None,
    };
    let came = forecast::measured(model, table, stock.map(|stock| stock.ratio()))?;
    let points: Vec<f64> = (0..came.told.rows()).map(|row| came.told.row(row)[0]).collect();
    let judged = Judged::ahead(&came.task, &came.rows, came.told);
    let together = groups::Many::Together;
    let groups = asked.by.iter().map(|by| groups::groups(table, &came.places, by, together));
    let groups: Vec<_> = groups.collect::<Result<_, _>>()?;
    let scores = scores::scores(&judged, &model.manifest().metric);
    let cost = |stock| StockCost::of(stock, &judged.truth, &points, &came.below);
    Ok(Evaluation {
        rows: judged.rows.len(),
        stock: stock.map(cost).transpose()?,
        segments: groups.iter().map(|of| segments::segments(&judged, of, &scores)).collect(),
        scores,
        ..Evaluation::empty()
    })
}

impl Evaluation {
    fn empty() -> Self {
        Self {
            rows: 0,
            dropped: 0,
            scores: vec![],
            confusion: None,
            classes: vec![],
            curves: None,
            thresholds: None,
            calibration: None,
            errors: None,
            held: None,
            money: None,
            stock: None,
            segments: vec![],
            fairness: vec![],
            equalized: vec![],
        }
    }
}
