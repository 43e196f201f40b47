//! What is known of a model: a function of the ledger's entries about it.

use super::{Decision, Deployment, Entry, ModelVersion, Recorded, Role};
use serde::Serialize;
use std::collections::BTreeMap;

/// A version and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VersionState {
    /// The version itself.
    pub version: ModelVersion,
    /// When it was registered, milliseconds since 1970.
    pub at_ms: i64,
    /// Who registered it.
    pub author: String,
    /// Whether it may be used.
    pub standing: Standing,
}

/// Whether a version may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// It may.
    Open,
    /// Somebody rejected it.
    Rejected(Mark),
    /// It is not to be used any more.
    Retired(Mark),
    /// It is out of sight.
    Deleted(Mark),
}

impl Standing {
    /// What was done to a version that is not open, such as `rejected`, and by whom.
    pub fn closed(&self) -> Option<(&'static str, &Mark)> {
        match self {
            Self::Open => None,
            Self::Rejected(mark) => Some(("rejected", mark)),
            Self::Retired(mark) => Some(("retired", mark)),
            Self::Deleted(mark) => Some(("deleted", mark)),
        }
    }
}

/// Who said so, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// The deployments of an environment over some time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stand {
    /// Place of the entry that brought them.
    pub seq: u64,
    /// Who, when and why.
    #[serde(flatten)]
    pub mark: Mark,
    /// The deployments.
    pub deployments: Vec<Deployment>,
    /// Whether they came back by a rollback.
    pub rollback: bool,
    /// Place of the decision they follow from.
    pub decision: Option<u64>,
}

/// A version that waits, or waited, for approval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// Place of the entry.
    pub seq: u64,
    /// The version.
    pub version: u32,
    /// Where it is to be deployed.
    pub environment: String,
    /// When it was proposed, milliseconds since 1970.
    pub at_ms: i64,
    /// By whom.
    pub actor: String,
    /// When it lapses, milliseconds since 1970.
    pub expires_ms: i64,
    /// Place of the decision that advises.
    pub decision: Option<u64>,
    /// What became of it.
    pub answer: Answer,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Nobody has answered; past its time it has lapsed.
    Waiting,
    /// Approved.
    Approved(Mark),
    /// Rejected.
    Rejected(Mark),
    /// A later proposal for the same environment took its place.
    Superseded,
}

/// A decision with its place and time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decided {
    /// Place of the entry.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// On whose behalf.
    pub actor: String,
    /// The decision.
    #[serde(flatten)]
    pub decision: Decision,
}

/// Everything known of one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ModelState {
    /// Its name.
    pub name: String,
    /// Its versions by number, deleted ones included.
    pub versions: BTreeMap<u32, VersionState>,
    /// What stood in each environment, oldest first; the last entry stands now.
    pub history: BTreeMap<String, Vec<Stand>>,
    /// All proposals in order.
    pub proposals: Vec<Proposal>,
    /// All decisions in order.
    pub decisions: Vec<Decided>,
    /// For each environment the places in `history` to which rollbacks lead, last first to be left.
    #[serde(skip)]
    stacks: BTreeMap<String, Vec<usize>>,
}

impl ModelState {
    /// The state that the entries about a name tell of.
    pub fn of(name: &str, entries: &[Recorded]) -> Self {
        let mut state = Self { name: name.to_owned(), ..Self::default() };
        entries.iter().for_each(|entry| state.apply(entry));
        state
    }

    /// What stands in an environment now.
    pub fn deployments(&self, environment: &str) -> &[Deployment] {
        self.history.get(environment).and_then(|h| h.last()).map_or(&[], |s| &s.deployments)
    }

    /// The champion of an environment.
    pub fn champion(&self, environment: &str) -> Option<u32> {
        let champion = |d: &&Deployment| d.role == Role::Champion;
        self.deployments(environment).iter().find(champion).map(|d| d.version)
    }

    /// Whether a version stands or stood in an environment by a deployment.
    pub fn has_stood(&self, version: u32, environment: &str) -> bool {
        let stands = self.history.get(environment).into_iter().flatten();
        stands.flat_map(|s| &s.deployments).any(|d| d.version == version)
    }

    /// The environments in which a version stands now, with its role, by name.
    pub fn stands_in(&self, version: u32) -> Vec<(&str, Role)> {
        let here = |environment: &'_ String| {
            let found = self.deployments(environment).iter().find(|d| d.version == version);
            found.map(|d| d.role)
        };
        self.history.keys().filter_map(|e| Some((e.as_str(), here(e)?))).collect()
    }

    /// What a rollback of an environment would bring back; `None` when nothing stood there before.
    pub fn before(&self, environment: &str) -> Option<&Stand> {
        let stack = self.stacks.get(environment)?;
        let place = stack.len().checked_sub(2).map(|i| stack[i])?;
        self.history[environment].get(place)
    }

    /// The proposal for a version that nobody has answered yet, lapsed or not.
    pub fn waiting(&self, version: u32) -> Option<&Proposal> {
        self.proposals.iter().rev().find(|p| p.version == version && p.answer == Answer::Waiting)
    }

    /// Takes in the next entry about the model.
    pub fn apply(&mut self, recorded: &Recorded) {
        let Recorded { seq, at_ms, actor, .. } = recorded;
        let mark =
            |reason: &str| Mark { at_ms: *at_ms, actor: actor.clone(), reason: reason.to_owned() };
        match &recorded.entry {
            Entry::ModelRegistered(version) => {
                let state = VersionState {
                    version: (**version).clone(),
                    at_ms: *at_ms,
                    author: actor.clone(),
                    standing: Standing::Open,
                };
                self.versions.insert(version.version, state);
            }
            Entry::Deployed { environment, deployments, reason, decision } => {
                let (deployments, decision) = (deployments.clone(), *decision);
                let mark = mark(reason);
                let stand = Stand { seq: *seq, mark, deployments, rollback: false, decision };
                self.stand(environment, stand);
            }
            Entry::RolledBack { environment, reason } => {
                let Some(before) = self.before(environment) else { return };
                let (deployments, decision) = (before.deployments.clone(), before.decision);
                let mark = mark(reason);
                let stand = Stand { seq: *seq, mark, deployments, rollback: true, decision };
                // What is left and what it comes back to both make way for the stand that follows.
                let stack = self.stacks.entry(environment.clone()).or_default();
                stack.truncate(stack.len().saturating_sub(2));
                self.stand(environment, stand);
            }
            Entry::Proposed { version, environment, expires_ms, decision } => {
                for earlier in &mut self.proposals {
                    if earlier.environment == *environment && earlier.answer == Answer::Waiting {
                        earlier.answer = Answer::Superseded;
                    }
                }
                self.proposals.push(Proposal {
                    seq: *seq,
                    version: *version,
                    environment: environment.clone(),
                    at_ms: *at_ms,
                    actor: actor.clone(),
                    expires_ms: *expires_ms,
                    decision: *decision,
                    answer: Answer::Waiting,
                });
            }
            Entry::Approved { version, environment, reason } => {
                self.answer(*version, Some(environment), &Answer::Approved(mark(reason)));
            }
            Entry::Rejected { version, reason } => {
                self.answer(*version, None, &Answer::Rejected(mark(reason)));
                self.set(*version, Standing::Rejected(mark(reason)));
            }
            Entry::Retired { version, reason } => {
                self.set(*version, Standing::Retired(mark(reason)));
            }
            Entry::Deleted { version, reason } => {
                self.set(*version, Standing::Deleted(mark(reason)));
            }
            Entry::Decided(decision) => {
                let decision = (**decision).clone();
                let actor = actor.clone();
                self.decisions.push(Decided { seq: *seq, at_ms: *at_ms, actor, decision });
            }
            Entry::DatasetAdded(_)
            | Entry::EnvironmentsSet { .. }
            | Entry::JobStarted(_)
            | Entry::JobEnded(_)
            | Entry::JobScheduled { .. }
            | Entry::SlotsSkipped(_)
            | Entry::StudyStarted(_)
            | Entry::StudyEnded(_)
            | Entry::StudyResumed { .. }
            | Entry::BackedUp { .. }
            | Entry::JobTaken(_)
            | Entry::JobStopped { .. }
            | Entry::PredictionsLogged(_)
            | Entry::OutcomesTold(_)
            | Entry::AlertRaised(_)
            | Entry::AlertRecovered(_) => {}
        }
    }

    fn stand(&mut self, environment: &str, stand: Stand) {
        let history = self.history.entry(environment.to_owned()).or_default();
        self.stacks.entry(environment.to_owned()).or_default().push(history.len());
        history.push(stand);
    }

    fn answer(&mut self, version: u32, environment: Option<&String>, answer: &Answer) {
        for proposal in &mut self.proposals {
            let meant = proposal.version == version
                && environment.is_none_or(|e| *e == proposal.environment);
            if meant && proposal.answer == Answer::Waiting {
                proposal.answer = answer.clone();
            }
        }
    }

    fn set(&mut self, version: u32, standing: Standing) {
        match self.versions.get_mut(&version) {
            // What is deleted stays deleted.
            Some(found) if !matches!(found.standing, Standing::Deleted(_)) => {
                found.standing = standing;
            }
            _ => {}
        }
    }
}
