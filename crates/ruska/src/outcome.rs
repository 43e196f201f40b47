//! What a fit gives.

use crate::{Leaderboard, Model};
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

    /// The best model.
    pub fn best(&self) -> &Model {
        &self.model
    }

    /// The best model, to keep.
    pub fn into_best(self) -> Model {
        self.model
    }

    /// All trials, best first.
    pub fn leaderboard(&self) -> &Leaderboard {
        &self.leaderboard
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
        self.events.iter().rev().find_map(|e| match &e.event {
            Event::HoldoutScored { rows, scores, .. } => Some((*rows, scores)),
            _ => None,
        })
    }

    /// Why the search ended: `trials`, `time`, `exhausted`, `stopped`.
    pub fn why(&self) -> &'static str {
        self.why
    }
}
