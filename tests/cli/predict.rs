//! `ruska predict` and `ruska evaluate`.

use crate::{Place, small};

fn fitted() -> Place {
    let place = Place::new();
    place.write("t.csv", small(160)).run("fit t.csv --target y --trials 6 --output m.ruska").ok();
    place
}

#[test]
fn one_row_at_a_time_equals_the_batch() {
    let place = fitted();
    place.run("predict m.ruska t.csv --output all.csv").ok();
    let all = place.read("all.csv");
    let (text, lines) = (small(160), all.lines().skip(1));
    let mut rows = text.lines();
    let header = rows.next().unwrap();
    for (i, (row, expected)) in rows.zip(lines).enumerate().step_by(23) {
        place.write("one.csv", format!("{header}\n{row}\n"));
        let one = place.run("predict m.ruska one.csv").ok();
        assert_eq!(one.lines().nth(1), Some(expected), "row {i}");
    }
}

#[test]
fn the_order_of_columns_and_extra_columns_do_not_matter() {
    let place = fitted();
    let expected = place.run("predict m.ruska t.csv").ok();
    let mut turned = String::from("extra,y,city,x,id\n");
    for row in small(160).lines().skip(1) {
        let cells: Vec<&str> = row.split(',').rev().collect();
        turned += &format!("🙂,{}\n", cells.join(","));
    }
    place.write("turned.csv", turned);
    assert_eq!(place.run("predict m.ruska turned.csv").ok(), expected);
}

#[test]
fn a_missing_column_and_text_in_a_number_are_named() {
    let place = fitted();
    place.write("less.csv", "id,city\nA1,Bern\n");
    let message = place.run("predict m.ruska less.csv").fails(1);
    assert!(message.contains("`x`"), "{message}");
    place.write("text.csv", "id,x,city\nA1,1.5,Bern\nA2,tall,Oslo\n");
    let message = place.run("predict m.ruska text.csv --output out.csv").fails(1);
    assert!(
        message.contains('x') && message.contains("tall") && message.contains("line 3"),
        "{message}"
    );
    assert!(!place.path("out.csv").exists(), "nothing half-written stays behind");
}

#[test]
fn unseen_levels_and_missing_values_are_scored() {
    let place = fitted();
    place.write("new.csv", "x,city\n1.5,Atlantis\n,\nNA,Oslo\n");
    let scored = place.run("predict m.ruska new.csv").ok();
    assert_eq!(scored.lines().count(), 4);
    assert!(!scored.contains("NaN"), "{scored}");
}

#[test]
fn kept_columns_come_back_unchanged() {
    let place = fitted();
    place.write("k.csv", "id,x,city,n\n007,1.50,Bern,1234567890123456789\n008,,Oslo,0042\n");
    let scored = place.run("predict m.ruska k.csv --keep id,n,x").ok();
    let rows: Vec<&str> = scored.lines().collect();
    assert!(rows[0].starts_with("id,n,x,prediction,proba_no,proba_yes"), "{scored}");
    assert!(rows[1].starts_with("007,1234567890123456789,1.50,"), "{scored}");
    assert!(rows[2].starts_with("008,0042,,"), "{scored}");
    let message = place.run("predict m.ruska k.csv --keep nothing").fails(1);
    assert!(message.contains("nothing"), "{message}");
}

#[test]
fn all_formats_hold_the_same_predictions() {
    let place = fitted();
    for name in ["p.csv", "p.parquet", "p.xlsx", "p.csv.gz", "p.tsv"] {
        place.run(&format!("predict m.ruska t.csv --keep id --output {name}")).ok();
    }
    // Each is read back by predicting from itself: columns of predictions are extra columns there.
    let profile = |name: &str| place.run(&format!("profile {name} --json")).json();
    let expected = profile("p.csv");
    for name in ["p.parquet", "p.xlsx", "p.csv.gz", "p.tsv"] {
        let got = profile(name);
        assert_eq!(got["rows"], expected["rows"], "{name}");
        for column in 0..4 {
            let mean = |p: &serde_json::Value| p["columns"][column]["numbers"]["mean"].clone();
            assert_eq!(mean(&got), mean(&expected), "{name} column {column}");
        }
    }
    let message = place.run("predict m.ruska t.csv --output p.doc").fails(1);
    assert!(message.contains("p.doc") && message.contains(".parquet"), "{message}");
}

#[test]
fn standard_input_and_parquet_give_the_same_as_csv() {
    let place = fitted();
    let expected = place.run("predict m.ruska t.csv").ok();
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("'{}' predict m.ruska - < t.csv", env!("CARGO_BIN_EXE_ruska"))])
        .current_dir(place.path("."))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    // A table kept in Parquet goes through typed columns.
    place.run("predict m.ruska t.csv --keep id,x,city,y --output t.parquet").ok();
    assert_eq!(place.run("predict m.ruska t.parquet").ok(), expected);
}

#[test]
fn a_broken_pipe_ends_quietly() {
    let place = fitted();
    let mut long = String::from("x,city\n");
    (0..50_000).for_each(|i| long += &format!("{},Bern\n", i % 10));
    place.write("long.csv", long);
    let script = format!("'{}' predict m.ruska long.csv | head -1", env!("CARGO_BIN_EXE_ruska"));
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(place.path("."))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn evaluate_measures_on_labelled_rows() {
    let place = fitted();
    let document = place.run("evaluate m.ruska t.csv --json").json();
    let first = &document["scores"][0];
    assert_eq!((&first["metric"], &document["rows"]), (&"auc".into(), &160.into()));
    let value = |key: &str| first[key].as_f64().unwrap();
    assert!(
        value("value") > 0.8 && value("low") <= value("value") && value("value") <= value("high")
    );
    place.write("unlabelled.csv", "x,city\n1,Bern\n");
    let message = place.run("evaluate m.ruska unlabelled.csv").fails(1);
    assert!(message.contains("`y`"), "{message}");
    place.write("strange.csv", "x,city,y\n1,Bern,maybe\n2,Oslo,no\n");
    let message = place.run("evaluate m.ruska strange.csv").fails(1);
    assert!(message.contains("maybe"), "{message}");
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let place = fitted();
    place.write("empty.ruska", "").write("text.ruska", "hello there, this is no model at all");
    let mut bytes = place.bytes("m.ruska");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    place.write("bad.ruska", bytes);
    for (file, word) in [
        ("empty.ruska", "not a ruska model"),
        ("text.ruska", "not a ruska model"),
        ("bad.ruska", "checksum"),
        ("none.ruska", "none.ruska"),
    ] {
        let message = place.run(&format!("predict {file} t.csv")).fails(1);
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn numbers_with_separators_and_units_are_numbers() {
    let place = Place::new();
    let grouped = |n: usize| match n {
        0..1000 => n.to_string(),
        _ => format!("{},{:03}", n / 1000, n % 1000),
    };
    let rows: Vec<(usize, usize)> = (0..120).map(|i| (i * 7919 % 5000, i * 37 % 100)).collect();
    let table = |rows: &[(usize, usize)]| {
        let row = |(x, p): &(usize, usize)| {
            format!("\"${}\",{p}%,\"{} €\"\n", grouped(*x), grouped(2 * x + 11 * p + 100))
        };
        rows.iter().map(row).fold(String::from("x,share,price\n"), |all, row| all + &row)
    };
    place.write("t.csv", table(&rows));
    let fitted = place.run("fit t.csv --target price --trials 6 --output m.ruska --json").json();
    assert_eq!(fitted["manifest"]["task"], "regression");
    let told = fitted["findings"].to_string();
    assert!(told.contains("`x` is read as numbers: `$1,006` is 1006"), "{told}");
    place.write("new.csv", "share,x\n5%,\"$4,000\"\n5 %,$10\n");
    let scored = place.run("predict m.ruska new.csv").ok();
    let values: Vec<f64> = scored.lines().skip(1).map(|l| l.parse().unwrap()).collect();
    assert!(values[0] > 5000.0 && values[1] < 3000.0, "{scored}");
    let document = place.run("evaluate m.ruska t.csv --json").json();
    assert!(document["scores"][0]["value"].as_f64().unwrap() < 2000.0, "{document}");
    place.write("odd.csv", "share,x\n0.05,$4\n");
    let message = place.run("predict m.ruska odd.csv").fails(1);
    assert!(message.contains("`share`") && message.contains("`0.05`"), "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_told_of_standard_output() {
    let place = fitted();
    let script = format!("'{}' predict m.ruska t.csv > /dev/full", env!("CARGO_BIN_EXE_ruska"));
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(place.path("."))
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.starts_with("error: standard output: cannot be written"), "{message}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn all_missing_columns_are_named() {
    let place = fitted();
    place.write("none.csv", "a,b\n1,2\n");
    let message = place.run("predict m.ruska none.csv").fails(1);
    assert!(message.contains("2 columns are not there: `x`, `city`"), "{message}");
}
