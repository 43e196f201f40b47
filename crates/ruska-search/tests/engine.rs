//! The engine against learners that misbehave: nothing here depends on how good an algorithm is.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use ruska_core::{
    Candidate, Event, FailureKind, Params, Predictions, Rng, Timed, Trial, TrialState, Value,
    trials,
};
use ruska_search::{Asked, Hooks, LAG, Leaderboard, Outcome, Prefer, Sampler, SearchError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

#[test]
fn failures_of_every_kind_are_recorded_and_the_study_goes_on() {
    let mut setup = setup(3);
    setup.spec.trials = Some(6);
    setup.spec.memory = Some(1 << 30);
    let script = Script(vec![
        vec![knob("panic", 1.0)],
        vec![knob("error", 1.0)],
        vec![knob("nan", 1.0)],
        vec![knob("bytes", 1e12)],
        vec![knob("quality", 0.9)],
    ]);
    let mut memory = Memory::default();
    let outcome = setup.run(&script, &mut memory).unwrap();
    assert_eq!((outcome.why, outcome.best.trial.number), ("trials", 5));
    let kind = |number| match memory.trial(number).state {
        TrialState::Failed { kind, why } => {
            assert!(!why.is_empty());
            kind
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(1), FailureKind::Panic);
    assert_eq!(kind(2), FailureKind::Error);
    assert_eq!(kind(3), FailureKind::NotFinite);
    assert_eq!(kind(4), FailureKind::Memory);
    let board = Leaderboard::from_events(&memory.events, &setup.catalog);
    assert_eq!(board.entries.iter().filter(|e| e.rank.is_some()).count(), 2);
    assert!(board.entries.iter().any(|e| e.note.starts_with("failed: panicked")));
}

#[test]
fn fits_that_sleep_past_the_deadline_are_cut_off_whether_they_listen_or_not() {
    for cooperative in [true, false] {
        let mut setup = setup(2);
        setup.spec.deadline = Some(Instant::now() + Duration::from_millis(300));
        let sleeper = vec![
            knob("sleep", 1.0),
            ("sleep_ms", Value::Int(60_000)),
            ("cooperative", Value::Bool(cooperative)),
        ];
        let mut memory = Memory::default();
        let outcome = setup.run(&Script(vec![sleeper.clone(), sleeper]), &mut memory).unwrap();
        assert_eq!((outcome.why, outcome.best.trial.number), ("time", 0));
        assert_eq!(memory.trial(1).state, TrialState::TimedOut);
        assert_eq!(memory.saved.last().map(|s| s.0), Some(0));
    }
}

#[test]
fn there_is_a_model_even_when_the_time_is_over_at_once() {
    let mut setup = setup(2);
    setup.spec.deadline = Some(Instant::now());
    let mut memory = Memory::default();
    let outcome = setup.run(&Script(vec![vec![]; 5]), &mut memory).unwrap();
    assert_eq!(outcome.why, "time");
    assert!(!memory.saved.is_empty());
}

#[test]
fn when_everything_fails_the_error_names_the_first_reason() {
    struct OnlyErrors;
    impl Sampler for OnlyErrors {
        fn ask(&self, _: u32, _: &[&Trial], _: &dyn Fn(&Candidate) -> bool) -> Option<Asked> {
            let params = [("error".to_owned(), Value::Float(1.0))].into();
            let candidate = Candidate { steps: vec![], learner: "debug".into(), params };
            Some(Asked { candidate, origin: "random" })
        }
    }
    let mut setup = setup(2);
    setup.spec.trials = Some(3);
    let mut memory = Memory::default();
    let error = setup.run(&OnlyErrors, &mut memory).err().unwrap();
    assert!(matches!(error, SearchError::NoModel(why) if !why.is_empty()));
    let last = memory.events.last().map(|timed| &timed.event);
    assert!(matches!(last, Some(Event::Ended { why }) if why == "trials"));
}

#[test]
fn an_unknown_metric_is_refused() {
    let mut setup = setup(2);
    setup.spec.metric = "nothing".into();
    let error = setup.run(&Script(vec![]), &mut Memory::default()).err().unwrap();
    assert!(matches!(error, SearchError::UnknownMetric(_)));
}

#[test]
fn a_journal_that_cannot_write_ends_the_study_with_its_reason() {
    let mut setup = setup(2);
    setup.spec.trials = Some(4);
    let mut memory = Memory { fail_after: Some(3), ..Memory::default() };
    let error = setup.run(&Script(vec![vec![]; 5]), &mut memory).err().unwrap();
    assert!(matches!(error, SearchError::Write(why) if why.contains("disk is full")));
}

#[test]
fn the_user_can_stop_and_keeps_the_best_so_far() {
    let mut setup = setup(2);
    let handle = Arc::new(AtomicBool::new(false));
    setup.spec.cancel = Arc::clone(&handle);
    setup.spec.trials = Some(500);
    let mut memory = Memory { cancel_at: Some((30, handle)), ..Memory::default() };
    let outcome = setup.run(&Script(vec![vec![]; 500]), &mut memory).unwrap();
    assert_eq!(outcome.why, "stopped");
    assert!(memory.saved.last().is_some());
}

/// Asks for something that depends on all it sees, and so tells what it saw.
struct Nosy;

impl Sampler for Nosy {
    fn ask(
        &self,
        number: u32,
        history: &[&Trial],
        _: &dyn Fn(&Candidate) -> bool,
    ) -> Option<Asked> {
        if number > 0 {
            let last = number.saturating_sub(LAG);
            let expected = if number >= LAG { last as usize + 1 } else { 0 };
            assert_eq!(history.len(), expected, "trial {number} must see trials up to {last} only");
        }
        let sum: f64 = history.iter().filter_map(|t| t.loss()).map(ruska_core::Loss::get).sum();
        let quality = (sum * 1000.0).fract().abs();
        let params = [("quality".to_owned(), Value::Float(quality))].into();
        let candidate = Candidate { steps: vec![], learner: "debug".into(), params };
        Some(Asked { candidate, origin: if number == 0 { "baseline" } else { "random" } })
    }
}

#[test]
fn the_number_of_workers_changes_nothing_under_a_trial_budget() {
    let mut runs = vec![];
    for workers in [1, 2, 5, 8, 64] {
        let mut setup = setup(3);
        setup.spec.trials = Some(40);
        setup.spec.workers = workers;
        let mut memory = Memory::default();
        let outcome = setup.run(&Nosy, &mut memory).unwrap();
        let models: Vec<Vec<u8>> =
            outcome.best.pipelines().map(|p| p.save().learner.state).collect();
        runs.push((outcome.best.trial.number, models, timeless(&memory)));
    }
    assert!(runs.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_resumed_study_ends_as_one_that_was_never_interrupted() {
    let mut setup = setup(3);
    setup.spec.trials = Some(30);
    let mut whole = Memory::default();
    let expected = setup.run(&Nosy, &mut whole).unwrap();
    // Cut the log anywhere, even in the middle of a trial, and go on from there.
    for cut in [1, 2, 5, 17, 40, 77, whole.events.len() - 2] {
        let mut memory = Memory { events: whole.events[..cut].to_vec(), ..Memory::default() };
        let outcome = setup.run(&Nosy, &mut memory).unwrap();
        assert_eq!(outcome.best.trial.number, expected.best.trial.number, "cut at {cut}");
        let state = |o: &Outcome| -> Vec<Vec<u8>> {
            o.best.pipelines().map(|p| p.save().learner.state).collect()
        };
        assert_eq!(state(&outcome), state(&expected), "cut at {cut}");
        assert_eq!(timeless(&memory), timeless(&whole), "cut at {cut}");
    }
}

/// Mean squared loss of the mean of some predictions over the folds of a study.
fn loss_of_mean(setup: &Setup, parts: &[&Vec<Predictions>]) -> f64 {
    let (mut sum, mut all) = (0.0, 0.0);
    for (i, fold) in setup.spec.folds.iter().enumerate() {
        let share = 1.0 / parts.len() as f64;
        let parts: Vec<_> = parts.iter().map(|folds| (share, folds[i].clone())).collect();
        let mean = Predictions::blend(&parts).unwrap();
        let measure = setup.catalog.measure("rmse").unwrap();
        let score = measure.score(&setup.task.target.truth(&fold.test), &mean, None).unwrap();
        sum += score * fold.test.len() as f64;
        all += fold.test.len() as f64;
    }
    sum / all
}

#[test]
fn several_share_the_model_where_their_mean_is_better() {
    let mut setup = setup(3);
    setup.spec.trials = Some(12);
    setup.spec.ensemble = true;
    let mut memory = Memory::default();
    let best = setup.run(&Apart, &mut memory).unwrap().best;
    let recorded = trials(&memory.events);
    let single = recorded.values().filter_map(Trial::loss).min().unwrap();
    assert!(best.members.len() > 1 && best.loss < single, "{:?}, {single:?}", best.loss);
    assert_eq!(best.members[0].trial.loss(), Some(single));
    assert_eq!(best.trial.loss(), Some(best.loss));
    // The loss is that of the mean, and no pair with the best trial does better.
    let kept: BTreeMap<u32, Vec<Predictions>> =
        recorded.keys().map(|&n| (n, memory.recall(n).unwrap())).collect();
    let times = best.members.iter().flat_map(|m| vec![&kept[&m.trial.number]; m.times as usize]);
    let mean = loss_of_mean(&setup, &times.collect::<Vec<_>>());
    assert!((mean - best.loss.get()).abs() < 1e-9, "{mean}, {:?}", best.loss);
    let leader = &kept[&best.members[0].trial.number];
    for voter in best.members.iter().map(|m| &kept[&m.trial.number]) {
        assert!(best.loss.get() <= loss_of_mean(&setup, &[leader, voter]) + 1e-9);
    }
    // What is recorded says of whom the model is made.
    let shares = memory.events.iter().rev().find_map(|e| match &e.event {
        Event::ModelSaved { members, .. } => Some(members.clone()),
        _ => None,
    });
    let made: Vec<(u32, u32)> = best.members.iter().map(|m| (m.trial.number, m.times)).collect();
    let told = shares.unwrap();
    assert_eq!(told.iter().map(|s| (s.trial, s.times)).collect::<Vec<_>>(), made);
    // The simplest near the best is one trial.
    setup.spec.wanted.prefer = Prefer::Simple;
    let simple = setup.run(&Apart, &mut Memory::default()).unwrap().best;
    assert_eq!(simple.members.len(), 1);
}

#[test]
fn neither_workers_nor_interruptions_change_who_shares_the_model_and_its_score() {
    let run = |workers: usize, events: Vec<Timed>, kept| {
        let mut setup = setup(3);
        setup.spec.trials = Some(14);
        setup.spec.ensemble = true;
        setup.spec.workers = workers;
        let mut memory = Memory { events, kept, ..Memory::default() };
        let best = setup.run(&Apart, &mut memory).unwrap().best;
        let made: Vec<(u32, u32)> =
            best.members.iter().map(|m| (m.trial.number, m.times)).collect();
        let states: Vec<Vec<u8>> = best.pipelines().map(|p| p.save().learner.state).collect();
        let saved = memory.events.iter().rev().find_map(|e| match &e.event {
            Event::ModelSaved { corrected, .. } => Some(*corrected),
            _ => None,
        });
        assert_eq!(saved, Some(best.corrected));
        ((made, states, best.loss, best.corrected), memory)
    };
    let (expected, whole) = run(1, vec![], BTreeMap::new());
    assert!(expected.0.len() > 1);
    let corrected = expected.3.unwrap();
    let fold_models = corrected.score + corrected.rows.unwrap();
    assert!((fold_models - corrected.optimism - expected.2.get()).abs() < 1e-9);
    assert!(corrected.optimism > 0.0 && corrected.standard_error > 0.0);
    assert_eq!(corrected.trials, 14);
    for workers in [2, 5] {
        assert_eq!(run(workers, vec![], BTreeMap::new()).0, expected, "{workers} workers");
    }
    for cut in [3, 20, 41, whole.events.len() - 2] {
        let events = whole.events[..cut].to_vec();
        assert_eq!(run(2, events, whole.kept.clone()).0, expected, "cut at {cut}");
    }
}

/// The constant now and then, between learners of about its loss.
struct Near(u64);

impl Sampler for Near {
    fn ask(&self, number: u32, _: &[&Trial], _: &dyn Fn(&Candidate) -> bool) -> Option<Asked> {
        let quality = Rng::new(self.0 + u64::from(number)).unit();
        let (learner, params) = match number % 5 {
            0 => ("mean", Params::new()),
            _ => ("debug", [("quality".to_owned(), Value::Float(quality))].into()),
        };
        let candidate = Candidate { steps: vec![], learner: learner.into(), params };
        Some(Asked { candidate, origin: if number == 0 { "baseline" } else { "random" } })
    }
}

#[test]
fn the_simplest_near_the_best_gives_the_model_where_it_is_preferred() {
    let state = |o: &Outcome| -> Vec<Vec<u8>> {
        o.best.pipelines().map(|p| p.save().learner.state).collect()
    };
    let mut simpler = 0;
    for seed in 0..20 {
        let mut setup = setup(3);
        setup.spec.wanted.prefer = Prefer::Simple;
        setup.spec.trials = Some(3);
        let mut whole = Memory::default();
        let expected = setup.run(&Near(100 * seed), &mut whole).unwrap();
        let board = Leaderboard::from_events(&whole.events, &setup.catalog);
        let marked = board.entries.iter().find(|e| e.simplest).or(board.best()).unwrap();
        assert_eq!(expected.best.trial.number, marked.trial, "seed {seed}");
        assert_eq!(whole.saved.last().map(|s| s.0), Some(marked.trial));
        simpler += usize::from(marked.simplest);
        for cut in [2, 7, whole.events.len() - 2] {
            let mut memory = Memory { events: whole.events[..cut].to_vec(), ..Memory::default() };
            let outcome = setup.run(&Near(100 * seed), &mut memory).unwrap();
            assert_eq!(state(&outcome), state(&expected), "seed {seed}, cut at {cut}");
        }
    }
    assert!((1..20).contains(&simpler), "{simpler} of 20 studies chose a simpler one");
}

#[test]
fn a_finished_study_can_be_extended() {
    let mut setup = setup(2);
    setup.spec.trials = Some(10);
    let mut memory = Memory::default();
    setup.run(&Nosy, &mut memory).unwrap();
    setup.spec.trials = Some(20);
    setup.run(&Nosy, &mut memory).unwrap();
    assert_eq!(trials(&memory.events).len(), 20);
}

#[test]
fn a_thousand_trials_with_thirty_percent_failures_end_in_a_model() {
    let mut setup = setup(2);
    setup.spec.trials = Some(1000);
    let script = (0..1000)
        .map(|i| {
            let quality = knob("quality", f64::from(i % 10) / 10.0);
            vec![quality, knob("panic", 0.05), knob("error", 0.05), knob("nan", 0.05)]
        })
        .collect();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut memory = Memory::default();
    let outcome = setup.run(&Script(script), &mut memory);
    std::panic::set_hook(hook);
    assert_eq!(outcome.unwrap().why, "trials");
    let failed = trials(&memory.events)
        .values()
        .filter(|t| matches!(t.state, TrialState::Failed { .. }))
        .count();
    assert!((150..450).contains(&failed), "{failed} failed");
}

#[test]
fn a_search_in_which_all_is_refused_ends() {
    let mut setup = setup(2);
    setup.spec.deadline = Some(Instant::now() + Duration::from_hours(1));
    setup.spec.memory = Some(1000);
    let mut memory = Memory::default();
    let greedy = vec![vec![knob("bytes", 1e12)]; 100_000];
    let outcome = setup.run(&Script(greedy), &mut memory).unwrap();
    assert_eq!((outcome.why, outcome.best.trial.number), ("exhausted", 0));
    assert!(trials(&memory.events).len() < 100);
}
