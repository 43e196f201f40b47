//! What benches of learners share.

use ruska_core::{Task, TaskKind};
use std::collections::BTreeMap;

/// The features that a table has of its own, and its target; every row has one.
pub(crate) fn task(table: &str, target: &str, kind: TaskKind) -> Task {
    let frame = ruska_data::read(table, &ruska_data::ReadOptions::default()).unwrap().frame;
    let truth = ruska_data::target(&frame, target, Some(kind), None).unwrap();
    assert_eq!(truth.kept.len(), frame.rows(), "every row has a target");
    let (schema, _) = ruska_data::infer(&frame, &BTreeMap::new()).unwrap();
    let columns = schema.columns.iter().filter(|c| c.name != target && c.meaning.is_feature());
    let features: Vec<&str> = columns.map(|c| c.name.as_str()).collect();
    let x = ruska_data::apply(&frame, &schema, &features).unwrap();
    let known =
        ruska_data::Circumstances { folds: 5, drop_leaks: false, times: None, vouched: None };
    let review = ruska_data::review(&x, Some(&truth.target), &known);
    let x = x.select(|f| !review.set_aside.iter().any(|c| **c == *f.name));
    Task::new(x, truth.target).unwrap()
}

/// CPU seconds of this thread.
pub(crate) fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().and_then(|t| t.parse::<f64>().ok());
    first.unwrap_or(0.0) / 1e9
}
