//! What is printed about the catalog, tables and commands.

use crate::Place;

#[test]
fn the_catalog_is_listed() {
    let place = Place::new();
    insta::assert_snapshot!("learners", place.run("learners").ok());
    insta::assert_snapshot!("metrics", place.run("metrics").ok());
    insta::assert_snapshot!("steps", place.run("steps").ok());
    for list in ["learners", "metrics", "steps"] {
        let document = place.run(&format!("{list} --json")).json();
        assert!(document.as_array().unwrap().iter().all(|e| e["id"].is_string()));
    }
}

#[test]
fn help_tells_what_there_is() {
    let place = Place::new();
    insta::assert_snapshot!("help", place.run("--help").ok());
    insta::assert_snapshot!("help_fit", place.run("fit --help").ok());
    let version = place.run("--version").ok();
    assert!(version.starts_with("ruska 0."), "{version}");
    assert_eq!(place.run("").code, Some(2));
}

#[test]
fn a_table_is_described() {
    let place = Place::new();
    place.churn("churn.csv");
    insta::assert_snapshot!("profile_churn", place.run("profile churn.csv --target churned").ok());
    let document = place.run("profile churn.csv --json").json();
    assert_eq!(document["rows"], 3000);
}

/// Pipelines and scores of small studies, rounded so that another processor may differ in the last
/// bits. A change here is a change of results: `INSTA_UPDATE=always` accepts it.
#[test]
fn leaderboards_are_as_they_were() {
    let place = Place::new();
    place.churn("churn.csv");
    place.write("cars.csv", std::fs::read(crate::dataset("car_prices.csv")).unwrap());
    for (name, line) in [
        ("churn", "fit churn.csv --target churned --ignore cancellation_fee_eur --trials 10"),
        ("cars", "fit cars.csv --target price_eur --trials 10"),
    ] {
        let document = place.run(&format!("{line} --json")).json();
        let mut text = String::new();
        for entry in document["leaderboard"]["entries"].as_array().unwrap() {
            let score = entry["score"].as_f64();
            let score = score.map_or(String::from("–"), |s| format!("{s:.4e}"));
            let pipeline = entry["pipeline"].as_str().unwrap();
            text += &format!("{} {score} {pipeline}\n", entry["trial"]);
        }
        insta::assert_snapshot!(format!("leaderboard_{name}"), text);
    }
}
