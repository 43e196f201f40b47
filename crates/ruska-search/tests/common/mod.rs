//! Studies in memory, on learners that do as they are told.
#![allow(clippy::unwrap_used, dead_code)]

use ruska_core::{
    Candidate, Catalog, Event, Params, Predictions, Rng, SplitInput, SplitParams, Splitter, Task,
    Timed, Trial, TrialState, Value, trials,
};
use ruska_search::{
    Asked, Best, Emission, History, Hooks, NeverPrune, Outcome, Pruner, Sampler, SearchError,
    StudySpec, Wanted, run,
};
use ruska_testkit::{KFold, fake_catalog, tasks::Recipe};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Keeps events in memory; a journal that fails after some events where asked.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) events: Vec<Timed>,
    pub(crate) saved: Vec<(u32, Emission)>,
    /// Predictions in single precision, by their digest.
    pub(crate) kept: BTreeMap<String, Vec<Predictions>>,
    pub(crate) fail_after: Option<usize>,
    pub(crate) cancel_at: Option<(usize, Arc<AtomicBool>)>,
}

impl Hooks for Memory {
    fn event(&mut self, event: &Event) -> Result<(), String> {
        if self.fail_after.is_some_and(|n| self.events.len() >= n) {
            return Err("the disk is full".into());
        }
        if let Some((at, handle)) = &self.cancel_at
            && self.events.len() == *at
        {
            handle.store(true, Ordering::Relaxed);
        }
        let seq = self.events.len() as u64;
        self.events.push(Timed { seq, at_ms: 0, event: event.clone() });
        Ok(())
    }

    fn keep(&mut self, folds: &[(&[u32], &Predictions)]) -> Result<Option<String>, String> {
        assert!(folds.iter().all(|(rows, p)| rows.len() == p.rows()));
        let values = |p: &Predictions| p.values().iter().map(|v| f64::from(*v as f32)).collect();
        let single = |p: &Predictions| Predictions::new(p.width(), values(p));
        let kept: Vec<Predictions> = folds.iter().map(|(_, p)| single(p)).collect();
        let digest = format!("{:?}", kept.iter().map(|p| p.values()[0]).collect::<Vec<f64>>());
        self.kept.insert(digest.clone(), kept);
        Ok(Some(digest))
    }

    fn recall(&mut self, number: u32) -> Option<Vec<Predictions>> {
        let digest = self.events.iter().find_map(|e| match &e.event {
            Event::TrialEnded { trial, predictions, .. } if *trial == number => predictions.clone(),
            _ => None,
        })?;
        self.kept.get(&digest).cloned()
    }

    fn save(&mut self, best: &Best, _: bool) -> Result<String, String> {
        self.saved.push((best.trial.number, best.members[0].emission.clone()));
        Ok("digest".into())
    }
}

impl Memory {
    pub(crate) fn trial(&self, number: u32) -> Trial {
        trials(&self.events)[&number].clone()
    }
}

/// The constant first, then the debug learner with the given knobs, one set a trial.
pub(crate) struct Script(pub(crate) Vec<Vec<(&'static str, Value)>>);

impl Sampler for Script {
    fn ask(&self, number: u32, _: &[&Trial], _: &dyn Fn(&Candidate) -> bool) -> Option<Asked> {
        let candidate = |learner: &str, params: Params| {
            let learner = learner.to_owned();
            Candidate { steps: vec![], learner, params }
        };
        if number == 0 {
            return Some(Asked { candidate: candidate("mean", Params::new()), origin: "baseline" });
        }
        let knobs = self.0.get(number as usize - 1)?;
        let params = knobs.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Some(Asked { candidate: candidate("debug", params), origin: "random" })
    }
}

pub(crate) struct Setup {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) task: Arc<Task>,
    pub(crate) spec: StudySpec,
    pub(crate) pruner: Arc<dyn Pruner>,
}

pub(crate) fn setup(folds: usize) -> Setup {
    setup_on(Recipe::regression(1).build(), folds)
}

pub(crate) fn setup_on(task: Task, folds: usize) -> Setup {
    let input = SplitInput { rows: task.rows(), ..SplitInput::default() };
    let params = SplitParams { folds, ..SplitParams::default() };
    let folds = KFold.split(input, &params).unwrap();
    Setup {
        catalog: Arc::new(fake_catalog()),
        task: Arc::new(task),
        pruner: Arc::new(NeverPrune),
        spec: StudySpec {
            metric: "rmse".into(),
            wanted: Wanted::default(),
            ensemble: false,
            calibrate: false,
            folds: Arc::new(folds),
            seed: 7,
            workers: 2,
            trials: None,
            until_flat: false,
            deadline: None,
            memory: None,
            refused: None,
            isolation: None,
            keep_predictions: 1 << 20,
            cancel: Arc::new(AtomicBool::new(false)),
        },
    }
}

impl Setup {
    pub(crate) fn run(
        &self,
        sampler: &dyn Sampler,
        hooks: &mut Memory,
    ) -> Result<Outcome, SearchError> {
        let history: History = trials(&hooks.events);
        let how = (sampler, Arc::clone(&self.pruner));
        run(&self.spec, (&self.catalog, &self.task), how, history, hooks)
    }
}

pub(crate) fn knob(name: &'static str, value: f64) -> (&'static str, Value) {
    (name, Value::Float(value))
}

/// The constant, then learners of any quality.
pub(crate) struct Wandering;

impl Sampler for Wandering {
    fn ask(&self, number: u32, _: &[&Trial], _: &dyn Fn(&Candidate) -> bool) -> Option<Asked> {
        let quality = Rng::new(u64::from(number)).unit();
        let (learner, params, origin) = match number {
            0 => ("mean", Params::new(), "baseline"),
            _ => ("debug", [("quality".to_owned(), Value::Float(quality))].into(), "random"),
        };
        let candidate = Candidate { steps: vec![], learner: learner.into(), params };
        Some(Asked { candidate, origin })
    }
}

/// The constant, then learners that err apart.
pub(crate) struct Apart;

impl Sampler for Apart {
    fn ask(&self, number: u32, _: &[&Trial], _: &dyn Fn(&Candidate) -> bool) -> Option<Asked> {
        let quality = 0.3 + 0.04 * f64::from(number % 7);
        let (learner, params, origin) = match number {
            0 => ("mean", Params::new(), "baseline"),
            n => {
                let rounds = Value::Int(i64::from(n));
                let knobs = [("quality", Value::Float(quality)), ("rounds", rounds)];
                ("debug", knobs.map(|(k, v)| (k.to_owned(), v)).into(), "random")
            }
        };
        let candidate = Candidate { steps: vec![], learner: learner.into(), params };
        Some(Asked { candidate, origin })
    }
}

/// What does not depend on the clock of a study.
pub(crate) fn timeless(memory: &Memory) -> Vec<(Candidate, TrialState, Vec<u64>)> {
    let trials = trials(&memory.events);
    let losses = |t: &Trial| t.folds.iter().map(|f| f.loss.get().to_bits()).collect();
    trials.values().map(|t| (t.candidate.clone(), t.state.clone(), losses(t))).collect()
}
