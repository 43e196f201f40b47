//! Decides for each job what is due and hands out what takes time.

use super::due::{Due, Past, due};
use crate::Error;
use crate::alert::{self, Kind, Notice};
use crate::job::{Job, RunReport};
use ruska::register::{Cause, Entry, JobLease, Skipped, Stamp, Subject};
use ruska::{Store, StoreError};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How long until a job is looked at again that somebody else holds, milliseconds.
const HELD: i64 = 1_000;
/// How long until a store that failed is asked again, milliseconds.
const AGAIN: i64 = 10_000;
/// The longest of these pauses, which doubles for runs that leave no entry again and again, milliseconds.
const LONGEST_REST: i64 = 600_000;

/// What people are told of a job as a whole.
pub(super) fn notice(kind: Kind, reason: &str) -> Notice<'_> {
    Notice { kind, key: "", reason, data: serde_json::Map::new() }
}

/// What happens to a job, for whoever watches.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "happened", rename_all = "snake_case")]
pub enum Happened {
    /// Its triggers are watched from now on.
    Watched,
    /// Slots passed without a run.
    Skipped(Skipped),
    /// A run begins, or goes on after it was cut off.
    Begun(Cause),
    /// A run came to its end.
    Ended(Box<RunReport>),
    /// A run, or a look at the conditions, failed.
    Failed {
        /// Why.
        why: String,
    },
    /// The job file cannot be used, or is not there any more; the job waits until it can.
    Unusable {
        /// Why.
        why: String,
    },
    /// The job file can be used again.
    Usable,
}

/// Something that takes time, with the right to do it.
pub(crate) struct Task {
    pub(crate) job: Job,
    pub(crate) what: What,
    /// Held until the task is done.
    pub(crate) _lease: JobLease,
}

/// What takes time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Run(Cause),
    Look { slot_ms: i64 },
}

/// Watches jobs on a store.
pub(crate) struct Keeper<'a> {
    store: &'a Store,
    actor: &'a str,
    /// Whether conditions are looked at once only.
    once: bool,
    /// The slot for which the conditions of a job were last looked at.
    looked: BTreeMap<String, i64>,
    /// Jobs that a task of this keeper has.
    busy: BTreeSet<String>,
    /// The last run that was handed out for a job.
    handed: BTreeMap<String, Handed>,
}

/// A run that was handed out. One that comes up again left no entry, as on a full disk.
struct Handed {
    cause: Cause,
    times: u32,
    /// When it may be handed out again, milliseconds since 1970.
    until_ms: i64,
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(store: &'a Store, actor: &'a str, once: bool) -> Self {
        Self {
            store,
            actor,
            once,
            looked: BTreeMap::new(),
            busy: BTreeSet::new(),
            handed: BTreeMap::new(),
        }
    }

    /// What is to be done now for some jobs, and when to ask again; what takes no time is done. A job that has a
    /// task is left alone until that is told to be [done](Self::done), and one whose entries cannot be read or
    /// written is tried again a little later.
    pub(crate) fn tick(
        &mut self,
        jobs: &[Job],
        now: i64,
        tell: &mut dyn FnMut(&str, Happened),
    ) -> (Vec<Task>, Option<i64>) {
        let (mut tasks, mut next) = (vec![], None::<i64>);
        for job in jobs {
            if self.busy.contains(job.name()) {
                continue;
            }
            let until = match self.look_at(job, now, tell) {
                Ok(Ok(task)) => {
                    self.busy.insert(job.name().to_owned());
                    tasks.push(task);
                    continue;
                }
                Ok(Err(until)) => until,
                Err(error) => {
                    tell(job.name(), Happened::Failed { why: error.to_string() });
                    Some(now + AGAIN)
                }
            };
            next = [next, until].into_iter().flatten().min();
        }
        (tasks, next)
    }

    /// A task is done; of a look at conditions, for which slot.
    pub(crate) fn done(&mut self, job: &str, looked: Option<i64>) {
        self.busy.remove(job);
        if let Some(slot) = looked {
            self.looked.insert(job.to_owned(), slot);
        }
    }

    /// The task of a job, or when to ask again.
    fn look_at(
        &mut self,
        job: &Job,
        now: i64,
        tell: &mut dyn FnMut(&str, Happened),
    ) -> Result<Result<Task, Option<i64>>, Error> {
        let Some(triggers) = &job.spec().triggers else { return Ok(Err(None)) };
        let lease = match self.store.lease_job(job.name(), self.actor) {
            Ok(lease) => lease,
            Err(StoreError::InUse { .. }) => return Ok(Err(Some(now + HELD))),
            Err(error) => return Err(error.into()),
        };
        let text = serde_json::to_string(triggers).unwrap_or_default();
        let looked = self.looked.get(job.name()).copied();
        let looked = looked.map(|slot| if self.once { i64::MAX } else { slot });
        loop {
            let entries = self.store.entries(Subject::Job, Some(job.name()))?;
            let past = Past::of(&entries, &text);
            let what = match due(job.name(), triggers, &job.spec().retry, &past, looked, now) {
                Due::Watch => {
                    let triggers = text.clone();
                    self.enter(job, now, Entry::JobScheduled { triggers })?;
                    tell(job.name(), Happened::Watched);
                    continue;
                }
                Due::Skip { skipped, missed } => {
                    self.enter(job, now, Entry::SlotsSkipped(skipped.clone()))?;
                    if missed {
                        let stamp = Stamp { at_ms: now, actor: self.actor };
                        let notice = notice(Kind::Missed, &skipped.reason);
                        alert::raise(self.store, job, &notice, stamp)?;
                    }
                    tell(job.name(), Happened::Skipped(skipped));
                    continue;
                }
                Due::Run(cause) => match self.rest(job.name(), &cause, now) {
                    Some(until) => return Ok(Err(Some(until))),
                    None => What::Run(cause),
                },
                Due::Look { slot_ms } => What::Look { slot_ms },
                Due::Wait { until_ms } => return Ok(Err(until_ms)),
            };
            return Ok(Ok(Task { job: job.clone(), what, _lease: lease }));
        }
    }

    /// Until when a run is not handed out, as it was before and left no entry; `None` for now.
    fn rest(&mut self, job: &str, cause: &Cause, now: i64) -> Option<i64> {
        let times = match self.handed.get(job) {
            Some(handed) if handed.cause == *cause => {
                let rests = now < handed.until_ms && handed.until_ms <= now + LONGEST_REST;
                if rests {
                    return Some(handed.until_ms);
                }
                handed.times + 1
            }
            _ => 0,
        };
        let rest = AGAIN.saturating_mul(1 << times.min(10)).min(LONGEST_REST);
        let handed = Handed { cause: cause.clone(), times, until_ms: now + rest };
        self.handed.insert(job.to_owned(), handed);
        None
    }

    fn enter(&self, job: &Job, at_ms: i64, entry: Entry) -> Result<(), Error> {
        let stamp = Stamp { at_ms, actor: self.actor };
        self.store.record(Subject::Job, job.name(), stamp, |_, _| Ok((vec![entry], ())))
    }
}

#[cfg(test)]
#[path = "keeper_tests.rs"]
mod tests;
