//! A candidate: the pipeline that a trial tries.

use crate::{Params, hash};
use serde::{Deserialize, Serialize};

/// A step with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepSpec {
    /// Id of the step.
    pub step: String,
    /// Its parameters; the rest have their defaults.
    #[serde(default)]
    pub params: Params,
}

/// Steps, learner and parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Steps in order.
    pub steps: Vec<StepSpec>,
    /// Id of the learner.
    pub learner: String,
    /// Parameters of the learner; the rest have their defaults.
    #[serde(default)]
    pub params: Params,
}

impl Candidate {
    /// A stable hash of everything that defines the candidate.
    pub fn hash(&self) -> u64 {
        let json = serde_json::to_vec(self).expect("a candidate serialises into memory");
        hash::bytes(&json)
    }

    /// Steps and learner for people: `impute + standardise → linear`.
    pub fn title(&self) -> String {
        let steps: Vec<&str> = self.steps.iter().map(|s| s.step.as_str()).collect();
        let arrow = if steps.is_empty() { "" } else { " → " };
        format!("{}{arrow}{}", steps.join(" + "), self.learner)
    }
}
