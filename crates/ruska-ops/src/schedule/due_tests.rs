//! What is due, by the times that a person would say.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::job::Now;
use ruska::register::{JobEnd, JobStart};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// A Monday at midnight, UTC.
const MONDAY: i64 = 1_795_392_000_000;

fn triggers(text: &str) -> Triggers {
    toml::from_str(text).unwrap()
}

fn hourly() -> Triggers {
    triggers("cron = '0 * * * *'")
}

fn watched() -> Past {
    Past { since_ms: Some(MONDAY), ..Past::default() }
}

fn run(cause: Option<Cause>, from: i64, end: Option<(i64, JobOutcome)>) -> PastRun {
    let text = || "1".to_owned();
    let start = JobStart { run: text(), spec: text(), data: text(), study: text(), cause };
    let ended = |(at, outcome)| {
        let (version, predictions) = (None, None);
        let end = JobEnd {
            run: text(),
            outcome,
            reason: text(),
            version,
            predictions,
            not_scored: None,
            kept: None,
        };
        (at, end)
    };
    let now = if end.is_some() { Now::Ended } else { Now::CutOff };
    let (job, actor) = ("j".into(), "a".into());
    PastRun { job, start, at_ms: from, actor, end: end.map(ended), cut_off: 0, now }
}

fn cron(slot_ms: i64) -> Cause {
    Cause { trigger: Trigger::Cron, slot_ms, attempt: 1, why: String::new() }
}

/// A past in which a slot was run.
fn ran(slot: i64, minutes: i64, outcome: JobOutcome) -> Past {
    let end = Some((slot + minutes * MINUTE, outcome));
    Past { last_slot: Some(slot), runs: vec![run(Some(cron(slot)), slot, end)], ..watched() }
}

fn ask(triggers: &Triggers, past: &Past, now: i64) -> Due {
    due("j", triggers, &Retry::default(), past, None, now)
}

#[test]
fn the_calendar_begins_when_it_is_first_watched() {
    assert_eq!(ask(&hourly(), &Past::default(), MONDAY), Due::Watch);
    let wait = |until| Due::Wait { until_ms: Some(until) };
    assert_eq!(ask(&hourly(), &watched(), MONDAY), wait(MONDAY + HOUR));
    assert_eq!(ask(&hourly(), &watched(), MONDAY + HOUR - 1), wait(MONDAY + HOUR));
    assert_eq!(ask(&hourly(), &watched(), MONDAY + HOUR), Due::Run(cron(MONDAY + HOUR)));
    let done = ran(MONDAY + HOUR, 5, JobOutcome::Declined);
    assert_eq!(ask(&hourly(), &done, MONDAY + HOUR + 6 * MINUTE), wait(MONDAY + 2 * HOUR));
    // A clock that was set back runs nothing again.
    assert_eq!(ask(&hourly(), &done, MONDAY + HOUR), wait(MONDAY + 2 * HOUR));
    assert_eq!(ask(&hourly(), &done, MONDAY - DAY), wait(MONDAY + 2 * HOUR));
}

#[test]
fn slots_that_nobody_saw_are_made_up_for_once_or_skipped() {
    let now = MONDAY + 5 * HOUR + 10 * MINUTE;
    let skip = |until: i64, slots, reason: &str| Due::Skip {
        skipped: Skipped {
            from_ms: MONDAY + HOUR,
            until_ms: until,
            slots,
            reason: reason.to_owned(),
        },
        missed: reason.starts_with("nobody"),
    };
    let made_up = "nobody could run it then; the run after them makes up for it";
    assert_eq!(ask(&hourly(), &watched(), now), skip(MONDAY + 4 * HOUR, 4, made_up));
    let after = Past { last_slot: Some(MONDAY + 4 * HOUR), ..watched() };
    let why = "nobody could run it at its time".to_owned();
    assert_eq!(ask(&hourly(), &after, now), Due::Run(Cause { why, ..cron(MONDAY + 5 * HOUR) }));
    let skips = triggers("cron = '0 * * * *'\nmissed = 'skip'");
    assert_eq!(
        ask(&skips, &watched(), now),
        skip(MONDAY + 5 * HOUR, 5, "nobody could run it then")
    );
    // What is late by less than a minute is in time.
    let soon = Past { last_slot: Some(MONDAY + 4 * HOUR), ..watched() };
    assert_eq!(ask(&skips, &soon, MONDAY + 5 * HOUR + MINUTE), Due::Run(cron(MONDAY + 5 * HOUR)));
}

#[test]
fn slots_that_come_while_the_job_runs_are_skipped_or_made_up_for() {
    // The run of 01:00 ends at 03:30.
    let past = ran(MONDAY + HOUR, 150, JobOutcome::Promoted);
    let now = MONDAY + HOUR + 150 * MINUTE;
    let skip = |until: i64, slots, reason: &str| Due::Skip {
        skipped: Skipped {
            from_ms: MONDAY + 2 * HOUR,
            until_ms: until,
            slots,
            reason: reason.to_owned(),
        },
        missed: reason.starts_with("nobody"),
    };
    let still = "the job was still running";
    assert_eq!(ask(&hourly(), &past, now), skip(MONDAY + 3 * HOUR, 2, still));
    let once = triggers("cron = '0 * * * *'\noverlap = 'once'");
    let made_up = format!("{still}; the run after them makes up for it");
    assert_eq!(ask(&once, &past, now), skip(MONDAY + 2 * HOUR, 1, &made_up));
    let past = Past { last_slot: Some(MONDAY + 2 * HOUR), ..past };
    let why = "the job was still running at its time".to_owned();
    assert_eq!(ask(&once, &past, now), Due::Run(Cause { why, ..cron(MONDAY + 3 * HOUR) }));
}

#[test]
fn a_run_that_was_cut_off_goes_on_for_its_slot() {
    let slot = MONDAY + HOUR;
    let mut past = ran(slot, 5, JobOutcome::Failed);
    past.runs[0].end = None;
    assert_eq!(ask(&hourly(), &past, MONDAY + 9 * HOUR), Due::Run(cron(slot)));
    // One that somebody began by hand is not the scheduler's.
    past.runs[0].start.cause = None;
    assert!(matches!(ask(&hourly(), &past, MONDAY + 9 * HOUR), Due::Skip { .. }));
}

#[test]
fn failed_runs_are_tried_again_until_the_next_slot() {
    let retry: Retry = toml::from_str("attempts = 3\nbackoff = '10m'").unwrap();
    assert_eq!([1, 2, 3].map(|n| retry.pause_ms(n)), [Some(10 * MINUTE), Some(20 * MINUTE), None]);
    let ask = |past: &Past, now| due("j", &hourly(), &retry, past, None, now);
    let (slot, mut past) = (MONDAY + HOUR, ran(MONDAY + HOUR, 5, JobOutcome::Failed));
    let wait = |until| Due::Wait { until_ms: Some(until) };
    assert_eq!(ask(&past, slot + 6 * MINUTE), wait(slot + 15 * MINUTE));
    let second = Cause { attempt: 2, ..cron(slot) };
    assert_eq!(ask(&past, slot + 15 * MINUTE), Due::Run(second.clone()));
    past.runs.push(run(
        Some(second),
        slot + 15 * MINUTE,
        Some((slot + 50 * MINUTE, JobOutcome::Failed)),
    ));
    // The next slot comes before the third attempt.
    assert_eq!(ask(&past, slot + 55 * MINUTE), wait(slot + HOUR));
    assert_eq!(ask(&past, slot + HOUR), Due::Run(cron(slot + HOUR)));
    // Processes that died at the second attempt were attempts themselves.
    past.runs[1].cut_off = 1;
    past.runs[1].end.as_mut().unwrap().0 = slot + 16 * MINUTE;
    assert_eq!(ask(&past, slot + 17 * MINUTE), wait(slot + HOUR));
    let retry = Retry { attempts: 40, ..retry };
    assert_eq!(retry.pause_ms(39), Some(6 * HOUR));
}

#[test]
fn jitter_delays_a_slot_always_by_the_same() {
    let plain = triggers("cron = '0 * * * *'\njitter = '30m'");
    let Due::Wait { until_ms: Some(at) } = ask(&plain, &watched(), MONDAY) else { panic!() };
    assert!((MONDAY + HOUR..MONDAY + HOUR + 30 * MINUTE).contains(&at));
    assert_eq!(ask(&plain, &watched(), at - 1), Due::Wait { until_ms: Some(at) });
    assert_eq!(ask(&plain, &watched(), at), Due::Run(cron(MONDAY + HOUR)));
    let delays: Vec<i64> = (0..200).map(|i| jitter("j", i, 1000)).collect();
    assert!(delays.iter().all(|d| (0..1000).contains(d)));
    let mean = delays.iter().sum::<i64>() / 200;
    assert!((400..600).contains(&mean), "{mean}");
    assert_eq!((jitter("j", 7, 0), jitter("j", 7, 1000)), (0, delays[7]));
    assert_ne!(jitter("k", 7, 1_000_000), jitter("j", 7, 1_000_000));
}

#[test]
fn conditions_are_looked_at_now_and_then_and_after_a_pause() {
    let conditions = triggers("min_new_rows = 10\ncheck = '15m'\ncooldown = '2h'");
    let ask =
        |past: &Past, looked, now| due("j", &conditions, &Retry::default(), past, looked, now);
    let at = MONDAY + 7 * MINUTE;
    assert_eq!(ask(&watched(), None, at), Due::Look { slot_ms: MONDAY });
    let wait = |until| Due::Wait { until_ms: Some(until) };
    assert_eq!(ask(&watched(), Some(MONDAY), at), wait(MONDAY + 15 * MINUTE));
    let quarter = MONDAY + 15 * MINUTE;
    assert_eq!(ask(&watched(), Some(MONDAY), quarter), Due::Look { slot_ms: quarter });
    let cause = Cause { trigger: Trigger::NewRows, ..cron(quarter) };
    let end = Some((quarter + 5 * MINUTE, JobOutcome::Promoted));
    let past =
        Past { last_slot: Some(quarter), runs: vec![run(Some(cause), quarter, end)], ..watched() };
    let cool = quarter + 5 * MINUTE + 2 * HOUR;
    assert_eq!(ask(&past, Some(quarter), quarter + HOUR), wait(cool));
    let slot = cool - cool.rem_euclid(15 * MINUTE);
    assert_eq!(ask(&past, Some(quarter), cool), Due::Look { slot_ms: slot });
    // Without a calendar and conditions nothing is ever due.
    let none = Triggers { min_new_rows: None, ..conditions.clone() };
    assert_eq!(due("j", &none, &Retry::default(), &past, None, cool), Due::Wait { until_ms: None });
}
