//! Making a registered model again, and comparing the bytes.

use super::change::{usable_version, version};
use super::reference::Reference;
use super::version::state;
use crate::Error;
use ruska::register::{ModelVersion, Origin, Standing};
use ruska::{Model, Replay, Replayed, Scope, Store};
use serde::Serialize;

/// What came of making a registered model again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reproduction {
    /// The model.
    pub name: String,
    /// The version.
    pub version: u32,
    /// What was fitted again, and whether it is the same.
    #[serde(flatten)]
    pub replayed: Replayed,
}

/// Makes the model of a version again from the recorded options, data and seed of its study: by the
/// whole search where a trial budget alone ended it, otherwise from the trial that gave the model.
/// `set` may choose workers, another place of the data, and who is told what happens. Also gives the
/// model made now.
///
/// Fails when the version was deleted or its bytes are damaged, when no study of this store made it,
/// and when its data is gone or has changed.
pub fn reproduce<'a>(
    store: &Store,
    reference: &Reference,
    set: impl FnOnce(Replay<'a>) -> Replay<'a>,
) -> Result<(Reproduction, Model), Error> {
    let state = state(store, reference.name())?;
    let number = reference.resolve(&state, &store.environments()?)?;
    let found = version(&state, number)?;
    if matches!(found.standing, Standing::Deleted(_)) {
        usable_version(&state, number)?;
    }
    let study = study(store, &state.name, &found.version)?;
    let replay = Replay::of_model(store, &study, &found.version.digest)?.scope(Scope::Search);
    let (replayed, model) = set(replay).run()?;
    Ok((Reproduction { name: state.name.clone(), version: number, replayed }, model))
}

/// The study that made a version.
fn study(store: &Store, name: &str, found: &ModelVersion) -> Result<String, Error> {
    let known = match &found.study {
        Some(study) => Some(study.clone()),
        None => store.study_of_model(&found.digest)?,
    };
    known.ok_or_else(|| {
        let (version, facts) = (found.version, &found.facts);
        let came = match found.origin {
            Origin::Imported => "was imported",
            Origin::Registered | Origin::Job => "was registered from a file",
        };
        Error::Refused(format!(
            "{name}:{version} {came} and no study of this store made it, so it cannot be made again \
             here; where its study is, register it there and reproduce that version with --store \
             (it learned from data with the fingerprint {}, with seed {})",
            facts.data, facts.seed
        ))
    })
}
