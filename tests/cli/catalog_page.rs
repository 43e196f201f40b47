//! `docs/catalog.md`, which is made of what the binary lists.

use crate::{Place, root};
use serde_json::Value;
use std::fmt::Write as _;

/// Heading, listing, and the columns of its table by the names of the JSON.
type Table = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const TABLES: [Table; 3] = [
    (
        "Learners",
        "learners",
        &[
            ("id", "learner"),
            ("tasks", "tasks"),
            ("takes", "takes as it is"),
            ("complexity", "complexity"),
            ("opt_in", "only by name"),
            ("summary", "what it is"),
            ("reference", "source"),
        ],
    ),
    (
        "Steps",
        "steps",
        &[
            ("id", "step"),
            ("stage", "stage"),
            ("closes", "closes"),
            ("suits", "learners"),
            ("summary", "what it does"),
            ("reference", "source"),
        ],
    ),
    (
        "Metrics",
        "metrics",
        &[
            ("id", "metric"),
            ("tasks", "tasks"),
            ("higher_is_better", "high is good"),
            ("summary", "what it is"),
            ("reference", "source"),
        ],
    ),
];

const INTRODUCTION: &str = "# Catalog

What `ruska learners`, `ruska steps` and `ruska metrics` list. A learner's complexity is its rank of simplicity, the
constant being 0. Steps come in the order of their stages; one that closes a need stands in every pipeline whose
learner has it, the others are optional: the search tries them, `--include` asks for them.
";

fn cell(value: &Value) -> String {
    match value {
        Value::Array(parts) => parts.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Bool(yes) => (if *yes { "yes" } else { "" }).to_owned(),
        Value::String(text) => text.replace('|', "\\|"),
        other => other.to_string(),
    }
}

/// `INSTA_UPDATE=always` writes the page anew.
#[test]
fn the_page_is_current() {
    let place = Place::new();
    let mut page = INTRODUCTION.to_owned();
    for (heading, listing, columns) in TABLES {
        let names: Vec<&str> = columns.iter().map(|(_, name)| *name).collect();
        let _ = writeln!(page, "\n## {heading}\n\n| {} |", names.join(" | "));
        let _ = writeln!(page, "{}|", "|---".repeat(names.len()));
        for entry in place.run(&format!("{listing} --json")).json().as_array().unwrap() {
            let cells: Vec<String> = columns.iter().map(|(key, _)| cell(&entry[*key])).collect();
            let _ = writeln!(page, "| {} |", cells.join(" | "));
        }
    }
    let path = root().join("docs/catalog.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(&path, &page).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page, "docs/catalog.md is out of date; INSTA_UPDATE=always writes it anew");
}
