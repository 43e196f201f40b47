//! Keeping outcomes.

use super::log::key;
use crate::Error;
use crate::register;
use ruska::register::Stamp;
use ruska::{
    BatchPlan, Column, Notation, OutcomesTold, ReadOptions, Store, TaskKind, Wanted, open_batches,
    parse_time, spelt_number,
};
use serde::Serialize;

/// Rows kept in one transaction.
const CHUNK: usize = 8192;
/// A day in milliseconds, by which clocks and time zones may differ.
const DAY: i64 = 86_400_000;

/// Which columns hold what.
#[derive(Clone, Copy, Debug)]
pub struct AddOptions<'a> {
    /// The model that predicted.
    pub model: &'a str,
    /// Column of ids, as predictions were logged under.
    pub id: &'a str,
    /// Column of outcomes.
    pub outcome: &'a str,
    /// Column of the times at which they were so; now where there is none.
    pub time: Option<&'a str>,
}

/// What came of a file of outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Rows read.
    pub rows: u64,
    /// What became of them.
    #[serde(flatten)]
    pub told: OutcomesTold,
    /// Rows without an id or without an outcome, which were passed over.
    pub empty: u64,
}

/// Keeps the outcomes in a table. Each chunk of
/// rows is one transaction, and what is known already changes nothing: whoever was cut off adds the
/// same table again.
///
/// Fails when no such model is in the register, a column is missing, an outcome of a model of
/// numbers is none, or a time cannot be read, naming the row.
pub fn add(
    store: &Store,
    source: &str,
    reading: &ReadOptions,
    options: AddOptions<'_>,
    stamp: Stamp<'_>,
) -> Result<Added, Error> {
    let now_ms = stamp.at_ms;
    let Expected { numbers, classes } = expected(store, options.model)?;
    let mut plan = BatchPlan::new().want(options.id, Wanted::Raw);
    plan = plan.want(options.outcome, Wanted::Raw);
    plan = options.time.into_iter().fold(plan, |plan, time| plan.want(time, Wanted::Raw));
    let mut added = Added::default();
    for batch in open_batches(source, reading, &plan, CHUNK).map_err(ruska::Error::from)? {
        let batch = batch.map_err(ruska::Error::from)?;
        let column = |name: &str| {
            let field = batch.raw.field(name).map(|f| &f.column);
            field.ok_or_else(|| Error::Refused(format!("there is no column `{name}`")))
        };
        let (ids, values) = (column(options.id)?, column(options.outcome)?);
        let times = options.time.map(column).transpose()?;
        let mut rows = Vec::with_capacity(batch.raw.rows());
        for row in 0..batch.raw.rows() {
            added.rows += 1;
            let (Some(id), Some(value)) = (key(ids, row), key(values, row)) else {
                added.empty += 1;
                continue;
            };
            let place = || format!("{source}, row {}", batch.first_row + row + 1);
            let readable = |n: &Numbers| spelt_number(&value, n.notation.as_ref()).is_some();
            if !numbers.as_ref().is_none_or(readable) {
                let what =
                    format!("{}, column `{}`: `{value}` is no number", place(), options.outcome);
                return Err(Error::Refused(what));
            }
            let at_ms = match times {
                Some(times) => moment(times, row).ok_or_else(|| {
                    let name = options.time.unwrap_or_default();
                    Error::Refused(format!(
                        "{}, column `{name}`: there is no time that can be read; write one such \
                         as 2026-01-31T12:00",
                        place()
                    ))
                })?,
                None => now_ms,
            };
            if at_ms > now_ms.saturating_add(DAY) {
                let name = options.time.unwrap_or_default();
                let what = "is in the future; outcomes are told when they are known";
                let at = ruska::time_text(at_ms);
                return Err(Error::Refused(format!("{}, column `{name}`: {at} {what}", place())));
            }
            rows.push((id, at_ms, value));
        }
        let unknown = |(_, _, value): &(String, i64, String)| !classes.contains(value);
        if !classes.is_empty() && !rows.is_empty() && rows.iter().all(unknown) {
            let what = format!(
                "{source}, column `{}`: no value is one of the classes that {} tells: {}",
                options.outcome,
                options.model,
                classes.join(", ")
            );
            return Err(Error::Refused(what));
        }
        let told = store.tell_outcomes(options.model, &rows, stamp)?;
        let sum = &mut added.told;
        sum.added += told.added;
        sum.known += told.known;
        sum.corrected += told.corrected;
        sum.outdated += told.outdated;
        sum.unpredicted += told.unpredicted;
    }
    Ok(added)
}

/// How a model writes the numbers that it predicts.
struct Numbers {
    notation: Option<Notation>,
}

/// What outcomes must be.
#[derive(Default)]
struct Expected {
    /// Numbers, for a model of numbers.
    numbers: Option<Numbers>,
    /// The classes of a model of classes whose predictions were logged.
    classes: Vec<String>,
}

/// What the outcomes of a model must be, by its last version whose predictions were logged.
fn expected(store: &Store, model: &str) -> Result<Expected, Error> {
    // A model that was never registered has no version whose predictions could be logged.
    register::state(store, model)?;
    let last = store.scorers(model)?.into_values().next_back();
    Ok(last.map_or_else(Expected::default, |scorer| match scorer.task {
        TaskKind::Regression => {
            Expected { numbers: Some(Numbers { notation: scorer.notation }), classes: vec![] }
        }
        _ => Expected { numbers: None, classes: scorer.classes },
    }))
}

fn moment(times: &Column, row: usize) -> Option<i64> {
    match times {
        Column::Time(v) => Some(v[row]).filter(|ms| *ms != ruska::NO_VALUE),
        _ => parse_time(&key(times, row)?, false),
    }
}
