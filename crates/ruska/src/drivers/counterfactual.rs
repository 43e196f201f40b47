//! What would have to change in a row for another class to be predicted, or for a number to be reached.
//!
//! Values of one column, then of two, are put in the place of the row's: those of other rows, so that they are
//! values that there are. Of the changes that lead there those are told that change least: a number by
//! the share of rows that lie between, a level by one half. Nothing says that a change can be made, nor that it
//! would have the effect outside the model.
//!
//! Source: Wachter, Mittelstadt, Russell, "Counterfactual explanations without opening the black box", Harvard
//! JOLT 31, 2018.

use super::effects::values_of;
use super::with_column;
use crate::error::Error;
use crate::explain::features::{Feature, Values};
use crate::model::Model;
use ruska_core::{Frame, PredictError, Predictions};
use serde::Serialize;

/// Changes that are told of a row.
const TOLD: usize = 3;
/// Changes of one column that are tried with others, those that lead furthest first.
const JOINED: usize = 12;
/// Cells of a table that is predicted at once.
const CELLS: usize = 2_000_000;
/// What another level counts.
const LEVEL: f64 = 0.5;

/// Changes of a row that lead to another prediction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counterfactual {
    /// Number of the row, from 1.
    pub row: usize,
    /// The class or number predicted as it is.
    pub prediction: String,
    /// Where changes are to lead: `another class`, a class, `at least 200` or `at most 200`.
    pub goal: String,
    /// Ways there, the smallest change first; none where no change of one or two columns leads there.
    pub ways: Vec<Way>,
}

/// One way to another prediction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// The class or number that is then predicted.
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

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// Any other class.
    Other,
    /// The class at a place.
    Class(usize),
    /// A number, from whichever side.
    Number(f64),
}

impl Wanted {
    /// What a model can be asked for; `None` where it predicts numbers and none is given.
    ///
    /// Fails when what is given is no number, or not one of the model's classes.
    pub(super) fn of(model: &Model, to: Option<&str>) -> Result<Option<Self>, Error> {
        let classes = &model.manifest().classes;
        let Some(to) = to else { return Ok((!classes.is_empty()).then_some(Self::Other)) };
        if classes.is_empty() {
            let number = to.parse::<f64>().ok().filter(|number| number.is_finite());
            let what =
                || Error::Options(format!("--to `{to}`: the model predicts numbers, give one"));
            return number.map(Self::Number).ok_or_else(what).map(Some);
        }
        match classes.iter().position(|class| class == to) {
            Some(place) => Ok(Some(Self::Class(place))),
            None => Err(Error::Options(format!(
                "--to `{to}` is none of the model's classes: {}",
                classes.join(", ")
            ))),
        }
    }

    /// Where changes of a row of which this is predicted are to lead; `None` where it is there.
    fn goal(self, before: &Predictions) -> Option<Goal> {
        let (class, number) = (before.class(0), before.row(0)[0]);
        match self {
            Self::Other => Some(Goal::Other(class)),
            Self::Class(wanted) => (wanted != class).then_some(Goal::Class(wanted)),
            Self::Number(to) if number < to => Some(Goal::AtLeast(to)),
            Self::Number(to) => (number > to).then_some(Goal::AtMost(to)),
        }
    }
}

/// Where changes of a row are to lead.
#[derive(Clone, Copy)]
enum Goal {
    /// To any class but one.
    Other(usize),
    /// To a class.
    Class(usize),
    /// To a number or above.
    AtLeast(f64),
    /// To a number or below.
    AtMost(f64),
}

impl Goal {
    fn is_met(self, said: &Predictions, row: usize) -> bool {
        match self {
            Self::Other(class) => said.class(row) != class,
            Self::Class(class) => said.class(row) == class,
            Self::AtLeast(number) => said.row(row)[0] >= number,
            Self::AtMost(number) => said.row(row)[0] <= number,
        }
    }

    /// How far a prediction leads there, beside others.
    fn lead(self, said: &Predictions, row: usize) -> f64 {
        match self {
            Self::Other(class) => -said.row(row)[class],
            Self::Class(class) => said.row(row)[class],
            Self::AtLeast(_) => said.row(row)[0],
            Self::AtMost(_) => -said.row(row)[0],
        }
    }

    fn told(self, classes: &[String]) -> String {
        match self {
            Self::Other(_) => "another class".to_owned(),
            Self::Class(class) => classes[class].clone(),
            Self::AtLeast(number) => format!("at least {number}"),
            Self::AtMost(number) => format!("at most {number}"),
        }
    }
}

/// The class or number predicted of a row.
fn told(said: &Predictions, row: usize, classes: &[String]) -> String {
    let class = classes.get(said.class(row)).cloned();
    class.unwrap_or_else(|| said.row(row)[0].to_string())
}

/// The ways of rows of a typed table, from 0, by values of the rows of `sample`; rows that are where they are
/// wanted have none.
pub(super) fn counterfactuals(
    (model, wanted): (&Model, Wanted),
    x: &Frame,
    features: &[Option<Feature>],
    sample: &[u32],
    rows: impl Iterator<Item = u32>,
) -> Result<Vec<Counterfactual>, PredictError> {
    let classes = &model.manifest().classes;
    let of_row = |row: u32| -> Result<Option<Counterfactual>, PredictError> {
        let before = model.predict_typed(&x.take(&[row]))?;
        let Some(goal) = wanted.goal(&before) else { return Ok(None) };
        let one = candidates(features, sample, row);
        let alone: Vec<Vec<&Candidate>> = one.iter().map(|c| vec![c]).collect();
        let (mut found, lead) = in_parts(model, x, (row, goal), &alone)?;
        if found.is_empty() {
            let mut first: Vec<usize> = (0..one.len()).collect();
            first.sort_by(|a, b| lead[*b].total_cmp(&lead[*a]));
            let pairs = first.iter().take(JOINED).flat_map(|i| {
                let others = one.iter().filter(|c| c.column != one[*i].column);
                others.map(|c| vec![&one[*i], c])
            });
            found = in_parts(model, x, (row, goal), &pairs.collect::<Vec<_>>())?.0;
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        Ok(Some(Counterfactual {
            row: row as usize + 1,
            prediction: told(&before, 0, classes),
            goal: goal.told(classes),
            ways: ways(x, features, row, found),
        }))
    };
    rows.filter_map(|row| of_row(row).transpose()).collect()
}

/// The first ways of those found, of each choice of columns one.
fn ways(x: &Frame, features: &[Option<Feature>], row: u32, found: Vec<Found<'_>>) -> Vec<Way> {
    let mut told: Vec<Way> = vec![];
    for (size, prediction, changes) in found {
        let shown = |column: usize, row: u32| features[column].as_ref()?.shown(row as usize);
        let change = |c: &&Candidate| Change {
            column: x.fields()[c.column].name.to_string(),
            from: shown(c.column, row),
            to: shown(c.column, c.source).unwrap_or_default(),
        };
        let changes: Vec<Change> = changes.iter().map(change).collect();
        let same =
            |way: &Way| way.changes.iter().map(|c| &c.column).eq(changes.iter().map(|c| &c.column));
        if told.len() < TOLD && !told.iter().any(same) {
            told.push(Way { prediction, changes, size });
        }
    }
    told
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

/// The size of a way, what is predicted at its end, and its changes.
type Found<'a> = (f64, String, Vec<&'a Candidate>);

/// Those of some changes of a row that reach a goal, and of all how far they lead.
fn in_parts<'a>(
    model: &Model,
    x: &Frame,
    row: (u32, Goal),
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
    (row, goal): (u32, Goal),
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
    let lead = (0..all.len()).map(|i| goal.lead(&said, i)).collect();
    let classes = &model.manifest().classes;
    let found = (0..all.len()).filter(|i| goal.is_met(&said, *i)).map(|i| {
        let size = all[i].iter().map(|c| c.size).sum();
        (size, told(&said, i, classes), all[i].clone())
    });
    Ok((found.collect(), lead))
}
