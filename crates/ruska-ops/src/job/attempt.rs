//! Who works on a run, and how often that came to nothing: a process that dies tells nobody, so taking a run up
//! is entered before anything is read, and leaving it in good order as well. A run whose processes die again and
//! again without bringing it on is given up.

use super::Job;
use super::history::{PastRun, history_of};
use super::run::{Setting, begin, fail};
use crate::Error;
use ruska::register::{Cause, Entry, JobTaken, Recorded, Stamp, Subject};
use ruska::{Event, Store, Timed};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Processes that may die at a run, at least, before it is given up.
const LEAST_ENDS: u32 = 3;
/// How often it is seen whether a run is to stop.
const STEP: Duration = Duration::from_millis(100);

/// What processes have done for the run of a job that is under way, or about to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Effort {
    /// Processes in a row that died without bringing it on, before the last one.
    cut_off: u32,
    /// Trials that had ended when the last one took it up.
    trials: u64,
    /// When that was, milliseconds since 1970.
    taken_ms: i64,
    /// Milliseconds spent until then, or until it left.
    spent_ms: i64,
    /// Whether it left in good order.
    left: bool,
}

impl Effort {
    fn since(at_ms: i64) -> Self {
        Self { cut_off: 0, trials: 0, taken_ms: at_ms, spent_ms: 0, left: false }
    }

    /// What the entries of a job tell; `None` where nobody has taken anything up since the last end.
    fn of(entries: &[Recorded]) -> Option<Self> {
        let mut effort = None;
        for Recorded { at_ms, entry, .. } in entries {
            match entry {
                Entry::JobTaken(JobTaken { cut_off, trials, spent_ms, .. }) => {
                    let (cut_off, trials, spent_ms) = (*cut_off, *trials, *spent_ms);
                    effort = Some(Self { cut_off, trials, spent_ms, ..Self::since(*at_ms) });
                }
                Entry::JobStarted(start) => {
                    let effort = effort.get_or_insert_with(|| Self::since(*at_ms));
                    // To have read the data is to have brought it on.
                    if !start.data.is_empty() {
                        effort.cut_off = 0;
                    }
                }
                Entry::JobStopped { .. } => {
                    if let Some(effort) = &mut effort {
                        effort.spent_ms += (at_ms - effort.taken_ms).max(0);
                        effort.left = true;
                    }
                }
                Entry::JobEnded(_) => effort = None,
                _ => {}
            }
        }
        effort
    }

    /// What the next process takes up: the processes that died in a row, and the time spent. `trials` have ended
    /// by now, and the run showed its last sign of life at `seen_ms`.
    fn next(&self, trials: u64, seen_ms: i64) -> (u32, i64) {
        if self.left {
            return (self.cut_off, self.spent_ms);
        }
        let lived = seen_ms.saturating_sub(self.taken_ms).max(0);
        let cut_off = if trials > self.trials { 0 } else { self.cut_off + 1 };
        (cut_off, self.spent_ms + lived)
    }
}

/// Takes the run of a job up that is under way, or the next one; gives the milliseconds spent on it so far. The
/// caller holds the job's lease.
///
/// Fails when too many processes died at it: it then has ended as failed.
pub(crate) fn take(
    store: &Store,
    job: &Job,
    cause: Option<&Cause>,
    stamp: Stamp<'_>,
) -> Result<i64, Error> {
    let entries = store.entries(Subject::Job, Some(job.name()))?;
    let past = history_of(&entries);
    let open = past.last().filter(|run| run.end.is_none());
    let events = open.map(|run| store.events_if_any(&run.start.study)).transpose()?;
    let (trials, seen_ms) = signs(&events.unwrap_or_default());
    let (cut_off, spent_ms) =
        Effort::of(&entries).map_or((0, 0), |effort| effort.next(trials, seen_ms.min(stamp.at_ms)));
    // Attempts that failed count as well.
    let failed = cause.map_or(0, |cause| cause.attempt.saturating_sub(1));
    if cut_off > 0 && cut_off + failed >= job.spec().retry.attempts.max(LEAST_ENDS) {
        let start = match open {
            Some(PastRun { start, .. }) => start.clone(),
            None => begin(store, job, "", cause.cloned(), stamp)?.0,
        };
        let times = if cut_off == 1 { "once".into() } else { format!("{cut_off} times") };
        let error = Error::Job(format!(
            "its process ended {times} before the run came any further: it was killed, it crashed, or memory was \
             short; the next run begins anew"
        ));
        fail(store, job, &start, &error, stamp);
        return Err(error);
    }
    let run = open.map_or_else(|| (past.len() + 1).to_string(), |run| run.start.run.clone());
    let taken = Entry::JobTaken(JobTaken { run, cut_off, trials, spent_ms });
    store.record(Subject::Job, job.name(), stamp, |_, _| Ok::<_, Error>((vec![taken], ())))?;
    Ok(spent_ms)
}

/// Enters that the run under way is left in good order.
pub(crate) fn leave(store: &Store, job: &Job, stamp: Stamp<'_>) -> Result<(), Error> {
    store.record(Subject::Job, job.name(), stamp, |there, _| {
        let open = history_of(there).pop().filter(|run| run.end.is_none());
        let left = open.map(|run| Entry::JobStopped { run: run.start.run });
        Ok((left.into_iter().collect(), ()))
    })
}

/// Does something under a setting of its own that is cancelled when the old one is, and after some time; tells
/// whether the time was up.
pub(super) fn within<T>(
    most: Duration,
    setting: &mut Setting<'_>,
    work: impl FnOnce(&mut Setting<'_>) -> T,
) -> (T, bool) {
    let outer = std::mem::replace(&mut setting.cancel, Arc::new(AtomicBool::new(false)));
    let inner = Arc::clone(&setting.cancel);
    let (over, timed_out) = (AtomicBool::new(false), AtomicBool::new(false));
    let value = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut waited = Duration::ZERO;
            while !over.load(Ordering::Relaxed) && !inner.load(Ordering::Relaxed) {
                std::thread::sleep(STEP.min(most.saturating_sub(waited)));
                waited += STEP;
                let late = waited >= most;
                timed_out.store(late, Ordering::Relaxed);
                if late || outer.load(Ordering::Relaxed) {
                    inner.store(true, Ordering::Relaxed);
                }
            }
        });
        let value = work(setting);
        over.store(true, Ordering::Relaxed);
        value
    });
    (value, timed_out.into_inner())
}

/// Trials of a study that have ended, and when it was last heard of.
fn signs(events: &[Timed]) -> (u64, i64) {
    let ended = |timed: &&Timed| matches!(timed.event, Event::TrialEnded { .. });
    let trials = events.iter().filter(ended).count() as u64;
    (trials, events.last().map_or(i64::MIN, |timed| timed.at_ms))
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
