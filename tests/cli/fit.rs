//! `ruska fit`.

use crate::{Place, small};
use std::fmt::Write as _;

#[test]
fn a_table_becomes_a_leaderboard_and_a_model() {
    let place = Place::new();
    place.write("t.csv", small(200));
    let shown = place.run("fit t.csv --target y --trials 6").ok();
    assert!(shown.contains("auc") && shown.contains("gbdt"), "{shown}");
    assert!(shown.contains("ruska predict t.ruska"), "{shown}");
    let honest = |l: &str| l.starts_with("expect  auc ") && l.contains("selection optimism");
    assert!(shown.lines().any(honest), "{shown}");
    assert!(shown.lines().all(|l| l.chars().count() <= 100), "wider than 100 columns:\n{shown}");
    assert!(place.path("t.ruska").exists() && place.path(".ruska/ruska.db").exists());
}

#[test]
fn equal_seeds_give_equal_models_whatever_the_workers_and_the_study() {
    let place = Place::new();
    place.churn("churn.csv");
    let fit = "fit churn.csv --target churned --ignore cancellation_fee_eur --trials 20 --seed 1";
    let mut boards = vec![];
    for (run, workers) in [1, 2, 1, 2].iter().enumerate() {
        let line = format!("{fit} --workers {workers} --study s{run} --output m{run}.ruska");
        place.run(&line).ok();
        let board = place.run(&format!("leaderboard s{run} --json")).json();
        let mut entries = board["entries"].clone();
        for entry in entries.as_array_mut().unwrap() {
            let entry = entry.as_object_mut().unwrap();
            entry.remove("fit_seconds");
            entry.remove("predict_us");
        }
        boards.push((entries, place.bytes(&format!("m{run}.ruska"))));
    }
    assert!(boards.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn simple_is_preferred_where_it_is_as_good() {
    let place = Place::new();
    place.write("t.csv", small(150));
    let fit = "fit t.csv --target y --include tree,gbdt --trials 12 --seed 2 --prefer simple";
    let document = place.run(&format!("{fit} --json")).json();
    let entries = document["leaderboard"]["entries"].as_array().unwrap();
    let marked = entries.iter().find(|e| e["simplest"] == true).unwrap_or(&entries[0]);
    assert_eq!(document["chosen"], marked["trial"]);
    assert_eq!(document["manifest"]["candidate"]["learner"], marked["learner"]);
    assert_eq!(document["manifest"]["scores"]["auc"], marked["score"]);
    let corrected = &document["manifest"]["corrected"];
    let [score, optimism] = ["score", "optimism"].map(|key| corrected[key].as_f64().unwrap());
    assert!((score + optimism - marked["score"].as_f64().unwrap()).abs() < 1e-9, "{corrected}");
    assert_ne!(marked["trial"], entries[0]["trial"], "the table must make a difference");
    let shown = place.run(fit).ok();
    assert!(shown.contains("chosen  ") && shown.contains("within one standard error"), "{shown}");
}

#[test]
fn a_limit_of_speed_that_nothing_holds_is_told() {
    let place = Place::new();
    place.write("t.csv", small(150));
    let fit = "fit t.csv --target y --include tree,linear --trials 6 --max-predict-us";
    let shown = place.run(&format!("{fit} 1e-9")).ok();
    assert!(shown.contains("slow    more than the") && shown.contains("as fast"), "{shown}");
    let easy = place.run(&format!("{fit} 1e9 --json")).json();
    assert!(easy["too_slow"] == false && easy["predict_us"].is_number(), "{easy}");
    let none = place.run(&format!("{fit} 0")).fails(2);
    assert!(none.contains("--max-predict-us"), "{none}");
}

#[test]
fn options_change_what_is_learned_from() {
    let place = Place::new();
    place.write("t.csv", small(120));
    let document = place
        .run("fit t.csv --target y --trials 5 --ignore city --include linear --positive no --metric f1 --holdout 0.25 --folds 3 --json")
        .json();
    let manifest = &document["manifest"];
    assert_eq!(manifest["features"], serde_json::json!(["x"]));
    assert_eq!((&manifest["metric"], &manifest["positive"]), (&"f1".into(), &"no".into()));
    assert_eq!(manifest["rows"], 90);
    assert_eq!(document["holdout"]["rows"], 30);
    let learners: Vec<&str> = document["leaderboard"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["learner"].as_str().unwrap())
        .collect();
    assert!(learners.iter().all(|l| ["baseline", "linear"].contains(l)), "{learners:?}");
}

#[test]
fn groups_times_weights_and_a_test_file_are_respected() {
    let place = Place::new();
    let mut text = String::from("day,shop,w,x,sales\n");
    for i in 0..150 {
        text += &format!(
            "2024-{:02}-{:02},s{},{},{},{}\n",
            i / 28 + 1,
            i % 28 + 1,
            i % 10,
            1 + i % 3,
            i % 17,
            3 * (i % 17) + i % 4
        );
    }
    place.write("t.csv", &text);
    let fit = "fit t.csv --target sales --trials 4 --json";
    let grouped = place.run(&format!("{fit} --group shop --weight w")).json();
    assert_eq!(grouped["manifest"]["roles"], serde_json::json!({"group": "shop", "weight": "w"}));
    assert_eq!(grouped["manifest"]["emitted"], "refit");
    let ordered = place.run(&format!("{fit} --time-column day --test t.csv")).json();
    assert_eq!(ordered["manifest"]["emitted"], "refit");
    assert_eq!(ordered["holdout"]["rows"], 150);
    assert!(ordered["manifest"]["cutoff_ms"].as_i64().unwrap() > 1_700_000_000_000);
}

#[test]
fn counts_are_predicted_for_the_exposure_of_each_row() {
    let place = Place::new();
    let mut text = String::from("policy,age,years,claims\n");
    for i in 0..200 {
        let (age, years) = (20 + i % 50, [0.5, 1.0, 2.0][i % 3]);
        let often = if age < 35 { 4.0 } else { 0.0 };
        let claims = (years * often) as u32 + u32::from(i % 7 == 0);
        let _ = writeln!(text, "p{i},{age},{years},{claims}");
    }
    place.write("t.csv", &text);
    let fit = "fit t.csv --target claims --trials 4 --task regression --exposure years --json";
    let document = place.run(fit).json();
    assert_eq!(document["manifest"]["roles"], serde_json::json!({"exposure": "years"}));
    place.write("new.csv", "age,years\n25,1\n25,3\n60,1\n");
    place.run("predict t.ruska new.csv --output p.csv").ok();
    let predicted: Vec<f64> =
        place.read("p.csv").lines().skip(1).map(|l| l.parse().unwrap()).collect();
    assert!((3.0 * predicted[0] - predicted[1]).abs() < 1e-9, "{predicted:?}");
    assert!(predicted[0] > 2.0 * predicted[2], "{predicted:?}");
    place.write("bad.csv", "age,years\n25,1\n25,0\n");
    let message = place.run("predict t.ruska bad.csv --output p.csv").fails(1);
    assert!(message.contains("`years`") && message.contains("(row 2)"), "{message}");
    place.write("half.csv", "age\n25\n");
    let message = place.run("predict t.ruska half.csv --output p.csv").fails(1);
    assert!(message.contains("`years`"), "{message}");
}

#[test]
fn the_planted_leak_is_warned_of_and_the_id_is_not_used() {
    let place = Place::new();
    place.churn("churn.csv");
    let document = place.run("fit churn.csv --target churned --trials 2 --json").json();
    let found = |code: &str| {
        let findings = document["findings"].as_array().unwrap();
        findings
            .iter()
            .find(|f| f["code"] == code)
            .map(|f| f["column"].as_str().unwrap().to_owned())
    };
    assert_eq!(found("suspected_leak").as_deref(), Some("cancellation_fee_eur"));
    assert_eq!(found("identifier").as_deref(), Some("customer_id"));
    assert_eq!(found("constant_column").as_deref(), Some("currency"));
    let features = document["manifest"]["features"].as_array().unwrap();
    assert!(!features.contains(&"customer_id".into()));
    assert!(features.contains(&"cancellation_fee_eur".into()));
}

#[test]
fn leaks_are_dropped_where_that_is_asked_for() {
    let place = Place::new();
    place.churn("churn.csv");
    let fit = "fit churn.csv --target churned --trials 2 --drop-leaks --json";
    let document = place.run(fit).json();
    let features = document["manifest"]["features"].as_array().unwrap();
    assert!(!features.contains(&"cancellation_fee_eur".into()) && features.len() > 3);
}

#[test]
fn flaws_of_the_data_are_told_before_the_search() {
    let place = Place::new();
    let mut text = "age,city,y\n".to_owned();
    for i in 0..200_i32 {
        let age = if i % 20 == 0 { -999 } else { 20 + i % 50 };
        let city = ["Bern", "Basel", "bern "][if i % 9 == 0 { 2 } else { i as usize % 2 }];
        text += &format!("{age},{city},{}\n", if i * 7 % 11 < 5 { "a" } else { "b" });
    }
    place.write("t.csv", text);
    let document = place.run("fit t.csv --target y --trials 1 --json").json();
    let findings = document["findings"].as_array().unwrap();
    let of = |column: &str| {
        let finding = findings.iter().find(|f| f["column"] == column).unwrap();
        (finding["code"].clone(), finding["count"].clone(), finding["examples"].clone())
    };
    assert_eq!(of("age"), ("disguised_missing".into(), 10.into(), vec!["-999"].into()));
    assert_eq!(of("city").0, "level_variants");
}

#[test]
fn wrong_usage_exits_with_2() {
    let place = Place::new();
    place.write("t.csv", small(30));
    for line in [
        "fit",
        "fit t.csv",
        "fit t.csv --target y --time soon",
        "fit t.csv --target y --folds 1",
        "nonsense",
    ] {
        assert_eq!(place.run(line).code, Some(2), "{line}");
    }
}

#[test]
fn wrong_choices_are_named_with_the_way_out() {
    let place = Place::new();
    place.write("t.csv", small(30));
    let says_with = |code: i32, line: &str, words: &[&str]| {
        let message = place.run(line).fails(code);
        assert!(words.iter().all(|w| message.contains(w)), "{line}: {message}");
    };
    let says = |line: &str, words: &[&str]| says_with(1, line, words);
    let misused = |line: &str, words: &[&str]| says_with(2, line, words);
    says("fit t.csv --target z --trials 1", &["`z`", "--target"]);
    misused("fit t.csv --target y --trials 1 --metric rmse", &["rmse", "auc, logloss"]);
    misused("fit t.csv --target y --trials 1 --include nothing", &["--include", "nothing", "gbdt"]);
    says("fit t.csv --target y --trials 1 --ignore cty", &["--ignore", "`cty`", "`city`"]);
    says("fit t.csv --target y --trials 1 --positive maybe", &["maybe", "yes"]);
    misused("fit t.csv --target y --trials 1 --types x=colour", &["x=colour", "numeric"]);
    says("fit t.csv --target y --trials 1 --weight city", &["--weight", "city"]);
    says("fit t.csv --target city --task regression --trials 1", &["city"]);
    says("fit none.csv --target y --trials 1", &["none.csv"]);
    says("fit t.csv --target y --trials 1 --output t.csv", &["t.csv", "no ruska model"]);
    assert_eq!(place.read("t.csv"), small(30), "data is never replaced by a model");
}

#[test]
fn test_rows_that_are_learned_from_are_told() {
    let place = Place::new();
    let rows = |range: std::ops::Range<usize>| {
        let line = |i: usize| format!("{},{},{}\n", i * 37 % 1009, i * 71 % 97, i * 13 % 89);
        range.map(line).fold("a,b,y\n".to_owned(), |text, row| text + &row)
    };
    place
        .write("train.csv", rows(0..400))
        .write("new.csv", rows(400..500))
        .write("old.csv", rows(350..450));
    let fit = "fit train.csv --target y --trials 2 --include linear --test";
    let text = place.run(&format!("{fit} new.csv")).ok();
    assert!(text.contains("100 rows that nothing was learned or chosen from"), "{text}");
    let ran = place.run(&format!("{fit} old.csv"));
    let (text, told) = (ran.stdout, ran.stderr);
    assert!(told.contains("50 of the 100 rows of the test table are learned from"), "{told}");
    assert!(text.contains("100 rows of which 50 are learned from as well"), "{text}");
}
