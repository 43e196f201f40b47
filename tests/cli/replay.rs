//! `ruska replay` and `ruska model reproduce`: what is recorded, made again to the same bytes.

use crate::{Place, small};
use serde_json::Value;

/// A place with a study `s` of ten trials, its model in `m.ruska` and registered as `m:1`.
fn studied() -> Place {
    let place = Place::new();
    place.write("t.csv", small(150));
    place.run("fit t.csv --target y --trials 10 --study s --register m --output m.ruska").ok();
    place
}

fn identical(document: &Value) -> bool {
    document["identical"] == true && document["differences"] == serde_json::json!([])
}

#[test]
fn a_registered_version_is_searched_again_to_its_bytes() {
    let place = studied();
    for workers in [1, 2] {
        let line = format!("model reproduce m:1 --workers {workers} --output again.ruska --json");
        let document = place.run(&line).json();
        assert!(identical(&document) && document["searched"] == true, "{document}");
        assert_eq!((&document["name"], &document["version"]), (&"m".into(), &1.into()));
        assert_eq!(place.bytes("again.ruska"), place.bytes("m.ruska"));
    }
    let shown = place.run("model reproduce m@lab").ok();
    assert!(shown.starts_with("m:1, study s: the whole search again, 10 trials\n"), "{shown}");
    assert!(shown.contains("\nidentical: the model has the same bytes"), "{shown}");
    // Later trials of the study make no difference to an earlier version.
    place.run("resume s --trials 14 --output later.ruska").ok();
    assert!(identical(&place.run("model reproduce m:1 --json").json()));
}

#[test]
fn a_study_is_replayed_from_its_record() {
    let place = studied();
    for workers in [1, 2] {
        let line = format!("replay --workers {workers} --output again.ruska --json");
        let document = place.run(&line).json();
        let (trials, fits) = (&document["trials"], &document["fits"]);
        // Five folds of each member of the mean, and its fit on all rows.
        let all = trials.as_u64().map(|n| 6 * n);
        assert!(identical(&document) && all > Some(6) && fits.as_u64() == all, "{document}");
        assert_eq!(place.bytes("again.ruska"), place.bytes("m.ruska"));
    }
    let shown = place.run("replay s --all").ok();
    assert!(shown.contains("10 trials again") && shown.contains("every fold the same"), "{shown}");
    // Only a model may be replaced.
    let message = place.run("replay s --output t.csv").fails(1);
    assert!(message.contains("t.csv") && message.contains("no ruska model"), "{message}");
    assert_eq!(place.read("t.csv"), small(150));
}

#[test]
fn a_study_with_a_clock_is_replayed_to_the_same_bytes() {
    let place = Place::new();
    place.churn("churn.csv");
    place.run("fit churn.csv --target churned --time 4s --study s --register m").ok();
    for workers in [1, 2] {
        let line = format!("model reproduce m:1 --workers {workers} --json");
        let document = place.run(&line).json();
        assert!(identical(&document) && document["searched"] == false, "{document}");
    }
    assert!(identical(&place.run("replay --all --json").json()));
}

#[test]
fn a_fit_again_on_all_rows_beside_rows_kept_aside_is_repeated() {
    let place = Place::new();
    let mut table = String::from("day,x,y\n");
    for i in 0..200 {
        let x = f64::from(i * 37 % 101) / 10.0;
        table += &format!("2024-{:02}-{:02},{x},{}\n", 1 + i / 28, 1 + i % 28, 2.0 * x + 1.0);
    }
    place.write("t.csv", table);
    let fit = "fit t.csv --target y --time-column day --holdout 0.2 --trials 8 --output m.ruska";
    assert!(place.run(fit).ok().contains("fitted again on all rows"));
    assert!(identical(&place.run("replay --json").json()));
}

#[test]
fn data_that_has_changed_or_is_gone_is_named() {
    let place = studied();
    place.write("t.csv", small(151));
    for line in ["replay s", "model reproduce m:1"] {
        let message = place.run(line).fails(1);
        let named = message.contains("t.csv is not what study `s` learned from");
        assert!(named && message.contains("its fingerprint is "), "{message}");
    }
    std::fs::remove_file(place.path("t.csv")).unwrap();
    let message = place.run("model reproduce m:1").fails(1);
    assert!(message.contains("t.csv: there is no such file"), "{message}");
    place.write("moved.csv", small(150));
    assert!(identical(&place.run("model reproduce m:1 --data moved.csv --json").json()));
}

#[test]
fn a_model_from_elsewhere_cannot_be_made_again() {
    let place = studied();
    place.run("model import m m.ruska --store elsewhere").ok();
    let message = place.run("model reproduce m:1 --store elsewhere").fails(1);
    assert!(message.contains("m:1 was imported and no study of this store made it"), "{message}");
    let message = place.run("model reproduce m:2").fails(1);
    assert!(message.contains("there is no m:2"), "{message}");
    let message = place.run("replay nothing").fails(1);
    assert!(message.contains("nothing"), "{message}");
}

#[test]
fn a_tampered_model_is_refused() {
    let place = studied();
    let digest = place.run("model list --json").json()[0]["digest"].as_str().unwrap().to_owned();
    let blob = format!(".ruska/blobs/{}/{}", &digest[..2], &digest[2..]);
    let mut bytes = place.bytes(&blob);
    bytes[200] ^= 1;
    place.write(&blob, bytes);
    for line in ["replay s", "model reproduce m:1"] {
        let message = place.run(line).fails(1);
        assert!(message.contains("damaged") && message.contains(&digest[2..]), "{message}");
    }
}

/// Replaces `old` wherever it stands in a store's database, which may keep the bytes of a page that
/// moved, by as many other bytes.
fn forge(place: &Place, old: &str, new: &str) {
    let mut bytes = place.bytes(".ruska/ruska.db");
    let places: Vec<usize> = bytes
        .windows(old.len())
        .enumerate()
        .filter(|(_, window)| *window == old.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty() && old.len() == new.len(), "{old}");
    for place in places {
        bytes[place..place + new.len()].copy_from_slice(new.as_bytes());
    }
    place.write(".ruska/ruska.db", bytes);
}

#[test]
fn a_record_that_does_not_tell_the_truth_is_found_out() {
    let place = studied();
    // The constant's loss is 1 − AUC.
    forge(
        &place,
        r#""trial":0,"result":{"fold":0,"loss":0.5,"#,
        r#""trial":0,"result":{"fold":0,"loss":0.6,"#,
    );
    let replayed = place.run("replay s --all");
    assert_eq!(replayed.code, Some(3), "{}", replayed.stdout);
    assert!(replayed.stdout.contains("but trials differ"), "{}", replayed.stdout);
    assert!(replayed.stdout.contains("trials.0.folds[0].loss"), "{}", replayed.stdout);
    // The search made again finds it as well, the trial of the model alone does not.
    assert_eq!(place.run("model reproduce m:1").code, Some(3));
    place.run("replay s").ok();
}
