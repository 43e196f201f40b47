//! Bringing back what stood in an environment before.

use super::change::{change, place, usable_version};
use super::promote::Change;
use crate::Error;
use ruska::Store;
use ruska::register::{Entry, Role, Stamp};

/// Brings back the deployments that stood in an environment before the present ones. Rolling back
/// again goes one further.
///
/// Fails when nothing stood there before, and when one of the versions was retired or deleted since.
pub fn rollback(
    store: &Store,
    name: &str,
    environment: &str,
    reason: &str,
    stamp: Stamp<'_>,
) -> Result<Change, Error> {
    change(store, name, stamp, |state, environments| {
        let at = place(environments, environment)?;
        let nothing = |why: String| Error::Refused(format!("{name} in {environment}: {why}"));
        if at == 0 {
            return Err(nothing(
                "every version stands there; there is nothing to roll back".into(),
            ));
        }
        let before = state.deployments(environment).to_vec();
        let Some(earlier) = state.before(environment) else {
            return Err(nothing(match state.champion(environment) {
                Some(first) => format!("nothing stood there before {name}:{first}"),
                None => "nothing stands there".into(),
            }));
        };
        let deployments = earlier.deployments.clone();
        for deployment in &deployments {
            usable_version(state, deployment.version)?;
        }
        let champion = deployments.iter().find(|d| d.role == Role::Champion);
        let version = champion.or(deployments.first()).map_or(0, |d| d.version);
        let (name, environment) = (name.to_owned(), environment.to_owned());
        let entry =
            Entry::RolledBack { environment: environment.clone(), reason: reason.to_owned() };
        let done = Change { name, version, environment, changed: true, before, deployments };
        Ok((vec![entry], done))
    })
}
