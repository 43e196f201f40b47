//! Past runs of a job: a function of the ledger.

use crate::Error;
use ruska::Store;
use ruska::register::{Entry, JobEnd, JobStart, JobTaken, Recorded, Subject};
use serde::Serialize;
use std::collections::BTreeMap;

/// A run and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PastRun {
    /// The job.
    pub job: String,
    /// Its beginning.
    #[serde(flatten)]
    pub start: JobStart,
    /// When it began, milliseconds since 1970.
    pub at_ms: i64,
    /// Who asked for it.
    pub actor: String,
    /// When it ended, milliseconds since 1970, and how; `None` while it runs or when it was cut off
    /// and nobody went on with it yet.
    pub end: Option<(i64, JobEnd)>,
    /// Processes in a row that died at it, as far as the last one that took it up knew.
    pub cut_off: u32,
    /// Whether it is over.
    pub now: Now,
}

/// What becomes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Now {
    /// It has ended.
    Ended,
    /// A process works on it.
    Runs,
    /// It was stopped in good order, and goes on with whoever takes it up next.
    Stopped,
    /// Its process died, and it goes on with whoever takes it up next.
    CutOff,
}

impl Now {
    /// A few words for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Runs => "runs",
            Self::Stopped => "stopped, to go on",
            Self::CutOff => "cut off, to go on",
        }
    }
}

/// The runs of a job, or of all jobs, in the order in which they began.
pub fn history(store: &Store, job: Option<&str>) -> Result<Vec<PastRun>, Error> {
    let mut runs = history_of(&store.entries(Subject::Job, job)?);
    for run in runs.iter_mut().filter(|run| run.end.is_none()) {
        if store.is_job_held(&run.job)? {
            run.now = Now::Runs;
        }
    }
    Ok(runs)
}

/// The runs that entries tell of, where no process works on any.
pub(crate) fn history_of(entries: &[Recorded]) -> Vec<PastRun> {
    let mut runs: Vec<PastRun> = vec![];
    let mut taken: BTreeMap<&str, &JobTaken> = BTreeMap::new();
    for recorded in entries {
        match &recorded.entry {
            Entry::JobStarted(start) => runs.push(PastRun {
                job: recorded.name.clone(),
                start: (**start).clone(),
                at_ms: recorded.at_ms,
                actor: recorded.actor.clone(),
                end: None,
                now: Now::CutOff,
                cut_off: taken
                    .get(&*recorded.name)
                    .map_or(0, |by| if by.run == start.run { by.cut_off } else { 0 }),
            }),
            Entry::JobTaken(by) => {
                taken.insert(&recorded.name, by);
                let same = |r: &&mut PastRun| r.job == recorded.name && r.start.run == by.run;
                if let Some(run) = runs.iter_mut().rev().find(same) {
                    (run.cut_off, run.now) = (by.cut_off, Now::CutOff);
                }
            }
            Entry::JobEnded(end) => {
                let same = |r: &&mut PastRun| r.job == recorded.name && r.start.run == end.run;
                if let Some(run) = runs.iter_mut().rev().find(same) {
                    run.end = Some((recorded.at_ms, (**end).clone()));
                    run.now = Now::Ended;
                }
            }
            Entry::JobStopped { run } => {
                let same = |r: &&mut PastRun| r.job == recorded.name && r.start.run == *run;
                if let Some(run) = runs.iter_mut().rev().find(same) {
                    run.now = Now::Stopped;
                }
            }
            _ => {}
        }
    }
    runs
}
