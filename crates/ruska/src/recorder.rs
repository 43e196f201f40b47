//! What the engine's events become: a journal, a model file, a progress callback.

use crate::manifest::Blueprint;
use crate::model::{Model, write_atomically};
use crate::now_ms;
use ruska_core::{Event, Predictions, Timed, Trial, codec, follow};
use ruska_search::{Best, Hooks};
use ruska_store::{Durability, Journal, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the trials of the constant come from.
const BASELINE: &str = "baseline";

/// The observer of a run.
pub(crate) type Observer<'a> = Box<dyn FnMut(&Event) + Send + 'a>;

/// What a trial predicted of rows held out, fold by fold: their numbers in the task, and the predictions.
pub(crate) type HeldOut = Vec<(Vec<u32>, Predictions)>;

/// What a trial of some events predicted of rows held out, where a store keeps it.
pub(crate) fn kept(store: &Store, events: &[Timed], trial: u32) -> Option<HeldOut> {
    let digest = events.iter().rev().find_map(|e| match &e.event {
        Event::TrialEnded { trial: number, predictions, .. } if *number == trial => {
            predictions.as_deref()
        }
        _ => None,
    })?;
    let bytes = store.get_blob(&digest.parse().ok()?).ok()?;
    let kept: Vec<KeptFold> = codec::decode(&bytes, "predictions").ok()?;
    let fold = |fold: KeptFold| {
        let values = fold.values.iter().map(|v| f64::from(*v)).collect();
        (fold.rows, Predictions::new(fold.width, values))
    };
    Some(kept.into_iter().map(fold).collect())
}

/// Records a study's events and writes its model.
pub(crate) struct Recorder<'a> {
    pub(crate) journal: Option<Journal>,
    pub(crate) events: Vec<Timed>,
    pub(crate) observer: Option<Observer<'a>>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) blueprint: Blueprint<'a>,
    /// Trials of the constant as far as they have come.
    pub(crate) constants: BTreeMap<u32, Trial>,
    /// The model written last.
    pub(crate) model: Option<Model>,
}

/// Out-of-fold predictions of one fold as they are stored.
#[derive(Serialize, Deserialize)]
struct KeptFold {
    #[serde(with = "codec::packed")]
    rows: Vec<u32>,
    width: usize,
    /// Single precision: what ensembles gain from more is below the noise of any score.
    #[serde(with = "codec::packed")]
    values: Vec<f32>,
}

impl Recorder<'_> {
    /// Records an event.
    pub(crate) fn record(&mut self, event: &Event) -> Result<(), String> {
        let at_ms = now_ms();
        if let Some(journal) = &self.journal {
            journal.append(event, at_ms).map_err(|e| e.to_string())?;
        }
        let seq = self.events.len() as u64;
        self.events.push(Timed { seq, at_ms, event: event.clone() });
        self.note_baseline(event);
        if let Some(observer) = &mut self.observer {
            observer(event);
        }
        Ok(())
    }
}

impl Recorder<'_> {
    /// Notes the constant's score for the manifest, once an event brings it.
    pub(crate) fn note_baseline(&mut self, event: &Event) {
        let manifest = &mut self.blueprint.manifest;
        if manifest.baseline.is_some() {
            return;
        }
        match event {
            // Of a trial that is not followed the other events say nothing.
            Event::TrialStarted { trial, origin, .. } if origin != BASELINE => {
                self.constants.remove(trial);
            }
            _ => follow(&mut self.constants, event),
        }
        if matches!(event, Event::TrialEnded { .. }) {
            manifest.baseline = baseline(&self.constants, &manifest.metric);
        }
    }
}

/// The constant's score, once it is there.
pub(crate) fn baseline(trials: &BTreeMap<u32, Trial>, metric: &str) -> Option<f64> {
    let baseline = trials.values().find(|t| t.origin == BASELINE && t.loss().is_some());
    baseline.and_then(|t| t.score(metric))
}

impl Hooks for Recorder<'_> {
    fn event(&mut self, event: &Event) -> Result<(), String> {
        self.record(event)
    }

    fn keep(&mut self, folds: &[(&[u32], &Predictions)]) -> Result<Option<String>, String> {
        let Some(journal) = &self.journal else { return Ok(None) };
        let kept: Vec<KeptFold> = folds
            .iter()
            .map(|(rows, p)| KeptFold {
                rows: rows.to_vec(),
                width: p.width(),
                values: p.values().iter().map(|v| *v as f32).collect(),
            })
            .collect();
        let digest = journal.store().put_blob(&codec::encode(&kept), Durability::Process);
        digest.map(|d| Some(d.to_string())).map_err(|e| e.to_string())
    }

    fn recall(&mut self, trial: u32) -> Option<Vec<Predictions>> {
        let kept = kept(self.journal.as_ref()?.store(), &self.events, trial)?;
        Some(kept.into_iter().map(|(_, predictions)| predictions).collect())
    }

    fn save(&mut self, best: &Best, last: bool) -> Result<String, String> {
        let model = self.blueprint.model(best).map_err(|e| e.to_string())?;
        let bytes = model.to_bytes();
        if let Some(path) = &self.output {
            write_atomically(path, &bytes)
                .map_err(|e| format!("cannot write the model file {}: {e}", path.display()))?;
        }
        self.model = Some(model);
        let digest = blake3::hash(&bytes).to_hex().to_string();
        if let Some(journal) = self.journal.as_ref().filter(|_| last) {
            journal.store().put_blob(&bytes, Durability::PowerCut).map_err(|e| e.to_string())?;
        }
        Ok(digest)
    }
}
