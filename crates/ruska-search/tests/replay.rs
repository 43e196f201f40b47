//! Recorded trials fitted again: what a clock decided is taken from the record.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Setup, setup};
use ruska_core::{
    Candidate, Catalog, Event, FittedPipeline, Params, Predictions, RunContext, Share, Task, Timed,
    Trial, TrialState, Value, hash, trials,
};
use ruska_search::{
    Asked, Best, Emission, Hooks, NeverPrune, Outcome, ReplaySpec, Sampler, SearchError, StudySpec,
    replay, run,
};
use ruska_testkit::WrapUpAfter;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Keeps events in memory.
#[derive(Default)]
struct Memory(Vec<Timed>);

impl Hooks for Memory {
    fn event(&mut self, event: &Event) -> Result<(), String> {
        let seq = self.0.len() as u64;
        self.0.push(Timed { seq, at_ms: 0, event: event.clone() });
        Ok(())
    }

    fn keep(&mut self, _: &[(&[u32], &Predictions)]) -> Result<Option<String>, String> {
        Ok(None)
    }

    fn recall(&mut self, _: u32) -> Option<Vec<Predictions>> {
        None
    }

    fn save(&mut self, _: &Best, _: bool) -> Result<String, String> {
        Ok("digest".into())
    }
}

/// The constant, then the debug learner with these knobs.
struct Knobs(Vec<[(&'static str, Value); 2]>);

impl Sampler for Knobs {
    fn ask(&self, number: u32, _: &[&Trial], _: &dyn Fn(&Candidate) -> bool) -> Option<Asked> {
        let (learner, params, origin) = match number.checked_sub(1) {
            None => ("mean", Params::new(), "baseline"),
            Some(i) => {
                let knobs = self.0.get(i as usize)?.clone();
                ("debug", knobs.map(|(k, v)| (k.to_owned(), v)).into(), "random")
            }
        };
        let candidate = Candidate { steps: vec![], learner: learner.to_owned(), params };
        Some(Asked { candidate, origin })
    }
}

/// A learner that never ends, unless it is asked to wrap up.
fn endless() -> [(&'static str, Value); 2] {
    [("rounds", Value::Int(i64::from(u32::MAX))), ("quality", Value::Float(0.9))]
}

struct Study {
    catalog: Arc<Catalog>,
    task: Arc<Task>,
    spec: StudySpec,
}

fn study() -> Study {
    let Setup { catalog, task, spec, .. } = setup(3);
    Study { catalog, task, spec: StudySpec { trials: Some(2), keep_predictions: 0, ..spec } }
}

impl Study {
    fn run(&self, knobs: &Knobs, hooks: &mut Memory) -> Outcome {
        let history = trials(&hooks.0);
        let parts = (&self.catalog, &self.task);
        run(&self.spec, parts, (knobs, Arc::new(NeverPrune)), history, hooks).unwrap()
    }

    fn replay(
        &self,
        trials: &[&Trial],
        shares: &[Share],
        workers: usize,
    ) -> Result<ruska_search::Replayed, SearchError> {
        let spec = ReplaySpec {
            metric: self.spec.metric.clone(),
            folds: Arc::clone(&self.spec.folds),
            seed: self.spec.seed,
            calibrated: false,
            workers,
        };
        replay(&spec, (&self.catalog, &self.task), trials, shares, &mut |_| {})
    }
}

/// A trial that makes a model alone.
fn alone(trial: u32) -> [Share; 1] {
    [Share { trial, times: 1, params: None }]
}

fn states(best: &Best) -> Vec<Vec<u8>> {
    best.pipelines().map(|p| p.save().learner.state).collect()
}

#[test]
fn fits_that_the_clock_cut_are_cut_there_again() {
    let mut study = study();
    study.spec.deadline = Some(Instant::now() + Duration::from_secs(1));
    let mut memory = Memory::default();
    let outcome = study.run(&Knobs(vec![endless()]), &mut memory);
    assert_eq!(outcome.best.trial.number, 1);
    let recorded = trials(&memory.0);
    let folds = &recorded[&1].folds;
    for fold in folds {
        // The learner asks after each of its rounds.
        assert!(fold.cut && fold.cut_after.is_some(), "{fold:?}");
    }
    let params = outcome.best.members[0].emission.params().cloned();
    let shares = [Share { trial: 1, times: 1, params }];
    for workers in [1, 2, 5] {
        let replayed = study.replay(&[&recorded[&1]], &shares, workers).unwrap();
        assert_eq!(states(&replayed.best), states(&outcome.best), "{workers} workers");
        assert_eq!(replayed.best.out_of_fold, outcome.best.out_of_fold);
        for (fold, was) in replayed.folds.iter().zip(folds) {
            let is = fold.again.as_ref().unwrap();
            assert_eq!((is.loss, is.cut_after, is.bytes), (was.loss, was.cut_after, was.bytes));
        }
    }
}

#[test]
fn a_killed_study_resumes_to_the_model_that_the_clock_cut() {
    let mut study = study();
    study.spec.deadline = Some(Instant::now() + Duration::from_secs(1));
    let mut whole = Memory::default();
    let expected = study.run(&Knobs(vec![endless()]), &mut whole);
    assert_eq!(expected.best.trial.number, 1);
    let saved = |e: &Timed| matches!(e.event, Event::ModelSaved { .. });
    let end = whole.0.iter().position(saved).unwrap();
    study.spec.deadline = None;
    let mut resumed = Memory(whole.0[..end].to_vec());
    let outcome = study.run(&Knobs(vec![endless()]), &mut resumed);
    // Its fold models are as they were; now there is time for a fit on all rows as well.
    assert_eq!(outcome.best.trial, expected.best.trial);
    assert_eq!(outcome.best.out_of_fold, expected.best.out_of_fold);
    assert_eq!(outcome.best.emitted(), "refit");
}

/// Replaying a cut equals fitting under a stop that cuts at that question.
#[test]
fn a_recorded_cut_is_the_question_at_which_to_say_yes() {
    let study = study();
    let mut memory = Memory::default();
    let knobs = [("rounds", Value::Int(50)), ("quality", Value::Float(0.9))];
    study.run(&Knobs(vec![knobs]), &mut memory);
    let mut trial = trials(&memory.0).remove(&1).unwrap();
    let cuts = [3, 0, 20];
    for (fold, cut_after) in trial.folds.iter_mut().zip(cuts) {
        (fold.cut, fold.cut_after) = (true, Some(cut_after));
    }
    let replayed = study.replay(&[&trial], &alone(1), 2).unwrap();
    for (i, (fold, cut_after)) in study.spec.folds.iter().zip(cuts).enumerate() {
        let stop = WrapUpAfter::new(cut_after);
        let seed = hash::combine(&[study.spec.seed, trial.candidate.hash(), i as u64]);
        let ctx = RunContext::new(seed, &stop);
        let fitted =
            FittedPipeline::fit(&study.catalog, &trial.candidate, &study.task, &fold.train, &ctx);
        assert_eq!(states(&replayed.best)[i], fitted.unwrap().0.save().learner.state);
    }
}

#[test]
fn a_fit_on_all_rows_is_made_again() {
    let study = study();
    let mut memory = Memory::default();
    let knobs = [("rounds", Value::Int(20)), ("quality", Value::Float(0.9))];
    let outcome = study.run(&Knobs(vec![knobs]), &mut memory);
    let Emission::Refit(params) = &outcome.best.members[0].emission else { panic!("a refit") };
    let recorded = trials(&memory.0);
    let shares = [Share { params: Some(params.clone()), ..alone(1)[0].clone() }];
    let replayed = study.replay(&[&recorded[&1]], &shares, 2).unwrap();
    assert_eq!(states(&replayed.best), states(&outcome.best));
}

#[test]
fn what_was_not_recorded_is_not_made_up() {
    let study = study();
    let mut memory = Memory::default();
    study.run(
        &Knobs(vec![
            endless().map(|(k, v)| if k == "rounds" { (k, Value::Int(9)) } else { (k, v) }),
        ]),
        &mut memory,
    );
    let mut recorded = trials(&memory.0);
    // As an earlier version wrote it.
    let fold = &mut recorded.get_mut(&1).unwrap().folds[1];
    (fold.cut, fold.cut_after) = (true, None);
    let error = study.replay(&[&recorded[&1]], &alone(1), 1).err().unwrap();
    assert!(matches!(error, SearchError::NotRecorded(1)), "{error}");
    // Beside the model's trial, it is only passed over.
    let all: Vec<&Trial> = recorded.values().collect();
    let replayed = study.replay(&all, &alone(0), 1).unwrap();
    let places: Vec<(u32, u32)> = replayed.folds.iter().map(|f| (f.trial, f.fold)).collect();
    assert_eq!(places, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2)]);
}

#[test]
fn a_fit_that_fails_now_says_why() {
    let study = study();
    let mut memory = Memory::default();
    let knobs = [("rounds", Value::Int(2)), ("quality", Value::Float(0.9))];
    study.run(&Knobs(vec![knobs]), &mut memory);
    let mut recorded = trials(&memory.0);
    recorded.get_mut(&1).unwrap().candidate.params.insert("error".into(), Value::Float(1.0));
    let all: Vec<&Trial> = recorded.values().collect();
    let replayed = study.replay(&all, &alone(0), 2).unwrap();
    for fold in replayed.folds.iter().filter(|f| f.trial == 1) {
        assert!(matches!(&fold.again, Err(TrialState::Failed { .. })), "{fold:?}");
    }
    let error = study.replay(&all, &alone(1), 2).err().unwrap();
    assert!(error.to_string().contains("as it was told to"), "{error}");
}

/// What fits the memory hangs on the machine, so a search made again takes it from the record.
#[test]
fn what_was_refused_is_refused_again() {
    let mut study = study();
    study.spec.trials = Some(4);
    study.spec.memory = Some(1 << 20);
    let greedy = [("bytes", Value::Float(1e12)), ("quality", Value::Float(1.0))];
    let knobs = || {
        let modest = |q| [("bytes", Value::Float(1e3)), ("quality", Value::Float(q))];
        Knobs(vec![modest(0.5), greedy.clone(), modest(0.6)])
    };
    let mut first = Memory::default();
    study.run(&knobs(), &mut first);
    let recorded = trials(&first.0);
    let failed = |t: &Trial| matches!(t.state, TrialState::Failed { .. });
    let refused: BTreeMap<u32, TrialState> =
        recorded.values().filter(|t| failed(t)).map(|t| (t.number, t.state.clone())).collect();
    assert_eq!(refused.keys().copied().collect::<Vec<_>>(), [2]);
    (study.spec.memory, study.spec.refused) = (None, Some(refused));
    let mut second = Memory::default();
    let outcome = study.run(&knobs(), &mut second);
    assert_eq!(outcome.best.trial.number, 3);
    let states =
        |m: &Memory| -> Vec<TrialState> { trials(&m.0).into_values().map(|t| t.state).collect() };
    assert_eq!(states(&second), states(&first));
}
