//! Listing versions and where they stand.

use super::change::version;
use super::version::state;
use crate::Error;
use ruska::Store;
use ruska::register::{
    Decided, ModelState, ModelVersion, Proposal, Recorded, Role, Stand, Standing, Subject,
    VersionState,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A version in an environment other than the first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placed {
    /// The environment.
    pub environment: String,
    /// Its role there.
    pub role: Role,
    /// Share of requests it answers, in [0, 1].
    pub weight: f64,
}

/// A version, one line of a listing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// The model.
    pub name: String,
    /// The version itself.
    #[serde(flatten)]
    pub version: ModelVersion,
    /// When it was registered, milliseconds since 1970.
    pub at_ms: i64,
    /// Who registered it.
    pub author: String,
    /// Whether it may be used.
    pub state: Standing,
    /// The environments it stands in, in the order of promotion.
    pub stands_in: Vec<String>,
    /// Its deployments; in the first environment there are none, every version stands there.
    pub deployments: Vec<Placed>,
    /// Its metric, mean over the folds of its search.
    pub score: Option<f64>,
}

/// The versions of all models, or of one, by name, the latest first. Deleted ones only when `all`.
///
/// Fails when no model has the name.
pub fn list(store: &Store, name: Option<&str>, all: bool) -> Result<Vec<Listed>, Error> {
    let environments = store.environments()?;
    let names = name.map_or_else(|| names(store), |name| Ok(vec![name.to_owned()]))?;
    let mut listed = vec![];
    for name in names {
        let state = state(store, &name)?;
        let shown = |v: &&VersionState| all || !matches!(v.standing, Standing::Deleted(_));
        let versions = state.versions.values().rev().filter(shown);
        listed.extend(versions.map(|v| one(&state, &environments, v)));
    }
    Ok(listed)
}

/// The versions that some entries register, with what became of them by these entries, by name,
/// the latest first.
pub(crate) fn listed(environments: &[String], entries: Vec<Recorded>) -> Vec<Listed> {
    let mut by_name: BTreeMap<String, Vec<Recorded>> = BTreeMap::new();
    for entry in entries {
        by_name.entry(entry.name.clone()).or_default().push(entry);
    }
    let states = by_name.iter().map(|(name, entries)| ModelState::of(name, entries));
    let versions = |state: ModelState| -> Vec<Listed> {
        state.versions.values().rev().map(|v| one(&state, environments, v)).collect()
    };
    states.flat_map(versions).collect()
}

/// The names of all models, sorted.
pub(crate) fn names(store: &Store) -> Result<Vec<String>, Error> {
    let entries = store.entries(Subject::Model, None)?;
    let mut names: Vec<String> = entries.into_iter().map(|e| e.name).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

fn one(state: &ModelState, environments: &[String], found: &VersionState) -> Listed {
    let (version, number) = (&found.version, found.version.version);
    let deployments: Vec<Placed> = environments
        .iter()
        .filter_map(|e| {
            let here = state.deployments(e).iter().find(|d| d.version == number)?;
            Some(Placed { environment: e.clone(), role: here.role, weight: here.weight })
        })
        .collect();
    let usable = !matches!(found.standing, Standing::Retired(_) | Standing::Deleted(_));
    let first = environments.first().filter(|_| usable).cloned();
    let stands_in = first.into_iter().chain(deployments.iter().map(|d| d.environment.clone()));
    Listed {
        name: state.name.clone(),
        score: version.facts.scores.get(&version.facts.metric).copied(),
        version: version.clone(),
        at_ms: found.at_ms,
        author: found.author.clone(),
        state: found.standing.clone(),
        stands_in: stands_in.collect(),
        deployments,
    }
}

/// Something that an environment held over some time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stood {
    /// The environment.
    pub environment: String,
    /// What stood there, since when, by whom and why.
    #[serde(flatten)]
    pub stand: Stand,
}

/// Everything known of one version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The version and where it stands.
    #[serde(flatten)]
    pub listed: Listed,
    /// Its deployments so far, oldest first.
    pub history: Vec<Stood>,
    /// The comparisons in which it was champion or challenger, oldest first.
    pub decisions: Vec<Decided>,
    /// Its proposals, oldest first.
    pub proposals: Vec<Proposal>,
}

/// Everything known of a version.
pub fn show(store: &Store, name: &str, number: u32) -> Result<Shown, Error> {
    let environments = store.environments()?;
    let state = state(store, name)?;
    let found = version(&state, number)?;
    let mut history: Vec<Stood> = vec![];
    for (environment, stands) in &state.history {
        let concerned = stands.iter().enumerate().filter(|(i, stand)| {
            let here = |s: &Stand| s.deployments.iter().any(|d| d.version == number);
            here(stand) || i.checked_sub(1).is_some_and(|before| here(&stands[before]))
        });
        history.extend(
            concerned
                .map(|(_, stand)| Stood { environment: environment.clone(), stand: stand.clone() }),
        );
    }
    history.sort_by_key(|s| s.stand.seq);
    let judged =
        |d: &&Decided| d.decision.challenger == number || d.decision.champion == Some(number);
    Ok(Shown {
        listed: one(&state, &environments, found),
        history,
        decisions: state.decisions.iter().filter(judged).cloned().collect(),
        proposals: state.proposals.iter().filter(|p| p.version == number).cloned().collect(),
    })
}
