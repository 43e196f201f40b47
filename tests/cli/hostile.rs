//! What careless and hostile users do: a clear error or a finding, never a panic.

use crate::{Place, small};
use std::fmt::Write;

/// Fits a file with a tiny budget.
fn fit(place: &Place, file: &str) -> crate::Ran {
    place.run(&format!("fit {file} --target y --trials 4"))
}

#[test]
fn columns_with_commas_are_named_in_quotes() {
    let place = Place::new();
    let table = small(80).replacen("id,x,city,y", "\"a,b\",x,the city,y", 1);
    place.write("t.csv", table);
    let keep = ["predict", "m.ruska", "t.csv", "--keep", "\"a,b\", the city", "--keep", "y"];
    let fit = ["fit", "t.csv", "--target", "y", "--trials", "2", "--output", "m.ruska"];
    let roles = ["--types", "\"a,b\"=text", "--ignore", "x, the city"];
    let found = place.run_words(&[&fit[..], &roles].concat());
    assert!(found.stderr.contains("features: 1 text"), "{}", found.stderr);
    found.ok();
    let scored = place.run_words(&keep).ok();
    assert!(scored.starts_with("\"a,b\",the city,y,prediction"), "{scored}");
    let open = place.run_words(&[&fit[..], &["--ignore", "\"a"]].concat()).fails(2);
    assert!(open.contains("never closed"), "{open}");
}

#[test]
fn files_that_hold_no_table_say_so() {
    let place = Place::new();
    place.write("empty.csv", "").write("header.csv", "x,y\n").write("blank.csv", "\n\n\n");
    place.write("garbage.csv", [0u8, 159, 146, 150, 0, 1, 2, 3, 255, 254].repeat(50));
    place.write("garbage.parquet", [0u8, 159, 146, 150].repeat(50));
    place.write("garbage.xlsx", [0u8, 159, 146, 150].repeat(50));
    place.write("ragged.csv", "x,y\n1,yes\n2,no\n3,yes,7\n4,no\n");
    place.write("t.doc", "x,y\n1,2\n");
    for (file, words) in [
        ("empty.csv", vec!["empty.csv"]),
        ("blank.csv", vec!["blank.csv"]),
        ("header.csv", vec!["header.csv", "row"]),
        ("garbage.csv", vec!["garbage.csv"]),
        ("garbage.parquet", vec!["garbage.parquet"]),
        ("garbage.xlsx", vec!["garbage.xlsx"]),
        ("ragged.csv", vec!["ragged.csv", "line 4"]),
        ("t.doc", vec!["t.doc", ".csv"]),
    ] {
        let message = fit(&place, file).fails(1);
        assert!(words.iter().all(|w| message.contains(w)), "{file}: {message}");
    }
}

#[test]
fn tables_from_which_nothing_can_be_learned_say_so() {
    let place = Place::new();
    place.write("one_row.csv", "x,y\n1,yes\n");
    place.write("constant.csv", "x,y\n1,yes\n2,yes\n3,yes\n");
    place.write("no_target.csv", "x,z\n1,yes\n2,no\n");
    place.write("all_missing.csv", "x,y\n1,\n2,\n3,\n");
    for (file, word) in [
        ("one_row.csv", "`y`"),
        ("constant.csv", "yes"),
        ("no_target.csv", "`y`"),
        ("all_missing.csv", "missing"),
    ] {
        let message = fit(&place, file).fails(1);
        assert!(message.contains(word), "{file}: {message}");
    }
}

#[test]
fn poor_tables_give_a_model_and_a_finding() {
    let place = Place::new();
    let labels = |i: usize| if i.is_multiple_of(3) { "yes" } else { "no" };
    let mut only_target = String::from("y\n");
    let mut no_features = String::from("a,b,y\n");
    let mut two = String::from("x,y\n");
    for i in 0..30 {
        let _ = writeln!(only_target, "{}", labels(i));
        let _ = writeln!(no_features, ",,{}", labels(i));
    }
    for i in 0..5 {
        let _ = writeln!(two, "{i},{}", labels(i));
    }
    place.write("only_target.csv", only_target).write("no_features.csv", no_features);
    place.write("five_rows.csv", two);
    for file in ["only_target.csv", "no_features.csv", "five_rows.csv"] {
        let ran = fit(&place, file);
        assert_eq!(ran.code, Some(0), "{file}: {}", ran.stderr);
    }
    let told = fit(&place, "no_features.csv").stderr;
    assert!(told.contains("no value"), "{told}");
}

#[test]
fn two_thousand_columns_of_fifty_rows_give_a_model() {
    let place = Place::new();
    let mut text: String = (0..2000).map(|c| format!("c{c},")).collect();
    text += "y\n";
    for row in 0..50u64 {
        for column in 0..2000u64 {
            let _ = write!(text, "{},", (row * 7919 + column * 104_729) % 1009);
        }
        let _ = writeln!(text, "{}", if row * 7919 % 1009 > 500 { "yes" } else { "no" });
    }
    place.write("wide.csv", text);
    let ran = fit(&place, "wide.csv");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.lines().count() < 30, "findings are condensed: {}", ran.stderr);
}

#[test]
fn strange_names_pass_through() {
    let place = Place::new();
    let names =
        ["🙂 \"smile\"", "two\nlines", "<script>alert(1)</script>", "x,x", "x,x", "", "\u{1b}[31m"];
    let quoted: Vec<String> =
        names.iter().map(|n| format!("\"{}\"", n.replace('"', "\"\""))).collect();
    let mut text = format!("{},y\n", quoted.join(","));
    for i in 0..40 {
        let cells: Vec<String> =
            (0..names.len()).map(|c| ((i * (c + 3)) % 11).to_string()).collect();
        let _ = writeln!(
            text,
            "{},{}",
            cells.join(","),
            if i * 3 % 11 > 4 { "<b>yes</b>" } else { "\"no, \"\"never\"\"\"" }
        );
    }
    place.write("names.csv", &text);
    let ran = fit(&place, "names.csv");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        !ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'),
        "no name drives the terminal"
    );
    let words = ["predict", "names.ruska", "names.csv", "--keep", "🙂 \"smile\""];
    let scored = place.run_words(&words).ok();
    assert!(scored.starts_with("\"🙂 \"\"smile\"\"\",prediction,"), "{scored}");
}

#[test]
fn a_folder_of_mismatching_files_names_both() {
    let place = Place::new();
    place.write("in/a.csv", small(40)).write("in/b.csv", "id,x,town,y\nA1,1,Bern,yes\n");
    let message = fit(&place, "in").fails(1);
    assert!(message.contains("a.csv") && message.contains("b.csv"), "{message}");
}

#[test]
fn a_folder_and_a_glob_are_read_whole() {
    let place = Place::new();
    place.write("in/a.csv", small(40)).write("in/b.csv", small(50));
    for source in ["in", "in/*.csv"] {
        let document = place.run(&format!("fit {source} --target y --trials 2 --json")).json();
        assert_eq!(document["manifest"]["rows"], 90, "{source}");
    }
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let place = Place::new();
    place.write("t.csv", small(60)).write("file", "not a folder");
    let message = place.run("fit t.csv --target y --trials 2 --output none/m.ruska").fails(1);
    assert!(message.contains("none/m.ruska"), "{message}");
    let message = place.run("fit t.csv --target y --trials 2 --store file").fails(1);
    assert!(message.contains("file"), "{message}");
    place.run("fit t.csv --target y --trials 2").ok();
    let message = place.run("predict t.ruska t.csv --output none/p.csv").fails(1);
    assert!(message.contains("none/p.csv"), "{message}");
}

#[test]
fn wide_ranges_and_infinities_are_taken() {
    let place = Place::new();
    let mut text = String::from("a,b,c,y\n");
    for i in 0..60 {
        let _ = writeln!(
            text,
            "{}e12,{}e-12,{},{}",
            i % 13,
            i % 7,
            if i % 9 == 0 { "inf" } else { "1.5" },
            i % 13 + i % 7
        );
    }
    place.write("t.csv", text);
    let document = place.run("fit t.csv --target y --task regression --trials 8 --json").json();
    assert!(document["leaderboard"]["entries"][0]["score"].as_f64().unwrap().is_finite());
}

#[test]
fn a_role_column_is_not_the_target() {
    let place = Place::new();
    place.write("t.csv", small(80));
    for option in ["--group", "--weight", "--exposure", "--time-column"] {
        let message = place.run(&format!("fit t.csv --target y --trials 2 {option} y")).fails(1);
        assert!(message.contains(option) && message.contains("`y`"), "{message}");
    }
}

#[test]
fn an_exposure_is_a_column_of_its_own() {
    let place = Place::new();
    let rows: String = (0..60).map(|i| format!("{},{},{}\n", i % 7, i % 3, 1 + i % 2)).collect();
    place.write("t.csv", format!("x,claims,years\n{rows}"));
    let fit = "fit t.csv --target claims --trials 2 --exposure years";
    // So few numbers would be classes, had they no exposure.
    let document = place.run(&format!("{fit} --json")).json();
    assert_eq!(document["manifest"]["task"], "regression");
    // And so they would be, were they not to be measured as numbers.
    let document = place.run("fit t.csv --target claims --trials 2 --metric mae --json").json();
    assert_eq!(document["manifest"]["task"], "regression");
    for other in ["--weight years", "--group years", "--ignore years", "--types years=text"] {
        let message = place.run(&format!("{fit} {other}")).fails(1);
        let option = other.split(' ').next().unwrap();
        for part in [option, "--exposure", "`years`"] {
            assert!(message.contains(part), "{message}");
        }
    }
    place.write("gaps.csv", format!("x,claims,years\n1,,1\n2,,1\n3,1,0\n{rows}"));
    let fit = "fit gaps.csv --target claims --trials 2 --exposure years";
    let message = place.run(fit).fails(1);
    assert!(message.contains("exposure of row 3 is 0"), "{message}");
}

#[test]
fn a_metric_that_the_target_cannot_have_is_refused_at_once() {
    let place = Place::new();
    let rows: String = (0..60).map(|i| format!("{i},{}\n", f64::from(i) - 20.5)).collect();
    place.write("t.csv", format!("x,y\n{rows}"));
    for metric in ["poisson_deviance", "gamma_deviance", "rmsle"] {
        let message =
            place.run(&format!("fit t.csv --target y --trials 2 --metric {metric}")).fails(1);
        assert!(message.contains(&format!("--metric {metric} is undefined")), "{message}");
    }
}

#[test]
fn a_test_file_that_does_not_fit_is_named() {
    let place = Place::new();
    place.write("t.csv", small(80)).write("late.csv", "x,city\n1,Bern\n");
    let message = place.run("fit t.csv --target y --trials 2 --test late.csv").fails(1);
    assert!(message.contains("--test late.csv: ") && message.contains("`y`"), "{message}");
}

#[test]
fn a_table_without_names_is_told_and_can_be_contradicted() {
    let place = Place::new();
    let years: String = (0..60).map(|i| format!("{},{}\n", 3 * i, i % 7)).collect();
    place.write("t.csv", format!("100,2\n{years}"));
    let told = place.run("profile t.csv").ok();
    assert!(told.contains("61 rows") && told.contains("`--header yes`"), "{told}");
    let told = place.run("profile t.csv --header yes").ok();
    assert!(told.contains("60 rows") && told.contains("100"), "{told}");
}
