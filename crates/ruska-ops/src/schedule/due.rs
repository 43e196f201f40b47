//! What a job is to do now: a function of its triggers, its entries in the ledger, and the time.
//!
//! Nothing is remembered elsewhere. A time at which the job is to run is a slot; a run tells in its first entry
//! which slot it is for, and slots that pass without a run are entered as skipped. So a scheduler that was killed
//! finds what it was about to do, and a second one finds it done.

use super::{Calendar, Missed, Overlap, Retry, Triggers};
use crate::job::{PastRun, history_of};
use ruska::Digest;
use ruska::register::{Cause, Entry, JobOutcome, Recorded, Skipped, Trigger};

/// How late a run may begin, milliseconds, before its slot counts as missed.
const GRACE: i64 = 60_000;

/// What the entries of a job tell of its schedule.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Past {
    /// Since when these triggers are watched, milliseconds since 1970; `None` if they are not.
    pub(crate) since_ms: Option<i64>,
    /// The last slot that a run was for, or that was skipped.
    pub(crate) last_slot: Option<i64>,
    /// Its runs, in order.
    pub(crate) runs: Vec<PastRun>,
}

impl Past {
    /// Reads the entries of a job; `triggers` are those it has now, in JSON.
    pub(crate) fn of(entries: &[Recorded], triggers: &str) -> Self {
        let mut past = Self { runs: history_of(entries), ..Self::default() };
        for Recorded { at_ms, entry, .. } in entries {
            match entry {
                Entry::JobScheduled { triggers: now } => {
                    past.since_ms = (now == triggers).then_some(*at_ms);
                }
                Entry::SlotsSkipped(skipped) => {
                    past.last_slot = past.last_slot.max(Some(skipped.until_ms));
                }
                Entry::JobStarted(start) => {
                    let slot = start.cause.as_ref().map(|c| c.slot_ms);
                    past.last_slot = past.last_slot.max(slot);
                }
                _ => {}
            }
        }
        past
    }

    /// When the last run that ended did so.
    pub(crate) fn last_end(&self) -> Option<i64> {
        self.runs.iter().filter_map(|r| r.end.as_ref().map(|(at, _)| *at)).max()
    }
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// These triggers are new: that they are watched is entered.
    Watch,
    /// Slots passed: that is entered.
    Skip {
        skipped: Skipped,
        /// Whether it was for want of a scheduler.
        missed: bool,
    },
    /// A run.
    Run(Cause),
    /// A look at the conditions, for this slot.
    Look { slot_ms: i64 },
    /// Nothing before a moment, milliseconds since 1970; `None` where nothing is ever to be done.
    Wait { until_ms: Option<i64> },
}

/// What the job named so is to do; `looked` is the slot for which conditions were last looked at.
pub(crate) fn due(
    job: &str,
    triggers: &Triggers,
    retry: &Retry,
    past: &Past,
    looked: Option<i64>,
    now: i64,
) -> Due {
    let Some(since) = past.since_ms else { return Due::Watch };
    let last = past.runs.last();
    let cause = last.and_then(|run| run.start.cause.clone());
    if let (Some(cause), true) = (&cause, last.is_some_and(|run| run.end.is_none())) {
        // Cut off: whoever ran it is gone, as this is asked by the one who may.
        return Due::Run(cause.clone());
    }
    let calendar = triggers.calendar();
    let after = past.last_slot.map_or(since, |slot| slot.max(since));
    let delay = |slot: i64| jitter(job, slot, triggers.jitter_ms());
    let passed = calendar.as_ref().and_then(|c| Some((c, newest(c, after, now, &delay)?)));
    if let Some((calendar, slots)) = passed {
        return of_calendar((triggers, calendar), past, slots, now - delay(slots.1));
    }
    let again = last.zip(cause).and_then(|(run, cause)| again(retry, run, cause));
    if let Some((_, cause)) = again.as_ref().filter(|(at, _)| *at <= now) {
        return Due::Run(cause.clone());
    }
    let look = triggers.has_conditions().then(|| next_look(triggers, past, since, looked));
    if let (Some(at), None) = (look, &again) {
        let slot = now - now.rem_euclid(triggers.check_ms());
        if at <= now && past.last_slot.is_none_or(|last| slot > last) {
            return Due::Look { slot_ms: slot };
        }
    }
    let next = calendar.and_then(|c| c.after(after.max(now - triggers.jitter_ms())));
    let next = next.map(|slot| slot + delay(slot));
    let times = [next, again.map(|(at, _)| at), look.map(|at| at.max(now + 1))];
    Due::Wait { until_ms: times.into_iter().flatten().min() }
}

/// The slots in (`after`, now] up to the last one whose delay is over.
fn newest(
    calendar: &Calendar,
    after: i64,
    now: i64,
    delay: &dyn Fn(i64) -> i64,
) -> Option<(i64, i64, u64)> {
    let mut slots = calendar.between(after, now)?;
    while slots.1 + delay(slots.1) > now {
        slots = calendar.between(after, slots.1 - 1)?;
    }
    Some(slots)
}

/// What to do about slots of the calendar: the first, the last, their number. `now` is told without the delay of
/// the last.
fn of_calendar(
    (triggers, calendar): (&Triggers, &Calendar),
    past: &Past,
    slots: (i64, i64, u64),
    now: i64,
) -> Due {
    let (first, last, count) = slots;
    let during = |slot: i64| {
        let end = |run: &PastRun| run.end.as_ref().map_or(i64::MAX, |(at, _)| *at);
        past.runs.iter().any(|run| run.at_ms < slot && slot < end(run))
    };
    let skip = |(from_ms, until_ms, slots), made_up: bool| {
        let missed = !during(from_ms);
        let reason = if missed { "nobody could run it then" } else { "the job was still running" };
        let more = if made_up { "; the run after them makes up for it" } else { "" };
        let reason = format!("{reason}{more}");
        Due::Skip { skipped: Skipped { from_ms, until_ms, slots, reason }, missed }
    };
    let (late, overlaps) = (now - last > GRACE, during(last));
    let runs = match (overlaps, late) {
        (true, _) => triggers.overlap == Overlap::Once,
        (false, true) => triggers.missed == Missed::Once,
        (false, false) => true,
    };
    match (runs, count) {
        (false, _) => skip(slots, false),
        (true, 2..) => {
            // What is made up for is entered first, so that the run is for the last alone.
            let before = calendar.between(first - 1, last - 1);
            skip(before.unwrap_or((first, first, 1)), true)
        }
        (true, _) => {
            let why = match (overlaps, late) {
                (true, _) => "the job was still running at its time",
                (false, true) => "nobody could run it at its time",
                (false, false) => "",
            };
            let cause =
                Cause { trigger: Trigger::Cron, slot_ms: last, attempt: 1, why: why.to_owned() };
            Due::Run(cause)
        }
    }
}

/// The next attempt after a failed one, and when.
fn again(retry: &Retry, run: &PastRun, cause: Cause) -> Option<(i64, Cause)> {
    let (at, end) = run.end.as_ref()?;
    if end.outcome != JobOutcome::Failed {
        return None;
    }
    // To go on with it after its process died was an attempt as well.
    let made = cause.attempt.saturating_add(run.cut_off);
    let pause = retry.pause_ms(made)?;
    Some((at.saturating_add(pause), Cause { attempt: made + 1, ..cause }))
}

/// When conditions are next looked at.
fn next_look(triggers: &Triggers, past: &Past, since: i64, looked: Option<i64>) -> i64 {
    let every = triggers.check_ms();
    let before = looked.unwrap_or(i64::MIN).max(past.last_slot.unwrap_or(i64::MIN));
    // The slot after the last one; the first look is at once.
    let next = if before == i64::MIN {
        since
    } else {
        (before - before.rem_euclid(every)).saturating_add(every)
    };
    let cool = past.last_end().map_or(i64::MIN, |end| end.saturating_add(triggers.cooldown_ms()));
    next.max(cool)
}

/// The delay of a slot: the same whoever asks, below `most`.
fn jitter(job: &str, slot: i64, most: i64) -> i64 {
    if most <= 0 {
        return 0;
    }
    let digest = Digest::of(format!("{job} {slot}").as_bytes());
    let (first, _) = digest.bytes().split_at(8);
    let number = first.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    (number % most as u64) as i64
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
