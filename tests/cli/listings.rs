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
