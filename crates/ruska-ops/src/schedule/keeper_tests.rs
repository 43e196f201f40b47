//! Schedulers on a store under a clock that the tests move: slots are run once or skipped, whatever happens.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::job::{PastRun, history_of, take};
use crate::schedule::Calendar;
use ruska::register::{JobEnd, JobOutcome, JobStart};
use std::path::Path;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// A Monday at midnight, UTC.
const MONDAY: i64 = 1_795_392_000_000;

fn job(triggers: &str) -> Job {
    let text = format!(
        "[job]\nname = 'j'\n[data]\ntrain = 'x.csv'\ntarget = 'y'\n[triggers]\n{triggers}\n"
    );
    Job::parse("j.toml", text.as_bytes(), "/".into()).unwrap()
}

/// A run that takes some time.
struct Running {
    task: Task,
    run: String,
    end_ms: i64,
}

/// A scheduler whose runs take some time and do nothing.
struct Simulated<'a> {
    store: &'a Store,
    keeper: Keeper<'a>,
    running: Vec<Running>,
}

impl<'a> Simulated<'a> {
    fn new(store: &'a Store) -> Self {
        Self { store, keeper: Keeper::new(store, "s", false), running: vec![] }
    }

    fn enter(&self, now: i64, entry: Entry) {
        let stamp = Stamp { at_ms: now, actor: "s" };
        let one = |_: &[_], _| Ok::<_, Error>((vec![entry], ()));
        self.store.record(Subject::Job, "j", stamp, one).unwrap();
    }

    /// Begins a run, or goes on with one that was cut off, as a real one does.
    fn begin(&self, job: &Job, cause: &Cause, now: i64) -> Option<String> {
        take(self.store, job, Some(cause), Stamp { at_ms: now, actor: "s" }).ok()?;
        let past = history_of(&self.store.entries(Subject::Job, Some("j")).unwrap());
        if let Some(PastRun { start, end: None, .. }) = past.last() {
            assert_eq!(start.cause.as_ref(), Some(cause), "another run is under way");
            return Some(start.run.clone());
        }
        let run = (past.len() + 1).to_string();
        let text = String::new;
        let start = JobStart {
            run: run.clone(),
            spec: text(),
            data: text(),
            study: text(),
            cause: Some(cause.clone()),
        };
        self.enter(now, Entry::JobStarted(Box::new(start)));
        Some(run)
    }

    fn step(&mut self, job: &Job, now: i64, minutes: i64) {
        let (ended, running) =
            std::mem::take(&mut self.running).into_iter().partition(|r| r.end_ms <= now);
        self.running = running;
        for Running { task, run, .. } in ended {
            let (version, predictions) = (None, None);
            let (outcome, reason) = (JobOutcome::Declined, String::new());
            let end =
                JobEnd { run, outcome, reason, version, predictions, not_scored: None, kept: None };
            self.enter(now, Entry::JobEnded(Box::new(end)));
            drop(task);
            self.keeper.done("j", None);
        }
        let jobs = std::slice::from_ref(job);
        let (tasks, _) = self.keeper.tick(jobs, now, &mut |_, _| {});
        for task in tasks {
            let What::Run(cause) = &task.what else { panic!("there are no conditions") };
            match self.begin(job, cause, now) {
                Some(run) => {
                    self.running.push(Running { task, run, end_ms: now + minutes * MINUTE });
                }
                None => self.keeper.done("j", None),
            }
        }
    }
}

/// How often each slot was run to its end, and how often it was skipped.
fn accounts(store: &Store, calendar: &Calendar, from: i64, until: i64) -> Vec<(i64, usize, usize)> {
    let entries = store.entries(Subject::Job, Some("j")).unwrap();
    let runs = history_of(&entries);
    let mut at = from;
    let mut accounts = vec![];
    while let Some(slot) = calendar.after(at).filter(|t| *t <= until) {
        let of_slot = |r: &&PastRun| r.start.cause.as_ref().is_some_and(|c| c.slot_ms == slot);
        let ran = runs.iter().filter(of_slot).filter(|r| r.end.is_some()).count();
        let skips = |e: &&ruska::register::Recorded| match &e.entry {
            Entry::SlotsSkipped(s) => (s.from_ms..=s.until_ms).contains(&slot),
            _ => false,
        };
        accounts.push((slot, ran, entries.iter().filter(skips).count()));
        at = slot;
    }
    accounts
}

fn store(folder: &Path) -> Store {
    Store::open(folder).unwrap()
}

/// Asserts that each slot was either run or skipped, once; gives how many were run.
fn each_once(accounts: &[(i64, usize, usize)]) -> usize {
    for (slot, ran, skipped) in accounts {
        assert_eq!(ran + skipped, 1, "slot {slot} ran {ran} times and was skipped {skipped} times");
    }
    accounts.iter().map(|(_, ran, _)| ran).sum()
}

#[test]
fn two_schedulers_run_a_slot_once() {
    let folder = tempfile::tempdir().unwrap();
    let stores = [store(folder.path()), store(folder.path())];
    let job = job("cron = '*/20 * * * *'");
    let mut both = [Simulated::new(&stores[0]), Simulated::new(&stores[1])];
    for minute in 0..24 * 60 {
        // Now one comes first, now the other.
        let order = if minute % 3 == 0 { [1, 0] } else { [0, 1] };
        for i in order {
            both[i].step(&job, MONDAY + minute * MINUTE, 4);
        }
    }
    let calendar = Calendar::parse("*/20 * * * *", "UTC").unwrap();
    let accounts = accounts(&stores[0], &calendar, MONDAY, MONDAY + 24 * HOUR - 5 * MINUTE);
    assert_eq!((accounts.len(), each_once(&accounts)), (71, 71));
}

#[test]
fn a_job_longer_than_its_interval_skips_or_makes_up() {
    for (overlap, expected) in [("skip", 7), ("once", 9)] {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let job = job(&format!("cron = '0 * * * *'\noverlap = '{overlap}'"));
        let mut one = Simulated::new(&store);
        for minute in 0..24 * 60 + 30 {
            // A run takes two hours and a half.
            one.step(&job, MONDAY + minute * MINUTE, 150);
        }
        let calendar = Calendar::parse("0 * * * *", "UTC").unwrap();
        let last =
            one.running.first().map_or(MONDAY + 24 * HOUR, |r| r.end_ms - 150 * MINUTE - HOUR);
        let ran = each_once(&accounts(&store, &calendar, MONDAY, last));
        // By skipping a run begins every three hours, otherwise every two and a half.
        assert_eq!(ran, expected, "{overlap}");
    }
}

#[test]
fn clocks_that_jump_run_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let job = job("cron = '0 * * * *'");
    let mut one = Simulated::new(&store);
    let (mut now, end) = (MONDAY, MONDAY + 3 * DAY);
    let mut minute = 0;
    while now < end {
        one.step(&job, now, 5);
        now += MINUTE;
        minute += 1;
        match minute % 997 {
            300 => now -= 3 * HOUR,
            600 => now += 5 * HOUR,
            _ => {}
        }
    }
    let calendar = Calendar::parse("0 * * * *", "UTC").unwrap();
    let accounts = accounts(&store, &calendar, MONDAY, end - HOUR);
    let ran = each_once(&accounts);
    assert!(ran >= accounts.len() - 5 * 4, "{ran} of {}", accounts.len());
}

#[test]
fn a_scheduler_that_is_killed_loses_no_slot_and_runs_none_twice() {
    for missed in ["once", "skip"] {
        let folder = tempfile::tempdir().unwrap();
        let job = job(&format!("cron = '*/10 * * * *'\nmissed = '{missed}'"));
        let mut minute = 0;
        // Killed at 50 points: before a run, within it, after it, again and again.
        for kill in 0..50 {
            let store = store(folder.path());
            let mut one = Simulated::new(&store);
            let lives = 7 + (kill * 13) % 29;
            for _ in 0..lives {
                one.step(&job, MONDAY + minute * MINUTE, 3);
                minute += 1;
            }
            minute += (kill * 5) % 17;
        }
        let store = store(folder.path());
        let mut one = Simulated::new(&store);
        for _ in 0..30 {
            one.step(&job, MONDAY + minute * MINUTE, 3);
            minute += 1;
        }
        let calendar = Calendar::parse("*/10 * * * *", "UTC").unwrap();
        let accounts = accounts(&store, &calendar, MONDAY, MONDAY + (minute - 15) * MINUTE);
        let ran = each_once(&accounts);
        assert!(ran > accounts.len() / 2, "{missed}: {ran} of {}", accounts.len());
    }
}

#[test]
fn a_run_at_which_schedulers_die_again_and_again_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let job = job("cron = '0 * * * *'");
    // Killed a minute after it begins, whatever it begins.
    for minute in 0..4 * 60 {
        let store = store(folder.path());
        Simulated::new(&store).step(&job, MONDAY + minute * MINUTE, 3);
    }
    let store = store(folder.path());
    let runs = history_of(&store.entries(Subject::Job, Some("j")).unwrap());
    assert_eq!(runs.len(), 3);
    for run in runs {
        let (_, end) = run.end.unwrap();
        assert_eq!((end.outcome, run.cut_off), (JobOutcome::Failed, 2));
        assert!(end.reason.contains("its process ended 3 times"), "{}", end.reason);
    }
    let calendar = Calendar::parse("0 * * * *", "UTC").unwrap();
    assert_eq!(each_once(&accounts(&store, &calendar, MONDAY, MONDAY + 3 * HOUR + MINUTE)), 3);
}

#[test]
fn days_on_which_clocks_change_have_their_runs() {
    // UTC of the nights on which clocks change, and the runs of a nightly job at 03:30 (02:30 in New York).
    let nights = [
        ("Europe/Helsinki", "30 3 * * *", "2026-03-28T12:00:00", ["2026-03-29T01:00:00"]),
        ("Europe/Helsinki", "30 3 * * *", "2026-10-24T12:00:00", ["2026-10-25T00:30:00"]),
        ("America/New_York", "30 2 * * *", "2026-03-07T12:00:00", ["2026-03-08T07:00:00"]),
        ("America/New_York", "30 1 * * *", "2026-10-31T12:00:00", ["2026-11-01T05:30:00"]),
    ];
    for (zone, cron, from, expected) in nights {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let job = job(&format!("cron = '{cron}'\ntimezone = '{zone}'"));
        let from = ruska::parse_time(from, false).unwrap();
        let mut one = Simulated::new(&store);
        for minute in 0..24 * 60 {
            one.step(&job, from + minute * MINUTE, 5);
        }
        let runs = history_of(&store.entries(Subject::Job, Some("j")).unwrap());
        let began: Vec<String> = runs.iter().map(|r| ruska::time_text(r.at_ms)).collect();
        assert_eq!(began, expected, "{zone}");
    }
}

#[test]
fn other_triggers_begin_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let mut one = Simulated::new(&store);
    one.step(&job("cron = '0 * * * *'"), MONDAY, 5);
    // What would have been due by the new pattern before it was there is not made up for.
    let often = job("cron = '*/5 * * * *'");
    one.step(&often, MONDAY + 50 * MINUTE, 5);
    assert!(one.running.is_empty());
    one.step(&often, MONDAY + 55 * MINUTE, 5);
    assert_eq!(one.running.len(), 1);
    let watched = |e: &&ruska::register::Recorded| matches!(e.entry, Entry::JobScheduled { .. });
    let entries = store.entries(Subject::Job, Some("j")).unwrap();
    assert_eq!(entries.iter().filter(watched).count(), 2);
}

#[test]
fn a_run_that_leaves_no_entry_rests_ever_longer() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let job = job("cron = '0 * * * *'");
    let mut keeper = Keeper::new(&store, "s", false);
    let mut times = 0;
    // As on a full disk, where every run fails at once and nothing can be entered.
    for second in 0..3 * HOUR / 1000 {
        let now = MONDAY + second * 1000;
        for task in keeper.tick(std::slice::from_ref(&job), now, &mut |_, _| {}).0 {
            drop(task);
            keeper.done("j", None);
            times += 1;
        }
    }
    // From 1:00 on: after 10 s, 20 s, …, 320 s, then every ten minutes; later slots are other runs.
    assert!((12..=40).contains(&times), "{times}");
    // With the disk free it runs, and the next one rests no longer.
    let mut one = Simulated::new(&store);
    one.keeper = keeper;
    for minute in 3 * 60..6 * 60 {
        one.step(&job, MONDAY + minute * MINUTE, 4);
    }
    let calendar = Calendar::parse("0 * * * *", "UTC").unwrap();
    let ran = accounts(&store, &calendar, MONDAY + 3 * HOUR, MONDAY + 6 * HOUR - 5 * MINUTE);
    assert_eq!((ran.len(), each_once(&ran)), (2, 2));
}
