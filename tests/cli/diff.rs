//! `ruska diff`: two models on one table.

use crate::{Place, small};

/// A place with an old and a new model, which knows that Bern is different now.
fn two_models() -> Place {
    let place = Place::new();
    let later: String = small(200)
        .lines()
        .map(|line| {
            let line =
                if line.contains("Bern") { line.replace(",no", ",yes") } else { line.into() };
            line + "\n"
        })
        .collect();
    place.write("old.csv", small(200)).write("new.csv", later);
    place.run("fit old.csv --target y --ignore id --trials 4 --study s1 --output a.ruska").ok();
    place.run("fit new.csv --target y --ignore id --trials 4 --study s2 --output b.ruska").ok();
    place
}

#[test]
fn the_answer_comes_first_and_fits_the_screen() {
    let place = two_models();
    let shown = place.run("diff a.ruska b.ruska new.csv --profit tp=100,fp=-20,fn=-50,tn=0").ok();
    let document = place.run("diff a.ruska b.ruska new.csv --json").json();
    let (changed, labels) = (&document["changed"], &document["labels"]);
    let first = shown.lines().next().unwrap();
    let head = format!("new changes {changed} of 200 decisions");
    assert!(first.starts_with(&head), "{shown}");
    let better = format!("{} for the better, {} for the worse", labels["better"], labels["worse"]);
    assert!(first.contains(&better), "{shown}");
    assert!(shown.lines().nth(1).unwrap().contains("better by"), "{shown}");
    assert!(shown.lines().nth(2).unwrap().starts_with("profit "), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    let listed = document["drivers"]["listed"].as_array().unwrap();
    let city = listed.iter().find(|driver| driver["column"] == "city").unwrap();
    let among = &city["segment"]["values"]["among"];
    assert_eq!(among["levels"], serde_json::json!(["Bern"]));
    assert!(shown.contains("Bern") && shown.contains("decisions that change most"), "{shown}");
    assert_eq!(document["old"]["named"], "a.ruska");
    assert_eq!(document["money"], serde_json::Value::Null);
}

#[test]
fn a_model_against_itself_changes_nothing() {
    let place = two_models();
    place.run("model register m a.ruska --actor ann").ok();
    let shown = place.run("diff m:1 a.ruska old.csv").ok();
    assert!(
        shown.starts_with("new changes none of 200 decisions; the two models predict the same\n"),
        "{shown}"
    );
    assert!(shown.contains("old       m:1 · "), "{shown}");
    let document = place.run("diff m:1 a.ruska old.csv --json").json();
    assert_eq!((&document["old"]["version"], &document["changed"]), (&"m:1".into(), &0.into()));
    assert_eq!(document["old"]["digest"], document["new"]["digest"]);
}

#[test]
fn unlabelled_tables_are_compared_and_rows_are_written() {
    let place = two_models();
    let bare: String = place
        .read("new.csv")
        .lines()
        .map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n")
        .collect();
    place.write("bare.csv", bare);
    let shown = place.run("diff a.ruska b.ruska bare.csv --output d.csv --keep id").ok();
    assert!(shown.contains("without `y`, so better and worse are not told"), "{shown}");
    assert!(
        !shown.contains("for the better") && shown.contains("every row is in d.csv"),
        "{shown}"
    );
    let rows = place.read("d.csv");
    let mut lines = rows.lines();
    let header = "row,id,old,new,old_proba_yes,new_proba_yes,difference,changed";
    assert_eq!(lines.next(), Some(header));
    assert!(lines.next().unwrap().starts_with("1,A0000,"), "{rows}");
    assert_eq!(lines.count(), 199);
    let message = place
        .run("diff a.ruska b.ruska bare.csv --profit tp=1,fp=0,fn=0,tn=0 --output e.csv")
        .fails(1);
    assert!(message.contains("needs to know what was true"), "{message}");
    assert!(!place.path("e.csv").exists());
}

#[test]
fn words_that_make_no_sense_are_refused_with_what_would_do() {
    let place = two_models();
    for (words, code, told) in [
        ("--profit tp=1", 2, "fp is missing; give all, as in tp=100,fp=-20,fn=-50,tn=0"),
        ("--profit tp=1,fp=2,fn=3,tm=4", 2, "`tm` is none of tp, fp, fn, tn"),
        ("--cost over=1,under=-3", 2, "at least 0"),
        ("--profit tp=1,fp=2,fn=3,tn=4 --cost over=1,under=1", 2, "cannot be used with"),
        ("--cost over=1,under=1", 1, "use --profit"),
        ("--threshold -1", 2, "at least 0"),
        ("--threshold 1", 1, "is a class"),
        ("--output -", 2, "name a file"),
        ("--output new.csv", 1, "which is read"),
        ("--output rows.docx", 1, "rows.docx"),
        ("--output rows.csv --keep nothing", 1, "--keep names column `nothing`"),
        ("--keep id", 2, "--output"),
    ] {
        let message = place.run(&format!("diff a.ruska b.ruska new.csv {words}")).fails(code);
        assert!(message.contains(told), "{words}: {message}");
    }
    assert!(!place.path("rows.csv").exists());
    let message = place.run("diff a.ruska none.ruska new.csv").fails(1);
    assert!(message.contains("none.ruska"), "{message}");
    place.write("less.csv", "id,x,y\nA,1,no\n");
    let message = place.run("diff a.ruska b.ruska less.csv").fails(1);
    assert!(message.contains("the old model: column `city` is missing"), "{message}");
}

#[test]
fn numbers_are_compared_with_what_their_errors_cost() {
    let place = Place::new();
    let table = |more: usize| {
        let row = |i: usize| {
            let shop = ["a", "b"][i % 2];
            let y = 3 * (i % 17) + (i % 5) + if shop == "b" { more } else { 0 };
            format!("{},{shop},{y}\n", i % 17)
        };
        format!("x,shop,y\n{}", (0..150).map(row).collect::<String>())
    };
    place.write("old.csv", table(0)).write("new.csv", table(30));
    place.run("fit old.csv --target y --task regression --trials 3 --output a.ruska").ok();
    place.run("fit new.csv --target y --task regression --trials 3 --output b.ruska").ok();
    let shown = place.run("diff a.ruska b.ruska new.csv --cost over=1,under=3 --threshold 5").ok();
    assert!(shown.contains("predictions by more than 5"), "{shown}");
    assert!(shown.contains("nearer the truth") && shown.contains("\ncost "), "{shown}");
    assert!(shown.contains("a decision changes beyond 5, as given"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    let document = place.run("diff a.ruska b.ruska new.csv --json").json();
    assert_eq!(document["threshold"]["source"], "old_errors");
    assert_eq!(document["drivers"]["listed"][0]["column"], "shop");
}

#[test]
fn names_cannot_drive_the_terminal() {
    let place = Place::new();
    let hostile = |labels: [&str; 2]| {
        let label = |i: usize| labels[usize::from(i % 9 > 4)];
        let row = |i: usize| format!("{},\u{9b}31m{},{}\n", i % 9, i % 2, label(i));
        format!("x\u{9b}2J,\"ci\nty\",y\n{}", (0..120).map(row).collect::<String>())
    };
    place.write("a.csv", hostile(["n\u{9b}o", "yes"])).write("b.csv", hostile(["yes", "n\u{9b}o"]));
    place.run("fit a.csv --target y --trials 3 --study a --output a.ruska").ok();
    place.run("fit b.csv --target y --trials 3 --study b --output b.ruska").ok();
    let shown = place.run("diff a.ruska b.ruska b.csv").ok();
    assert!(shown.starts_with("new changes 120 of 120 decisions"), "{shown}");
    assert!(!shown.contains('\u{9b}') && shown.contains('\u{fffd}'), "{shown}");
}
