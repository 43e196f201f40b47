//! `ruska drift`: whether a table is still what a table, or a model, knows.

use crate::{Place, small};

/// A table of sales: numbers, levels, yes or no, days, an id; `by` moves the amounts, `shop` takes the
/// place of a shop, every `gap`-th discount is missing.
fn sales(rows: usize, by: f64, shop: &str, gap: usize) -> String {
    let mut text = String::from("id,day,amount,discount,shop,paid,note 🧾\n");
    for i in 0..rows {
        let amount = (i * 37 % 400) as f64 / 4.0 + by;
        let discount = if i % gap == 0 { String::new() } else { (i * 11 % 12).to_string() };
        let shop = ["Bern", "Oslo", shop][i * 7 % 3];
        let paid = if i % 4 == 0 { "no" } else { "yes" };
        let note = (i * 13 % 97) as f64 / 10.0;
        let day = format!("2024-{:02}-{:02}", i % 12 + 1, i % 28 + 1);
        text += &format!("N{i:05},{day},{amount},{discount},{shop},{paid},{note}\n");
    }
    text
}

fn column<'a>(verdict: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    let columns = verdict["columns"].as_array().unwrap();
    columns.iter().find(|c| c["name"] == name).unwrap()
}

/// A document and the exit code that came with it.
#[track_caller]
fn told(place: &Place, line: &str, code: i32) -> serde_json::Value {
    let ran = place.run(&format!("drift {line} --json"));
    assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn what_moved_is_found_and_named() {
    let place = Place::new();
    place
        .write("last.csv", sales(800, 0.0, "Rome", 40))
        .write("now.csv", sales(600, 30.0, "Paris", 4));
    let ran = place.run("drift last.csv now.csv");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(3), ""));
    assert!(ran.stdout.starts_with("drift: 3 of "), "{}", ran.stdout);
    assert!(ran.stdout.contains("new levels Paris 33 %"), "{}", ran.stdout);
    assert!(ran.stdout.contains("`day` (points in time"), "{}", ran.stdout);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
    let verdict = told(&place, "last.csv now.csv", 3);
    assert_eq!((&verdict["verdict"], &verdict["drifted"]), (&"drift".into(), &3.into()));
    let drifted = ["amount", "discount", "shop"];
    for name in ["id", "day", "amount", "discount", "shop", "paid", "note 🧾"] {
        let found = column(&verdict, name);
        assert_eq!(found["verdict"] == "drift", drifted.contains(&name), "{found}");
        assert!(found["effects"].as_array().unwrap().iter().all(|e| e["by_chance"].is_number()));
    }
    assert_eq!(column(&verdict, "shop")["new_levels"][0]["level"], "Paris");
    let missing = &column(&verdict, "discount")["current"]["missing"];
    assert_eq!(missing, &serde_json::json!(0.25));
    assert!(verdict["definitions"]["psi/evidently"].is_string());
    // The page shows the same verdict.
    let ran = place.run("drift last.csv now.csv --html drift.html --data drift");
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stdout.contains("the page is in drift.html"), "{}", ran.stdout);
    let page = place.read("drift.html");
    assert!(page.contains("Has <code><bdi>now.csv</bdi></code> drifted?") && page.contains("Yes."));
    assert!(place.read("drift/drift-columns.csv").contains("\"shop\",\"drift\","));
}

#[test]
fn equal_tables_and_chosen_columns_are_quiet() {
    let place = Place::new();
    place
        .write("last.csv", sales(800, 0.0, "Rome", 40))
        .write("now.csv", sales(600, 30.0, "Paris", 4));
    let text = place.run("drift last.csv last.csv").ok();
    assert!(text.starts_with("no drift in "), "{text}");
    let verdict = told(&place, "last.csv now.csv --columns paid,note\u{1f}🧾", 0);
    assert_eq!((&verdict["verdict"], &verdict["compared"]), (&"no_drift".into(), &2.into()));
    // Thirty are a whole deviation, which may be said to be nothing.
    let verdict = told(&place, "last.csv now.csv --columns amount --threshold amount=2", 0);
    assert_eq!(column(&verdict, "amount")["effects"][0]["threshold"], 2.0);
    told(&place, "last.csv now.csv --columns amount --threshold 2", 0);
    told(&place, "last.csv now.csv --columns amount --threshold 0.5", 3);
}

#[test]
fn too_little_data_is_an_answer() {
    let place = Place::new();
    place
        .write("last.csv", sales(800, 0.0, "Rome", 40))
        .write("one.csv", sales(1, 900.0, "Paris", 4));
    let text = place.run("drift last.csv one.csv").ok();
    assert!(text.starts_with("insufficient data: "), "{text}");
    assert!(text.contains("800 and 1 rows; each side needs 30"), "{text}");
    let verdict = told(&place, "last.csv one.csv", 0);
    assert_eq!(verdict["verdict"], "insufficient_data");
    assert_eq!(verdict["insufficient"], verdict["compared"]);
    place.write("none.csv", "id,day,amount\n");
    let message = place.run("drift last.csv none.csv").fails(1);
    assert!(message.contains("none.csv") && message.contains("no row"), "{message}");
}

#[test]
fn columns_that_are_gone_emptied_or_of_another_type_are_drift() {
    let place = Place::new();
    let text = |value: &dyn Fn(usize) -> String| {
        (0..200).fold("x,y\n".to_owned(), |text, i| text + &format!("{},{}\n", value(i), i % 7))
    };
    place.write("last.csv", text(&|i| (i * 31 % 100).to_string()));
    place.write("empty.csv", text(&|_| String::new()));
    place.write("words.csv", text(&|i| format!("word{}", i % 5)));
    place.write("gone.csv", text(&|_| String::new()).replace("x,y", "z,y"));
    let verdict = told(&place, "last.csv empty.csv", 3);
    let x = column(&verdict, "x");
    assert_eq!((&x["verdict"], &x["effects"][0]["value"]), (&"drift".into(), &1.0.into()));
    assert_eq!(x["effects"][0]["measure"], "missing_share_change");
    let verdict = told(&place, "last.csv words.csv", 3);
    assert!(column(&verdict, "x")["why"].as_str().unwrap().contains("word"), "{verdict}");
    let verdict = told(&place, "last.csv gone.csv", 3);
    assert!(column(&verdict, "x")["why"].as_str().unwrap().contains("no such column"), "{verdict}");
    assert_eq!(verdict["new_columns"], serde_json::json!(["z"]));
    let text = place.run("drift last.csv gone.csv").stdout;
    assert!(text.contains("compare with --model"), "{text}");
    // Nothing to nothing is no change; something from nothing is.
    assert_eq!(told(&place, "empty.csv empty.csv", 0)["verdict"], "no_drift");
    assert_eq!(column(&told(&place, "empty.csv last.csv", 3), "x")["verdict"], "drift");
    place.write("other.csv", "a,b\n1,2\n");
    let message = place.run("drift last.csv other.csv").fails(1);
    assert!(message.contains("no column in common"), "{message}");
}

#[test]
fn a_model_is_its_own_reference() {
    let place = Place::new();
    place.write("train.csv", small(600));
    place.run("fit train.csv --target y --trials 3 --register churn --output m.ruska --quiet").ok();
    let quiet = told(&place, "m.ruska train.csv", 0);
    assert_eq!(
        (&quiet["reference"]["kind"], &quiet["reference"]["rows"]),
        (&"model".into(), &600.into())
    );
    assert_eq!(quiet["verdict"], "no_drift");
    assert_eq!(
        (&quiet["target"]["name"], &quiet["target"]["verdict"]),
        (&"y".into(), &"no_drift".into())
    );
    assert_eq!(quiet["predictions"][0]["name"], "probability of yes");
    let weights = quiet["columns"].as_array().unwrap().iter().filter_map(|c| c["weight"].as_f64());
    assert!((weights.sum::<f64>() - 1.0).abs() < 1e-9);
    let auc =
        quiet["performance"]["scores"].as_array().unwrap().iter().find(|s| s["metric"] == "auc");
    let auc = auc.unwrap();
    let gap = auc["expected"].as_f64().unwrap() - auc["in_training"].as_f64().unwrap();
    assert!(gap.abs() < 0.1, "{auc}");
    // Higher values without labels: the column, what the model says, and what to expect of it.
    let later = |(i, line): (usize, &str)| {
        let cells: Vec<&str> = line.split(',').collect();
        let x = cells[1].parse::<f64>().unwrap() / 4.0 + 7.5;
        format!("{},{x},{}\n", cells[0], if i % 2 == 1 { "Lima" } else { cells[2] })
    };
    let rows: String = small(600).lines().skip(1).enumerate().map(later).collect();
    place.write("later.csv", format!("id,x,city\n{rows}"));
    let verdict = told(&place, "churn:1 later.csv", 3);
    assert_eq!(column(&verdict, "x")["verdict"], "drift");
    assert_eq!(column(&verdict, "city")["new_levels"][0]["level"], "Lima");
    assert_eq!(
        (&verdict["target"], &verdict["predictions"][0]["verdict"]),
        (&().into(), &"drift".into())
    );
    assert!(verdict["weighted_share"].as_f64().unwrap() > 0.5, "{verdict}");
    let text = place.run("drift m.ruska later.csv").stdout;
    assert!(text.contains("what moves predictions") && text.contains("cbpe/nannyml"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    // The same of two tables, and the model beside them.
    let verdict = told(&place, "train.csv later.csv --model m.ruska", 3);
    assert_eq!(verdict["predictions"][0]["verdict"], "drift");
    assert_eq!(told(&place, "train.csv train.csv --model m.ruska", 0)["verdict"], "no_drift");
    // A table without a column of the model is told, not refused.
    place.write("part.csv", "x\n".to_owned() + &"1.5\n2.5\n".repeat(100));
    let verdict = told(&place, "m.ruska part.csv", 3);
    assert!(verdict["without_predictions"].as_str().unwrap().contains("city"), "{verdict}");
    assert_eq!(column(&verdict, "city")["verdict"], "drift");
}

#[test]
fn trees_of_other_leaves_are_no_drift() {
    // One row in a hundred is yes, one in fifty where `x` is high: leaves are small numbers that each
    // fold's tree has of its own.
    let rows = |from: usize| {
        let row = |i: usize| {
            let (x, once) = (i * 7919 % 1000, i * 104_729 % 9973);
            let yes = if x < 500 { once % 100 == 0 } else { once % 50 == 0 };
            format!("{x}.{:03},{},{}\n", i % 997, i * 31 % 17, if yes { "yes" } else { "no" })
        };
        (from..from + 4000).map(row).fold("x,z,y\n".to_owned(), |text, row| text + &row)
    };
    let place = Place::new();
    place.write("train.csv", rows(0)).write("now.csv", rows(50_000));
    let bare =
        |line: String| line.rsplit_once(',').map_or(String::new(), |(x, _)| x.to_owned() + "\n");
    place.write("bare.csv", rows(0).lines().map(|line| bare(line.to_owned())).collect::<String>());
    for learner in ["tree", "extra_trees"] {
        let fit = format!("fit train.csv --target y --include {learner} --trials 2 --folds 3");
        place.run(&format!("{fit} --output {learner}.ruska --quiet")).ok();
        // Neither what models of folds said nor what the model says of rows that it knows is what it says
        // of new ones.
        let model = format!("{learner}.ruska");
        let tables = ["train.csv", "bare.csv"].map(|t| format!("{t} now.csv --model {model}"));
        for line in tables.into_iter().chain([format!("{model} now.csv")]) {
            let verdict = told(&place, &line, 0);
            let predictions = &verdict["predictions"][0];
            assert_eq!(predictions["verdict"], "no_drift", "{line}: {predictions}");
        }
    }
}

#[test]
fn a_column_that_became_one_value_keeps_its_weight() {
    let place = Place::new();
    let constant = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{},5,{},{}\n", cells[0], cells[2], cells[3])
    };
    let rows: String = small(600).lines().skip(1).map(constant).collect();
    place.write("train.csv", small(600)).write("one.csv", format!("id,x,city,y\n{rows}"));
    place.run("fit train.csv --target y --trials 3 --output m.ruska --quiet").ok();
    let weight = |line: &str, code| {
        let verdict = told(&place, line, code);
        let share = verdict["weighted_share"].as_f64().unwrap();
        (column(&verdict, "x")["weight"].as_f64().unwrap(), share)
    };
    let (before, _) = weight("m.ruska train.csv", 0);
    let (table, share) = weight("train.csv one.csv --model m.ruska", 3);
    assert!(table > 0.5 && share >= table, "{table} of {share}");
    let (model, share) = weight("m.ruska one.csv", 3);
    assert!(model > 0.5 && share >= model, "{model} of {share}");
    assert!((before - table).abs() < 0.05, "what is remembered weighs {before}, the rows {table}");
}

#[test]
fn wrong_words_are_refused_with_the_way_out() {
    let place = Place::new();
    place.write("last.csv", small(100));
    place.run("fit last.csv --target y --trials 1 --output m.ruska --quiet").ok();
    for (line, code, says) in [
        ("drift nowhere.csv last.csv", 1, "nowhere.csv"),
        ("drift last.csv nowhere.csv", 1, "nowhere.csv"),
        ("drift last.csv m.ruska", 2, "m.ruska is a model"),
        ("drift churn:3 last.csv", 1, "no model `churn`"),
        ("drift m.ruska last.csv --model m.ruska", 2, "is a model itself"),
        ("drift last.csv last.csv --model last.csv", 1, "last.csv"),
        ("drift last.csv last.csv --columns ciyt", 1, "did you mean `city`"),
        ("drift last.csv last.csv --threshold ciyt=1", 1, "--threshold names column `ciyt`"),
        ("drift last.csv last.csv --threshold x=much", 2, "x=much"),
        ("drift last.csv last.csv --html page.txt", 2, "ends in .html"),
    ] {
        let message = place.run(line).fails(code);
        assert!(message.contains(says), "{line}: {message}");
    }
}
