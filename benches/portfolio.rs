//! Fits of many settings on a table, for `benches/peers/portfolio.py`, which learns the portfolio from them.
//!
//! Arguments: table, target, task, metric, a JSON file with the parts into which the rows are split
//! (lists of the numbers of training and of test rows), a JSON file with the settings, and a file for
//! predictions. Prints a line of JSON for each setting that suits: its number, the number of the
//! candidate it gives (settings may give the same), its loss over all test rows, CPU seconds on one
//! thread. Writes the predictions of the test rows, part after part, as 4-byte numbers in the order of
//! the lines. A fit is told to stop after half a minute.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod support;

use ruska_core::{
    Candidate, Catalog, FitError, FittedPipeline, Predictions, RunContext, Stop, Task, TaskKind,
};
use ruska_search::Setting;
use serde_json::json;
use std::io::Write;
use std::time::{Duration, Instant};
use support::{cpu_seconds, task};

/// Seconds that the fits of a setting may take together.
const LIMIT: f64 = 30.0;

type Part = (Vec<u32>, Vec<u32>);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let [table, target, kind, metric, parts, settings, output] = &words[..] else {
        println!(
            "give a table, its target, a task, a metric, and files of parts, settings, output"
        );
        return;
    };
    let kind = if kind == "regression" { TaskKind::Regression } else { TaskKind::Classification };
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let parts: Vec<Part> = serde_json::from_str(&read(parts)).unwrap();
    let settings: Vec<Setting> = serde_json::from_str(&read(settings)).unwrap();
    let task = task(table, target, kind);
    let catalog = ruska_catalog::builtin();
    let mut meta = task.meta();
    meta.rows = parts[0].0.len();
    let mut output = std::io::BufWriter::new(std::fs::File::create(output).unwrap());
    let mut seen: Vec<Candidate> = vec![];
    for (number, setting) in settings.iter().enumerate() {
        let Some(candidate) = setting.candidate(&catalog, &meta) else { continue };
        if seen.contains(&candidate) {
            continue;
        }
        seen.push(candidate.clone());
        let start = cpu_seconds();
        let Some(predictions) = fit(&catalog, &candidate, &task, &parts) else { continue };
        let seconds = cpu_seconds() - start;
        let rows: Vec<u32> = parts.iter().flat_map(|(_, test)| test.clone()).collect();
        let measure = catalog.measure(metric).unwrap();
        let score = measure.score(&task.target.truth(&rows), &predictions, None).unwrap();
        println!(
            "{}",
            json!({ "setting": number, "loss": measure.loss_of(score), "seconds": seconds })
        );
        for value in predictions.values() {
            output.write_all(&(*value as f32).to_le_bytes()).unwrap();
        }
    }
}

/// Predictions of all test rows; `None` where a fit fails or takes too long.
fn fit(
    catalog: &Catalog,
    candidate: &Candidate,
    task: &Task,
    parts: &[Part],
) -> Option<Predictions> {
    let stop = After(Instant::now() + Duration::from_secs_f64(LIMIT));
    let mut values = vec![];
    for (train, test) in parts {
        let ctx = RunContext::new(1, &stop);
        let (pipeline, frame) = FittedPipeline::fit(catalog, candidate, task, train, &ctx).ok()?;
        let predictions = pipeline.predict_prepared(&frame, test, &task.x).ok()?;
        predictions.is_finite().then(|| values.extend_from_slice(predictions.values()))?;
    }
    Some(Predictions::new(task.target.width(), values))
}

/// Stops at a moment.
struct After(Instant);

impl Stop for After {
    fn reason(&self) -> Option<FitError> {
        (Instant::now() > self.0).then_some(FitError::Deadline)
    }
}
