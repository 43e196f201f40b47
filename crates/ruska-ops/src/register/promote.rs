//! Bringing a version one environment further.

use super::change::{change, has_stood, open_version, place};
use super::reference::Reference;
use crate::Error;
use ruska::Store;
use ruska::register::{Deployment, Entry, ModelState, Role, Stamp};
use serde::Serialize;

/// Share of requests of a challenger that is given none.
const CHALLENGER_WEIGHT: f64 = 0.1;

/// Where a version is to stand, and what for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promotion<'a> {
    /// The environment.
    pub environment: &'a str,
    /// Its role there. A champion stands alone from then on; challengers and shadows stand beside
    /// the champion that is there.
    pub role: Role,
    /// Share of requests of a challenger, in (0, 1); a tenth when `None`. Champions answer what
    /// challengers leave, shadows nothing.
    pub weight: Option<f64>,
    /// Why.
    pub reason: &'a str,
}

/// What a change made of an environment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The model.
    pub name: String,
    /// The version that was asked for, or that answers by default after a rollback.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// Whether anything changed.
    pub changed: bool,
    /// What stood there before.
    pub before: Vec<Deployment>,
    /// What stands there now.
    pub deployments: Vec<Deployment>,
}

/// Deploys a version in an environment. The same bytes move; nothing is fitted again.
///
/// Fails when the version has not stood in the environment before this one, when it was rejected,
/// retired or deleted, and when role and weight do not fit what stands there.
pub fn promote(
    store: &Store,
    reference: &Reference,
    promotion: &Promotion<'_>,
    stamp: Stamp<'_>,
) -> Result<Change, Error> {
    change(store, reference.name(), stamp, |state, environments| {
        let at = place(environments, promotion.environment)?;
        let version = reference.resolve(state, environments)?;
        open_version(state, version)?;
        let before = state.deployments(promotion.environment).to_vec();
        let deployments = if at == 0 {
            before.clone()
        } else {
            let name = &state.name;
            check_steps(state, environments, version, at)?;
            placed(&before, version, promotion.role, promotion.weight).map_err(|why| {
                Error::Refused(format!("{name}:{version} in {}: {why}", promotion.environment))
            })?
        };
        let changed = deployments != before;
        let entry = Entry::Deployed {
            environment: promotion.environment.to_owned(),
            deployments: deployments.clone(),
            reason: promotion.reason.to_owned(),
            decision: None,
        };
        let name = state.name.clone();
        let environment = promotion.environment.to_owned();
        let done = Change { name, version, environment, changed, before, deployments };
        Ok((if changed { vec![entry] } else { vec![] }, done))
    })
}

/// Refuses a version that has not stood in every environment before this one.
fn check_steps(
    state: &ModelState,
    environments: &[String],
    version: u32,
    at: usize,
) -> Result<(), Error> {
    match (1..at).find(|step| !has_stood(state, environments, version, *step)) {
        None => Ok(()),
        Some(missing) => Err(Error::StepMissing {
            name: state.name.clone(),
            version,
            environment: environments[at].clone(),
            missing: environments[missing].clone(),
        }),
    }
}

/// The deployments of an environment once a version has its role there: the champion first, which
/// answers what the challengers leave.
fn placed(
    now: &[Deployment],
    version: u32,
    role: Role,
    weight: Option<f64>,
) -> Result<Vec<Deployment>, String> {
    if weight.is_some() && role != Role::Challenger {
        return Err("only a challenger is given a weight; a champion answers what challengers \
                    leave, a shadow nothing"
            .into());
    }
    let deployment = |version, weight, role| Deployment { version, weight, role };
    if role == Role::Champion {
        return Ok(vec![deployment(version, 1.0, role)]);
    }
    let Some(champion) = now.iter().find(|d| d.role == Role::Champion) else {
        return Err("nothing stands there yet; a champion comes first".into());
    };
    if champion.version == version {
        return Err("it is the champion there; promote another version first".into());
    }
    let weight = match role {
        Role::Challenger => weight.unwrap_or(CHALLENGER_WEIGHT),
        _ => 0.0,
    };
    let mut others: Vec<Deployment> = now
        .iter()
        .filter(|d| d.role != Role::Champion && d.version != version)
        .cloned()
        .chain([deployment(version, weight, role)])
        .collect();
    others.sort_by_key(|d| (d.role == Role::Shadow, d.version));
    let taken: f64 = others.iter().map(|d| d.weight).sum();
    if !(0.0..1.0).contains(&taken) || (role == Role::Challenger && weight <= 0.0) {
        return Err(format!(
            "challengers answer a share of requests between 0 and 1, all of them together, and \
             these would answer {taken}"
        ));
    }
    Ok([deployment(champion.version, 1.0 - taken, Role::Champion)]
        .into_iter()
        .chain(others)
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn weights_sum_to_one_and_the_champion_comes_first() {
        let one = placed(&[], 1, Role::Champion, None).unwrap();
        let two = placed(&one, 2, Role::Challenger, Some(0.25)).unwrap();
        let three = placed(&two, 3, Role::Shadow, None).unwrap();
        let four = placed(&three, 4, Role::Challenger, None).unwrap();
        let shown: Vec<(u32, Role)> = four.iter().map(|d| (d.version, d.role)).collect();
        let (c, s) = (Role::Challenger, Role::Shadow);
        assert_eq!(shown, [(1, Role::Champion), (2, c), (4, c), (3, s)]);
        assert!((four.iter().map(|d| d.weight).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(four[0].weight, 1.0 - (0.25 + 0.1));
        assert_eq!(placed(&four, 4, Role::Champion, None).unwrap().len(), 1);
    }

    #[test]
    fn a_version_changes_its_role_rather_than_standing_twice() {
        let one = placed(&[], 1, Role::Champion, None).unwrap();
        let two = placed(&one, 2, Role::Challenger, Some(0.25)).unwrap();
        let shadow = placed(&two, 2, Role::Shadow, None).unwrap();
        assert_eq!(shadow[0].weight, 1.0);
        assert_eq!(shadow.len(), 2);
    }

    #[test]
    fn roles_and_weights_that_make_no_sense_are_refused() {
        let one = placed(&[], 1, Role::Champion, None).unwrap();
        assert!(placed(&[], 1, Role::Shadow, None).is_err());
        assert!(placed(&one, 1, Role::Challenger, None).is_err());
        assert!(placed(&one, 2, Role::Champion, Some(0.5)).is_err());
        for weight in [0.0, -0.1, 1.0, 7.0, f64::NAN] {
            assert!(placed(&one, 2, Role::Challenger, Some(weight)).is_err(), "{weight}");
        }
        let two = placed(&one, 2, Role::Challenger, Some(0.6)).unwrap();
        assert!(placed(&two, 3, Role::Challenger, Some(0.4)).is_err());
    }
}
