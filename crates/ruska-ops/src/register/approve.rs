//! Answering a proposal.

use super::change::{change, open_version, version, way_to, when};
use super::reference::Reference;
use crate::Error;
use ruska::Store;
use ruska::register::{Answer, Entry, Mark, ModelState, Proposal, Stamp, Standing};
use serde::Serialize;

/// What an approval did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Approval {
    /// The model.
    pub name: String,
    /// The version.
    pub version: u32,
    /// Where it was proposed for.
    pub environment: String,
    /// The environments it was deployed in, in order.
    pub deployed: Vec<String>,
    /// Whether a decision advised it.
    pub decided: bool,
    /// The champion that the decision compared it with.
    pub compared_with: Option<u32>,
    /// The champion that it replaced.
    pub replaced: Option<u32>,
}

/// Approves the proposal of a version, or, for a name alone, the one that waits, and deploys it where it was proposed for, through every
/// environment on the way that it has not stood in yet.
///
/// Fails when no proposal waits, when it has lapsed or a later one took its place, and when the
/// version was rejected, retired or deleted.
pub fn approve(
    store: &Store,
    reference: &Reference,
    reason: &str,
    stamp: Stamp<'_>,
) -> Result<Approval, Error> {
    change(store, reference.name(), stamp, |state, environments| {
        let waits = state.proposals.iter().rev().find(|p| p.answer == Answer::Waiting);
        let number = match (reference, waits) {
            (Reference::Name(_), Some(proposal)) => proposal.version,
            _ => reference.resolve(state, environments)?,
        };
        open_version(state, number)?;
        let proposal = waiting(state, number, stamp.at_ms)?;
        let environment = &proposal.environment;
        let mut entries = vec![Entry::Approved {
            version: number,
            environment: environment.clone(),
            reason: reason.to_owned(),
        }];
        let why = (reason, proposal.decision);
        entries.extend(way_to(state, environments, number, environment, why)?);
        let deployed = |entry: &Entry| match entry {
            Entry::Deployed { environment, .. } => Some(environment.clone()),
            _ => None,
        };
        let decision = state.decisions.iter().find(|d| Some(d.seq) == proposal.decision);
        let done = Approval {
            name: state.name.clone(),
            version: number,
            environment: environment.clone(),
            deployed: entries.iter().filter_map(deployed).collect(),
            decided: decision.is_some(),
            compared_with: decision.and_then(|d| d.decision.champion),
            replaced: state.champion(environment).filter(|champion| *champion != number),
        };
        Ok((entries, done))
    })
}

/// The proposal of a version that can be approved.
fn waiting(state: &ModelState, version: u32, now_ms: i64) -> Result<&Proposal, Error> {
    let refuse = |why: String| {
        let name = &state.name;
        Err(Error::Refused(format!("{name}:{version} cannot be approved: {why}")))
    };
    let Some(proposal) = state.proposals.iter().rev().find(|p| p.version == version) else {
        return refuse("nobody proposed it; `ruska model promote` deploys a version".into());
    };
    let said = |what: &str, mark: &Mark| {
        refuse(format!("{} {what} it on {}", mark.actor, when(mark.at_ms)))
    };
    match &proposal.answer {
        Answer::Waiting if proposal.expires_ms < now_ms => refuse(format!(
            "the proposal for {} lapsed on {}; a new run of the job makes a new one",
            proposal.environment,
            when(proposal.expires_ms)
        )),
        Answer::Waiting => Ok(proposal),
        Answer::Approved(mark) => said("approved", mark),
        Answer::Rejected(mark) => said("rejected", mark),
        Answer::Superseded => {
            let (name, environment) = (&state.name, &proposal.environment);
            let later = state.proposals.iter().rev().find(|p| p.environment == *environment);
            let later = later.map_or(String::new(), |p| format!(" of {name}:{}", p.version));
            refuse(format!("a later proposal{later} for {environment} took the place of its own"))
        }
    }
}

/// Rejects a version: it is not promoted any more. Where it stands, it stays. Tells its number, and
/// whether anything changed.
///
/// Fails when the version stands in the last environment, and when it was retired or deleted.
pub fn reject(
    store: &Store,
    reference: &Reference,
    reason: &str,
    stamp: Stamp<'_>,
) -> Result<(u32, bool), Error> {
    change(store, reference.name(), stamp, |state, environments| {
        let number = reference.resolve(state, environments)?;
        if matches!(version(state, number)?.standing, Standing::Rejected(_)) {
            return Ok((vec![], (number, false)));
        }
        open_version(state, number)?;
        if let Some(last) = environments.last().filter(|e| state.champion(e) == Some(number)) {
            let name = &state.name;
            return Err(Error::Refused(format!(
                "{name}:{number} is the champion of {last}; promote another version or \
                 `ruska model rollback {name} {last}` first"
            )));
        }
        let entry = Entry::Rejected { version: number, reason: reason.to_owned() };
        Ok((vec![entry], (number, true)))
    })
}
