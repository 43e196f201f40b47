//! One fit of a tree learner, with the steps it needs, on a table of `benches/peers/trees_data.py`.
//!
//! Called by `benches/peers/trees.py`, which fits the peers on the same rows in turn with it.
//! Arguments: learner, parameters as JSON, path of the table without extension, file for the
//! predictions of its test rows, and perhaps a number of threads. Prints one line of JSON: CPU
//! seconds of the calling thread and wall seconds of the fit, its peak of memory beyond the data
//! (MB), microseconds of prediction by row in a batch and alone, bytes of the model. With `split`
//! for the learner, only the numbers of the rows that a boosting learner sets aside are written.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use ruska_core::{
    Candidate, Column, Field, FittedPipeline, Frame, Kind, NeverStop, Params, RunContext, Target,
    Task, Value, robustify,
};
use serde_json::json;
use std::fs;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let (words, threads) = words.split_at(words.len().min(4));
    let [learner, params, table, output] = words else {
        println!("give a learner, its parameters, a table and an output; see cargo xtask bench");
        return;
    };
    let meta: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(format!("{table}.json")).unwrap()).unwrap();
    let number = |name: &str| meta[name].as_u64().unwrap() as usize;
    let (x, y) = (frame(table, "X", number("rows"), &meta), target(table, "y", number("classes")));
    let test = frame(table, "Xt", number("test_rows"), &meta);
    let params: Params = serde_json::from_str::<std::collections::BTreeMap<String, Value>>(params)
        .unwrap()
        .into_iter()
        .collect();
    let task = Task::new(x, y).unwrap();
    let rows: Vec<u32> = (0..task.rows() as u32).collect();
    let context = RunContext::new(1, &NeverStop);
    if learner == "split" {
        let codes: Option<Vec<f64>> = match &task.target {
            Target::Classes { codes, .. } => Some(codes.iter().map(|c| f64::from(*c)).collect()),
            Target::Values(_) | Target::Groups(_) | Target::Series(_) => None,
        };
        let (_, aside) =
            ruska_catalog::set_aside(rows.len(), codes.as_deref(), &mut context.part(0).rng());
        return fs::write(output, serde_json::to_string(&aside).unwrap()).unwrap();
    }
    let catalog = ruska_catalog::builtin();
    let info = catalog.learner(learner).expect("a learner of the catalog").info().clone();
    let steps = robustify(&catalog, &info, &task.meta());
    let candidate = Candidate { steps, learner: learner.clone(), params };
    let threads = threads.first().map_or(1, |t| t.parse().unwrap());
    let ctx = context.with_threads(threads);

    // Counts the peak from here on, where the system can.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS");
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let (model, _) = FittedPipeline::fit(&catalog, &candidate, &task, &rows, &ctx).unwrap();
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let peak = (status("VmHWM") - before) / 1024.0;

    let start = cpu_seconds();
    let predictions = model.predict(&test).unwrap();
    let batch = (cpu_seconds() - start) * 1e6 / test.rows() as f64;
    let mut alone: Vec<f64> = (0..500)
        .map(|i| {
            let row = test.take(&[i % test.rows() as u32]);
            let start = Instant::now();
            model.predict(&row).unwrap();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    alone.sort_by(f64::total_cmp);
    let bytes: Vec<u8> = predictions.values().iter().flat_map(|v| v.to_le_bytes()).collect();
    fs::write(output, bytes).unwrap();
    let line = json!({
        "cpu": cpu, "wall": wall, "rss_mb": peak, "batch_us": batch, "row_us": alone[250],
        "bytes": model.size(),
    });
    println!("{line}");
}

/// Numbers of a file of little-endian floats.
fn floats(path: &str) -> Vec<f64> {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let number = |c: &[u8]| f64::from(f32::from_le_bytes(c.try_into().unwrap()));
    bytes.chunks_exact(4).map(number).collect()
}

/// A table written column after column; those named in `categorical` hold codes.
fn frame(table: &str, part: &str, rows: usize, meta: &serde_json::Value) -> Frame {
    let values = floats(&format!("{table}.{part}.f32"));
    let categorical = |j: usize| {
        meta["categorical"].as_array().unwrap().iter().any(|c| c.as_u64() == Some(j as u64))
    };
    let columns = values.chunks_exact(rows).enumerate().map(|(j, column)| {
        let name = format!("x{j}");
        if categorical(j) {
            let text = |v: &f64| (!v.is_nan()).then(|| format!("level {v:05}"));
            let column = Column::from_strings(column.iter().map(text));
            return Field::new(name, Kind::Categorical, column);
        }
        Field::new(name, Kind::Numeric, Column::float(column.to_vec()))
    });
    Frame::new(columns.collect()).unwrap()
}

fn target(table: &str, part: &str, classes: usize) -> Target {
    let values = floats(&format!("{table}.{part}.f32"));
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

/// A line of the process's status, in kB; 0 where the system has none.
fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with(name));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0.0)
}
