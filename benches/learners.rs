//! One fit of every learner with its defaults and the steps it needs, on a table as it was read.
//!
//! Called by `benches/peers/learners.py`, which fits scikit-learn's counterparts on the same rows.
//! Arguments: table, target, task, metric, a JSON file with the numbers of the test rows, and
//! perhaps learners, each with parameters as JSON behind a colon where it is not to have its
//! defaults. Prints a line of JSON for each learner: its score on the test rows, CPU seconds of fit
//! and prediction on one thread, the seconds its cost model declares, bytes of the pipeline; or why
//! there are none. A fit is told to stop after a minute.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod support;

use ruska_core::{
    Candidate, Catalog, FitError, FittedPipeline, Learner, Params, RunContext, Stop, Task,
    TaskKind, robustify,
};
use serde_json::json;
use std::time::{Duration, Instant};
use support::{cpu_seconds, task};

/// Seconds a fit may take.
const LIMIT: f64 = 60.0;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let (words, only) = words.split_at(words.len().min(5));
    let [table, target, kind, metric, test] = words else {
        println!("give a table, its target, a task, a metric and a file of rows");
        return;
    };
    let kind = if kind == "regression" { TaskKind::Regression } else { TaskKind::Classification };
    let test: Vec<u32> = serde_json::from_str(&std::fs::read_to_string(test).unwrap()).unwrap();
    let task = task(table, target, kind);
    let train: Vec<u32> =
        (0..task.rows() as u32).filter(|row| test.binary_search(row).is_err()).collect();
    let catalog = ruska_catalog::builtin();
    for learner in &catalog.learners {
        let id = learner.info().id;
        if !learner.info().takes(&task.meta()) {
            continue;
        }
        let asked = only.iter().filter(|word| word.split(':').next() == Some(id));
        for word in asked.chain(only.is_empty().then_some(&id.to_owned())) {
            let set = word.split_once(':').map(|(_, json)| serde_json::from_str(json).unwrap());
            let set = set.unwrap_or_default();
            let mut line = measure(&catalog, &**learner, &task, (&train, &test), (metric, set));
            line["learner"] = word.as_str().into();
            println!("{line}");
        }
    }
}

fn measure(
    catalog: &Catalog,
    learner: &dyn Learner,
    task: &Task,
    (train, test): (&[u32], &[u32]),
    (metric, set): (&str, Params),
) -> serde_json::Value {
    let mut meta = task.meta();
    meta.rows = train.len();
    let mut params = learner.space(&meta).defaults();
    params.extend(set);
    let declared = learner.cost(&params, &meta).map_or(f64::NAN, |c| c.work / 1e9);
    if declared > LIMIT {
        return json!({ "declared": declared, "why": "declares to take longer than a minute" });
    }
    let id = learner.info().id.to_owned();
    let steps = robustify(catalog, learner.info(), &meta);
    let candidate = Candidate { steps, learner: id, params };
    let stop = After(Instant::now() + Duration::from_secs_f64(LIMIT));
    let start = cpu_seconds();
    let fitted = FittedPipeline::fit(catalog, &candidate, task, train, &RunContext::new(1, &stop));
    let fit = cpu_seconds() - start;
    let (pipeline, frame) = match fitted {
        Ok(fitted) => fitted,
        Err(error) => return json!({ "declared": declared, "fit": fit, "why": error.to_string() }),
    };
    let start = cpu_seconds();
    let predictions = pipeline.predict_prepared(&frame, test, &task.x).unwrap();
    let predict = cpu_seconds() - start;
    let measure = catalog.measure(metric).unwrap();
    let score = measure.score(&task.target.truth(test), &predictions, None).unwrap();
    json!({
        "score": score, "fit": fit, "predict": predict, "declared": declared,
        "bytes": pipeline.size(),
    })
}

/// Stops at a moment; asks to wrap up half a minute earlier.
struct After(Instant);

impl Stop for After {
    fn reason(&self) -> Option<FitError> {
        (Instant::now() > self.0).then_some(FitError::Deadline)
    }

    fn wrap_up(&self) -> bool {
        Instant::now() + Duration::from_secs_f64(LIMIT / 2.0) > self.0
    }
}
