//! `ruska audit`: who did what, and what shows that somebody changed it.

use crate::{Place, small};
use std::process::Command;

/// A store with a model that went to dev and was replaced there, by two people.
fn place() -> Place {
    let place = Place::new();
    place.write("a.csv", small(200)).write("b.csv", small(260));
    for (data, actor) in [("a", "ann"), ("b", "bob")] {
        let fit =
            format!("fit {data}.csv --target y --trials 2 --include linear --output {data}.ruska");
        place.run(&format!("{fit} --quiet")).ok();
        place.run(&format!("model register churn {data}.ruska --actor {actor}")).ok();
        let version = if data == "a" { 1 } else { 2 };
        place
            .run(&format!("model promote churn:{version} dev --actor {actor} --reason {data}"))
            .ok();
    }
    place
}

#[test]
fn the_log_tells_what_stood_before_and_after() {
    let place = place();
    let log = place.run("audit log --subject churn --json").json();
    let log = log.as_array().unwrap();
    assert_eq!(log.len(), 4);
    let champion = |stood: &serde_json::Value| stood["deployments"][0]["version"].as_u64();
    assert_eq!(champion(&log[1]["before"]), None);
    assert_eq!(champion(&log[1]["after"]), Some(1));
    assert_eq!((champion(&log[3]["before"]), champion(&log[3]["after"])), (Some(1), Some(2)));
    assert_eq!((&log[3]["actor"], &log[3]["reason"]), (&"bob".into(), &"b".into()));
    assert_eq!((&log[2]["before"]["version"], &log[2]["after"]["version"]), (&1.into(), &2.into()));

    let text = place.run("audit log").ok();
    assert!(text.contains("deployed in dev") && text.contains("churn:2"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("study a-1"), "{text}");
    let bob = place.run("audit log --actor bob --json").json();
    assert_eq!(bob.as_array().unwrap().len(), 2);
    let studies = place.run("audit log --subject study --json").json();
    let kinds: Vec<&str> =
        studies.as_array().unwrap().iter().map(|e| e["entry"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["study_started", "study_ended", "study_started", "study_ended"]);
    assert!(place.run("audit log --since 2999-01-01 --json").json().as_array().unwrap().is_empty());
    place.run("audit log --since sometime").fails(2);

    place.run("store backup copy --actor eve").ok();
    let last = place.run("audit log --subject store --json").json();
    assert_eq!((&last[0]["entry"], &last[0]["actor"]), (&"backed_up".into(), &"eve".into()));
    assert!(last[0]["to"].as_str().unwrap().ends_with("copy"), "{last}");
}

#[test]
fn a_changed_log_is_told_with_exit_code_3() {
    let place = place();
    let sound = place.run("audit verify").ok();
    assert!(sound.contains("8 entries fit") && sound.contains("--head"), "{sound}");
    let head = place.run("audit head --write heads").ok();
    place.run("model promote churn:2 test --actor bob").ok();
    place.run("audit head --write heads").ok();
    assert_eq!(place.read("heads").lines().count(), 2);
    assert!(place.read("heads").starts_with(&head));
    let sound = place.run("audit verify --head heads --json").json();
    assert_eq!((&sound["entries"], &sound["heads"]), (&9.into(), &2.into()));
    let hash = head.split_whitespace().last().unwrap();
    place.run(&format!("audit verify --head {hash}")).ok();

    let other = "0".repeat(63) + "1";
    let ran = place.run(&format!("audit verify --head {other}"));
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert!(ran.stdout.contains(&other), "{}", ran.stdout);
    place.write("bad", "nonsense\n");
    assert!(place.run("audit verify --head bad").fails(1).contains("bad:1"));
    place.run("audit verify --head nowhere").fails(1);
}

#[test]
fn every_action_appends_its_head_to_the_file_that_the_environment_names() {
    let place = Place::new();
    place.write("a.csv", small(60));
    let run = |line: &str, heads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_ruska"))
            .args(line.split(' '))
            .current_dir(place.folder())
            .env("RUSKA_AUDIT_HEAD", place.path(heads))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run("dataset add a a.csv", "heads").0, Some(0));
    assert_eq!(run("env set lab live", "heads").0, Some(0));
    assert_eq!(run("env list", "heads").0, Some(0));
    let heads = place.read("heads");
    let places: Vec<&str> = heads.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(places, ["1", "2"]);
    place.run("audit verify --head heads").ok();
    // What could not be told is not done.
    let (code, said) = run("env set lab dev live", "no/such/folder/heads");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no/such/folder"), "{said}");
    assert_eq!(place.run("env list").ok(), "lab → live\n");
}

#[test]
fn who_acts_is_the_account_unless_the_environment_names_somebody() {
    let place = Place::new();
    let set = |name: &str, actor: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ruska"));
        command.args(["env", "set", "lab", name]).current_dir(place.folder());
        for variable in ["RUSKA_STORE", "USER", "LOGNAME", "USERNAME"] {
            command.env_remove(variable);
        }
        assert!(command.env("RUSKA_ACTOR", actor).output().unwrap().status.success());
    };
    set("dev", "carol");
    set("test", "");
    let log = place.run("audit log --json").json();
    assert_eq!(log[0]["actor"], "carol");
    let account = log[1]["actor"].as_str().unwrap();
    assert!(!account.is_empty() && (account != "unknown" || !cfg!(target_os = "linux")), "{log}");
    place.run("env set lab dev --actor dan").ok();
    assert_eq!(place.run("audit log --json").json()[2]["actor"], "dan");
}

#[test]
fn a_format_that_was_set_back_hides_nothing() {
    let place = place();
    place.run("model promote churn:2 test --actor bob --reason needle-one").ok();
    let mut bytes = place.bytes(".ruska/ruska.db");
    let found: Vec<usize> =
        (0..bytes.len() - 10).filter(|i| bytes[*i..].starts_with(b"needle-one")).collect();
    assert!(!found.is_empty());
    found.iter().for_each(|i| bytes[*i..i + 10].copy_from_slice(b"needle-two"));
    // `user_version` in the header of an SQLite file (section 1.3 of its description).
    bytes[60..64].copy_from_slice(&2u32.to_be_bytes());
    place.write(".ruska/ruska.db", &bytes);
    let ran = place.run("audit verify");
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert!(ran.stdout.contains("entry 9 does not fit its hash"), "{}", ran.stdout);
    assert!(place.run("studies").fails(1).contains("`ruska audit verify` tells more"));
}
