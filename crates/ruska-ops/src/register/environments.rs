//! Environments: their names and order, and how two of them differ.

use super::list::names;
use super::version::state;
use crate::Error;
use ruska::Store;
use ruska::register::{Deployment, Entry, ModelState, Role, Stamp, Subject};
use serde::Serialize;

/// Sets the environments of a store in the order of promotion.
///
/// Fails when a name cannot be used or comes twice, when an environment would go in which something
/// stands, and when one would be the first in which something was deployed: there, every version
/// stands from the start.
pub fn set_environments(
    store: &Store,
    environments: &[String],
    stamp: Stamp<'_>,
) -> Result<(), Error> {
    for (i, name) in environments.iter().enumerate() {
        if environments[..i].contains(name) {
            return Err(Error::Refused(format!("the environment `{name}` is named twice")));
        }
    }
    let Some(first) = environments.first() else {
        return Err(Error::Refused("name at least one environment".into()));
    };
    store.record(Subject::Store, "", stamp, |_, _| {
        for name in names(store)? {
            check_stands(&state(store, &name)?, environments, first)?;
        }
        let entry = Entry::EnvironmentsSet { environments: environments.to_vec() };
        Ok((vec![entry], ()))
    })
}

/// Refuses environments in which what a model has deployed would have no place.
fn check_stands(state: &ModelState, environments: &[String], first: &str) -> Result<(), Error> {
    let name = &state.name;
    for environment in state.history.keys() {
        let stands = state.deployments(environment).first();
        if let Some(deployment) = stands.filter(|_| !environments.contains(environment)) {
            return Err(Error::Refused(format!(
                "{name}:{} stands in `{environment}`, which cannot go while it does",
                deployment.version
            )));
        }
        if environment == first {
            return Err(Error::Refused(format!(
                "versions of {name} were deployed in `{first}`; the first environment is the one \
                 in which every version stands from the start"
            )));
        }
    }
    Ok(())
}

/// A version as it stands in an environment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// The version.
    pub version: u32,
    /// BLAKE3 hash of its file, hexadecimal.
    pub digest: String,
    /// Its role.
    pub role: Role,
    /// Share of requests it answers, in [0, 1].
    pub weight: f64,
    /// Id of the measure it was chosen by.
    pub metric: String,
    /// That measure in its search.
    pub score: Option<f64>,
}

/// What of a model stands in two environments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelDifference {
    /// The model.
    pub name: String,
    /// Whether both hold the same.
    pub same: bool,
    /// In the first of the two.
    pub left: Vec<Standing>,
    /// In the second.
    pub right: Vec<Standing>,
}

/// Two environments, model by model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EnvironmentDiff {
    /// The first of the two.
    pub left: String,
    /// The second.
    pub right: String,
    /// How many models differ.
    pub differences: usize,
    /// Models that stand in one of them at least, by name.
    pub models: Vec<ModelDifference>,
}

/// What stands in one environment and not in another. In the first environment of a store, where
/// every version stands, the latest one is looked at.
pub fn environment_diff(store: &Store, left: &str, right: &str) -> Result<EnvironmentDiff, Error> {
    let environments = store.environments()?;
    let places = [left, right].map(|e| super::change::place(&environments, e));
    let [at_left, at_right] = places;
    let (at_left, at_right) = (at_left?, at_right?);
    let mut models = vec![];
    for name in names(store)? {
        let state = state(store, &name)?;
        let (left, right) =
            (standing(&state, &environments, at_left), standing(&state, &environments, at_right));
        if !left.is_empty() || !right.is_empty() {
            models.push(ModelDifference { name, same: left == right, left, right });
        }
    }
    let differences = models.iter().filter(|m| !m.same).count();
    Ok(EnvironmentDiff { left: left.to_owned(), right: right.to_owned(), differences, models })
}

fn standing(state: &ModelState, environments: &[String], at: usize) -> Vec<Standing> {
    let deployments = if at == 0 {
        let latest = super::reference::latest(state);
        latest
            .map(|version| Deployment { version, weight: 1.0, role: Role::Champion })
            .into_iter()
            .collect()
    } else {
        state.deployments(&environments[at]).to_vec()
    };
    let shown = |d: &Deployment| {
        let version = &state.versions.get(&d.version)?.version;
        let facts = &version.facts;
        Some(Standing {
            version: d.version,
            digest: version.digest.clone(),
            role: d.role,
            weight: d.weight,
            metric: facts.metric.clone(),
            score: facts.scores.get(&facts.metric).copied(),
        })
    };
    deployments.iter().filter_map(shown).collect()
}
