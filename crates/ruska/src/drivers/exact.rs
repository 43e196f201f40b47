//! What columns add to the scores of a model, exactly, where its pipelines tell.
//!
//! A learner tells what the columns it sees add. What is made of one column of the table by the steps before is
//! added up and is that column's; where a step mixes columns nothing is told. Which column is made of which is
//! seen rather than asked: the values of one column of the table are moved on by a row, and what changes is made
//! of it. At last base and contributions are added up and held against the predictions, so that a model that
//! does something else with its scores is never told wrongly.

use super::shapley::{Scale, Shapley};
use super::with_column;
use crate::model::Model;
use ruska_core::{Column, Contributions, FittedPipeline, Frame, Link, PredictError, Predictions};

/// How far base and contributions may be from a prediction, as a part of 1 and its size.
const NEAR: f64 = 1e-6;

/// What the columns of a frame add for some of its rows beside the mean of the background rows; `None` where
/// that is not known exactly.
pub(super) fn exact(
    model: &Model,
    x: &Frame,
    background: &[u32],
    rows: &[u32],
) -> Result<Option<Shapley>, PredictError> {
    let mut whole: Option<Shapley> = None;
    let alone = model.pipelines().len() == 1;
    let temperature = model.manifest().calibration.map_or(1.0, |c| c.temperature);
    for (pipeline, weight) in model.pipelines().iter().zip(model.shares()) {
        // A temperature divides logarithms of probabilities.
        let logs = alone && temperature != 1.0;
        let Some(mut part) = of_pipeline(pipeline, x, (background, rows), logs)? else {
            return Ok(None);
        };
        match part.scale {
            Scale::Number => {}
            Scale::Probability if temperature == 1.0 => {}
            Scale::Logarithm if alone => {}
            Scale::LogOdds | Scale::LogScore if alone => part.scale_by(1.0 / temperature),
            _ => return Ok(None),
        }
        part.scale_by(*weight);
        match &mut whole {
            None => whole = Some(part),
            Some(whole) if whole.scale == part.scale && whole.classes == part.classes => {
                whole.add(&part);
            }
            Some(_) => return Ok(None),
        }
    }
    let Some(mut whole) = whole else { return Ok(None) };
    whole.turn_to(model.positive());
    let predictions = model.predict_typed(&x.take(rows))?;
    Ok(adds_up(&whole, &predictions).then_some(whole))
}

/// What the columns add to the scores of a pipeline; to logarithms rather than to probabilities if `logs`.
fn of_pipeline(
    pipeline: &FittedPipeline,
    x: &Frame,
    (background, rows): (&[u32], &[u32]),
    logs: bool,
) -> Result<Option<Shapley>, PredictError> {
    if pipeline.exposure.is_some() {
        return Ok(None);
    }
    let prepared = pipeline.prepared(x)?;
    let mut told = pipeline.model.contributions(&prepared, background, rows)?;
    let shares = |told: &Contributions| told.link == Link::Identity && !told.classes.is_empty();
    if logs && told.as_ref().is_some_and(shares) {
        told = pipeline.model.log_contributions(&prepared, background, rows)?;
    }
    let Some(told) = told else { return Ok(None) };
    let Some(owners) = owners(pipeline, x, &prepared, &told)? else { return Ok(None) };
    let (width, outputs) = (x.fields().len(), told.base.len());
    let scale = Scale::of(told.link, &told.classes);
    let mut values = vec![0.0; rows.len() * width * outputs];
    let parts = told.values.chunks_exact((told.columns.len() * outputs).max(1));
    for (parts, sums) in parts.zip(values.chunks_exact_mut((width * outputs).max(1))) {
        for (parts, owner) in parts.chunks_exact(outputs).zip(&owners) {
            let Some(owner) = owner else { continue };
            let sums = &mut sums[owner * outputs..][..outputs];
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        }
    }
    let classes = told.classes.iter().map(|c| *c as usize).collect();
    Ok(Some(Shapley { scale, classes, base: told.base, width, values, errors: None }))
}

/// The column of the table that each column of the learner is made of; `None` for those that add nothing, and
/// in all if one is made of several.
fn owners(
    pipeline: &FittedPipeline,
    x: &Frame,
    prepared: &Frame,
    told: &Contributions,
) -> Result<Option<Vec<Option<usize>>>, PredictError> {
    let (columns, outputs) = (told.columns.len(), told.base.len());
    let mut adds = vec![false; columns];
    for parts in told.values.chunks_exact((columns * outputs).max(1)) {
        for (adds, parts) in adds.iter_mut().zip(parts.chunks_exact(outputs)) {
            *adds |= parts.iter().any(|v| *v != 0.0);
        }
    }
    let mut owners = vec![None; columns];
    let rows = x.rows() as u32;
    let moved: Vec<u32> = (1..rows).chain(0..rows.min(1)).collect();
    for (at, field) in x.fields().iter().enumerate() {
        let after = pipeline.prepared(&with_column(x, at, field.column.take(&moved))?)?;
        for (i, (name, place)) in told.columns.iter().enumerate().filter(|(i, _)| adds[*i]) {
            let (Some(before), Some(after)) = (prepared.field(name), after.field(name)) else {
                return Ok(None);
            };
            if differs(&before.column, &after.column, *place) {
                if owners[i].is_some() {
                    return Ok(None);
                }
                owners[i] = Some(at);
            }
        }
    }
    let known = owners.iter().zip(&adds).all(|(owner, adds)| owner.is_some() || !adds);
    Ok(known.then_some(owners))
}

/// Whether two columns of numbers differ, of sparse blocks in the column at a place.
fn differs(one: &Column, other: &Column, place: usize) -> bool {
    match (one, other) {
        (Column::Float(a), Column::Float(b)) => {
            a.iter().zip(b.iter()).any(|(a, b)| a.to_bits() != b.to_bits() && a != b)
        }
        (Column::Sparse(a), Column::Sparse(b)) => {
            let at = |block: &ruska_core::Sparse, row: usize| {
                let (indices, values) = block.row(row);
                indices.binary_search(&(place as u32)).map_or(0.0, |at| values[at])
            };
            (0..a.rows()).any(|row| at(a, row) != at(b, row))
        }
        _ => true,
    }
}

/// Whether base and contributions of each row give its prediction.
fn adds_up(told: &Shapley, predictions: &Predictions) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= NEAR * (1.0 + b.abs());
    (0..predictions.rows()).all(|row| {
        let predicted = predictions.row(row);
        let scores = told.scores(row);
        match told.scale {
            Scale::Number => near(scores[0], predicted[0]),
            Scale::Logarithm => near(scores[0].exp(), predicted[0]),
            Scale::Probability => {
                told.classes.iter().zip(&scores).all(|(class, s)| near(*s, predicted[*class]))
            }
            Scale::LogOdds => near(1.0 / (1.0 + (-scores[0]).exp()), predicted[told.classes[0]]),
            Scale::LogScore => {
                let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = scores.iter().map(|s| (s - top).exp()).sum();
                let mut shares = told.classes.iter().zip(&scores);
                shares.all(|(class, s)| near((s - top).exp() / sum, predicted[*class]))
            }
        }
    })
}
