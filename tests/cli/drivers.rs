//! `ruska explain`: what drives the predictions of a model of rows.

use crate::{Place, small};

/// `price` is 3 · size, and 20 more in Bern; `note` names nobody and tells nothing.
fn homes() -> String {
    let mut text = String::from("home,size,city,email,price\n");
    for i in 0..240 {
        let (size, city) = (20 + i * 37 % 101, ["Bern", "Oslo", "Rome"][i % 3]);
        let price = 3 * size + if city == "Bern" { 20 } else { 0 } + i * 7 % 3;
        text += &format!("H{i},{size},{city},canary{i}@example.org,{price}\n");
    }
    text
}

#[test]
fn what_drives_numbers_is_told_and_drawn() {
    let place = Place::new();
    place.write("homes.csv", homes());
    place.run("fit homes.csv --target price --trials 4 --include linear --ensemble off -q").ok();
    let told = place.run("explain homes.ruska homes.csv --rows 1,2 --plot pictures").ok();
    assert!(told.starts_with("What drives `price`: `size` most of all, then `city`"), "{told}");
    for words in [
        "rmse higher by",
        "exact Shapley values",
        "raises it",
        "as an equation: price = ",
        "size",
        "row 1: predicted ",
        "no pair of them work together",
        "as a few rules",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    assert!(!told.contains("canary"), "{told}");
    let svg = place.read("pictures/1-size.svg");
    assert!(svg.starts_with("<svg ") && svg.contains("size: predicted price"), "{svg}");
    assert!(place.read("pictures/2-city.svg").contains("Bern"));
    let document = place.run("explain homes.ruska homes.csv --rows 3 --json").json();
    assert_eq!(document["importance"]["columns"][0]["column"], "size");
    let told = &document["contributions"];
    assert_eq!((&told["exact"], &told["scale"]), (&true.into(), &"number".into()));
    let adds: f64 = told["told"][0]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["adds"][0].as_f64().unwrap())
        .sum();
    let (sum, base) = (&told["told"][0]["sum"][0], &told["base"][0]);
    assert!((adds + base.as_f64().unwrap() - sum.as_f64().unwrap()).abs() < 1e-6);
    let told = place.run("explain homes.ruska homes.csv --rows 2 --to 300").ok();
    assert!(told.contains("would be 3") && told.contains("`size` were"), "{told}");
    let document = place.run("explain homes.ruska homes.csv --rows 2 --to 0 --json").json();
    assert_eq!(document["counterfactuals"][0]["goal"], "at most 0");
    // Without the target there is no metric, and nothing else is lost.
    let without: String =
        homes().lines().map(|l| l.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    place.write("new.csv", without);
    let told = place.run("explain homes.ruska new.csv").ok();
    assert!(told.contains("the table has no column `price`") && told.contains("adds ±"), "{told}");
}

#[test]
fn classes_of_a_mean_of_pipelines_are_told_in_probabilities() {
    let place = Place::new();
    place.write("t.csv", small(80));
    place.run("fit t.csv --target y --trials 6 --output y.ruska -q").ok();
    let told = place.run("explain y.ruska t.csv --rows 7").ok();
    assert!(told.starts_with("What drives `y`: `x`"), "{told}");
    assert!(told.contains("of y=yes") && told.contains("row 7: predicted"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    let again = place.run("explain y.ruska t.csv --rows 7").ok();
    assert_eq!(told, again);
}

#[test]
fn what_cannot_be_told_is_refused_with_the_way_out() {
    let place = Place::new();
    place.write("t.csv", small(80)).write("none.csv", "id,x,city\n");
    place.run("fit t.csv --target y --trials 2 --output y.ruska -q").ok();
    let message = place.run("explain y.ruska t.csv --rows 81").fails(1);
    assert!(message.contains("row 81") && message.contains("80"), "{message}");
    let message = place.run("explain y.ruska t.csv --rows 1 --to 3").fails(1);
    assert!(message.contains("--to `3` is none of the model's classes: no, yes"), "{message}");
    place.run("explain y.ruska t.csv --to yes").fails(2);
    let message = place.run("explain y.ruska t.csv --plot y.svg").fails(2);
    assert!(message.contains("folder"), "{message}");
    let message = place.run("explain y.ruska t.csv --horizon 3").fails(2);
    assert!(message.contains("--horizon"), "{message}");
    place.run("fit t.csv --task clustering --trials 2 --clusters 2 --ignore y --output g -q").ok();
    let message = place.run("explain g t.csv --rows 1").fails(2);
    assert!(message.contains("--rows"), "{message}");
}
