//! How much each column moves a model's predictions, told without labels.
//!
//! The values of a column are put in another order, or replaced by ones that the model remembers of its
//! training rows; the column's weight is the share of how far that moves predictions on average, over
//! all columns. That is the reliance of the model on the column, by its own predictions in the place of
//! the target. What stands in the reference counts, not what stands there now: a column that has become
//! one value would otherwise weigh nothing. Columns that tell the same share their weight. Cost: one
//! prediction of at most [`ROWS`] rows for each column.
//!
//! Reference: Fisher, Rudin, Dominici, "All models are wrong, but many are useful", JMLR 20, 2019.

use super::remembered::drawn;
use rayon::prelude::*;
use ruska::{Column, Field, Frame, Model, PredictError, Predicted, Rng};
use std::collections::BTreeMap;

/// Rows that predictions are made of.
const ROWS: usize = 1000;

/// The weight of each column that a model looks at, in [0, 1] and 1 in all; none where no column moves
/// anything. Of the rows of the reference where that is a table, otherwise of the current ones with
/// values that the model remembers; texts and points in time are then those of the current rows.
pub(super) fn weights(
    model: &Model,
    reference: Option<&Frame>,
    current: &Frame,
) -> Result<BTreeMap<String, f64>, PredictError> {
    let table = reference.unwrap_or(current);
    let step = table.rows().div_ceil(ROWS).max(1);
    let rows: Vec<u32> = (0..table.rows() as u32).step_by(step).collect();
    let names = &model.manifest().features;
    let wanted = |field: &Field| {
        names.iter().chain(model.manifest().roles.values()).any(|name| **name == *field.name)
    };
    let sample = table.select(wanted).take(&rows);
    let before = model.predict(&sample)?;
    let moved = |name: &String| -> Result<f64, PredictError> {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        Rng::new(0).shuffle(&mut order);
        let other = |column: &Column| {
            let kept = if reference.is_none() { drawn(model, name, rows.len()) } else { None };
            kept.as_ref().unwrap_or(column).take(&order)
        };
        let changed = |field: &Field| {
            let own = *field.name == **name;
            let column = if own { other(&field.column) } else { field.column.clone() };
            Field { column, ..field.clone() }
        };
        let fields = sample.fields().iter().map(changed).collect();
        Ok(distance(&before, &model.predict(&Frame::new(fields)?)?))
    };
    let moved: Vec<f64> = names.par_iter().map(moved).collect::<Result<_, _>>()?;
    let all: f64 = moved.iter().sum();
    if all <= 0.0 || !all.is_finite() {
        return Ok(BTreeMap::new());
    }
    Ok(names.iter().cloned().zip(moved.into_iter().map(|m| m / all)).collect())
}

/// The mean size of the change of all numbers told of a row; of groups the share of rows in another.
fn distance(before: &Predicted, after: &Predicted) -> f64 {
    if before.beside.is_some() {
        let pairs = before.numbers.groups().into_iter().zip(after.numbers.groups());
        return pairs.filter(|(a, b)| a != b).count() as f64;
    }
    let pairs = before.numbers.values().iter().zip(after.numbers.values());
    pairs.map(|(a, b)| (a - b).abs()).sum()
}
