//! The entries of the ledger with what stood before and after each: a fold over all of them.

use crate::Error;
use ruska::Store;
use ruska::register::{Answer, Deployment, ENVIRONMENTS, Entry, ModelState, Recorded, Subject};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Which entries are told of; all where nothing is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// Not before this moment, milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// By whom.
    pub actor: Option<&'a str>,
    /// About what: a name such as `churn`, or one of `dataset`, `model`, `job`, `study`, `feedback`, `store`.
    pub subject: Option<&'a str>,
}

impl Filter<'_> {
    fn takes(&self, entry: &Recorded) -> bool {
        self.since_ms.is_none_or(|since| entry.at_ms >= since)
            && self.actor.is_none_or(|actor| entry.actor == actor)
            && self.subject.is_none_or(|s| entry.name == s || entry.subject.id() == s)
    }
}

/// What stood at a moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stood {
    /// The latest version of a model or dataset.
    Version(u32),
    /// The deployments of an environment; none where nothing stood there.
    Deployments(Vec<Deployment>),
    /// The environments in the order of promotion.
    Environments(Vec<String>),
    /// A word: `open`, `proposed`, `rejected`, `runs`, `promoted`, ….
    Word(String),
}

/// An entry of the ledger with what it changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Logged {
    /// The entry: place, time, who, about what, and what happened.
    #[serde(flatten)]
    pub entry: Recorded,
    /// What stood before; `None` where nothing did.
    pub before: Option<Stood>,
    /// What stands after.
    pub after: Option<Stood>,
}

/// The actions that a filter takes, in the order in which they were done.
///
/// Reads the whole ledger, as what stood before an entry follows from those before it.
pub fn log(store: &Store, filter: &Filter<'_>) -> Result<Vec<Logged>, Error> {
    let mut world = World::new();
    let mut logged = vec![];
    store.each_entry(|entry| {
        let before = world.look(&entry);
        world.apply(&entry);
        if filter.takes(&entry) {
            let after = world.look(&entry);
            logged.push(Logged { entry, before, after });
        }
    })?;
    Ok(logged)
}

/// All that the entries so far say.
struct World {
    models: BTreeMap<String, ModelState>,
    datasets: BTreeMap<String, u32>,
    runs: BTreeMap<(Subject, String), String>,
    environments: Vec<String>,
    alerts: BTreeSet<(String, String, String)>,
    schedules: BTreeSet<String>,
}

impl World {
    fn new() -> Self {
        let environments = ENVIRONMENTS.map(str::to_owned).to_vec();
        Self {
            models: BTreeMap::new(),
            datasets: BTreeMap::new(),
            runs: BTreeMap::new(),
            environments,
            alerts: BTreeSet::new(),
            schedules: BTreeSet::new(),
        }
    }

    /// What stands where an entry changes something.
    fn look(&self, entry: &Recorded) -> Option<Stood> {
        let name = &entry.name;
        let model = self.models.get(name);
        let word = |word: &str| Some(Stood::Word(word.to_owned()));
        match &entry.entry {
            Entry::DatasetAdded(_) => self.datasets.get(name).copied().map(Stood::Version),
            Entry::ModelRegistered(_) => {
                let (version, _) = model?.versions.last_key_value()?;
                Some(Stood::Version(*version))
            }
            Entry::Deployed { environment, .. } | Entry::RolledBack { environment, .. } => {
                Some(Stood::Deployments(model?.deployments(environment).to_vec()))
            }
            Entry::Decided(decision) => {
                Some(Stood::Deployments(model?.deployments(&decision.environment).to_vec()))
            }
            Entry::Proposed { version, .. } | Entry::Approved { version, .. } => {
                let proposal = model?.proposals.iter().rev().find(|p| p.version == *version);
                match proposal.map(|p| &p.answer) {
                    Some(Answer::Waiting) => word("proposed"),
                    Some(Answer::Approved(_)) => word("approved"),
                    Some(Answer::Superseded) => word("superseded"),
                    Some(Answer::Rejected(_)) | None => self.standing(name, *version),
                }
            }
            Entry::Rejected { version, .. }
            | Entry::Retired { version, .. }
            | Entry::Deleted { version, .. } => self.standing(name, *version),
            Entry::EnvironmentsSet { .. } => Some(Stood::Environments(self.environments.clone())),
            Entry::JobStarted(_)
            | Entry::JobEnded(_)
            | Entry::JobTaken(_)
            | Entry::JobStopped { .. }
            | Entry::StudyStarted(_)
            | Entry::StudyEnded(_)
            | Entry::StudyResumed { .. } => {
                self.runs.get(&(entry.subject, name.clone())).cloned().map(Stood::Word)
            }
            Entry::AlertRaised(note) | Entry::AlertRecovered(note) => {
                let key = (name.clone(), note.alert.clone(), note.key.clone());
                word(if self.alerts.contains(&key) { "stands" } else { "quiet" })
            }
            Entry::JobScheduled { .. } => {
                word(if self.schedules.contains(name) { "watched" } else { "not watched" })
            }
            Entry::BackedUp { .. }
            | Entry::SlotsSkipped(_)
            | Entry::PredictionsLogged(_)
            | Entry::OutcomesTold(_) => None,
        }
    }

    fn standing(&self, name: &str, version: u32) -> Option<Stood> {
        let standing = &self.models.get(name)?.versions.get(&version)?.standing;
        let word = standing.closed().map_or("open", |(word, _)| word);
        Some(Stood::Word(word.to_owned()))
    }

    fn apply(&mut self, entry: &Recorded) {
        let key = || (entry.subject, entry.name.clone());
        match &entry.entry {
            Entry::DatasetAdded(version) => {
                self.datasets.insert(entry.name.clone(), version.version);
            }
            Entry::EnvironmentsSet { environments } => {
                self.environments.clone_from(environments);
            }
            Entry::JobStarted(_)
            | Entry::JobTaken(_)
            | Entry::StudyStarted(_)
            | Entry::StudyResumed { .. } => {
                self.runs.insert(key(), "runs".to_owned());
            }
            Entry::JobEnded(end) => {
                self.runs.insert(key(), end.outcome.word().to_owned());
            }
            Entry::JobStopped { .. } => {
                self.runs.insert(key(), "stopped".to_owned());
            }
            Entry::StudyEnded(_) => {
                self.runs.insert(key(), "ended".to_owned());
            }
            Entry::JobScheduled { .. } => {
                self.schedules.insert(entry.name.clone());
            }
            Entry::AlertRaised(note) => {
                self.alerts.insert((entry.name.clone(), note.alert.clone(), note.key.clone()));
            }
            Entry::AlertRecovered(note) => {
                self.alerts.remove(&(entry.name.clone(), note.alert.clone(), note.key.clone()));
            }
            _ => {}
        }
        if entry.subject == Subject::Model {
            let name = entry.name.clone();
            let state = self.models.entry(name).or_insert_with(|| ModelState::of(&entry.name, &[]));
            state.apply(entry);
        }
    }
}
