//! `ruska dataset`: registered data and what became of it.

use crate::{Place, small};

/// Hashes, folders and times differ from run to run.
fn steady(place: &Place, text: &str) -> String {
    let folder = place.folder().canonicalize().unwrap();
    let text = text.replace(folder.to_str().unwrap(), "<folder>");
    let text = text.replace(place.folder().to_str().unwrap(), "<folder>");
    let mut out = String::new();
    for word in text.split_inclusive([' ', '\n']) {
        let bare = word.trim_end_matches([' ', '\n']);
        let hex = bare.len() >= 12 && bare.bytes().all(|c| c.is_ascii_hexdigit());
        let time = bare.len() >= 16 && bare.starts_with("20") && bare.contains('T');
        out += if hex {
            "<digest>"
        } else if time {
            "<time>"
        } else {
            bare
        };
        out += &word[bare.len()..];
    }
    out
}

/// A table of sales in which later rows have another mix.
fn sales(rows: usize, later: bool) -> String {
    let mut text = String::from("day,shop,amount,discount,paid");
    text += if later { ",channel\n" } else { ",note\n" };
    for i in 0..rows {
        let shop =
            if later { ["Bern", "Oslo", "Paris"][i % 3] } else { ["Bern", "Oslo", "Rome"][i % 3] };
        let amount = (i * 37 % 400) as f64 / 4.0 + if later { 40.0 } else { 0.0 };
        let discount = if later && i % 5 == 0 { String::new() } else { (i % 12).to_string() };
        let paid = if i % 4 == 0 { "no" } else { "yes" };
        text += &format!(
            "2024-{:02}-{:02},{shop},{amount},{discount},{paid},{}\n",
            i % 12 + 1,
            i % 28 + 1,
            i % 2
        );
    }
    text
}

#[test]
fn versions_are_added_listed_shown_and_compared() {
    let place = Place::new();
    place.write("sales.csv", sales(400, false));
    let added = place.run("dataset add sales sales.csv --actor ann").ok();
    assert!(added.starts_with("sales:1 is registered · 400 rows × 6 columns · "), "{added}");
    let again = place.run("dataset add sales sales.csv --actor bob").ok();
    assert!(again.starts_with("sales:1 holds these bytes already"), "{again}");
    let message = place.run("dataset diff sales").fails(1);
    assert!(message.contains("no version before sales:1"), "{message}");
    place.write("sales.csv", sales(480, true));
    let shown = place.run("dataset show sales").ok();
    assert!(shown.contains("now        changed"), "{shown}");
    let added = place.run("dataset add sales sales.csv --actor ann").ok();
    assert!(
        added.contains("sales:2 is registered") && added.contains("dataset diff sales"),
        "{added}"
    );
    let listed = place.run("dataset list --json").json();
    assert_eq!((&listed[0]["version"], &listed[1]["version"]), (&2.into(), &1.into()));
    assert_eq!((&listed[1]["rows"], &listed[1]["author"]), (&400.into(), &"ann".into()));
    insta::assert_snapshot!(
        "dataset_show",
        steady(&place, &place.run("dataset show sales:1").ok())
    );
    insta::assert_snapshot!("dataset_diff", place.run("dataset diff sales").ok());
    assert_eq!(
        place.run("dataset diff sales:1 sales:2").ok(),
        place.run("dataset diff sales").ok()
    );
    let diff = place.run("dataset diff sales --json").json();
    assert_eq!(diff["changed"], 3);
    assert_eq!(diff["columns"][0]["name"], "amount");
    assert!(diff["definitions"]["distance"].as_str().unwrap().contains("Lin 1991"));
    let all = place.run("dataset diff sales --all").ok();
    assert!(all.contains(" paid "), "{all}");
    std::fs::remove_file(place.path("sales.csv")).unwrap();
    let shown = place.run("dataset show sales").ok();
    assert!(shown.contains("now        gone"), "{shown}");
}

#[test]
fn a_fit_tells_that_its_data_changed_and_links_what_did_not() {
    let place = Place::new();
    place.write("t.csv", small(120));
    let fit = "fit t.csv --target y --trials 1 --output m.ruska";
    place.run(&format!("{fit} --seed 1 --register before")).ok();
    place.run("dataset add data t.csv").ok();
    let ran = place.run(&format!("{fit} --seed 2 --register after"));
    assert!(!ran.stderr.contains("data:1"), "{}", ran.stderr);
    let text = ran.ok();
    assert!(
        text.contains("after:1 is registered") && text.contains("learned from data:1"),
        "{text}"
    );
    let text = place.run("model register by_hand m.ruska").ok();
    assert!(text.contains("learned from data:1"), "{text}");
    assert!(place.run("model show after:1").ok().contains("dataset data:1"));
    let shown = place.run("dataset show data --json").json();
    let models: Vec<&str> =
        shown["models"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(models, ["after", "before", "by_hand"]);
    assert_eq!(shown["file"]["state"], "unchanged");

    place.write("t.csv", small(130));
    let ran = place.run(&format!("{fit} --register later"));
    assert!(ran.stderr.contains("changed since data:1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("ruska dataset add data "), "{}", ran.stderr);
    assert!(!ran.ok().contains("learned from"), "it learned from bytes that are not registered");
    let quiet = place.run(&format!("{fit} --quiet"));
    assert_eq!(quiet.stderr, "");
    place.write("t.csv", small(120));
    place.write("u.csv", small(130));
    place.run("dataset add data u.csv").ok();
    let ran = place.run(fit);
    assert!(!ran.stderr.contains("data:"), "u.csv is its source now: {}", ran.stderr);
    let later = place.run("dataset show data:2 --json").json();
    assert_eq!(later["models"][0]["name"], "later");
}

#[test]
fn tables_are_read_as_asked() {
    let place = Place::new();
    place.write("t.csv", "1;2,5\n3;4,5\n5;6,5\n");
    place.run("dataset add t t.csv --header no --delimiter ;").ok();
    let shown = place.run("dataset show t").ok();
    assert!(shown.contains("read with  delimiter ;, header no"), "{shown}");
    assert!(shown.contains("3 rows × 2 columns"), "{shown}");
    let message = place.run("dataset add t t.csv --header yes").fails(1);
    assert!(message.contains("t:1 holds these bytes already"), "{message}");
    let message = place.run("dataset add t t.csv --delimiter ;;").fails(2);
    assert!(message.contains("--delimiter"), "{message}");
}

#[test]
fn names_and_files_that_cannot_be_are_refused() {
    let place = Place::new();
    place.write("t.csv", small(30));
    let message = place.run("dataset list").fails(1);
    assert!(message.contains("there is no store"), "{message}");
    for name in ["../x", "a/b", ".hidden", "a:1", "a@b", "ü", ""] {
        let message = place.run_words(&["dataset", "add", name, "t.csv"]).fails(2);
        assert!(message.contains("name of a dataset"), "{message}");
        let shown = place.run_words(&["dataset", "show", name]);
        assert_ne!(shown.code, Some(0), "{name}");
    }
    assert!(!place.path("../x").exists());
    place.write("empty.csv", "").write("header.csv", "x,y\n");
    for (file, word) in [
        ("empty.csv", "empty"),
        ("header.csv", "no row"),
        ("none.csv", "no such file"),
        ("-", "standard input"),
    ] {
        let message = place.run(&format!("dataset add t {file}")).fails(1);
        assert!(message.contains(word), "{message}");
    }
    let message = place.run("dataset show t").fails(1);
    assert!(message.contains("ruska dataset add t FILE"), "{message}");
    place.run("dataset add t t.csv").ok();
    let message = place.run("dataset show t:7").fails(1);
    assert!(message.contains("the last version is t:1"), "{message}");
    let message = place.run("dataset show t:x").fails(2);
    assert!(message.contains("write churn or churn:3"), "{message}");
    assert_eq!(place.run("dataset").code, Some(2));
}

#[test]
fn hostile_names_of_columns_are_shown_without_harm() {
    let place = Place::new();
    let table = |n: usize| {
        let rows: String = (0..60).map(|i| format!("{},{}\n", i % n, i % 3)).collect();
        format!("\u{1b}[31mred 🦀,<script>\n{rows}")
    };
    place.write("t.csv", table(3));
    place.run("dataset add t t.csv").ok();
    place.write("t.csv", table(5));
    place.run("dataset add t t.csv").ok();
    for line in ["dataset show t", "dataset diff t", "dataset diff t --all"] {
        let shown = place.run(line).ok();
        assert!(shown.contains("red 🦀") && !shown.contains('\u{1b}'), "{shown:?}");
    }
    let document = place.run("dataset show t --json").json();
    assert_eq!(document["columns"][0]["name"], "\u{1b}[31mred 🦀");
}
