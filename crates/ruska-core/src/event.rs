//! Events: everything that happens in a study. What a study is, is a function of these.

use crate::{
    Calibration, Candidate, Finding, FoldResult, Params, SplitParams, TaskMeta, Trial, TrialState,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of a study when it starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyRecord {
    /// Name, unique in its store.
    pub name: String,
    /// Path of the data as it was given.
    pub data: String,
    /// Content hash of the data, hexadecimal.
    pub fingerprint: String,
    /// Column that is predicted.
    pub target: String,
    /// Shape of the task.
    pub meta: TaskMeta,
    /// Class labels in order; empty for regression.
    pub classes: Vec<String>,
    /// Id of the measure that is optimised.
    pub metric: String,
    /// Id of the splitter.
    pub splitter: String,
    /// Its parameters.
    pub split: SplitParams,
    /// Hash of the folds, hexadecimal.
    pub split_fingerprint: String,
    /// Seed given by the user.
    pub seed: u64,
    /// Trial budget.
    pub trials: Option<u64>,
    /// Time budget in seconds.
    pub seconds: Option<f64>,
    /// Version of ruska.
    pub version: String,
    /// The command line, where there was one.
    pub command: Vec<String>,
    /// Everything else needed to set the study up again.
    pub options: serde_json::Value,
    /// What is odd about the data.
    pub findings: Vec<Finding>,
}

/// A trial's part in a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Its number.
    pub trial: u32,
    /// How often it counts in the mean, at least 1.
    pub times: u32,
    /// Parameters with which it was fitted on all rows, where it was.
    pub params: Option<Params>,
}

/// A score corrected for having been chosen as the best of several, and for the rows learned from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Corrected {
    /// The study's metric in its usual direction, as it would be expected on rows that had no say in
    /// the choice.
    pub score: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// How much better the score chosen by is, at least 0.
    pub optimism: f64,
    /// Trials that were chosen from.
    pub trials: u32,
    /// Draws of rows that it rests on.
    pub resamples: u32,
    /// How much better it is for what the model learns from more rows than those of a fold, at least 0;
    /// nothing where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<f64>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The study was set up.
    Created(Box<StudyRecord>),
    /// A process began to work on it, with what is left of the budget.
    Started {
        /// Trial budget of the whole study.
        trials: Option<u64>,
        /// Seconds of this run.
        seconds: Option<f64>,
    },
    /// A trial began.
    TrialStarted {
        /// Its number.
        trial: u32,
        /// What is tried.
        candidate: Candidate,
        /// Where the candidate came from.
        origin: String,
    },
    /// A fold was scored.
    FoldDone {
        /// Number of the trial.
        trial: u32,
        /// The outcome.
        result: FoldResult,
    },
    /// A trial ended.
    TrialEnded {
        /// Its number.
        trial: u32,
        /// What became of it.
        state: TrialState,
        /// Seconds from start to end.
        seconds: f64,
        /// Digest of the blob of its out-of-fold predictions, where they are kept.
        predictions: Option<String>,
    },
    /// A model was written.
    ModelSaved {
        /// Trial it comes from.
        trial: u32,
        /// Digest of the model file's blob.
        model: String,
        /// How the fold models were turned into one: `folds` or `refit`, with parameters.
        emitted: String,
        /// Parameters of the refit, where there was one.
        params: Option<Params>,
        /// The trials whose mean it is, the best first, where there are several.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<Share>,
        /// Its score corrected for having been chosen, where there was time for that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        corrected: Option<Corrected>,
        /// What is done to its class probabilities, where they were calibrated.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        calibration: Option<Calibration>,
    },
    /// A trial of the model was fitted again on half of its rows.
    Halved {
        /// The trial.
        trial: u32,
        /// Folds on which it was.
        folds: u32,
        /// What it lost more, on average, in the proportion of the model's loss to its own.
        gain: f64,
        /// Standard error of that.
        error: f64,
    },
    /// Rows kept aside were scored, once.
    HoldoutScored {
        /// Trial of the model.
        trial: u32,
        /// Rows scored.
        rows: u32,
        /// Every measure, by id.
        scores: BTreeMap<String, f64>,
    },
    /// The process ended the study's run in good order.
    Ended {
        /// Why: `trials`, `time`, `flat`, `exhausted`, `stopped`.
        why: String,
    },
}

/// An event with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timed {
    /// Place within the study, from 0.
    pub seq: u64,
    /// Milliseconds since 1970, by the writer's clock.
    pub at_ms: i64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// The trials that a study's events tell of, by number: the last start of a number and what
/// followed. A trial begun again starts anew.
pub fn trials(events: &[Timed]) -> BTreeMap<u32, Trial> {
    let mut trials = BTreeMap::new();
    events.iter().for_each(|timed| follow(&mut trials, &timed.event));
    trials
}

/// What one more event makes of the trials so far.
pub fn follow(trials: &mut BTreeMap<u32, Trial>, event: &Event) {
    match event {
        Event::TrialStarted { trial: number, candidate, origin } => {
            let (candidate, origin) = (candidate.clone(), origin.clone());
            let (number, state, folds) = (*number, TrialState::Running, vec![]);
            trials.insert(number, Trial { number, candidate, origin, state, folds });
        }
        Event::FoldDone { trial, result } => {
            if let Some(trial) = trials.get_mut(trial) {
                trial.folds.push(result.clone());
                trial.folds.sort_by_key(|f| f.fold);
            }
        }
        Event::TrialEnded { trial, state, .. } => {
            if let Some(trial) = trials.get_mut(trial) {
                trial.state = state.clone();
            }
        }
        _ => {}
    }
}
