//! Keeping outcomes.

use super::expected::{Expected, Value};
use super::log::key;
use super::places::places;
use crate::Error;
use ruska::register::Stamp;
use ruska::{
    BatchPlan, Column, OutcomesTold, ReadOptions, Store, Wanted, open_batches, parse_time,
};
use serde::Serialize;
use std::collections::HashSet;

/// Rows kept in one transaction.
const CHUNK: usize = 8192;
/// A day in milliseconds, by which clocks and time zones may differ.
const DAY: i64 = 86_400_000;
/// Outcomes told by value and line.
const EXAMPLES: usize = 3;
/// Longest value that is told.
const LONGEST: usize = 40;

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
    /// Rows without an id, which were passed over.
    pub without_id: u64,
    /// Rows with an id and without an outcome, which were passed over.
    pub without_outcome: u64,
    /// Rows whose id stands in a later row, which counts instead; looked for where no column tells
    /// which of them is the newer.
    pub repeated: u64,
}

/// An id, when its outcome was so, and the outcome.
type Told = (String, i64, String);

/// Keeps the outcomes in a table. They are read as a labelled table is: numbers in the notation that
/// the model learned, classes by their text or the number they spell, missing markers as missing.
/// Each chunk of rows is one transaction, and what is known already changes nothing: whoever was cut
/// off adds the same table again. Memory grows with the rows, as all are read before any is kept.
///
/// Fails when no such model is in the register or its predictions cannot be logged, a column is
/// missing, an outcome is no number or no class of the model, or a time cannot be read, naming the
/// place. Nothing is kept then.
pub fn add(
    store: &Store,
    source: &str,
    reading: &ReadOptions,
    options: AddOptions<'_>,
    stamp: Stamp<'_>,
) -> Result<Added, Error> {
    let expected = Expected::of(store, options.model)?;
    let mut plan = BatchPlan::new().want(options.outcome, expected.wanted());
    plan = plan.want(options.id, Wanted::Raw);
    plan = options.time.into_iter().fold(plan, |plan, time| plan.want(time, Wanted::Raw));
    let mut added = Added::default();
    let (mut rows, mut strays): (Vec<Told>, Strays) = (vec![], Strays::default());
    for batch in open_batches(source, reading, &plan, CHUNK).map_err(ruska::Error::from)? {
        let batch = batch.map_err(ruska::Error::from)?;
        let raw = |name: &str| batch.raw.field(name).map(|f| &f.column);
        let outcomes = batch.frame.field(options.outcome).map(|f| &f.column);
        let (Some(ids), Some(outcomes)) = (raw(options.id), outcomes) else { continue };
        for row in 0..batch.frame.rows() {
            added.rows += 1;
            let Some(id) = key(ids, row) else {
                added.without_id += 1;
                continue;
            };
            let place = batch.first_row + row;
            match expected.read(outcomes, row) {
                Value::Missing => added.without_outcome += 1,
                Value::Stray(text) => strays.take(place, text),
                Value::Known(value) => {
                    let at_ms = match options.time {
                        None => stamp.at_ms,
                        Some(name) => moment((source, place, name), raw(name), row, stamp.at_ms)?,
                    };
                    rows.push((id, at_ms, value));
                }
            }
        }
    }
    if strays.count > 0 {
        let place = format!("{source}, column `{}`", options.outcome);
        return Err(strays.refusal(&place, (source, reading), options.model, &expected));
    }
    if options.time.is_none() {
        added.repeated = last_of_each(&mut rows);
    }
    for chunk in rows.chunks(CHUNK) {
        let told = store.tell_outcomes(options.model, chunk, stamp)?;
        let sum = &mut added.told;
        sum.added += told.added;
        sum.known += told.known;
        sum.corrected += told.corrected;
        sum.outdated += told.outdated;
        sum.unpredicted += told.unpredicted;
    }
    Ok(added)
}

/// Leaves the last row of every id; gives how many went. Rows that are told now are equally new, and
/// telling them again must not turn an outcome over and back.
fn last_of_each(rows: &mut Vec<Told>) -> u64 {
    let mut seen = HashSet::new();
    let mut last: Vec<bool> = rows.iter().rev().map(|(id, ..)| seen.insert(id.as_str())).collect();
    let before = rows.len();
    rows.retain(|_| last.pop().unwrap_or(true));
    (before - rows.len()) as u64
}

/// Outcomes that the model does not know.
#[derive(Default)]
struct Strays {
    count: u64,
    /// The first of them that differ, each with its row from 0.
    examples: Vec<(usize, String)>,
}

impl Strays {
    fn take(&mut self, row: usize, text: String) {
        self.count += 1;
        let new = self.examples.iter().all(|(_, known)| *known != text);
        if new && self.examples.len() < EXAMPLES {
            self.examples.push((row, text));
        }
    }

    fn refusal(
        &self,
        place: &str,
        (source, reading): (&str, &ReadOptions),
        model: &str,
        expected: &Expected,
    ) -> Error {
        let rows: Vec<usize> = self.examples.iter().map(|(row, _)| *row).collect();
        let at = places(source, reading, &rows);
        let told = |((_, text), at): (&(usize, String), &String)| {
            format!("`{}` in {at}", ruska::words::cut(text, LONGEST))
        };
        let examples: Vec<String> = self.examples.iter().zip(&at).map(told).collect();
        let count = match self.count {
            1 => "1 outcome is".to_owned(),
            n => format!("{n} outcomes are"),
        };
        Error::Refused(format!(
            "{place}: {count} {} ({}); nothing of the table is kept: correct such cells, or empty \
             them where the outcome is not known",
            expected.missed_by(model),
            examples.join(", ")
        ))
    }
}

/// When an outcome was so: the time of a row, from 0, of a column at its place in the source.
fn moment(
    (source, place, name): (&str, usize, &str),
    times: Option<&Column>,
    row: usize,
    now_ms: i64,
) -> Result<i64, Error> {
    let at_ms = times.and_then(|times| match times {
        Column::Time(v) => Some(v[row]).filter(|ms| *ms != ruska::NO_VALUE),
        _ => parse_time(&key(times, row)?, false),
    });
    let refuse = |what: &str| {
        Err(Error::Refused(format!("{source}, row {}, column `{name}`: {what}", place + 1)))
    };
    match at_ms {
        None => refuse("there is no time that can be read; write one such as 2026-01-31T12:00"),
        Some(at_ms) if at_ms > now_ms.saturating_add(DAY) => {
            let at = ruska::time_text(at_ms);
            refuse(&format!("{at} is in the future; outcomes are told when they are known"))
        }
        Some(at_ms) => Ok(at_ms),
    }
}
