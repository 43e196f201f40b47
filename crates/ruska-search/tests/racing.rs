//! Races between trials: who stops, and that it hangs on nothing but the trials.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use ruska_core::{Candidate, TrialState, Value, trials};
use ruska_search::Racing;
use ruska_testkit::tasks::Recipe;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A study that races, of enough rows that a fold can tell.
fn race(weighted: bool) -> Setup {
    let mut task = Recipe::regression(1).rows(900).build();
    if weighted {
        let weights = (0..900).map(|row| [1.0, 0.0, 2.5][row % 3]).collect();
        task = task.with_weights(weights).unwrap();
    }
    let mut setup = setup_on(task, 3);
    setup.pruner = Arc::new(Racing);
    setup.spec.ensemble = true;
    setup
}

/// Good, equal and bad learners, of which those from the ninth on race.
fn racers() -> Script {
    let quality = |i: u32| match i % 4 {
        _ if i <= 8 => 1.0,
        0 => 0.0,
        1 => 0.98,
        2 => 0.3,
        _ => 1.0,
    };
    Script(
        (1..40)
            .map(|i| vec![knob("quality", quality(i)), ("rounds", Value::Int(i.into()))])
            .collect(),
    )
}

#[test]
fn who_is_beaten_stops_after_the_first_fold_and_equals_go_on() {
    for weighted in [false, true] {
        let mut setup = race(weighted);
        setup.spec.trials = Some(32);
        let mut memory = Memory::default();
        let best = setup.run(&racers(), &mut memory).unwrap().best;
        for (number, trial) in trials(&memory.events) {
            let beaten = number > 8 && number % 2 == 0;
            let expected = if beaten { TrialState::Pruned { at: 1 } } else { TrialState::Done };
            assert_eq!(trial.state, expected, "trial {number}");
            assert_eq!(trial.folds.len(), if beaten { 1 } else { 3 });
        }
        assert!(best.members.iter().all(|m| m.trial.state == TrialState::Done));
    }
}

#[test]
fn a_race_ends_alike_for_any_number_of_workers_and_after_interruptions() {
    let run = |workers, events, kept| {
        let mut setup = race(true);
        setup.spec.trials = Some(36);
        setup.spec.workers = workers;
        let mut memory = Memory { events, kept, ..Memory::default() };
        let best = setup.run(&Wandering, &mut memory).unwrap().best;
        let states: Vec<Vec<u8>> = best.pipelines().map(|p| p.save().learner.state).collect();
        ((states, timeless(&memory)), memory)
    };
    let (expected, whole) = run(1, vec![], BTreeMap::new());
    let pruned = |t: &(Candidate, TrialState, Vec<u64>)| matches!(t.1, TrialState::Pruned { .. });
    let stopped = expected.1.iter().filter(|t| pruned(t)).count();
    assert!((5..25).contains(&stopped), "{stopped} of 36");
    for workers in [2, 4, 8] {
        assert_eq!(run(workers, vec![], BTreeMap::new()).0, expected, "{workers} workers");
    }
    for cut in [3, 30, 50, 61, 80, whole.events.len() - 3] {
        let events = whole.events[..cut].to_vec();
        assert_eq!(run(4, events, whole.kept.clone()).0, expected, "cut at {cut}");
    }
}
