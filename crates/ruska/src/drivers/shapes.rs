//! The shapes of an additive model, for people: what each place of a column, or of two together, adds to the
//! score. Where a model has them they are all of it.
//!
//! Source: Lou, Caruana, Gehrke, Hooker, "Accurate intelligible models with pairwise interactions", KDD 2013.

use super::shapley::Scale;
use crate::explain::features::Feature;
use crate::model::Model;
use ruska_core::{Column, Frame, Places, Shape, ShapeAxis};
use ruska_data::{masked, time_text};
use serde::Serialize;

/// All that an additive model says: a prediction is made of the base and what the places of a row's values add.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShapeFunctions {
    /// What is added up.
    pub scale: Scale,
    /// The class that each score is of; empty for regression.
    pub classes: Vec<String>,
    /// Scores of an average row.
    pub base: Vec<f64>,
    /// The columns and pairs of columns, those that add most first.
    pub terms: Vec<ShapeFunction>,
}

/// What a column, or two together, add to the scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShapeFunction {
    /// One column, or two: of the table, or made of it by steps.
    pub columns: Vec<String>,
    /// Mean size of what it adds over the training rows, and over the classes if there are several.
    pub size: f64,
    /// Places in which training rows were, in order; those of a pair run over its second column first.
    pub places: Vec<ShapePlace>,
}

/// Values that add the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShapePlace {
    /// The values of each column, for people: a level, `missing`, or numbers such as `12 to 30`.
    pub values: Vec<String>,
    /// The number that those of a single column are above; `None` at the lower end and of levels.
    pub above: Option<f64>,
    /// The number that they are at most; `None` at the upper end and of levels.
    pub up_to: Option<f64>,
    /// Share of the training rows, by their weights.
    pub share: f64,
    /// What it adds to each score.
    pub adds: Vec<f64>,
    /// Standard deviation of that over fits to other parts of the rows; empty if there was one fit.
    pub deviations: Vec<f64>,
}

/// The shapes of a model that is one additive pipeline; `x` is a typed table and its features, by which rare
/// levels are masked.
pub(super) fn shapes(
    model: &Model,
    x: &Frame,
    features: &[Option<Feature>],
) -> Option<ShapeFunctions> {
    let mut told = model.shapes()?;
    let classes = &model.manifest().classes;
    let positive = model.positive().map(|place| place as u32);
    if let (Some(positive), [class]) = (positive, &told.classes[..])
        && *class != positive
    {
        told = told.times(-1.0);
        told.classes = vec![positive];
    }
    let named = told.classes.iter().filter_map(|class| classes.get(*class as usize)).cloned();
    let mut terms: Vec<ShapeFunction> =
        told.terms.iter().map(|shape| function(shape, x, features)).collect();
    terms.retain(|term| term.size > 0.0);
    terms.sort_by(|a, b| b.size.total_cmp(&a.size));
    Some(ShapeFunctions {
        scale: Scale::of(told.link, &told.classes),
        classes: named.collect(),
        base: told.intercept,
        terms,
    })
}

fn function(shape: &Shape, x: &Frame, features: &[Option<Feature>]) -> ShapeFunction {
    let labels: Vec<Vec<String>> = shape.axes.iter().map(|a| labels(a, x, features)).collect();
    let total: f64 = shape.weights.iter().sum();
    let (places, outputs) = (shape.weights.len(), shape.scores.len() / shape.weights.len().max(1));
    let last = shape.axes.last().map_or(1, ShapeAxis::count);
    let at = |place: usize| -> ShapePlace {
        let of_axes =
            if shape.axes.len() == 1 { vec![place] } else { vec![place / last, place % last] };
        let (above, up_to) = match &shape.axes[..] {
            [ShapeAxis { places: Places::Numbers(cuts), .. }] if place <= cuts.len() => {
                (place.checked_sub(1).map(|i| cuts[i]), cuts.get(place).copied())
            }
            _ => (None, None),
        };
        let own = |values: &[f64]| match values {
            [] => vec![],
            values => values[place * outputs..][..outputs].to_vec(),
        };
        ShapePlace {
            values: labels.iter().zip(&of_axes).map(|(labels, at)| labels[*at].clone()).collect(),
            above,
            up_to,
            share: shape.weights[place] / total,
            adds: own(&shape.scores),
            deviations: own(&shape.deviations),
        }
    };
    let columns = shape.axes.iter().map(|axis| match &axis.coded {
        Some(coded) => coded.of.clone(),
        None => axis.column.clone(),
    });
    ShapeFunction {
        columns: columns.collect(),
        size: shape.importance(),
        places: (0..places).filter(|place| shape.weights[*place] > 0.0).map(at).collect(),
    }
}

/// What the places of an axis are called.
fn labels(axis: &ShapeAxis, x: &Frame, features: &[Option<Feature>]) -> Vec<String> {
    let of = axis.coded.as_ref().map_or(&axis.column, |coded| &coded.of);
    let found = x.fields().iter().position(|field| *field.name == **of);
    let feature = found.and_then(|at| features[at].as_ref());
    let level = |level: String| {
        let place = found.and_then(|at| match &x.fields()[at].column {
            Column::Str(c) => c.levels.iter().position(|l| *l == level),
            _ => None,
        });
        // Levels that the features do not know are names of places, such as `missing`.
        feature.zip(place).map_or(level, |(feature, place)| feature.labels[place].clone())
    };
    let number = |v: f64| match feature {
        Some(f) if f.personal => masked(&crate::words::value(v)),
        Some(f) if f.time => time_text(v as i64).trim_end_matches("T00:00:00").to_owned(),
        _ => crate::words::value(v),
    };
    let plain = feature.is_none_or(|f| !f.personal && !f.time);
    let numbers = |place: usize| match &axis.places {
        Places::Numbers(cuts) if place <= cuts.len() => {
            match (place.checked_sub(1).map(|i| cuts[i]), cuts.get(place)) {
                (None, None) => "any number".to_owned(),
                (None, Some(high)) => format!("up to {}", number(*high)),
                (Some(low), None) => format!("above {}", number(low)),
                (Some(low), Some(high)) if plain => {
                    let (low, high) = crate::words::pair(low, *high);
                    format!("{low} to {high}")
                }
                (Some(low), Some(high)) => format!("{} to {}", number(low), number(*high)),
            }
        }
        _ => level(axis.label(place)),
    };
    (0..axis.count()).map(numbers).collect()
}
