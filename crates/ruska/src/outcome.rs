//! What a fit gives.

use crate::{Entry, Leaderboard, Model, Outlook};
use ruska_core::{Event, Finding, Timed};
use std::collections::BTreeMap;

/// The result of a fit or a resume.
pub struct Outcome {
    pub(crate) study: String,
    pub(crate) model: Model,
    pub(crate) leaderboard: Leaderboard,
    pub(crate) findings: Vec<Finding>,
    pub(crate) events: Vec<Timed>,
    pub(crate) why: &'static str,
}

impl Outcome {
    /// Name of the study.
    pub fn study(&self) -> &str {
        &self.study
    }

    /// The data it is of, as they were named; `None` where that was not recorded.
    pub fn data(&self) -> Option<&str> {
        ruska_search::record(&self.events).map(|record| record.data.as_str())
    }

    /// The model: that of the trial [`chosen`](Self::chosen).
    pub fn best(&self) -> &Model {
        &self.model
    }

    /// The model, to keep.
    pub fn into_best(self) -> Model {
        self.model
    }

    /// All trials, best first.
    pub fn leaderboard(&self) -> &Leaderboard {
        &self.leaderboard
    }

    /// The trial that gave the model: the first of the leaderboard, or one about as good that is
    /// simpler where that was preferred.
    pub fn chosen(&self) -> Option<&Entry> {
        let trial = self.events.iter().rev().find_map(|e| match &e.event {
            Event::ModelSaved { trial, .. } => Some(*trial),
            _ => None,
        })?;
        self.leaderboard.entries.iter().find(|e| e.trial == trial)
    }

    /// Microseconds of predicting a row with the model, as they were measured on folds: its pipelines'
    /// together.
    pub fn predict_us(&self) -> Option<f64> {
        let trial = |n: u32| self.leaderboard.entries.iter().find(|e| e.trial == n);
        let manifest = self.model.manifest();
        let refit = manifest.emitted == "refit";
        self.events.iter().rev().find_map(|e| match &e.event {
            Event::ModelSaved { trial: one, members, .. } if members.is_empty() => {
                let entry = trial(*one)?;
                Some(entry.predict_us * if refit { 1.0 } else { entry.folds as f64 })
            }
            Event::ModelSaved { members, .. } => {
                let each = members.iter().map(|m| {
                    let entry = trial(m.trial)?;
                    let pipelines = if m.params.is_some() { 1 } else { entry.folds };
                    Some(entry.predict_us * pipelines as f64)
                });
                each.sum()
            }
            _ => None,
        })
    }

    /// The most microseconds a row that were asked for, where [`Self::predict_us`] is more.
    pub fn too_slow(&self) -> Option<f64> {
        let record = ruska_search::record(&self.events)?;
        let most = record.options.get("max_predict_us")?.as_f64()?;
        self.predict_us().filter(|us| *us > most).map(|_| most)
    }

    /// What more of the time or of the rows would bring.
    pub fn outlook(&self) -> Outlook {
        Outlook::from_events(&self.events)
    }

    /// What is odd about the data.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Everything that happened, in order.
    pub fn events(&self) -> &[Timed] {
        &self.events
    }

    /// Scores of the rows kept aside, by measure, and how many rows those were.
    pub fn holdout(&self) -> Option<(u32, &BTreeMap<String, f64>)> {
        holdout(&self.events)
    }

    /// Why the search ended: `trials`, `time`, `flat`, `exhausted`, `stopped`.
    pub fn why(&self) -> &'static str {
        self.why
    }
}

/// Scores of the rows kept aside that events tell, by measure, and how many rows those were.
pub(crate) fn holdout(events: &[Timed]) -> Option<(u32, &BTreeMap<String, f64>)> {
    events.iter().rev().find_map(|e| match &e.event {
        Event::HoldoutScored { rows, scores, .. } => Some((*rows, scores)),
        _ => None,
    })
}
