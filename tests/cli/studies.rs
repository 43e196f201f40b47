//! The store: listings, resume, kill -9, backup.

use crate::{Place, small};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn a_failed_trial_shows_its_reason() {
    let place = Place::new();
    // Far beyond what a fit may take: every learner but the constant is refused by its estimate.
    place.write("t.csv", small(100));
    place.run("fit t.csv --target y --trials 5 --memory 1MB").ok();
    let shown = place.run("trials").ok();
    assert!(shown.contains("failed: memory"), "{shown}");
    let trials = place.run("trials --json").json();
    assert_eq!(trials.as_array().unwrap().len(), 5);
    let csv = place.run("trials --format csv").ok();
    assert_eq!(csv.lines().count(), 6);
}

#[test]
fn studies_are_listed_found_by_their_beginning_and_not_overwritten() {
    let place = Place::new();
    place.write("t.csv", small(60));
    place.run("fit t.csv --target y --trials 2 --study first").ok();
    place.run("fit t.csv --target y --trials 2").ok();
    let rows = place.run("studies --json").json();
    let names: Vec<&str> =
        rows.as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["t-1", "first"]);
    let shown = place.run("studies").ok();
    assert!(shown.contains("first") && shown.contains("done"), "{shown}");
    assert!(place.run("leaderboard fir").ok().contains("study first"));
    let message = place.run("leaderboard nothing").fails(1);
    assert!(message.contains("nothing") && message.contains("first"), "{message}");
    let message = place.run("fit t.csv --target y --trials 2 --study first").fails(1);
    assert!(message.contains("first"), "{message}");
    let message = place.run("studies --store elsewhere").fails(1);
    assert!(message.contains("elsewhere"), "{message}");
    assert!(!place.path("elsewhere").exists(), "looking makes nothing");
}

#[test]
fn studies_are_filtered_sorted_and_shown_page_by_page() {
    let place = Place::new();
    place.write("deep/folder/t.csv", small(80));
    let fit = |line: &str| place.run(&format!("fit deep/folder/t.csv {line}")).ok();
    fit("--target y --trials 1 --study worst");
    fit("--target y --trials 4 --study best");
    fit("--target x --trials 2 --study other");
    let names = |line: &str| {
        let rows = place.run(&format!("studies --json {line}")).json();
        let rows = rows.as_array().unwrap().clone();
        let name = |row: &serde_json::Value| row["name"].as_str().unwrap().to_owned();
        let last = rows.last().map(|row| row["cursor"].as_str().unwrap().to_owned());
        (rows.iter().map(name).collect::<Vec<_>>(), last.unwrap_or_default())
    };
    assert_eq!(names("--sort created").0, ["other", "best", "worst"]);
    assert_eq!(names("--sort name").0, ["best", "other", "worst"]);
    assert_eq!(names("--target y").0, ["best", "worst"]);
    assert_eq!(names("--sort auc").0, ["best", "worst"]);
    assert_eq!(names("--sort rmse").0, ["other"]);
    let (first, cursor) = names("--sort name --limit 2");
    assert_eq!(first, ["best", "other"]);
    assert_eq!(names(&format!("--sort name --limit 2 --after {cursor}")).0, ["worst"]);

    let shown = place.run("studies --limit 2").ok();
    assert!(shown.contains("2 of 3 studies") && !shown.contains("deep"), "{shown}");
    let row = shown.lines().find(|line| line.contains("other")).unwrap();
    // The whole row is on its line: date and time, file, score.
    let time = row.split_whitespace().nth(2).unwrap();
    assert!(time.len() == 5 && time.contains(':'), "{shown}");
    assert!(row.contains("t.csv") && row.contains("rmse") && row.contains("done"), "{shown}");
    let message = place.run("studies --sort nothing").fails(2);
    assert!(message.contains("created, name") && message.contains("auc"), "{message}");
    let message = place.run("studies --after nonsense").fails(1);
    assert!(message.contains("nonsense"), "{message}");
}

#[test]
fn a_killed_study_resumes_to_the_model_of_one_never_killed() {
    let place = Place::new();
    place.churn("churn.csv");
    let fit = "fit churn.csv --target churned --trials 24 --seed 3 --ignore cancellation_fee_eur";
    place.run(&format!("{fit} --study whole --output whole.ruska")).ok();
    let mut finished = 0;
    for (kill, wanted) in [1, 4, 9, 13, 17].into_iter().enumerate() {
        let line = if kill == 0 {
            format!("{fit} --study cut --output cut.ruska")
        } else {
            "resume cut".into()
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_ruska"))
            .args(line.split(' '))
            .current_dir(place.path("."))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Kill it once it has finished some more trials, wherever it is then.
        let start = Instant::now();
        while count_done(&place) < wanted && child.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < Duration::from_mins(2), "no progress");
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = count_done(&place);
        assert!(now >= finished, "{finished} finished trials became {now}");
        finished = now;
    }
    place.run("resume cut").ok();
    assert_eq!(place.bytes("cut.ruska"), place.bytes("whole.ruska"));
}

/// Trials with a score of the study `cut`, as far as it is recorded.
fn count_done(place: &Place) -> usize {
    let ran = place.run("studies --json");
    let Ok(rows) = serde_json::from_str::<serde_json::Value>(&ran.stdout) else { return 0 };
    let row = rows.as_array().unwrap().iter().find(|r| r["name"] == "cut").cloned();
    row.map_or(0, |r| r["done"].as_u64().unwrap() as usize)
}

#[test]
fn a_finished_study_can_be_extended_and_changed_data_is_noticed() {
    let place = Place::new();
    place.write("t.csv", small(80));
    place.run("fit t.csv --target y --trials 4 --study s").ok();
    let document = place.run("resume s --trials 8 --json").json();
    assert_eq!(document["leaderboard"]["entries"].as_array().unwrap().len(), 8);
    place.write("t.csv", small(90));
    let message = place.run("resume s --trials 9").fails(1);
    assert!(message.contains("changed"), "{message}");
    place.write("old.csv", small(80));
    place.run("resume s --trials 9 --data old.csv").ok();
}

#[test]
fn a_backup_is_a_store() {
    let place = Place::new();
    place.write("t.csv", small(60));
    place.run("fit t.csv --target y --trials 3 --study s").ok();
    place.run("store backup copy").ok();
    let original = place.run("leaderboard s --format csv").ok();
    assert_eq!(place.run("leaderboard s --format csv --store copy").ok(), original);
    let message = place.run("store backup copy").fails(1);
    assert!(message.contains("copy"), "{message}");
}

#[test]
fn an_interrupt_keeps_the_best_model_and_exits_with_130() {
    let place = Place::new();
    place.churn("churn.csv");
    let mut child = Command::new(env!("CARGO_BIN_EXE_ruska"))
        .args("fit churn.csv --target churned --time 300s --output m.ruska".split(' '))
        .current_dir(place.path("."))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !place.path("m.ruska").exists() {
        assert!(start.elapsed() < Duration::from_mins(1), "no model");
    }
    let id = child.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    place.run("predict m.ruska churn.csv").ok();
}
