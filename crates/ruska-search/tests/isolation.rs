//! Trials in child processes: this file runs itself as such a process.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Memory, Script, Wandering, knob, setup, setup_on, timeless};
use ruska_core::{FailureKind, TrialState, Value};
use ruska_search::{Isolation, Outcome, Racing, TRIAL_WORKER, serve};
use ruska_testkit::{fake_catalog, tasks::Recipe};
use std::io::{stdin, stdout};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The child.
#[test]
fn child() {
    if std::env::var_os(TRIAL_WORKER).is_some() {
        serve(&Arc::new(fake_catalog()), stdin(), stdout()).unwrap();
    }
}

fn isolation(all: bool) -> Option<Isolation> {
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "child", "--nocapture"].map(str::to_owned).to_vec();
    // What runs out of memory while it tells where would never end.
    let environment = vec![("RUST_BACKTRACE".to_owned(), "1".to_owned())];
    Some(Isolation { program, arguments, environment, all })
}

fn states(outcome: &Outcome) -> Vec<Vec<u8>> {
    outcome.best.pipelines().map(|p| p.save().learner.state).collect()
}

#[track_caller]
fn failure(memory: &Memory, trial: u32) -> (FailureKind, String) {
    match memory.trial(trial).state {
        TrialState::Failed { kind, why } => (kind, why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_trial_is_the_same_wherever_it_runs() {
    let tasks = [
        Recipe::regression(1).build(),
        Recipe::regression(2).levels(&[3, 40]).missing(0.1).text().times().weighted().build(),
    ];
    for task in tasks {
        let mut setup = setup_on(task, 3);
        setup.pruner = Arc::new(Racing);
        setup.spec.trials = Some(16);
        setup.spec.ensemble = true;
        let mut here = Memory::default();
        let expected = setup.run(&Wandering, &mut here).unwrap();
        setup.spec.isolation = isolation(true);
        for workers in [1, 3] {
            setup.spec.workers = workers;
            let mut there = Memory::default();
            let outcome = setup.run(&Wandering, &mut there).unwrap();
            assert_eq!(timeless(&there), timeless(&here));
            assert_eq!(there.kept, here.kept);
            assert_eq!(states(&outcome), states(&expected));
            assert_eq!(outcome.best.corrected, expected.best.corrected);
        }
    }
}

#[test]
fn what_would_end_the_process_costs_a_trial() {
    let mut setup = setup(2);
    setup.spec.isolation = isolation(true);
    setup.spec.trials = Some(6);
    setup.spec.workers = 1;
    let script = Script(vec![
        vec![knob("quality", 0.5)],
        vec![knob("abort", 1.0)],
        vec![knob("panic", 1.0)],
        vec![knob("error", 1.0)],
        vec![knob("quality", 0.9)],
    ]);
    let mut memory = Memory::default();
    let outcome = setup.run(&script, &mut memory).unwrap();
    assert_eq!((outcome.why, outcome.best.trial.number), ("trials", 5));
    let (kind, why) = failure(&memory, 2);
    assert!(kind == FailureKind::Crash && why.starts_with("its process ended"), "{why}");
    assert_eq!(failure(&memory, 3).0, FailureKind::Panic);
    assert_eq!(failure(&memory, 4).0, FailureKind::Error);
}

#[test]
#[cfg(target_os = "linux")]
fn what_needs_more_memory_than_there_is_costs_a_trial() {
    let mut setup = setup(2);
    setup.spec.isolation = isolation(false);
    setup.spec.trials = Some(5);
    setup.spec.memory = Some(800 << 20);
    let declares = |bytes: f64| knob("bytes", bytes);
    let takes = |bytes: i64| ("allocate", Value::Int(bytes));
    let script = Script(vec![
        vec![declares(300e6), takes(600 << 20)],
        vec![declares(300e6), takes(100 << 20)],
        vec![declares(1e12)],
        vec![knob("quality", 0.5), takes(600 << 20)],
    ]);
    let mut memory = Memory::default();
    let outcome = setup.run(&script, &mut memory).unwrap();
    assert_eq!((outcome.why, outcome.best.trial.number), ("trials", 2));
    let (kind, why) = failure(&memory, 1);
    assert!(kind == FailureKind::Memory && why.contains("needed more than"), "{why}");
    // What is far beyond is not tried, and what declares little runs in this process.
    assert!(failure(&memory, 3).1.starts_with("needs about"));
    assert_eq!(memory.trial(4).state, TrialState::Done);
}

/// A fit that neither ends nor listens.
fn hangs() -> Vec<(&'static str, Value)> {
    let sleep = [knob("sleep", 1.0), ("sleep_ms", Value::Int(600_000))];
    sleep.into_iter().chain([("cooperative", Value::Bool(false))]).collect()
}

#[test]
fn what_hangs_is_cut_off_at_the_end() {
    let mut setup = setup(2);
    setup.spec.isolation = isolation(true);
    setup.spec.deadline = Some(Instant::now() + Duration::from_secs(1));
    let mut memory = Memory::default();
    let outcome = setup.run(&Script(vec![hangs(); 2]), &mut memory).unwrap();
    assert_eq!((outcome.why, outcome.best.trial.number), ("time", 0));
    assert_eq!(memory.trial(1).state, TrialState::TimedOut);
}

#[test]
fn what_hangs_ends_when_the_user_stops_the_study() {
    let mut setup = setup(2);
    setup.spec.isolation = isolation(true);
    setup.spec.trials = Some(9);
    let handle = Arc::clone(&setup.spec.cancel);
    let mut memory = Memory { cancel_at: Some((4, handle)), ..Memory::default() };
    let outcome = setup.run(&Script(vec![hangs(); 8]), &mut memory).unwrap();
    assert_eq!((outcome.why, outcome.best.trial.number), ("stopped", 0));
}

/// However slow the machine is: more time is given until it is enough.
#[test]
fn where_the_clock_cuts_a_fit_comes_back() {
    let mut setup = setup(2);
    setup.spec.isolation = isolation(true);
    let is_cut = |seconds: &u64| {
        setup.spec.deadline = Some(Instant::now() + Duration::from_secs(*seconds));
        let endless = vec![("rounds", Value::Int(i64::from(u32::MAX)))];
        let mut memory = Memory::default();
        setup.run(&Script(vec![endless]), &mut memory).unwrap();
        let folds = memory.trial(1).folds;
        folds.len() == 2 && folds.iter().all(|f| f.cut && f.cut_after > Some(0))
    };
    assert!([1, 4, 20, 100].iter().any(is_cut));
}

#[test]
fn a_program_that_serves_no_trials_is_named() {
    let mut setup = setup(2);
    setup.spec.trials = Some(3);
    let silent = Isolation { arguments: vec!["--list".into()], ..isolation(true).unwrap() };
    let missing = Isolation { program: "/no/such/program".into(), ..silent.clone() };
    for (program, expected) in [(silent, "its process ended"), (missing, "/no/such/program")] {
        setup.spec.isolation = Some(program);
        let mut memory = Memory::default();
        let outcome = setup.run(&Script(vec![vec![]; 2]), &mut memory).unwrap();
        assert_eq!(outcome.best.trial.number, 0);
        let (kind, why) = failure(&memory, 1);
        assert!(kind == FailureKind::Crash && why.contains(expected), "{why}");
    }
}
