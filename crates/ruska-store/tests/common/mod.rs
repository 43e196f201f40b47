//! Made-up records and events, and processes that work on a store.

#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

pub mod entries;

use ruska_core::{Candidate, Event, FoldResult, Loss, StudyRecord, TrialState, Value};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A folder that goes away with the test.
pub fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    (dir, store)
}

pub fn record() -> StudyRecord {
    serde_json::from_str(ruska_store::EXAMPLE_RECORD).unwrap()
}

/// Event `i` of an endless study: every third one starts a trial, scores its fold, ends it.
pub fn event(i: u32) -> Event {
    let trial = i / 3;
    match i % 3 {
        0 => started(trial),
        1 => fold(trial, f64::from(trial) / 7.0),
        _ => ended(trial, TrialState::Done, 0.1 * f64::from(i)),
    }
}

pub fn started(trial: u32) -> Event {
    let values = [
        ("tiny", Value::Float(5e-324)),
        ("huge", Value::Float(f64::MAX)),
        ("third", Value::Float(1.0 / 3.0)),
        ("whole", Value::Float(3.0)),
        ("negative_zero", Value::Float(-0.0)),
        ("count", Value::Int(i64::MIN)),
        ("on", Value::Bool(true)),
        ("name", Value::Text("<script>\"'\n🦀".into())),
    ];
    let params = values.map(|(name, value)| (name.to_owned(), value)).into();
    let candidate = Candidate { steps: vec![], learner: "gbdt".into(), params };
    Event::TrialStarted { trial, candidate, origin: "random".into() }
}

pub fn fold(trial: u32, loss: f64) -> Event {
    let result = FoldResult {
        fold: 0,
        loss: Loss::new(loss).unwrap(),
        scores: BTreeMap::from([("auc".to_owned(), 1.0 - loss)]),
        rows: 4,
        iterations: Some(3),
        fit_seconds: 0.1 + 0.2,
        predict_seconds: f64::MIN_POSITIVE,
        bytes: u64::MAX,
        cut: true,
        cut_after: Some(17),
    };
    Event::FoldDone { trial, result }
}

pub fn ended(trial: u32, state: TrialState, seconds: f64) -> Event {
    Event::TrialEnded { trial, state, seconds, predictions: None }
}

/// The test `child` of the same file at work in a process of its own.
pub struct Running {
    child: Child,
    // Stays open, or the child would end at its next line.
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts the child, which reads what it is to do from these variables.
    pub fn start<V: AsRef<OsStr>>(variables: &[(&str, V)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture", "--test-threads=1"])
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until the child has said `did N` so many times, gives the last N. It goes on
    /// meanwhile, so that a kill meets it at any point.
    pub fn did(&mut self, count: usize) -> u64 {
        let lines = self.lines.by_ref().map(Result::unwrap);
        let numbers = lines.filter_map(|line| Some(line.strip_prefix("did ")?.parse().unwrap()));
        numbers.take(count).last().unwrap()
    }

    /// Waits for its end, which must be a good one.
    pub fn finish(mut self) {
        self.lines.by_ref().for_each(|line| drop(line.unwrap()));
        assert!(self.child.wait().unwrap().success());
    }

    /// Ends it with kill -9.
    pub fn kill(mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "the child ended by itself");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
