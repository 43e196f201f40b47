//! From customers to segments that a marketer can read: `cargo run --release -p ruska --example segmentation`.
#![allow(clippy::print_stdout)]

use ruska::AutoMl;
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let data = std::env::args().nth(1).unwrap_or(format!("{root}/datasets/customers.csv"));

    let customers = ruska::read(&data)?;
    let outcome = AutoMl::clustering().time(Duration::from_secs(10)).seed(0).fit(&customers)?;
    let explanation = outcome.best().explain(&customers)?;
    for cluster in &explanation.profiles {
        println!("{}", cluster.words);
    }
    for rule in explanation.rules.iter().flat_map(|rules| &rules.rules) {
        println!("{}", rule.words);
    }
    let map = std::env::temp_dir().join("segments.svg");
    explanation.save_svg(&map, "Customers")?;
    println!("the map is in {}", map.display());
    Ok(())
}
