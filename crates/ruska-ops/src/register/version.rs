//! Entering models as versions, and getting them back.

use crate::Error;
use ruska::register::{ModelState, ModelVersion, Origin, Stamp, Standing, Subject};
use ruska::{Model, Store};

/// Enters a model as the next version of a name, and tells whether it is new: equal bytes are the
/// version that is there. The study and the registered dataset it comes from are looked up;
/// `dataset` names them where that is known better.
pub fn register(
    store: &Store,
    name: &str,
    model: &Model,
    origin: Origin,
    dataset: Option<(String, u32)>,
    stamp: Stamp<'_>,
) -> Result<(ModelVersion, bool), Error> {
    let bytes = model.to_bytes();
    let facts = model.facts();
    let dataset = match dataset {
        None => learned_from(store, &facts.data)?,
        known => known,
    };
    let version = ModelVersion {
        version: 0,
        digest: String::new(),
        bytes: 0,
        origin,
        study: store.study_of_model(&model.digest())?,
        dataset,
        facts,
    };
    Ok(store.register_model(name, &bytes, version, stamp)?)
}

/// The latest dataset version with a fingerprint, whatever its name.
fn learned_from(store: &Store, fingerprint: &str) -> Result<Option<(String, u32)>, Error> {
    let entries = store.entries(Subject::Dataset, None)?;
    let same = entries.iter().rev().find_map(|e| match &e.entry {
        ruska::register::Entry::DatasetAdded(v) if v.fingerprint == fingerprint => {
            Some((e.name.clone(), v.version))
        }
        _ => None,
    });
    Ok(same)
}

/// Everything known of a model name. Fails when the register does not know it.
pub fn state(store: &Store, name: &str) -> Result<ModelState, Error> {
    let state = ModelState::of(name, &store.entries(Subject::Model, Some(name))?);
    if state.versions.is_empty() {
        let mut known: Vec<String> =
            store.entries(Subject::Model, None)?.into_iter().map(|e| e.name).collect();
        known.sort_unstable();
        known.dedup();
        return Err(Error::UnknownModel { name: name.to_owned(), known: known.join(", ") });
    }
    Ok(state)
}

/// The model of a version, its bytes checked against its digest.
///
/// Fails when there is no such version, when it was deleted, and when its bytes are damaged.
pub fn load(store: &Store, name: &str, version: u32) -> Result<Model, Error> {
    let state = state(store, name)?;
    let Some(found) = state.versions.get(&version) else {
        let last = state.versions.keys().last().copied().unwrap_or(0);
        return Err(Error::UnknownVersion { name: name.to_owned(), version, last });
    };
    if let Standing::Deleted(mark) = &found.standing {
        let (name, by) = (name.to_owned(), mark.actor.clone());
        return Err(Error::Deleted { name, version, by });
    }
    let bytes = store.get_blob(&found.version.digest.parse()?)?;
    Ok(Model::from_bytes(&bytes, &ruska::builtin()).map_err(ruska::Error::from)?)
}
