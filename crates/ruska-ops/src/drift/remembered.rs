//! The columns of a table beside what a model remembers of those that it learned from: 65 quantiles
//! of numbers, rows by level, missing values.

use super::chosen;
use super::compare::{Pair, Sketch};
use super::item::{Item, What};
use super::levels::{KEPT, Levels};
use super::numbers::Numbers;
use crate::Error;
use rayon::prelude::*;
use ruska::{Column, ColumnSketch, Field, Frame, Kind, Meaning, Model};

/// Rows that a model takes quantiles of at most.
const SAMPLED: usize = 20_000;

/// The columns that a model looks at, or those named.
///
/// Fails when one is named that it does not look at.
pub(super) fn items(model: &Model, current: &Frame, names: &[String]) -> Result<Vec<Item>, Error> {
    let manifest = model.manifest();
    let known: Vec<&str> = manifest.features.iter().map(String::as_str).collect();
    let chosen = chosen(&known, names)?;
    let sketches: Vec<&ColumnSketch> =
        model.reference().columns.iter().filter(|c| chosen.contains(&c.name.as_str())).collect();
    let item = |sketch: &&ColumnSketch| {
        let meaning = manifest.schema.column(&sketch.name).map(|c| &c.meaning);
        let kind = meaning.map_or(Kind::Ignored, Meaning::kind);
        Item::new(&sketch.name, kind, what(model, sketch, meaning, current))
    };
    Ok(sketches.par_iter().map(item).collect())
}

fn what(model: &Model, sketch: &ColumnSketch, meaning: Option<&Meaning>, current: &Frame) -> What {
    let rows = model.manifest().rows;
    let Some(raw) = current.field(&sketch.name).map(|f| &f.column) else {
        return What::Broken(super::GONE.to_owned());
    };
    let typed = model.typed(current, &[&sketch.name]).map(|frame| frame.fields()[0].clone());
    match (meaning, typed) {
        (Some(Meaning::Boolean { no, yes }), typed) => {
            let now = match typed.as_ref().map(|field| &field.column) {
                Ok(Column::Float(values)) => Levels::of_truth(values, no, yes),
                _ => Levels::of_text(raw, &[no, yes]),
            };
            What::Both(Pair::Levels(of_mean(sketch, rows, no, yes), now))
        }
        (_, Err(why)) => What::Broken(why.to_string()),
        (Some(Meaning::Categorical { levels }), Ok(field)) => {
            let now = Levels::of_codes(&field, raw, Some(KEPT));
            What::Both(Pair::Levels(counted(sketch, levels), now))
        }
        (Some(Meaning::Time { .. }), Ok(field)) => {
            What::Aside(Pair::Sketched(numbers(sketch, rows), values(&field)), super::TIME)
        }
        (_, Ok(field)) => What::Both(Pair::Sketched(numbers(sketch, rows), values(&field))),
    }
}

fn values(field: &Field) -> Numbers {
    Numbers::of(&field.column)
}

/// So many values of a column as the model remembers them, each as often as it was, in the order of
/// its quantiles or levels; `None` where it keeps none that stand for the column.
pub(super) fn drawn(model: &Model, name: &str, count: usize) -> Option<Column> {
    let sketch = model.reference().columns.iter().find(|c| c.name == name)?;
    let rows = model.manifest().rows;
    match &model.manifest().schema.column(name)?.meaning {
        Meaning::Numeric { .. } if !sketch.quantiles.is_empty() => {
            let present = 1.0 - sketch.missing as f64 / rows.max(1) as f64;
            let place = |i| (i as f64 + 0.5) / count as f64 / present;
            let value = |i| if place(i) < 1.0 { at(&sketch.quantiles, place(i)) } else { f64::NAN };
            Some(Column::float((0..count).map(value).collect()))
        }
        Meaning::Boolean { no, yes } => of_mean(sketch, rows, no, yes).drawn(count),
        Meaning::Categorical { levels } => counted(sketch, levels).drawn(count),
        _ => None,
    }
}

/// The quantile at a place in [0, 1), between evenly spaced ones.
fn at(quantiles: &[f64], place: f64) -> f64 {
    let last = quantiles.len() - 1;
    let step = place * last as f64;
    let low = step as usize;
    let (a, b) = (quantiles[low], quantiles[(low + 1).min(last)]);
    if a == b { a } else { a + (b - a) * (step - low as f64) }
}

/// What is remembered of numbers of so many rows.
pub(super) fn numbers(sketch: &ColumnSketch, rows: usize) -> Sketch {
    let missing = sketch.missing as usize;
    Sketch {
        rows,
        missing,
        mean: sketch.mean,
        deviation: sketch.deviation,
        quantiles: sketch.quantiles.clone(),
        sampled: rows.saturating_sub(missing).clamp(1, SAMPLED),
    }
}

/// Rows by level, levels in the order of the schema.
pub(super) fn counted(sketch: &ColumnSketch, levels: &[String]) -> Levels {
    let mut known = Levels { missing: sketch.missing, ..Levels::default() };
    let named = sketch.counts.len().saturating_sub(1);
    for (level, rows) in levels.iter().zip(&sketch.counts[..named]) {
        known.add(level.clone(), *rows);
    }
    known.rest = sketch.counts.last().copied().unwrap_or(0);
    let (first, others) = levels.split_at(named.min(levels.len()));
    known.folded = others.len();
    known.last = first.last().filter(|_| !others.is_empty()).map(|last| {
        let number = |level: &String| level.parse::<f64>().ok();
        let numbers = levels.iter().all(|level| number(level).is_some());
        (number(last).filter(|_| numbers), last.clone())
    });
    known
}

/// Rows by label, from the mean of 0 and 1.
fn of_mean(sketch: &ColumnSketch, rows: usize, no: &str, yes: &str) -> Levels {
    let present = (rows as u64).saturating_sub(sketch.missing);
    let ones = (sketch.mean * present as f64).round() as u64;
    let mut known = Levels { missing: sketch.missing, ..Levels::default() };
    known.add(no.to_owned(), present.saturating_sub(ones));
    known.add(yes.to_owned(), ones);
    known
}
