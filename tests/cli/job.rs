//! `ruska job`: retraining, and what survives kill -9 in the middle of it.

use crate::{Place, dataset};
use ruska::register::{Entry, JobStart, Stamp, Subject};
use ruska::{Store, StoreError};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

const JOB: &str = r#"
[job]
name = "churn"
[data]
train = "data/m*.csv"
target = "y"
time_column = "day"
[fit]
trials = 3
metric = "auc"
include = ["linear"]
[promotion]
environment = "prod"
test = "28d"
[[promotion.rule]]
metric = "auc"
require = "better"
"#;

/// A month of rows; `x` decides in the old world, `z` in the new one.
fn month(place: &Place, month: u32, new_world: bool) {
    let mut state = u64::from(month);
    let mut next = |n: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut text = String::from("day,x,z,y\n");
    for i in 0..300 {
        let (x, z, noise) = (next(1000), next(1000), next(600));
        let y = if (if new_world { z } else { x }) + noise > 800 { "yes" } else { "no" };
        text += &format!("2026-{month:02}-{:02},{x},{z},{y}\n", 1 + i % 28);
    }
    place.write(&format!("data/m{month:02}.csv"), text);
}

fn place() -> Place {
    let place = Place::new();
    (1..=3).for_each(|m| month(&place, m, false));
    place.write("churn.toml", JOB);
    place
}

#[test]
fn a_job_promotes_declines_and_tells_why() {
    let place = place();
    assert!(place.run("job validate churn.toml").ok().contains("`churn` is sound"));
    let first = place.run("job run churn.toml --actor ann").ok();
    assert!(first.contains("promoted for prod · churn:1"), "{first}");
    let second = place.run("job run churn.toml --json").json();
    assert_eq!((&second["outcome"], &second["version"]), (&"declined".into(), &2.into()));
    let strict = place.run("job run churn.toml --strict");
    assert_eq!(strict.code, Some(3), "{}", strict.stderr);
    (4..=7).for_each(|m| month(&place, m, true));
    let changed = place.run("job run churn.toml").ok();
    assert!(
        changed.contains("churn:3, champion churn:1, 300 rows that neither had seen"),
        "{changed}"
    );
    assert!(changed.contains("promoted"), "{changed}");
    place.run("model rollback churn prod").ok();
    let shown = place.run("model show churn --json").json();
    assert_eq!(shown["version"], 1);
    let runs = place.run("job history churn --json").json();
    let outcomes: Vec<&str> =
        runs.as_array().unwrap().iter().map(|r| r["end"][1]["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["promoted", "declined", "declined", "promoted"]);
    assert_eq!(runs[0]["actor"], "ann");
    assert_eq!(place.run("job list --json").json().as_array().unwrap().len(), 1);
    let card = place.run("model show churn:3 --card").ok();
    assert!(card.contains("**promote** for prod"), "{card}");
}

#[test]
fn history_is_replayed_without_a_trace() {
    let place = place();
    (4..=6).for_each(|m| month(&place, m, true));
    let told = place.run("job simulate churn.toml --from 2026-04-01").ok();
    assert!(told.contains("runs promoted their challenger"), "{told}");
    assert!(told.contains("with the first model kept"), "{told}");
    assert!(!place.path(".ruska").exists());
    let weekly = place.run("job simulate churn.toml --every 1month --json").json();
    assert!(weekly["periods"].as_array().unwrap().len() >= 4);
    place.run("job simulate churn.toml --every sometimes").fails(2);
}

#[test]
fn the_schema_that_is_shipped_is_that_of_the_code() {
    let path = dataset("../schemas/job.schema.json");
    let shipped: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let place = Place::new();
    let current = place.run("job schema").json();
    assert!(shipped == current, "ruska job schema > schemas/job.schema.json brings it up to date");
}

/// Job files that somebody hostile or careless might write, and what the message must tell.
#[test]
fn hostile_job_files_are_refused_at_their_place_and_nothing_is_written() {
    let place = place();
    let huge = format!("[job]\nname = \"churn\"\n{} = 1\n", "k".repeat(10 << 20));
    let long = format!("[job]\nname = \"churn\"\n{} = 1\n", "k".repeat(100_000));
    let cases: Vec<(String, &[&str])> = vec![
        (JOB.replace("\"churn\"", "\"../../etc/churn\""), &["bad.toml:3:8", "cannot be a name"]),
        (JOB.replace("\"churn\"", "\"a/b\""), &["bad.toml:3:8"]),
        (JOB.replace("\"churn\"", "\"ch\\u0000urn\""), &["bad.toml:3:8"]),
        (JOB.replace("\"churn\"", "7"), &["bad.toml:3:8", "string"]),
        (JOB.replace("\"prod\"", "\"../prod\""), &["bad.toml:13:15", "environment"]),
        (JOB.replace("trials = 3", "trials = -3"), &["bad.toml:9:10"]),
        (JOB.replace("trials = 3", "trials = 0"), &["bad.toml:9:10", "at least one"]),
        (JOB.replace("trials = 3", "trails = 3"), &["bad.toml:9:1", "did you mean `trials`"]),
        (JOB.replace("\"auc\"\ninclude", "\"loglos\"\ninclude"), &["bad.toml:10:10", "`logloss`"]),
        (JOB.replace("\"better\"", "\"bettr\""), &["bad.toml", "did you mean `better`"]),
        (JOB.replace("test = \"28d\"", "test = \"soon\""), &["bad.toml:14:8", "180d"]),
        (
            JOB.replace("[fit]", "weight = \"w\"\nexposure = \"w\"\n[fit]"),
            &["bad.toml:9:12", "another role"],
        ),
        (JOB.replace("[job]", "[job"), &["bad.toml:2"]),
        (
            format!("{JOB}[predict]\ninput = \"a.csv\"\noutput = \"x{{}}.csv\"\n"),
            &["bad.toml:20:10", "names nothing"],
        ),
        (
            format!("{JOB}[predict]\ninput = \"a.csv\"\noutput = \"{{day}}.csv\"\n"),
            &["bad.toml:20:10", "`{date}`"],
        ),
        (format!("{JOB}[predict]\ninput = \"a.csv\"\noutput = \"a.csv\"\n"), &["is the input"]),
        (
            JOB.replace("[promotion]", "[promotion]\nmode = \"auto\"\nmode = \"manual\""),
            &["bad.toml:14", "duplicate"],
        ),
        (huge, &["bad.toml", "larger than"]),
        (long, &["bad.toml:3:1", "unknown key"]),
        (String::new(), &["bad.toml", "missing field `job`"]),
        ("\u{feff}[job]\nname = \"x\"".into(), &["missing field `data`"]),
        (format!("a = {}1{}", "[".repeat(50_000), "]".repeat(50_000)), &["bad.toml:1"]),
    ];
    for (text, wanted) in cases {
        place.write("bad.toml", &text);
        for command in ["validate", "run", "simulate"] {
            let said = place.run(&format!("job {command} bad.toml")).fails(1);
            let start: String = text.chars().take(200).collect();
            assert!(wanted.iter().all(|w| said.contains(w)), "{start}\n{said}");
            assert!(said.len() < 2000, "{} characters", said.len());
        }
    }
    place.write("bad.toml", b"[job]\nname = \"\xff\"\n");
    assert!(place.run("job run bad.toml").fails(1).contains("bad.toml:2:9: this is not UTF-8"));
    assert!(place.run("job run nowhere.toml").fails(1).contains("nowhere.toml"));
    assert!(place.run("job run data").fails(1).contains("data"));
    assert!(!place.path(".ruska").exists(), "nothing is written");
}

#[test]
fn a_tampered_version_is_refused() {
    let place = place();
    place.run("job run churn.toml").ok();
    let shown = place.run("model show churn --json").json();
    let digest = shown["digest"].as_str().unwrap();
    let blob = format!(".ruska/blobs/{}/{}", &digest[..2], &digest[2..]);
    let mut bytes = place.bytes(&blob);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    place.write(&blob, &bytes);
    let said = place.run("job run churn.toml").fails(1);
    assert!(said.contains("is damaged"), "{said}");
    assert!(place.run("predict churn data/m01.csv").fails(1).contains("is damaged"));
    let runs = place.run("job history --json").json();
    assert_eq!(runs[1]["end"][1]["outcome"], "failed");
}

#[test]
fn history_tells_what_becomes_of_a_run_that_has_not_ended() {
    let place = place();
    let store = Store::open(&place.path(".ruska")).unwrap();
    let enter = |entry| {
        let stamp = Stamp { at_ms: 0, actor: "ann" };
        let entered = store
            .record(Subject::Job, "churn", stamp, |_, _| Ok::<_, StoreError>((vec![entry], ())));
        entered.unwrap();
    };
    let text = || "1".to_owned();
    let (run, spec, data, study) = (text(), text(), text(), text());
    enter(Entry::JobStarted(Box::new(JobStart { run, spec, data, study, cause: None })));
    let shown = |word: &str, words: &str| {
        assert_eq!(place.run("job history churn --json").json()[0]["now"], word);
        let told = place.run("job list").ok();
        assert!(told.contains(words), "{told}");
    };
    shown("cut_off", "cut off, to go on");
    let lease = store.lease_job("churn", "ann").unwrap();
    shown("runs", " runs ");
    drop(lease);
    enter(Entry::JobStopped { run: text() });
    shown("stopped", "stopped, to go on");
}

/// Starts a command and kills it after some time, unless it was faster.
pub(crate) fn run_and_kill(place: &Place, line: &str, after: Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ruska"))
        .args(line.split(' '))
        .current_dir(place.folder())
        .env_remove("RUSKA_STORE")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The moment of the kill is what varies; nothing is waited for.
    std::thread::sleep(after);
    let _ = child.kill();
    child.wait().unwrap();
}

/// Versions are numbered without a gap, every run has one decision at most, and a promotion stands
/// everywhere or nowhere. Gives the digests of the versions and the champion's number.
fn check(place: &Place) -> (Vec<String>, Option<u64>) {
    let told = place.run("job history --json");
    if told.stderr.contains("there is no store") {
        // Killed before the store was set up.
        return (vec![], None);
    }
    let runs = told.json();
    let runs = runs.as_array().unwrap();
    let open = runs.iter().filter(|r| r["end"].is_null()).count();
    assert!(open <= 1 && runs.iter().rev().skip(1).all(|r| !r["end"].is_null()), "{runs:#?}");
    let listed = place.run("model list --json").json();
    let mut digests = vec![];
    let mut champion = None;
    let mut decided = BTreeSet::new();
    for (i, version) in listed.as_array().unwrap().iter().rev().enumerate() {
        assert_eq!(version["version"], i + 1);
        digests.push(version["digest"].as_str().unwrap().to_owned());
        let shown = place.run(&format!("model show churn:{} --json", i + 1)).json();
        for decision in shown["decisions"].as_array().unwrap() {
            if decision["challenger"] != i + 1 {
                continue;
            }
            assert!(decided.insert(decision["run"].to_string()), "two decisions: {shown:#}");
            let follows = |h: &&Value| h["decision"] == decision["seq"];
            let count = shown["history"].as_array().unwrap().iter().filter(follows).count();
            let promoted = decision["verdict"] == "promote";
            assert!(count == 0 || promoted, "{shown:#}");
            // A version on its first way to production passes through three environments.
            assert!(!promoted || [1, 3].contains(&count), "{shown:#}");
        }
        let in_prod = version["stands_in"].as_array().unwrap().iter().any(|e| e == "prod");
        if in_prod {
            assert_eq!(champion.replace(i as u64 + 1), None);
        }
    }
    assert_eq!(digests.iter().collect::<BTreeSet<_>>().len(), digests.len());
    (digests, champion)
}

/// Runs that come to an end after the last kill, so that nothing new is found any more.
const CALM: usize = 3;

#[test]
fn kills_in_the_middle_of_a_run_lose_and_double_nothing() {
    let kills = std::env::var("RUSKA_JOB_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6u64);
    let (calm, killed) = (place(), place());
    for place in [&calm, &killed] {
        place.write("churn.toml", format!("{JOB}[retry]\nattempts = 20\n"));
    }
    let mut state = kills + 1;
    for world in [false, true] {
        for place in [&calm, &killed] {
            if world {
                (4..=7).for_each(|m| month(place, m, true));
            }
        }
        for _ in 0..kills / 2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            run_and_kill(&killed, "job run churn.toml", Duration::from_millis((state >> 33) % 250));
            check(&killed);
        }
        for place in [&calm, &killed] {
            (0..CALM).for_each(|_| drop(place.run("job run churn.toml").ok()));
        }
    }
    assert_eq!(check(&killed), check(&calm));
    let runs = killed.run("job history --json").json();
    assert!(
        runs.as_array().unwrap().iter().all(|r| r["end"][1]["outcome"] != "failed"),
        "{runs:#}"
    );
}

#[test]
fn kills_in_the_middle_of_a_promotion_leave_it_done_or_not() {
    let kills = std::env::var("RUSKA_JOB_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6u64);
    let place = place();
    place.run("job run churn.toml").ok();
    place.run("job run churn.toml").ok();
    for environment in ["dev", "test"] {
        place.run(&format!("model promote churn:2 {environment}")).ok();
    }
    let stands = || -> (usize, Value) {
        let all = place.run("model show churn --json").json();
        let listed = place.run("model show churn:2 --json").json();
        (listed["history"].as_array().unwrap().len(), all["version"].clone())
    };
    let mut last = stands();
    for i in 0..kills {
        let line =
            if last.1 == 1 { "model promote churn:2 prod" } else { "model rollback churn prod" };
        run_and_kill(&place, line, Duration::from_micros(i * 7919 % 12_000));
        let now = stands();
        let moved = now.1 != last.1;
        assert_eq!(now.0, last.0 + usize::from(moved), "{line}");
        last = now;
    }
}

#[test]
fn what_scoring_would_fail_by_is_told_before_the_search() {
    let place = place();
    let job = |predict: &str| {
        place.write("p.toml", format!("{JOB}[predict]\ninput = \"data/m01.csv\"\n{predict}\n"));
        let checked = place.run("job validate p.toml").fails(1);
        let ran = place.run("job run p.toml").fails(1);
        assert_eq!(checked.lines().last(), ran.lines().last());
        checked
    };
    let keep = job("output = \"s.csv\"\nkeep = [\"day\", \"nope\"]");
    assert!(keep.contains("`keep` of [predict]: ") && keep.contains("nope"), "{keep}");
    let log = job("output = \"s.csv\"\nlog = \"id\"");
    assert!(log.contains("`log` of [predict]: ") && log.contains("`id`"), "{log}");
    let output = job("output = \"./data/../data/m-{date}.csv\"");
    assert!(output.contains("p.toml:") && output.contains("part of the training data"), "{output}");
    assert!(place.run("studies --json").json().as_array().unwrap().is_empty(), "no search began");
    // Another place is as good as any, and an input may come later than the job is looked at.
    let later = "[predict]\ninput = \"later.csv\"\noutput = \"data/scores/m.csv\"\nlog = \"id\"\n";
    place.write("q.toml", format!("{JOB}{later}"));
    place.run("job validate q.toml").ok();
}
