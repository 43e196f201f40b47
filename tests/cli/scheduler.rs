//! `ruska scheduler`: jobs that run when their calendar, their data or their model ask for it.

use crate::Place;
use crate::job::run_and_kill;
use ruska::register::{Entry, Recorded, Skipped, Stamp, Subject};
use ruska::{Store, StoreError};
use ruska_ops::schedule::Calendar;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const JOB: &str = r#"
[job]
name = "churn"
[data]
train = "data/*.csv"
target = "y"
[fit]
trials = 2
include = ["linear"]
[triggers]
min_new_rows = 50
cooldown = "1ms"
check = "1ms"
"#;

/// Rows of a number that decides; `from` makes them differ.
fn rows(place: &Place, name: &str, from: usize, count: usize) {
    let row = |i: usize| {
        format!("{},{}\n", i * 37 % 1009, if i * 37 % 1009 > 500 { "yes" } else { "no" })
    };
    let rows: String = (from..from + count).map(row).collect();
    place.write(&format!("data/{name}.csv"), format!("x,y\n{rows}"));
}

#[test]
fn new_rows_ask_for_a_run() {
    let place = Place::new();
    rows(&place, "a", 0, 200);
    place.write("churn.toml", JOB);
    let happened = |told: &serde_json::Value| -> Vec<String> {
        let all = told.as_array().unwrap().iter();
        all.map(|t| t["happened"]["happened"].as_str().unwrap().to_owned()).collect()
    };
    let first = place.run("scheduler churn.toml --once --json").json();
    assert_eq!(happened(&first), ["watched", "begun", "ended"], "{first}");
    let cause = &first[1]["happened"];
    assert_eq!((&cause["trigger"], &cause["attempt"]), (&"age".into(), &1.into()));
    assert_eq!(cause["why"], "there is no version yet");
    // The same data ask for nothing, nor do few rows more.
    assert_eq!(place.run("scheduler churn.toml --once").ok(), "");
    rows(&place, "b", 200, 20);
    assert_eq!(place.run("scheduler churn.toml --once").ok(), "");
    rows(&place, "c", 220, 60);
    let told = place.run("scheduler churn.toml --once").ok();
    assert!(told.contains(" rows are new to churn:1"), "{told}");
    assert!(told.contains("churn: run 2 registered churn:2"), "{told}");
    let history = place.run("job history churn --json").json();
    assert_eq!(history[1]["cause"]["trigger"], "new_rows");
    let shown = place.run("job history churn").ok();
    assert!(shown.contains("new rows"), "{shown}");
}

#[test]
fn rows_that_a_run_kept_for_its_comparison_are_not_new() {
    let promotion = "[promotion]\nenvironment = \"dev\"\nmode = \"manual\"\ntest = 0.3\n[triggers]";
    for time in [false, true] {
        let place = Place::new();
        // Ten rows a day from the first of January on.
        let write = |name: &str, rows: std::ops::Range<usize>, day: &dyn Fn(usize) -> String| {
            let row = |i: usize| {
                let x = i * 37 % 1009;
                format!("{x},{},{}\n", day(i), if x > 500 { "yes" } else { "no" })
            };
            let rows: String = rows.map(row).collect();
            place.write(&format!("data/{name}.csv"), format!("x,day,y\n{rows}"));
        };
        let usual = |i: usize| format!("2026-{:02}-{:02}", 1 + i / 280, 1 + i % 280 / 10);
        let mut job = JOB.replace("[triggers]", promotion);
        if time {
            job = job.replace("target = \"y\"", "target = \"y\"\ntime_column = \"day\"");
        } else {
            job = job.replace("target = \"y\"", "target = \"y\"\nignore = [\"day\"]");
        }
        place.write("churn.toml", job);
        write("a", 0..400, &usual);
        let told = place.run("scheduler churn.toml --once").ok();
        assert!(told.contains("proposed churn:1"), "{told}");
        // A hundred were kept, and one more asks for nothing.
        write("b", 400..401, &usual);
        assert_eq!(place.run("scheduler churn.toml --once").ok(), "", "time: {time}");
        // One of a day to come, and many of days that there are already.
        write("c", 401..402, &|_| "2099-01-01".to_owned());
        assert_eq!(place.run("scheduler churn.toml --once").ok(), "", "time: {time}");
        write("d", 402..472, &|_| usual(399));
        let told = place.run("scheduler churn.toml --once").ok();
        let number = told.split_once("runs as ").and_then(|(_, rest)| rest.split(' ').next());
        let number: usize = number.unwrap_or_default().parse().unwrap_or(0);
        assert!((60..=75).contains(&number), "time: {time}: {told}");
    }
}

#[test]
fn a_calendar_is_watched_from_when_it_is_first_seen() {
    let place = Place::new();
    rows(&place, "a", 0, 100);
    let cron =
        JOB.replace("min_new_rows = 50", "cron = '0 6 * * MON'\ntimezone = 'Europe/Helsinki'");
    place.write("jobs/churn.toml", cron.replace("data/*", "../data/*"));
    place.write("jobs/other.toml", "[package]\nname = 'no job'\n");
    let told = place.run("scheduler jobs --once").ok();
    assert!(told.contains("churn: watched from now on"), "{told}");
    assert_eq!(place.run("scheduler jobs --once").ok(), "");
    let valid = place.run("job validate jobs/churn.toml").ok();
    let times: Vec<&str> = valid.lines().filter(|l| l.contains(" runs ")).collect();
    assert_eq!(times.len(), 3, "{valid}");
    assert!(times.iter().all(|l| l.contains(" 06:00 EE")), "{valid}");
}

#[test]
fn what_takes_too_long_fails_and_is_tried_again() {
    let place = Place::new();
    rows(&place, "a", 0, 400);
    let slow = JOB.replace("trials = 2", "time = '10m'").replace("include = [\"linear\"]\n", "")
        + "[retry]\ntimeout = '1s'\nattempts = 2\nbackoff = '1ms'\n";
    place.write("churn.toml", slow);
    let ran = place.run("scheduler churn.toml --once");
    let told = ran.stdout.clone();
    assert!(ran.fails(1).contains("2 runs or looks failed"));
    let why = "failed: it took longer than the `timeout` of 1s in [retry]";
    assert_eq!(told.matches(why).count(), 2, "{told}");
    assert!(told.contains("(attempt 2)"), "{told}");
    let history = place.run("job history churn --json").json();
    let outcomes: Vec<&str> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["end"][1]["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["failed", "failed"]);
}

#[test]
fn bad_triggers_are_refused_at_their_place() {
    let place = Place::new();
    let refused = |from: &str, to: &str| {
        place.write("bad.toml", JOB.replace(from, to));
        place.run("job validate bad.toml").fails(1)
    };
    let cases = [
        ("min_new_rows = 50", "cron = 'every day'", "bad.toml:11:8", "no cron pattern"),
        ("min_new_rows = 50", "cron = '0 0 30 2 *'", "bad.toml:11:", "no day there is"),
        (
            "min_new_rows = 50",
            "cron = '@daily'\ntimezone = 'Helsinki'",
            "bad.toml:12:",
            "Europe/Helsinki",
        ),
        ("min_new_rows = 50", "cron = '0 0 6 * * *'", "bad.toml:11:8", "no cron pattern"),
        ("min_new_rows = 50", "max_age = '90'", "bad.toml:11:", "`90` has no unit"),
        (
            "min_new_rows = 50",
            "cron = '*/20 * * * *'\njitter = '21m'",
            "bad.toml:12:",
            "longer than the shortest time",
        ),
        ("min_new_rows = 50", "min_new_row = 50", "bad.toml:11:", "did you mean `min_new_rows`?"),
        ("min_new_rows = 50\n", "", "bad.toml:10:", "nothing in it runs the job"),
        ("min_new_rows = 50", "min_new_rows = 0", "bad.toml:11:", "at least one row"),
        ("cooldown = \"1ms\"", "cooldown = \"soon\"", "bad.toml:12:", "expected a time"),
        ("check = \"1ms\"", "check = \"0s\"", "bad.toml:13:", "expected a time"),
        ("check = \"1ms\"", "jitter = \"1s\"", "bad.toml:13:", "there is none"),
    ];
    for (from, to, at, why) in cases {
        let told = refused(from, to);
        assert!(told.contains(at) && told.contains(why), "{to}: {told}");
    }
    place.write("plain.toml", JOB.split("[triggers]").next().unwrap());
    let told = place.run("scheduler plain.toml --once").fails(1);
    assert!(told.contains("plain.toml: the job has no [triggers]"), "{told}");
    assert!(place.run("scheduler nowhere --once").fails(1).contains("nowhere"));
    place.write("empty/readme.txt", "");
    assert!(place.run("scheduler empty --once").fails(1).contains("no job file with [triggers]"));
}

#[test]
fn kills_of_a_scheduler_lose_no_slot_and_run_none_twice() {
    let kills =
        std::env::var("RUSKA_SCHEDULER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4u64);
    let place = Place::new();
    rows(&place, "a", 0, 100);
    let job = JOB.replace("min_new_rows = 50", "cron = '* * * * *'");
    place.write("churn.toml", &job);
    place.run("scheduler churn.toml --once").ok();
    let store = Store::open_existing(&place.path(".ruska")).unwrap();
    let watched = store.entries(Subject::Job, Some("churn")).unwrap();
    let Entry::JobScheduled { triggers } = &watched[0].entry else { panic!("{watched:?}") };
    let mut state = kills + 1;
    for kill in 0..kills {
        // A job that was watched for ten minutes while no scheduler ran: slots to skip, and one to run.
        let name = format!("churn-{kill}");
        let line = format!("scheduler {name}.toml");
        place.write(&format!("{name}.toml"), job.replace("\"churn\"", &format!("\"{name}\"")));
        let since =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64 - 600_000;
        let entry = Entry::JobScheduled { triggers: triggers.clone() };
        let stamp = Stamp { at_ms: since, actor: "ann" };
        let entered =
            store.record(Subject::Job, &name, stamp, |_, _| Ok::<_, StoreError>((vec![entry], ())));
        entered.unwrap();
        for _ in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            run_and_kill(&place, &line, Duration::from_millis(20 + (state >> 33) % 1500));
        }
        place.run(&format!("{line} --once")).ok();
        let slots = slots(&store.entries(Subject::Job, Some(&name)).unwrap());
        let calendar = Calendar::parse("* * * * *", "UTC").unwrap();
        let last = *slots.keys().next_back().unwrap();
        let mut at = since;
        while let Some(slot) = calendar.after(at).filter(|t| *t <= last) {
            assert_eq!(slots.get(&slot), Some(&1), "{name}: {slot}");
            at = slot;
        }
        assert!(slots.len() >= 9, "{slots:?}");
    }
}

/// How often each slot was run to its end, or skipped.
fn slots(entries: &[Recorded]) -> BTreeMap<i64, usize> {
    let (mut began, mut slots) = (BTreeMap::new(), BTreeMap::new());
    let calendar = Calendar::parse("* * * * *", "UTC").unwrap();
    for recorded in entries {
        match &recorded.entry {
            Entry::JobStarted(start) => {
                began.insert(start.run.clone(), start.cause.as_ref().unwrap().slot_ms);
            }
            Entry::JobEnded(end) => *slots.entry(began[&end.run]).or_insert(0) += 1,
            Entry::SlotsSkipped(Skipped { from_ms, until_ms, .. }) => {
                let mut at = from_ms - 1;
                while let Some(slot) = calendar.after(at).filter(|t| t <= until_ms) {
                    *slots.entry(slot).or_insert(0) += 1;
                    at = slot;
                }
            }
            _ => {}
        }
    }
    slots
}

#[cfg(unix)]
#[test]
fn a_scheduler_that_is_told_to_stop_has_done_what_it_was_to_do() {
    let place = Place::new();
    rows(&place, "a", 0, 100);
    place.write("churn.toml", JOB.replace("min_new_rows = 50", "cron = '0 6 1 1 *'"));
    for (signal, code) in [("-TERM", 0), ("-INT", 130)] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_ruska"))
            .args(["scheduler", "churn.toml", "--store", &format!("store{signal}")])
            .current_dir(place.folder())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // When it tells that it watches, it also listens.
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("watched from now on"), "{line}");
        let pid = child.id().to_string();
        assert!(
            std::process::Command::new("kill").args([signal, &pid]).status().unwrap().success()
        );
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
    }
}
