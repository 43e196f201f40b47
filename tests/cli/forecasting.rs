//! `ruska fit --task forecasting`: what comes next of series, and how sure that is.

use crate::{Place, dataset};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const FIT: &str =
    "fit orders.csv --task forecasting --target orders --time-column month --series product";

/// A place with the orders of twelve products.
fn orders() -> Place {
    let place = Place::new();
    place.write("orders.csv", std::fs::read(dataset("orders.csv")).unwrap());
    place
}

/// Two series of so many months with a season, the second twice as large.
fn seasonal(months: usize) -> String {
    let mut text = "month,name,sold\n".to_owned();
    for i in 0..months {
        let angle = std::f64::consts::TAU * (i % 12) as f64 / 12.0;
        let wobble = ((i * 37) % 11) as f64 / 5.0;
        let value = 100.0 + i as f64 + 30.0 * angle.sin() + wobble;
        for (name, times) in [("a", 1.0), ("b", 2.0)] {
            let sold = value * times;
            let _ = writeln!(text, "{}-{:02},{name},{sold:.3}", 2010 + i / 12, i % 12 + 1);
        }
    }
    text
}

/// The cells of a CSV text without quotes, by column.
fn columns(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        for (name, cell) in names.iter().zip(line.split(',')) {
            columns.entry((*name).to_owned()).or_default().push(cell.to_owned());
        }
    }
    columns
}

fn numbers(cells: &[String]) -> Vec<f64> {
    cells.iter().map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn every_series_is_told_ahead_within_nested_bounds() {
    let place = orders();
    let shown = place.run(&format!("{FIT} --horizon 6 --trials 6")).ok();
    assert!(shown.contains("seasonal naive has") && shown.contains("--interval"), "{shown}");
    assert!(shown.lines().all(|l| l.chars().count() <= 100), "wider than 100 columns:\n{shown}");
    let told = columns(&place.run("predict orders.ruska --interval 0.5,0.8,0.95").ok());
    assert_eq!(told["product"].len(), 12 * 6);
    assert_eq!(told["month"][..3], ["2025-01", "2025-02", "2025-03"]);
    let of = |name: &str| numbers(&told[name]);
    let bounds =
        ["lower_95", "lower_80", "lower_50", "prediction", "upper_50", "upper_80", "upper_95"];
    for pair in bounds.windows(2) {
        let ordered = of(pair[0]).iter().zip(of(pair[1])).all(|(a, b)| *a <= b + 1e-9);
        assert!(ordered, "{} is above {}", pair[0], pair[1]);
    }
    assert!(of("lower_95").iter().all(|v| *v >= 0.0), "orders are never below 0");
    let longer = columns(&place.run("predict orders.ruska --horizon 9").ok());
    assert_eq!(longer["product"].len(), 12 * 9);
}

#[test]
fn a_season_and_a_trend_go_on() {
    let place = Place::new();
    place.write("t.csv", seasonal(84));
    let fit = "fit t.csv --task forecasting --target sold --time-column month --series name";
    place.run(&format!("{fit} --horizon 12 --trials 26")).ok();
    let told = columns(&place.run("predict t.ruska").ok());
    let future = columns(&seasonal(96));
    let truth: Vec<f64> = ["a", "b"]
        .iter()
        .flat_map(|name| {
            let rows = (84 * 2..96 * 2).filter(|row| future["name"][*row] == *name);
            rows.map(|row| future["sold"][row].parse().unwrap()).collect::<Vec<f64>>()
        })
        .collect();
    let told = numbers(&told["prediction"]);
    let off = told.iter().zip(&truth).map(|(p, y)| ((p - y) / y).abs()).sum::<f64>() / 24.0;
    assert!(off < 0.03, "off by {off}: {told:?} for {truth:?}");
}

#[test]
fn models_have_the_same_bytes_whatever_the_workers_and_are_made_again() {
    let place = Place::new();
    place.write("t.csv", seasonal(48));
    let fit =
        "fit t.csv --task forecasting --target sold --time-column month --series name --horizon 4";
    for workers in [1, 2] {
        place.run(&format!("{fit} --trials 9 --workers {workers} --study s{workers}")).ok();
        std::fs::rename(place.path("t.ruska"), place.path(&format!("m{workers}.ruska"))).unwrap();
    }
    assert_eq!(place.bytes("m1.ruska"), place.bytes("m2.ruska"));
    let shown = place.run("replay s1 --all --output again.ruska").ok();
    assert!(shown.contains("every fold the same"), "{shown}");
    assert_eq!(place.bytes("again.ruska"), place.bytes("m1.ruska"));
    place.run(&format!("{fit} --trials 4 --study part")).ok();
    place.run("resume part --trials 9 --output resumed.ruska").ok();
    assert_eq!(place.bytes("resumed.ruska"), place.bytes("m1.ruska"));
    place.run(&format!("{fit} --trials 9 --isolate --output apart.ruska")).ok();
    assert_eq!(place.bytes("apart.ruska"), place.bytes("m1.ruska"));
}

#[test]
fn newer_values_are_taken_in_and_what_came_true_is_measured() {
    let place = Place::new();
    place.write("old.csv", seasonal(60)).write("new.csv", seasonal(66));
    let fit = "fit old.csv --task forecasting --target sold --time-column month --series name";
    place.run(&format!("{fit} --horizon 6 --trials 26")).ok();
    let before = columns(&place.run("predict old.ruska").ok());
    assert_eq!(before["month"][0], "2015-01");
    let after = columns(&place.run("predict old.ruska --from new.csv").ok());
    assert_eq!(after["month"][0], "2015-07");
    // What is known already changes nothing.
    let same = place.run("predict old.ruska --from old.csv").ok();
    assert_eq!(same, place.run("predict old.ruska").ok());
    let measured = place.run("evaluate old.ruska new.csv --json").json();
    assert_eq!(measured["rows"], 12);
    let score = |id: &str| {
        let scores = measured["scores"].as_array().unwrap();
        scores.iter().find(|s| s["metric"] == id).unwrap()["value"].as_f64().unwrap()
    };
    assert!(score("mase") < 1.0 && score("smape") < 10.0, "{measured}");
    let message = place.run("evaluate old.ruska old.csv").fails(1);
    assert!(message.contains("no value that came after"), "{message}");
    // Without what was before there is nothing to scale errors by; all others are the same.
    let whole = seasonal(66);
    let came = |line: &&str| !seasonal(60).lines().skip(1).any(|old| old == *line);
    let rows: Vec<&str> = whole.lines().filter(came).collect();
    place.write("came.csv", rows.join("\n") + "\n");
    let alone = place.run("evaluate old.ruska came.csv --json").json();
    let value = |document: &serde_json::Value, id: &str| {
        let scores = document["scores"].as_array().unwrap();
        scores.iter().find(|s| s["metric"] == id).map(|s| s["value"].clone())
    };
    assert_eq!(value(&alone, "mae"), value(&measured, "mae"));
    for scaled in ["mase", "rmsse", "owa", "msis"] {
        assert!(value(&measured, scaled).is_some() && value(&alone, scaled).is_none(), "{scaled}");
    }
    let text = place.run("evaluate old.ruska came.csv").ok();
    assert!(text.contains("name a table that also holds earlier values"), "{text}");
}

#[test]
fn several_rows_of_a_time_are_refused_or_made_one() {
    let place = Place::new();
    let twice = seasonal(36).replace(",a,", ",b,");
    place.write("t.csv", twice);
    let fit =
        "fit t.csv --task forecasting --target sold --time-column month --series name --horizon 3";
    let message = place.run(&format!("{fit} --trials 2")).fails(1);
    assert!(message.contains("rows 1 and 2") && message.contains("--aggregate"), "{message}");
    place.run(&format!("{fit} --trials 2 --aggregate sum")).ok();
    let told = columns(&place.run("predict t.ruska").ok());
    assert_eq!(told["name"], ["b", "b", "b"]);
}

#[test]
fn numbers_count_as_times_and_one_series_needs_no_name() {
    let place = Place::new();
    let rows: String = (1990..2020).map(|y| format!("{y},{}\n", 50 + (y * 7) % 13)).collect();
    place.write("t.csv", format!("year,n\n{rows}"));
    place
        .run("fit t.csv --task forecasting --target n --time-column year --horizon 3 --trials 4")
        .ok();
    let told = columns(&place.run("predict t.ruska").ok());
    assert_eq!(told["year"], ["2020", "2021", "2022"]);
    assert!(!told.contains_key("series"));
}

#[test]
fn what_has_no_sense_is_told_with_the_way_out() {
    let place = orders();
    for (line, expected) in [
        (FIT.to_owned(), "--horizon"),
        (format!("{FIT} --horizon 6 --holdout 20%"), "--holdout"),
        (format!("{FIT} --horizon 6 --metric auc"), "mase"),
        ("fit orders.csv --target orders --horizon 6".to_owned(), "--horizon"),
        (
            "fit orders.csv --task forecasting --target orders --horizon 6".to_owned(),
            "--time-column",
        ),
        (
            "fit orders.csv --task forecasting --target orders --time-column month --horizon 6"
                .to_owned(),
            "--series",
        ),
        (
            "fit orders.csv --task forecasting --target orders --time-column product --horizon 6"
                .to_owned(),
            "product",
        ),
    ] {
        let ran = place.run(&line);
        assert!(ran.code != Some(0), "{line} went through");
        assert!(ran.stderr.contains(expected) && ran.stderr.contains("error: "), "{}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    }
    place.run(&format!("{FIT} --horizon 3 --trials 1")).ok();
    let message = place.run("predict orders.ruska orders.csv").fails(2);
    assert!(message.contains("--from"), "{message}");
}

#[test]
fn hostile_series_end_with_a_model_or_a_message() {
    let place = Place::new();
    let rows = |n: usize, value: &dyn Fn(usize) -> String| {
        let lines = (0..n).map(|i| format!("2024-01-{:02},{}\n", i + 1, value(i)));
        "day,n\n".to_owned() + &lines.collect::<String>()
    };
    let many = (0..40).map(|s| format!("2024-01-01,s{s},1\n")).collect::<String>();
    for (name, text) in [
        ("one", rows(1, &|_| "5".into())),
        ("three", rows(3, &|i| i.to_string())),
        ("constant", rows(28, &|_| "7".into())),
        ("zero", rows(28, &|_| "0".into())),
        ("missing", rows(28, &|_| String::new())),
        ("gaps", rows(28, &|i| if i % 3 == 0 { String::new() } else { i.to_string() })),
        ("huge", rows(28, &|i| format!("{}e12", i + 1))),
        ("tiny", rows(28, &|i| format!("{}e-12", i + 1))),
        ("negative", rows(28, &|i| (5 - i as i64).to_string())),
        ("words", rows(28, &|i| format!("w{i}"))),
        ("empty", "day,n\n".to_owned()),
        ("single_values", format!("day,name,n\n{many}")),
    ] {
        place.write(&format!("{name}.csv"), text);
        let series = if name == "single_values" { " --series name" } else { "" };
        let fit = format!(
            "fit {name}.csv --task forecasting --target n --time-column day --horizon 4 --trials 5{series}"
        );
        let ran = place.run(&fit);
        assert!(!ran.stderr.contains("panicked"), "{name}: {}", ran.stderr);
        if ran.code == Some(0) {
            let told = columns(&place.run(&format!("predict {name}.ruska")).ok());
            assert!(numbers(&told["prediction"]).iter().all(|v| v.is_finite()), "{name}");
        } else {
            assert!(ran.stderr.contains("error: "), "{name}: {}", ran.stderr);
        }
    }
}
