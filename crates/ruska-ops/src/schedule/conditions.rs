//! What asks for a run beside the calendar: the age of the newest version, rows that are new to it, and drift of
//! these.

use super::Triggers;
use crate::Error;
use crate::compare::unseen;
use crate::drift::{Options, Verdict, since_training};
use crate::job::{Job, PastRun, history};
use crate::register;
use ruska::Store;
use ruska::register::{JobOutcome, Trigger};

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;
/// Columns named.
const NAMED: usize = 3;

/// What a look at the conditions found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The first condition that holds and what was seen, in words.
    pub(super) due: Option<(Trigger, String)>,
    /// Whether new rows have drifted; `None` where there were none, or it was not asked.
    pub(super) drift: Option<bool>,
}

/// Looks at the conditions of a job. None holds where the data are those of the last run, from which another would
/// learn the same, unless it failed or they broke the contract.
///
/// Fails when the data or the newest version cannot be read.
pub(super) fn holds(
    store: &Store,
    job: &Job,
    triggers: &Triggers,
    now: i64,
) -> Result<Found, Error> {
    let due = |trigger, why| Ok(Found { due: Some((trigger, why)), drift: None });
    let table = ruska::read_table(&job.train(), &job.reading()).map_err(ruska::Error::from)?;
    let data = ruska::fingerprint(&table.frame);
    let past = history(store, Some(job.name()))?;
    let last = past.iter().rev().find(|run| run.end.is_some());
    if last.is_some_and(|run| run.start.data == data && !may_end_otherwise(run)) {
        return Ok(Found::default());
    }
    let Some(newest) = register::newest(store, job.name())? else {
        return due(Trigger::Age, "there is no version yet".to_owned());
    };
    let label = format!("{}:{}", job.name(), newest.number);
    if let Some(most) = triggers.max_age_ms() {
        let age = now.saturating_sub(newest.at_ms);
        if age > most {
            let days = age as f64 / DAY;
            return due(Trigger::Age, format!("{label} is {days:.1} days old"));
        }
    }
    if triggers.min_new_rows.is_none() && !triggers.drift {
        return Ok(Found::default());
    }
    let model = register::load(store, job.name(), newest.number)?;
    let mut ends = past.iter().rev().filter_map(|run| run.end.as_ref().map(|(_, end)| end));
    let made = ends.find(|end| end.version == Some(newest.number));
    let rows = unseen(&table.frame, &[(&label, &model)])?.truth.rows;
    // What its own run kept for the comparison was there already.
    let kept = made.and_then(|end| end.kept).unwrap_or(0) as usize;
    let new = rows.len().saturating_sub(kept);
    let mut found = Found::default();
    if triggers.drift && new > 0 {
        let latest = table.frame.take(&job.latest(&table, &rows, new)?);
        if latest.rows() > 0 {
            let verdict = since_training(&model, &latest, &Options::default())?;
            found.drift = Some(verdict.is_drift());
            if verdict.is_drift() {
                found.due = Some((Trigger::Drift, drifted(&verdict, new, &label)));
                return Ok(found);
            }
        }
    }
    if triggers.min_new_rows.is_some_and(|least| new as u64 >= least) {
        found.due = Some((Trigger::NewRows, format!("{new} rows are new to {label}")));
    }
    Ok(found)
}

/// What has drifted, in words.
fn drifted(verdict: &Verdict, rows: usize, label: &str) -> String {
    let all: Vec<String> = verdict.drifted().map(|column| format!("`{}`", column.name)).collect();
    let (named, more) = (&all[..all.len().min(NAMED)], all.len().saturating_sub(NAMED));
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names = named.join(", ");
    format!("{names}{more} in {rows} rows that are new to {label}")
}

/// Whether another run on the same data may come to something else: where this one failed, or the data broke a
/// contract, which somebody may have changed since.
fn may_end_otherwise(run: &PastRun) -> bool {
    let outcome = run.end.as_ref().map(|(_, end)| end.outcome);
    matches!(outcome, Some(JobOutcome::Failed | JobOutcome::Violated))
}
