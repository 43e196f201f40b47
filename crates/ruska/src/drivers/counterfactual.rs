//! What would have to change in a row for another class to be predicted.
//!
//! Values of one column, then of two, are put in the place of the row's: those of other rows, so that they are
//! values that there are. Of the changes that lead to another class those are told that change least: a number by
//! the share of rows that lie between, a level by one half. Nothing says that a change can be made, nor that it
//! would have the effect outside the model.
//!
//! Source: Wachter, Mittelstadt, Russell, "Counterfactual explanations without opening the black box", Harvard
//! JOLT 31, 2018.

use super::effects::values_of;
use super::with_column;
use crate::explain::features::{Feature, Values};
use crate::model::Model;
use ruska_core::{Frame, PredictError};
use serde::Serialize;

/// Changes that are told of a row.
const TOLD: usize = 3;
/// Changes of one column that are tried with others, those that lead furthest first.
const JOINED: usize = 12;
/// Cells of a table that is predicted at once.
const CELLS: usize = 2_000_000;
/// What another level counts.
const LEVEL: f64 = 0.5;

/// Changes of a row that lead to another class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counterfactual {
    /// Number of the row, from 1.
    pub row: usize,
    /// The class predicted as it is.
    pub prediction: String,
    /// Ways to another class, the smallest change first; none where no change of one or two columns leads there.
    pub ways: Vec<Way>,
}

/// One way to another class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// The class that is then predicted.
    pub prediction: String,
    /// What changes, in one or two columns.
    pub changes: Vec<Change>,
    /// How much that is: for numbers the share of rows between, for levels one half.
    pub size: f64,
}

/// A change of a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Name of the column.
    pub column: String,
    /// The value in the row; `None` where it is missing.
    pub from: Option<String>,
    /// The value in its place.
    pub to: String,
}

/// A value that may stand in the place of a row's.
struct Candidate {
    column: usize,
    /// The row it is taken from.
    source: u32,
    size: f64,
}

/// The ways of rows of a typed table, from 0, by values of the rows of `sample`.
pub(super) fn counterfactuals(
    model: &Model,
    x: &Frame,
    features: &[Option<Feature>],
    sample: &[u32],
    rows: impl Iterator<Item = u32>,
) -> Result<Vec<Counterfactual>, PredictError> {
    let classes = &model.manifest().classes;
    let of_row = |row: u32| -> Result<Counterfactual, PredictError> {
        let before = model.predict_typed(&x.take(&[row]))?;
        let class = before.class(0);
        let one = candidates(features, sample, row);
        let alone: Vec<Vec<&Candidate>> = one.iter().map(|c| vec![c]).collect();
        let (mut ways, lead) = in_parts(model, x, (row, class), &alone)?;
        if ways.is_empty() {
            let mut first: Vec<usize> = (0..one.len()).collect();
            first.sort_by(|a, b| lead[*b].total_cmp(&lead[*a]));
            let pairs = first.iter().take(JOINED).flat_map(|i| {
                let others = one.iter().filter(|c| c.column != one[*i].column);
                others.map(|c| vec![&one[*i], c])
            });
            ways = in_parts(model, x, (row, class), &pairs.collect::<Vec<_>>())?.0;
        }
        ways.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut told: Vec<Way> = vec![];
        for (size, class, changes) in ways {
            let change = |c: &&Candidate| Change {
                column: x.fields()[c.column].name.to_string(),
                from: features[c.column].as_ref().and_then(|f| f.shown(row as usize)),
                to: features[c.column]
                    .as_ref()
                    .and_then(|f| f.shown(c.source as usize))
                    .unwrap_or_default(),
            };
            let changes: Vec<Change> = changes.iter().map(change).collect();
            let same = |way: &Way| {
                way.changes.iter().map(|c| &c.column).eq(changes.iter().map(|c| &c.column))
            };
            if told.len() < TOLD && !told.iter().any(same) {
                told.push(Way { prediction: classes[class].clone(), changes, size });
            }
        }
        Ok(Counterfactual { row: row as usize + 1, prediction: classes[class].clone(), ways: told })
    };
    rows.map(of_row).collect()
}

/// Other values of each column than the row's; those of columns that name persons or rows, and times, do not count.
fn candidates(features: &[Option<Feature>], sample: &[u32], row: u32) -> Vec<Candidate> {
    let mut all = vec![];
    for (column, feature) in features.iter().enumerate() {
        let Some(feature) = feature.as_ref().filter(|f| !f.personal && !f.time) else { continue };
        let chosen = values_of(&feature.take(sample));
        let sources = chosen.into_iter().map(|place| sample[place as usize]);
        match &feature.values {
            Values::Levels(codes) => {
                let others = sources.filter(|s| codes[*s as usize] != codes[row as usize]);
                all.extend(others.map(|source| Candidate { column, source, size: LEVEL }));
            }
            Values::Numbers(values) => {
                let here = values[row as usize];
                let size = |source: u32| {
                    let there = values[source as usize];
                    if here.is_nan() {
                        return LEVEL;
                    }
                    let (low, high) = (here.min(there), here.max(there));
                    let between = sample.iter().filter(|r| {
                        let v = values[**r as usize];
                        v > low && v <= high
                    });
                    between.count() as f64 / sample.len() as f64
                };
                let others = sources.filter(|s| values[*s as usize] != here);
                all.extend(others.map(|s| Candidate { column, source: s, size: size(s) }));
            }
        }
    }
    all
}

/// The size of a way, the class it leads to and its changes.
type Found<'a> = (f64, usize, Vec<&'a Candidate>);

/// Those of some changes of a row that lead to another class, and of all how far they lead from this one.
fn in_parts<'a>(
    model: &Model,
    x: &Frame,
    row: (u32, usize),
    all: &[Vec<&'a Candidate>],
) -> Result<(Vec<Found<'a>>, Vec<f64>), PredictError> {
    let (mut found, mut lead) = (vec![], vec![]);
    for part in all.chunks((CELLS / x.fields().len().max(1)).max(1)) {
        let of_part = tried(model, x, row, part)?;
        found.extend(of_part.0);
        lead.extend(of_part.1);
    }
    Ok((found, lead))
}

/// The same of as many as fit into one table.
fn tried<'a>(
    model: &Model,
    x: &Frame,
    (row, class): (u32, usize),
    all: &[Vec<&'a Candidate>],
) -> Result<(Vec<Found<'a>>, Vec<f64>), PredictError> {
    let mut changed = x.take(&vec![row; all.len()]);
    for (at, field) in x.fields().iter().enumerate() {
        let source = |changes: &Vec<&Candidate>| {
            changes.iter().find(|c| c.column == at).map_or(row, |c| c.source)
        };
        let sources: Vec<u32> = all.iter().map(source).collect();
        if sources.iter().any(|source| *source != row) {
            changed = with_column(&changed, at, field.column.take(&sources))?;
        }
    }
    let said = model.predict_typed(&changed)?;
    let lead = (0..all.len()).map(|i| -said.row(i)[class]).collect();
    let other = |i: &usize| said.class(*i) != class;
    let found = (0..all.len()).filter(other).map(|i| {
        let size = all[i].iter().map(|c| c.size).sum();
        (size, said.class(i), all[i].clone())
    });
    Ok((found.collect(), lead))
}
