//! One fit of `linear`, without steps, on a table of `benches/peers/linear.py`, which fits the peers on
//! the same rows in turn with it.
//!
//! Arguments: parameters as JSON, path of the table without extension, file for the predictions of
//! its test rows. Prints one line of JSON: CPU seconds of the fit, and bytes of the model.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use ruska_core::{
    Column, Field, Frame, Kind, NeverStop, Params, RunContext, Sparse, Target, Train,
};
use serde_json::json;
use std::fs;
use std::sync::Arc;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let [params, table, output] = &words[..] else {
        println!("give parameters, a table and an output; see cargo xtask bench");
        return;
    };
    let meta: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(format!("{table}.json")).unwrap()).unwrap();
    let number = |name: &str| meta[name].as_u64().unwrap() as usize;
    let params: Params = serde_json::from_str(params).unwrap();
    let read = |part: &str, rows: usize| {
        if meta["sparse"] == true {
            return sparse(&format!("{table}.{part}"), number("columns"));
        }
        dense(&format!("{table}.{part}"), rows)
    };
    let x = read("X", number("rows"));
    let y = target(&format!("{table}.y"), number("classes"));
    let rows: Vec<u32> = (0..x.rows() as u32).collect();
    let learner = ruska_catalog::builtin().learner("linear").unwrap().clone();
    let train = Train { x: &x, rows: &rows, y: &y, weights: None };
    let start = cpu_seconds();
    let model = learner.fit(&params, train, &RunContext::new(1, &NeverStop)).unwrap();
    let cpu = cpu_seconds() - start;
    let test = read("Xt", number("test_rows"));
    let rows: Vec<u32> = (0..test.rows() as u32).collect();
    let p = model.predict(&test, &rows).unwrap();
    let bytes: Vec<u8> = p.values().iter().flat_map(|v| v.to_le_bytes()).collect();
    fs::write(output, bytes).unwrap();
    println!("{}", json!({ "cpu": cpu, "bytes": model.save().len() }));
}

/// Numbers of a file of little-endian 64-bit floats.
fn floats(path: &str) -> Vec<f64> {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    bytes.as_chunks().0.iter().map(|c| f64::from_le_bytes(*c)).collect()
}

/// A table written column after column.
fn dense(path: &str, rows: usize) -> Frame {
    let values = floats(path);
    let columns = values.chunks_exact(rows).enumerate();
    let field = |(j, column): (usize, &[f64])| {
        Field::new(format!("x{j}"), Kind::Numeric, Column::float(column.to_vec()))
    };
    Frame::new(columns.map(field).collect()).unwrap()
}

/// One block of compressed sparse rows: offsets, columns and values, a file each.
fn sparse(path: &str, width: usize) -> Frame {
    let whole = |part: &str| floats(&format!("{path}.{part}")).into_iter();
    let block = Sparse {
        width,
        offsets: whole("offsets").map(|v| v as usize).collect(),
        indices: whole("indices").map(|v| v as u32).collect(),
        values: whole("values").collect(),
    };
    let field = Field::new("words", Kind::Numeric, Column::Sparse(Arc::new(block)));
    Frame::new(vec![field]).unwrap()
}

fn target(path: &str, classes: usize) -> Target {
    let values = floats(path);
    if classes == 0 {
        return Target::Values(Arc::new(values));
    }
    let names = (0..classes).map(|c| c.to_string()).collect();
    let codes = values.iter().map(|v| *v as u32).collect();
    Target::Classes { codes: Arc::new(codes), classes: Arc::new(names), positive: 1 }
}

/// CPU seconds of this thread.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|t| t.parse::<f64>().ok());
    first.unwrap_or(0.0) / 1e9
}
