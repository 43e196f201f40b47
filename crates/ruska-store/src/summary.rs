//! What a study has come to: a fold over its events, and one line of it for listings.

use ruska_core::{Event, Loss, TaskKind, Timed, Trial, TrialState, follow};
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
    /// What is asked.
    pub task: TaskKind,
    /// Id of the measure that is optimised.
    pub metric: String,
    /// Trials with a score on every fold.
    pub done: u32,
    /// Trials stopped because others were better.
    pub pruned: u32,
    /// Trials that failed or ran out of time.
    pub failed: u32,
    /// Number of the trial with the least loss.
    pub best_trial: Option<u32>,
    /// The metric's mean over the folds of that trial, in its usual direction.
    pub best: Option<f64>,
    /// Every measure's mean over the folds of that trial, by id.
    pub scores: BTreeMap<String, f64>,
    /// Where it stands.
    #[serde(flatten)]
    pub status: Status,
    /// Its place in the order of the page it is from; the next page goes on after it.
    pub cursor: String,
}

/// What of a study changes with its events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    /// Trials that have begun.
    running: BTreeMap<u32, Trial>,
    /// Trials that have ended.
    ended: BTreeMap<u32, Ended>,
    /// Number of trials by fate.
    counts: [u32; 3],
    /// Least loss and its trial.
    least: Option<(Loss, u32)>,
    /// Whether the best scores have changed since they were last written.
    pub(crate) moved: bool,
    /// Why its last run ended; `None` while it goes on, and once it was cut off.
    pub(crate) why: Option<String>,
    /// Digest of its last model.
    pub(crate) model: Option<String>,
}

/// A trial that has ended.
#[derive(Clone, Debug)]
struct Ended {
    fate: Fate,
    loss: Option<Loss>,
    scores: BTreeMap<String, f64>,
}

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    Pruned,
    Failed,
}

impl Summary {
    pub(crate) fn of(events: &[Timed]) -> Self {
        let mut summary = Self { moved: true, ..Self::default() };
        for timed in events {
            summary.apply(&timed.event);
        }
        summary
    }

    /// Takes in the next event; tells whether anything that is listed changes.
    pub(crate) fn apply(&mut self, event: &Event) -> bool {
        follow(&mut self.running, event);
        match event {
            Event::TrialStarted { trial, .. } => return self.begin_again(*trial),
            Event::TrialEnded { trial, .. } => {
                if let Some(trial) = self.running.remove(trial) {
                    self.end(&trial);
                }
            }
            Event::Started { .. } => self.why = None,
            Event::Ended { why } => self.why = Some(why.clone()),
            Event::ModelSaved { model, .. } => self.model = Some(model.clone()),
            Event::Created(_)
            | Event::FoldDone { .. }
            | Event::Halved { .. }
            | Event::HoldoutScored { .. } => return false,
        }
        true
    }

    fn end(&mut self, trial: &Trial) {
        let Some(fate) = fate(&trial.state) else { return };
        let (number, loss) = (trial.number, trial.loss());
        self.counts[fate as usize] += 1;
        self.ended.insert(number, Ended { fate, loss, scores: scores(trial) });
        if let Some(loss) = loss.filter(|l| self.least.is_none_or(|least| (*l, number) < least)) {
            self.least = Some((loss, number));
            self.moved = true;
        }
    }

    /// A trial of this number begins; what an earlier one came to does not count any more.
    fn begin_again(&mut self, number: u32) -> bool {
        let Some(ended) = self.ended.remove(&number) else { return false };
        self.counts[ended.fate as usize] -= 1;
        if self.least.is_some_and(|(_, best)| best == number) {
            let scored = self.ended.iter().filter_map(|(number, t)| Some((t.loss?, *number)));
            self.least = scored.min();
            self.moved = true;
        }
        true
    }

    /// Number of the trials that ended so.
    pub(crate) fn count(&self, fate: Fate) -> u32 {
        self.counts[fate as usize]
    }

    /// The trial with the least loss and its mean scores.
    pub(crate) fn best(&self) -> Option<(u32, &BTreeMap<String, f64>)> {
        self.least.map(|(_, number)| (number, &self.ended[&number].scores))
    }
}

fn fate(state: &TrialState) -> Option<Fate> {
    match state {
        TrialState::Running => None,
        TrialState::Done => Some(Fate::Done),
        TrialState::Pruned { .. } => Some(Fate::Pruned),
        TrialState::Failed { .. } | TrialState::TimedOut => Some(Fate::Failed),
    }
}

/// The mean over folds of every measure that has one.
fn scores(trial: &Trial) -> BTreeMap<String, f64> {
    let measures = trial.folds.iter().flat_map(|fold| fold.scores.keys());
    let score = |id: &String| Some((id.clone(), trial.score(id).filter(|s| s.is_finite())?));
    measures.filter_map(score).collect()
}
