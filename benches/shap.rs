//! Shapley values of rows by trees that `benches/peers/shap_values.py` has made, which explains the same rows by
//! the same trees with the `shap` package.
//!
//! Arguments: folder with `trees.json` and `rows.f64`, and a file for the values. Prints one line of JSON: CPU
//! seconds of the preparation of the trees and of the values, one thread.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use ruska_kernels::trees::shap::{Explainer, Node, Says, Test, Tree};
use serde_json::Value;
use std::fs;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let [folder, output] = &words[..] else {
        println!("give a folder and an output; see cargo xtask bench");
        return;
    };
    let text = fs::read_to_string(format!("{folder}/trees.json")).unwrap();
    let meta: Value = serde_json::from_str(&text).unwrap();
    let features = meta["features"].as_u64().unwrap() as usize;
    let trees: Vec<Tree> = meta["trees"].as_array().unwrap().iter().map(tree).collect();
    let bytes = fs::read(format!("{folder}/rows.f64")).unwrap();
    let values: Vec<f64> =
        bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    let n = values.len() / features;
    // One column after the other.
    let columns: Vec<&[f64]> = values.chunks_exact(n).collect();
    let rows: Vec<u32> = (0..n as u32).collect();
    let mut out = vec![0.0; n * features];
    let start = cpu_seconds();
    let explainer = Explainer::new(features, &[0.0], &trees);
    let prepared = cpu_seconds() - start;
    let start = cpu_seconds();
    explainer.explain(&columns, &rows, 1, &mut out);
    let cpu = cpu_seconds() - start;
    fs::write(output, out.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
    println!("{{\"prepared\": {prepared}, \"cpu\": {cpu}}}");
}

fn tree(tree: &Value) -> Tree {
    let list = |name: &str| -> Vec<f64> {
        tree[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    };
    let (left, feature, threshold) = (list("left"), list("feature"), list("threshold"));
    let (missing, value, cover) = (list("missing_left"), list("value"), list("cover"));
    let node = |at: usize| {
        let says = if left[at] < 0.0 {
            Says::Values(vec![value[at]])
        } else {
            Says::Ask {
                feature: feature[at] as usize,
                test: Test::AtMost(threshold[at]),
                missing_left: missing[at] > 0.0,
                left: left[at] as usize,
            }
        };
        Node { cover: cover[at], says }
    };
    Tree { nodes: (0..left.len()).map(node).collect(), output: 0, width: 1 }
}

/// CPU seconds of this thread.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|t| t.parse::<f64>().ok());
    first.unwrap_or(0.0) / 1e9
}
