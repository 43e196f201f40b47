//! Columns of a frame by the names a state remembers, and names for new ones.

use crate::sound::ensure;
use ruska_core::{Field, Frame, PredictError, StepInput, StrColumn};
use std::collections::{HashMap, HashSet};

/// The state of a step for one column.
pub(crate) trait OfColumn {
    /// Name of the column it was fitted on.
    fn column(&self) -> &str;
}

/// What is wrong with the states of a step's columns, if anything: two for one column, or what
/// `check` says of one.
pub(crate) fn validate<S: OfColumn>(
    states: &[S],
    check: impl Fn(&S) -> Result<(), String>,
) -> Result<(), String> {
    let mut seen = HashSet::new();
    for state in states {
        let name = state.column();
        ensure(seen.insert(name), &format!("column `{name}` is there twice"))?;
        check(state).map_err(|why| format!("column `{name}`: {why}"))?;
    }
    Ok(())
}

/// Replaces each column that has a state by what `change` makes of it, given the state's index;
/// the others pass through as they are.
///
/// Fails when a column of `states` is not in the frame, and as `change` does.
pub(crate) fn replace<S: OfColumn>(
    x: &Frame,
    states: &[S],
    mut change: impl FnMut(usize, &Field) -> Result<Vec<Field>, PredictError>,
) -> Result<Frame, PredictError> {
    let mut owners = owners(x, states)?.into_iter();
    x.try_map(|field| match owners.next().flatten() {
        Some(state) => change(state, field),
        None => Ok(vec![field.clone()]),
    })
}

/// The state of each field. Frames mostly have their columns in the order of the training frame,
/// so one walk over both lists mostly does.
fn owners<S: OfColumn>(x: &Frame, states: &[S]) -> Result<Vec<Option<usize>>, PredictError> {
    let mut next = 0;
    let walk = x.fields().iter().map(|field| {
        let hit = states.get(next).is_some_and(|s| s.column() == &*field.name);
        next += usize::from(hit);
        hit.then(|| next - 1)
    });
    let owners: Vec<_> = walk.collect();
    if next == states.len() {
        return Ok(owners);
    }
    if let Some(state) = states.iter().find(|s| x.field(s.column()).is_none()) {
        return Err(PredictError::MissingColumn { column: state.column().to_owned() });
    }
    let at: HashMap<&str, usize> =
        states.iter().enumerate().map(|(i, s)| (s.column(), i)).collect();
    Ok(x.fields().iter().map(|field| at.get(&*field.name).copied()).collect())
}

/// The error of a column that does not hold what the step was fitted on.
pub(crate) fn wrong_type(field: &Field, expected: &str) -> PredictError {
    PredictError::WrongType {
        column: field.name.to_string(),
        got: format!("{} values", field.kind.name()),
        expected: expected.to_owned(),
        at: String::new(),
    }
}

/// The text of a categorical or text column.
pub(crate) fn strings(field: &Field) -> Result<&StrColumn, PredictError> {
    match &field.column {
        ruska_core::Column::Str(column) => Ok(column),
        _ => Err(wrong_type(field, "text")),
    }
}

/// The values of a numeric column.
pub(crate) fn numbers(field: &Field) -> Result<&[f64], PredictError> {
    field.floats().ok_or_else(|| wrong_type(field, "numbers"))
}

/// The points in time of a column, in milliseconds.
pub(crate) fn times(field: &Field) -> Result<&[i64], PredictError> {
    match &field.column {
        ruska_core::Column::Time(times) => Ok(times),
        _ => Err(wrong_type(field, "points in time")),
    }
}

/// The weight of each training row; ones where there are none or all are zero.
pub(crate) fn row_weights(input: &StepInput<'_>) -> Vec<f64> {
    let ones = || vec![1.0; input.rows.len()];
    let Some(weights) = input.weights else { return ones() };
    let picked: Vec<f64> = input.rows.iter().map(|&r| weights[r as usize]).collect();
    if picked.iter().all(|w| *w == 0.0) { ones() } else { picked }
}

/// Finds names for new columns that clash with no other.
///
/// New columns are called `stem`, a mark and something of their own: `city=Berlin`, `day.year`.
/// The stem is the column's name, primed until no other name begins with the stem and a mark.
pub(crate) struct Names {
    taken: Vec<String>,
}

impl Names {
    const MARKS: [char; 4] = ['=', '.', '#', ':'];

    /// Knows the names of the frame.
    pub(crate) fn of(x: &Frame) -> Self {
        Self { taken: x.fields().iter().map(|f| f.name.to_string()).collect() }
    }

    /// A stem for the new columns of `column`.
    pub(crate) fn stem(&mut self, column: &str) -> String {
        let mut stem = column.to_owned();
        let clash = |stem: &str, name: &String| {
            name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(Self::MARKS))
        };
        while self.taken.iter().any(|name| clash(&stem, name) || (stem != column && stem == *name))
        {
            stem.push('′');
        }
        if stem != column {
            self.taken.push(stem.clone());
        }
        stem
    }
}
