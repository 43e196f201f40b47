//! The columns of two tables. The reference says what each means, and the current table is read
//! so; what cannot be read so has changed.

use super::chosen;
use super::compare::Pair;
use super::item::{Item, What};
use super::levels::Levels;
use super::numbers::Numbers;
use crate::Error;
use rayon::prelude::*;
use ruska::{Column, ColumnSchema, Field, Frame, Meaning, ReadTable, Schema};
use std::collections::BTreeMap;

/// The columns of the reference, or those named; `gone` is said of those that the current table has
/// not.
///
/// Fails when one is named that it has not.
pub(super) fn items(
    reference: &ReadTable,
    current: &Frame,
    names: &[String],
    gone: &str,
) -> Result<Vec<Item>, Error> {
    let schema = ruska::meanings(reference, &BTreeMap::new())?;
    let known: Vec<&str> = schema.columns.iter().map(|c| c.name.as_str()).collect();
    let chosen = chosen(&known, names)?;
    let columns: Vec<&ColumnSchema> =
        schema.columns.iter().filter(|c| chosen.contains(&c.name.as_str())).collect();
    let item = |column: &&ColumnSchema| {
        Item::new(
            &column.name,
            column.meaning.kind(),
            what(column, &schema, &reference.frame, current)
                .unwrap_or_else(|| What::Broken(gone.to_owned())),
        )
    };
    Ok(columns.par_iter().map(item).collect())
}

/// What there is of a column; `None` where the current table has it not.
fn what(
    column: &ColumnSchema,
    schema: &Schema,
    reference: &Frame,
    current: &Frame,
) -> Option<What> {
    let name = column.name.as_str();
    let (raw, now) = (&reference.field(name)?.column, &current.field(name)?.column);
    Some(match &column.meaning {
        Meaning::Identifier => {
            What::Aside(Pair::Numbers(Numbers::of(raw), Numbers::of(now)), "it identifies rows")
        }
        Meaning::Ignored { .. } => plain(raw, now),
        meaning => {
            let typed = |frame: &Frame| {
                let frame = ruska::typed_as(frame, schema, &[name])?;
                Ok(frame.fields()[0].clone())
            };
            match (typed(reference), typed(current)) {
                (Ok(before), Ok(after)) => read(meaning, (&before, raw), (&after, now)),
                (Ok(before), Err(why)) => unreadable(meaning, &before, now, &why),
                (Err(why), _) => What::Broken(told(&why)),
            }
        }
    })
}

/// Both sides as what they mean, beside how they were read.
fn read(meaning: &Meaning, before: (&Field, &Column), after: (&Field, &Column)) -> What {
    let numbers = || Pair::Numbers(Numbers::of(&before.0.column), Numbers::of(&after.0.column));
    match (meaning, &before.0.column, &after.0.column) {
        (Meaning::Boolean { no, yes }, Column::Float(left), Column::Float(right)) => What::Both(
            Pair::Levels(Levels::of_truth(left, no, yes), Levels::of_truth(right, no, yes)),
        ),
        (Meaning::Categorical { .. }, ..) => What::Both(Pair::Levels(
            Levels::of_codes(before.0, before.1, None),
            Levels::of_codes(after.0, after.1, None),
        )),
        (Meaning::Time { .. }, ..) => What::Aside(numbers(), super::TIME),
        _ => What::Both(numbers()),
    }
}

/// What cannot be read as it was: another label beside two is a new level, anything else a change of
/// type.
pub(super) fn unreadable(
    meaning: &Meaning,
    before: &Field,
    now: &Column,
    why: &ruska::PredictError,
) -> What {
    match (meaning, &before.column) {
        (Meaning::Boolean { no, yes }, Column::Float(values)) => What::Both(Pair::Levels(
            Levels::of_truth(values, no, yes),
            Levels::of_text(now, &[no, yes]),
        )),
        _ => What::Broken(told(why)),
    }
}

/// Why a column cannot be read as the reference means it.
fn told(why: &ruska::PredictError) -> String {
    match why {
        ruska::PredictError::WrongType { got, expected, at, .. } => {
            format!("it holds {got}{at} where the reference has {expected}")
        }
        other => other.to_string(),
    }
}

/// Columns that tell nothing in the reference: of one value, or none.
fn plain(before: &Column, after: &Column) -> What {
    let is_number = |c: &Column| matches!(c, Column::Int(_) | Column::Float(_) | Column::Bool(_));
    if is_number(before) && is_number(after) {
        return What::Both(Pair::Numbers(Numbers::of(before), Numbers::of(after)));
    }
    if matches!((before, after), (Column::Time(_), Column::Time(_))) {
        return What::Aside(Pair::Numbers(Numbers::of(before), Numbers::of(after)), super::TIME);
    }
    What::Both(Pair::Levels(Levels::of_text(before, &[]), Levels::of_text(after, &[])))
}
