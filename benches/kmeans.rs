//! k-means from given centres, on a table of `benches/peers/kmeans.py`, which fits scikit-learn on the same
//! rows in turn with it.
//!
//! Arguments: file of the rows, file of the centres, numbers of a row, most steps. Prints one line of JSON:
//! CPU seconds of the fit, steps, inertia.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use ruska_kernels::Silent;
use ruska_kernels::clusters::Points;
use ruska_kernels::clusters::kmeans::{KMeansParams, kmeans};
use serde_json::json;
use std::fs;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let [rows, centres, dims, steps] = &words[..] else {
        println!("give rows, centres, numbers of a row and steps; see cargo xtask bench");
        return;
    };
    let dims = dims.parse().unwrap();
    let (rows, centres) = (floats(rows), floats(centres));
    let points = |values| Points { values, dims };
    let params = KMeansParams {
        max_steps: steps.parse().unwrap(),
        tolerance: 0.0,
        ..KMeansParams::default()
    };
    let before = cpu_seconds();
    let found = kmeans(points(&rows), None, Some(points(&centres)), &params, &Silent).unwrap();
    let cpu = cpu_seconds() - before;
    println!("{}", json!({ "cpu": cpu, "steps": found.steps, "inertia": found.inertia }));
}

/// Numbers of a file of little-endian 64-bit floats.
fn floats(path: &str) -> Vec<f64> {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    bytes.as_chunks().0.iter().map(|c| f64::from_le_bytes(*c)).collect()
}

/// CPU seconds of this thread.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|t| t.parse::<f64>().ok());
    first.unwrap_or(0.0) / 1e9
}
