//! Whether the data of today is still the data that a model, or a table, knows.
//!
//! ```text
//! reference ─ table: all its values ──────────┐
//!           └ model: quantiles, counts kept ──┤─▶ effects by column ─▶ threshold, chance ─▶ verdict
//! current table ──────────────────────────────┘        └─▶ tests, PSI: information
//! ```
//!
//! A column has drifted where an effect (how far numbers have moved, how much levels changed, values
//! went missing or are new) is larger than what is worth naming *and* than what chance gives at these
//! numbers of rows, given how many effects are looked at ([`SIGNIFICANCE`], divided among them).
//! p-values are told and decide nothing: with many rows they are small for changes of no consequence.
//! Where chance alone may give a medium effect the answer is that there is too little data.
//!
//! Invariants
//! 1. Equal values in another order of rows give the same verdict.
//! 2. Missing values, new levels, columns that are gone or hold another type count; they are never
//!    dropped without a word.
//! 3. Every output shows the same [`Verdict`].
//!
//! ```
//! use ruska_ops::drift::{Options, State, between};
//! # let dir = tempfile::tempdir().unwrap();
//! # let table = |name: &str, by: usize| {
//! #     let rows: String = (0..500).map(|i| format!("{}\n", (i * 37 % 500 + by) as f64 / 10.0)).collect();
//! #     let path = dir.path().join(name);
//! #     std::fs::write(&path, format!("amount\n{rows}")).unwrap();
//! #     ruska::read_table(path.to_str().unwrap(), &ruska::ReadOptions::default()).unwrap()
//! # };
//! let (last_month, today) = (table("a.csv", 0), table("b.csv", 200));
//! let verdict = between(&last_month, &today.frame, None, &Options::default())?;
//! assert_eq!(verdict.columns[0].state, State::Drift);
//! # Ok::<(), ruska_ops::Error>(())
//! ```

mod adjust;
mod bins;
mod chance;
mod chi_square;
mod compare;
mod definitions;
mod evidently;
mod item;
mod jensen_shannon;
mod kolmogorov;
mod ks;
mod levels;
mod merge;
mod numbers;
mod performance;
mod predictions;
mod psi;
mod remembered;
mod special;
mod tables;
mod target;
mod verdict;
mod wasserstein;
mod weights;

#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod simulation_tests;

pub use performance::{ExpectedScore, Performance};
pub use verdict::{
    ColumnDrift, Effect, Evidently, NewLevel, Side, Source, State, Statistic, Test, Verdict,
};

use crate::Error;
use item::Item;
use rayon::prelude::*;
use ruska::{Frame, Model, Predicted, ReadTable, closest};
use std::collections::BTreeMap;

/// The probability with which chance alone makes a verdict of drift, at most.
pub const SIGNIFICANCE: f64 = 0.01;
/// Effects of a column at most.
const EFFECTS: usize = 3;
/// Why a column that is not there is drift.
const GONE: &str = "the current table has no such column";
/// The same where nobody said what is predicted, which may not be known yet.
const GONE_ALONE: &str =
    "the current table has no such column (if a model predicts it, compare with --model)";
/// Why points in time are not compared.
const TIME: &str = "points in time move on; only missing ones are compared";

/// What may be asked beyond the two sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Columns to look at; all if empty.
    pub columns: Vec<String>,
    /// The distance worth naming (Wasserstein, Kolmogorov–Smirnov, Jensen–Shannon), instead of 0.1.
    pub threshold: Option<f64>,
    /// The same of single columns.
    pub thresholds: BTreeMap<String, f64>,
}

/// Compares a table with another one, and what a model says of both, where one is given.
///
/// Fails when a column named in the options is not in the reference, when a table has no rows or no
/// column in common with the other, and when the model is one of series.
pub fn between(
    reference: &ReadTable,
    current: &Frame,
    model: Option<&Model>,
    options: &Options,
) -> Result<Verdict, Error> {
    check_rows(reference.frame.rows(), current.rows())?;
    let gone = if model.is_some() { GONE } else { GONE_ALONE };
    let mut items = tables::items(reference, current, &options.columns, gone)?;
    let mut told = Told::default();
    if let Some(model) = model {
        check_model(model)?;
        // The target stands apart.
        items.retain(|item| item.name != model.manifest().target);
        told = told_of(model, Some(&reference.frame), current);
    }
    let new_columns = new_columns(reference.frame.fields().iter().map(|f| &*f.name), current);
    let source = Source { kind: "table", rows: reference.frame.rows() };
    verdict(source, current, items, told, new_columns, options)
}

/// Compares a table with what a model remembers of the rows that it learned from.
///
/// Fails when a column named in the options is none that the model looks at, when the table has no
/// rows or none of its columns, and when the model is one of series.
pub fn since_training(model: &Model, current: &Frame, options: &Options) -> Result<Verdict, Error> {
    check_model(model)?;
    check_rows(model.manifest().rows, current.rows())?;
    let items = remembered::items(model, current, &options.columns)?;
    let told = told_of(model, None, current);
    let known = model.manifest().schema.columns.iter().map(|c| c.name.as_str());
    let new_columns = new_columns(known, current);
    let source = Source { kind: "model", rows: model.manifest().rows };
    verdict(source, current, items, told, new_columns, options)
}

/// What a model adds.
#[derive(Default)]
struct Told {
    target: Option<Item>,
    predictions: Vec<Item>,
    without: Option<String>,
    performance: Option<Performance>,
    weights: BTreeMap<String, f64>,
}

fn told_of(model: &Model, reference: Option<&Frame>, current: &Frame) -> Told {
    let target = target::item(model, reference, current);
    let predicted = || -> Result<(Option<Predicted>, Predicted), String> {
        let side = |frame: &Frame, side: &str| {
            model.predict(frame).map_err(|why| format!("the {side} table cannot be scored: {why}"))
        };
        Ok((reference.map(|f| side(f, "reference")).transpose()?, side(current, "current")?))
    };
    let (before, now) = match predicted() {
        Ok(both) => both,
        Err(why) => return Told { target, without: Some(why), ..Told::default() },
    };
    let performance = performance::expected(model, &now);
    let weights = weights::weights(model, reference, current).unwrap_or_default();
    let sides = reference.zip(before.as_ref());
    let learned = sides.is_some_and(|(table, said)| predictions::has_learned(model, table, said));
    let (predictions, without) = match predictions::items(model, before.as_ref(), learned, &now) {
        Ok(items) => (items, None),
        Err(why) => (vec![], Some(why)),
    };
    Told { target, predictions, without, performance, weights }
}

/// Judges every item and all of them together.
fn verdict(
    source: Source,
    current: &Frame,
    items: Vec<Item>,
    told: Told,
    new_columns: Vec<String>,
    options: &Options,
) -> Result<Verdict, Error> {
    let common = |item: &Item| current.field(&item.name).is_some();
    if options.columns.is_empty() && !items.iter().any(common) {
        return Err(Error::Refused(
            "the tables have no column in common; is the current one the right file?".to_owned(),
        ));
    }
    let all = items.iter().chain(&told.target).chain(&told.predictions);
    let names: Vec<&str> = all.map(|item| item.name.as_str()).collect();
    if let Some(name) = options.thresholds.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(no_column("--threshold", name, &names));
    }
    let number = items.len() + told.predictions.len() + usize::from(told.target.is_some());
    let a = SIGNIFICANCE / (EFFECTS * number) as f64;
    let judge = |item: &Item| item.judged(a, options);
    let mut columns: Vec<ColumnDrift> = items.par_iter().map(judge).collect();
    let mut target = told.target.as_ref().map(judge);
    let mut predictions: Vec<ColumnDrift> = told.predictions.par_iter().map(judge).collect();
    for column in &mut columns {
        column.weight = told.weights.get(&column.name).copied();
    }
    adjust(columns.iter_mut().chain(&mut target).chain(&mut predictions));
    let count = |state| columns.iter().filter(|c| c.state == state).count();
    let compared = columns.len() - count(State::NotCompared);
    let (drifted, insufficient) = (count(State::Drift), count(State::InsufficientData));
    let all = || columns.iter().chain(&target).chain(&predictions);
    let of = |state| all().filter(|c| c.state == state).count();
    let judged = all().count() - of(State::NotCompared);
    let state = if of(State::Drift) > 0 {
        State::Drift
    } else if 2 * of(State::InsufficientData) > judged || judged == 0 {
        State::InsufficientData
    } else {
        State::NoDrift
    };
    let weight = |c: &ColumnDrift| c.weight.unwrap_or(0.0);
    let weighted: f64 = columns.iter().filter(|c| c.state == State::Drift).map(weight).sum();
    sort(&mut columns);
    Ok(Verdict {
        verdict: state,
        reference: source,
        rows: current.rows(),
        compared,
        drifted,
        insufficient,
        share: drifted as f64 / compared.max(1) as f64,
        weighted_share: (!told.weights.is_empty()).then_some(weighted.clamp(0.0, 1.0) + 0.0),
        significance: SIGNIFICANCE,
        columns,
        target,
        predictions,
        without_predictions: told.without,
        performance: told.performance,
        new_columns,
        definitions: definitions::definitions(),
    })
}

/// Drifted columns first, the heaviest and most changed before the others; equal ones by their names.
fn sort(columns: &mut [ColumnDrift]) {
    let size = |c: &ColumnDrift| c.largest().map_or(f64::MAX, |e| e.value / e.limit().max(1e-12));
    columns.sort_by(|a, b| {
        let weights = b.weight.unwrap_or(0.0).total_cmp(&a.weight.unwrap_or(0.0));
        let sizes = size(b).total_cmp(&size(a));
        a.state.cmp(&b.state).then(weights).then(sizes).then(a.name.cmp(&b.name))
    });
}

/// Adjusts the p-values of all tests together.
fn adjust<'a>(columns: impl Iterator<Item = &'a mut ColumnDrift>) {
    let mut tests: Vec<&mut Test> = columns.filter_map(|c| c.test.as_mut()).collect();
    let p: Vec<f64> = tests.iter().map(|t| t.p).collect();
    for (test, adjusted) in tests.iter_mut().zip(adjust::false_discovery(&p)) {
        test.p_adjusted = adjusted;
    }
}

/// The columns asked for, all if none are.
fn chosen<'a>(known: &[&'a str], names: &[String]) -> Result<Vec<&'a str>, Error> {
    if names.is_empty() {
        return Ok(known.to_vec());
    }
    let find = |name: &String| {
        let found = known.iter().find(|k| *k == name).copied();
        found.ok_or_else(|| no_column("--columns", name, known))
    };
    names.iter().map(find).collect()
}

/// What is said of a name that none of the known ones is.
fn no_column(option: &'static str, name: &str, known: &[&str]) -> Error {
    let near = closest(name, known.iter().copied());
    let near: Vec<String> = near.iter().map(|n| format!("`{n}`")).collect();
    let hint = format!(" (did you mean {}?)", near.join(" or "));
    let hint = if near.is_empty() { String::new() } else { hint };
    Error::Ruska(ruska::Error::NoColumn { option, column: name.to_owned(), hint })
}

fn new_columns<'a>(known: impl Iterator<Item = &'a str>, current: &Frame) -> Vec<String> {
    let known: std::collections::BTreeSet<&str> = known.collect();
    let new = current.fields().iter().filter(|f| !known.contains(&*f.name));
    new.map(|f| f.name.to_string()).collect()
}

fn check_rows(reference: usize, current: usize) -> Result<(), Error> {
    for (side, rows) in [("reference", reference), ("current table", current)] {
        if rows == 0 {
            let what = format!("the {side} has no rows, so nothing can be compared");
            return Err(Error::Refused(what));
        }
    }
    Ok(())
}

fn check_model(model: &Model) -> Result<(), Error> {
    if model.series().is_some() {
        return Err(Error::Refused(
            "a forecasting model looks at no rows; compare two tables instead".to_owned(),
        ));
    }
    Ok(())
}
