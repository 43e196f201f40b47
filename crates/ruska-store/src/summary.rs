//! One line about a study, from its events.

use crate::StoreError;
use ruska_core::{Event, Loss, StudyRecord, Timed, Trial, TrialState, trials};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where a study stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Status {
    /// A process works on it.
    Running,
    /// It ended in good order.
    Ended {
        /// Why: `trials`, `time`, `exhausted`, `stopped`.
        why: String,
    },
    /// Its process ended before it did; it can be resumed.
    Interrupted,
}

/// One line about a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StudyRow {
    /// Its name.
    pub name: String,
    /// When it was made, milliseconds since 1970.
    pub created_ms: i64,
    /// Who made it.
    pub actor: String,
    /// Path of the data as it was given.
    pub data: String,
    /// Column that is predicted.
    pub target: String,
    /// Id of the measure that is optimised.
    pub metric: String,
    /// Trials with a score on every fold.
    pub done: usize,
    /// Trials that ended without one: failed, pruned or out of time.
    pub unscored: usize,
    /// The measure's mean over the folds of the trial with the least loss, in its usual direction.
    pub best: Option<f64>,
    /// Where it stands.
    #[serde(flatten)]
    pub status: Status,
}

/// The row of a study; `held` tells whether a process works on it now.
pub(crate) fn row(
    name: &str,
    actor: String,
    events: &[Timed],
    held: bool,
) -> Result<StudyRow, StoreError> {
    let Some(Timed { at_ms, event: Event::Created(record), .. }) = events.first() else {
        let why = "a study begins with its record".to_owned();
        return Err(StoreError::BadEvent { study: name.to_owned(), seq: 0, why });
    };
    let trials = trials(events);
    let done = trials.values().filter(|t| t.state == TrialState::Done).count();
    let unscored = trials.values().filter(|t| t.state != TrialState::Running).count() - done;
    let ended = events.iter().rev().find_map(|timed| match &timed.event {
        Event::Ended { why } => Some(Some(why)),
        Event::Started { .. } => Some(None),
        _ => None,
    });
    let status = match ended.flatten() {
        _ if held => Status::Running,
        Some(why) => Status::Ended { why: why.clone() },
        None => Status::Interrupted,
    };
    let StudyRecord { data, target, metric, .. } = (**record).clone();
    let best = best(&trials, &metric);
    let (name, created_ms) = (name.to_owned(), *at_ms);
    Ok(StudyRow { name, created_ms, actor, data, target, metric, done, unscored, best, status })
}

fn best(trials: &BTreeMap<u32, Trial>, metric: &str) -> Option<f64> {
    let scored = trials.values().filter_map(|trial| Some((trial.loss()?, trial)));
    let (_, best): (Loss, &Trial) = scored.min_by_key(|(loss, _)| *loss)?;
    best.score(metric)
}
