//! From a table to a model that predicts, in ten lines: `cargo run --release -p ruska --example quickstart`.
#![allow(clippy::print_stdout)]

use ruska::{AutoMl, Model};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let data = std::env::args().nth(1).unwrap_or(format!("{root}/datasets/churn.csv"));
    let target = std::env::args().nth(2).unwrap_or("churned".into());

    let frame = ruska::read(&data)?;
    let outcome = AutoMl::of(&target).time(Duration::from_secs(5)).seed(0).fit(&frame)?;
    println!("{}", outcome.leaderboard());

    let file = std::env::temp_dir().join("quickstart.ruska");
    outcome.best().save(&file)?;
    let predicted = Model::load(&file)?.predict(&frame)?;
    println!("first rows: {}, {}, {}", predicted.label(0), predicted.label(1), predicted.label(2));
    Ok(())
}
