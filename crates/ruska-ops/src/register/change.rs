//! Deciding a change of a model from all that is known of it.

use super::version::state;
use crate::Error;
use ruska::register::{
    Deployment, Entry, Mark, ModelState, Role, Stamp, Standing, Subject, VersionState,
};
use ruska::{Store, time_text};

/// Decides what to append about a model from its state and the environments. Nobody else changes
/// either in between.
///
/// Fails when no model has the name, when the bytes of a version that would be deployed are missing
/// or damaged, and as `decide` does.
pub(crate) fn change<T>(
    store: &Store,
    name: &str,
    stamp: Stamp<'_>,
    decide: impl FnOnce(&ModelState, &[String]) -> Result<(Vec<Entry>, T), Error>,
) -> Result<T, Error> {
    change_at(store, name, stamp, |state, environments, _| decide(state, environments))
}

/// The same for entries that name the place of the first of them, which `decide` is given.
pub(crate) fn change_at<T>(
    store: &Store,
    name: &str,
    stamp: Stamp<'_>,
    decide: impl FnOnce(&ModelState, &[String], u64) -> Result<(Vec<Entry>, T), Error>,
) -> Result<T, Error> {
    state(store, name)?;
    store.record(Subject::Model, name, stamp, |entries, first| {
        let state = ModelState::of(name, entries);
        let decided = decide(&state, &store.environments()?, first)?;
        for entry in &decided.0 {
            let deployments = match entry {
                Entry::Deployed { deployments, .. } => deployments.as_slice(),
                Entry::RolledBack { environment, .. } => {
                    state.before(environment).map_or(&[][..], |stand| &stand.deployments)
                }
                _ => &[],
            };
            for deployment in deployments {
                check_bytes(store, &version(&state, deployment.version)?.version.digest)?;
            }
        }
        Ok(decided)
    })
}

/// Refuses a version whose bytes are not there or not what they were.
fn check_bytes(store: &Store, digest: &str) -> Result<(), Error> {
    store.get_blob(&digest.parse()?)?;
    Ok(())
}

/// A version by its number.
pub(crate) fn version(state: &ModelState, version: u32) -> Result<&VersionState, Error> {
    state.versions.get(&version).ok_or_else(|| {
        let last = state.versions.keys().last().copied().unwrap_or(0);
        Error::UnknownVersion { name: state.name.clone(), version, last }
    })
}

/// A version that was neither rejected nor retired nor deleted.
pub(crate) fn open_version(state: &ModelState, number: u32) -> Result<&VersionState, Error> {
    let found = version(state, number)?;
    match found.standing.closed() {
        None => Ok(found),
        Some((standing, mark)) => Err(closed(&state.name, number, standing, mark)),
    }
}

/// A version that may still be used: neither retired nor deleted.
pub(crate) fn usable_version(state: &ModelState, number: u32) -> Result<&VersionState, Error> {
    match version(state, number)? {
        found if matches!(found.standing, Standing::Open | Standing::Rejected(_)) => Ok(found),
        _ => open_version(state, number),
    }
}

/// A time of the ledger in UTC, to the second.
pub(crate) fn when(at_ms: i64) -> String {
    time_text(at_ms.div_euclid(1000) * 1000)
}

fn closed(name: &str, version: u32, standing: &'static str, mark: &Mark) -> Error {
    let because = if mark.reason.is_empty() { String::new() } else { format!(": {}", mark.reason) };
    let (by, at) = (mark.actor.clone(), when(mark.at_ms));
    Error::Closed { name: name.to_owned(), version, standing, by, at, because }
}

/// The place of an environment in the order of promotion.
pub(crate) fn place(environments: &[String], environment: &str) -> Result<usize, Error> {
    environments.iter().position(|e| e == environment).ok_or_else(|| Error::UnknownEnvironment {
        name: environment.to_owned(),
        known: environments.to_vec(),
    })
}

/// Whether a version stands or stood in an environment; in the first, all do from the start.
pub(crate) fn has_stood(
    state: &ModelState,
    environments: &[String],
    version: u32,
    place: usize,
) -> bool {
    place == 0 || environments.get(place).is_some_and(|e| state.has_stood(version, e))
}

/// The entries that bring a version to an environment as its only deployment, through every
/// environment before it that it has not stood in yet.
pub(crate) fn way_to(
    state: &ModelState,
    environments: &[String],
    version: u32,
    environment: &str,
    (reason, decision): (&str, Option<u64>),
) -> Result<Vec<Entry>, Error> {
    let end = place(environments, environment)?;
    let alone = vec![Deployment { version, weight: 1.0, role: Role::Champion }];
    let missing = |at: &usize| *at < end && !has_stood(state, environments, version, *at);
    let last = (end > 0 && state.deployments(environment) != alone).then_some(end);
    let steps = (1..end).filter(missing).chain(last);
    Ok(steps
        .map(|at| Entry::Deployed {
            environment: environments[at].clone(),
            deployments: alone.clone(),
            reason: reason.to_owned(),
            decision,
        })
        .collect())
}
