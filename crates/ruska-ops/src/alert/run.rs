//! What is told at the end of a run.

use super::Kind;
use super::raise::{Desk, Notice};
use crate::job::Job;
use ruska::register::{Entry, JobEnd, JobOutcome, Recorded, Stamp};
use ruska::{Letter, Store};
use serde_json::{Map, Value, json};

/// The entries and letters of the end of a run: a failure stands until a run does not fail, what
/// else came of it happens once.
pub(crate) fn after_run(
    store: &Store,
    job: &Job,
    end: &JobEnd,
    (there, first): (&[Recorded], u64),
    stamp: Stamp<'_>,
) -> (Vec<Entry>, Vec<Letter>) {
    let mut desk = Desk::new(store, job, there, first, stamp);
    desk.enter(Entry::JobEnded(Box::new(end.clone())));
    let notice = |kind, reason| Notice { kind, key: "", reason, data: data(job, end) };
    if end.outcome == JobOutcome::Failed {
        desk.raise(&notice(Kind::Failed, &end.reason));
        return (desk.entries, desk.letters);
    }
    desk.recover(Kind::Failed, "", &format!("run {} did not fail", end.run));
    if end.outcome == JobOutcome::Violated {
        desk.raise(&notice(Kind::Contract, &end.reason));
        return (desk.entries, desk.letters);
    }
    if job.contract().is_some() {
        desk.recover(Kind::Contract, "", &format!("the data of run {} keeps it", end.run));
    }
    match &end.not_scored {
        Some(why) => {
            desk.raise(&notice(Kind::NotScored, why));
        }
        None if end.predictions.is_some() => {
            desk.recover(Kind::NotScored, "", &format!("run {} scored", end.run));
        }
        None => {}
    }
    let kind = match end.outcome {
        JobOutcome::Registered => Some(Kind::Registered),
        JobOutcome::Promoted => Some(Kind::Promoted),
        JobOutcome::Proposed => Some(Kind::Proposed),
        JobOutcome::Declined => Some(Kind::Declined),
        JobOutcome::Held => Some(Kind::Held),
        JobOutcome::Failed | JobOutcome::Violated | JobOutcome::Abandoned => None,
    };
    if let Some(kind) = kind {
        desk.tell(&notice(kind, &end.reason));
    }
    (desk.entries, desk.letters)
}

fn data(job: &Job, end: &JobEnd) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("run".into(), json!(end.run));
    data.insert("outcome".into(), json!(end.outcome.word()));
    if let Some(version) = end.version {
        data.insert("version".into(), json!(version));
    }
    if let Some(promotion) = &job.spec().promotion {
        data.insert("environment".into(), json!(promotion.environment));
    }
    data
}
