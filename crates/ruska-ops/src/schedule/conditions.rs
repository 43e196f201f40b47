//! What asks for a run beside the calendar: the age of the newest version, and rows that are new to it.

use super::Triggers;
use crate::Error;
use crate::compare::unseen;
use crate::job::{Job, history};
use crate::register;
use ruska::Store;
use ruska::register::{JobOutcome, Trigger};

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

/// The first condition of a job that holds and what was seen, in words. `None` where none does, and where the data
/// are those of the last run, from which another would learn the same.
///
/// Fails when the data or the newest version cannot be read.
pub(super) fn holds(
    store: &Store,
    job: &Job,
    triggers: &Triggers,
    now: i64,
) -> Result<Option<(Trigger, String)>, Error> {
    let table = ruska::read_table(&job.train(), &job.reading()).map_err(ruska::Error::from)?;
    let data = ruska::fingerprint(&table.frame);
    let past = history(store, Some(job.name()))?;
    let last = past.iter().rev().find(|run| run.end.is_some());
    if last.is_some_and(|run| run.start.data == data && !failed(run)) {
        return Ok(None);
    }
    let Some(newest) = register::newest(store, job.name())? else {
        return Ok(Some((Trigger::Age, "there is no version yet".to_owned())));
    };
    let label = format!("{}:{}", job.name(), newest.number);
    if let Some(most) = triggers.max_age_ms() {
        let age = now.saturating_sub(newest.at_ms);
        if age > most {
            let days = age as f64 / DAY;
            return Ok(Some((Trigger::Age, format!("{label} is {days:.1} days old"))));
        }
    }
    if let Some(least) = triggers.min_new_rows {
        let model = register::load(store, job.name(), newest.number)?;
        let rows = unseen(&table.frame, &[(&label, &model)])?.truth.rows.len();
        if rows as u64 >= least {
            return Ok(Some((Trigger::NewRows, format!("{rows} rows are new to {label}"))));
        }
    }
    Ok(None)
}

fn failed(run: &crate::job::PastRun) -> bool {
    run.end.as_ref().is_some_and(|(_, end)| end.outcome == JobOutcome::Failed)
}
