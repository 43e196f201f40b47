//! Entering models as versions, and getting them back.

use super::change::version;
use super::reference::latest_facts;
use crate::Error;
use ruska::register::{ModelState, ModelVersion, Origin, Stamp, Standing, Subject};
use ruska::{Digest, LoadError, Model, Store};
use std::path::Path;

/// Enters a model as the next version of a name, and tells whether it is new: equal bytes are the
/// version that is there. The study and the registered dataset it comes from are looked up;
/// `dataset` names the latter where that is known better.
pub fn register(
    store: &Store,
    name: &str,
    model: &Model,
    origin: Origin,
    dataset: Option<(String, u32)>,
    stamp: Stamp<'_>,
) -> Result<(ModelVersion, bool), Error> {
    enter(store, name, (&model.to_bytes(), model), origin, dataset, stamp)
}

/// Enters a model file, as [`register`] does.
///
/// Fails when it cannot be read and when it is no model that this version of ruska can use.
pub fn register_file(
    store: &Store,
    name: &str,
    path: &Path,
    origin: Origin,
    stamp: Stamp<'_>,
) -> Result<(ModelVersion, bool), Error> {
    let bytes = read(path)?;
    let model = parse(&bytes, Some(path))?;
    enter(store, name, (&bytes, &model), origin, None, stamp)
}

fn enter(
    store: &Store,
    name: &str,
    (bytes, model): (&[u8], &Model),
    origin: Origin,
    dataset: Option<(String, u32)>,
    stamp: Stamp<'_>,
) -> Result<(ModelVersion, bool), Error> {
    let facts = model.facts();
    if let Some((version, other)) = latest_facts(&known(store, name)?)
        && (&other.task, &other.target) != (&facts.task, &facts.target)
    {
        return Err(Error::Refused(format!(
            "{name}:{version} answers {} of `{}`, this model {} of `{}`; enter it under another name",
            other.task, other.target, facts.task, facts.target
        )));
    }
    let dataset = match dataset {
        None => store.dataset_of_table(&facts.data)?,
        known => known,
    };
    let digest = Digest::of(bytes).to_string();
    let study = store.study_of_model(&digest)?;
    let size = bytes.len() as u64;
    let version = ModelVersion { version: 0, digest, bytes: size, origin, study, dataset, facts };
    Ok(store.register_model(name, bytes, version, stamp)?)
}

/// Everything known of a model name, which may be nothing.
pub(crate) fn known(store: &Store, name: &str) -> Result<ModelState, Error> {
    Ok(ModelState::of(name, &store.entries(Subject::Model, Some(name))?))
}

/// The newest version of a model that may be used, and when it was registered.
pub(crate) struct Newest {
    pub(crate) number: u32,
    /// Milliseconds since 1970.
    pub(crate) at_ms: i64,
}

/// The newest version of a model that may be used; `None` if there is none.
pub(crate) fn newest(store: &Store, name: &str) -> Result<Option<Newest>, Error> {
    let state = known(store, name)?;
    let found = state.versions.iter().rev().find(|(_, v)| v.standing == Standing::Open);
    Ok(found.map(|(number, v)| Newest { number: *number, at_ms: v.at_ms }))
}

/// Everything known of a model name. Fails when the register does not know it.
pub fn state(store: &Store, name: &str) -> Result<ModelState, Error> {
    let state = known(store, name)?;
    if state.versions.is_empty() {
        let mut known: Vec<String> =
            store.entries(Subject::Model, None)?.into_iter().map(|e| e.name).collect();
        known.sort_unstable();
        known.dedup();
        let way = match ruska::hint(name, known.iter().map(String::as_str)) {
            _ if known.is_empty() => {
                format!(", which is empty; `ruska model register {name} FILE` enters one")
            }
            near if near.is_empty() => format!("; there are: {}", known.join(", ")),
            near => near,
        };
        return Err(Error::UnknownModel { name: name.to_owned(), way });
    }
    Ok(state)
}

/// The model of a version, its bytes checked against its digest.
///
/// Fails when there is no such version, when it was deleted, and when its bytes are damaged.
pub fn load(store: &Store, name: &str, number: u32) -> Result<Model, Error> {
    let state = state(store, name)?;
    let found = version(&state, number)?;
    if matches!(found.standing, Standing::Deleted(_)) {
        super::change::usable_version(&state, number)?;
    }
    open(store, &found.version)
}

/// The model of a version that is known.
pub(super) fn open(store: &Store, version: &ModelVersion) -> Result<Model, Error> {
    parse(&store.get_blob(&version.digest.parse()?)?, None)
}

/// The bytes of a model file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|e| in_file(path, &e))
}

/// The model in some bytes, which are those of a file where one is named.
pub(super) fn parse(bytes: &[u8], path: Option<&Path>) -> Result<Model, Error> {
    Model::from_bytes(bytes, &ruska::builtin()).map_err(|e| match (path, e) {
        (Some(path), LoadError::File(why)) => in_file(path, &why),
        (_, other) => ruska::Error::from(other).into(),
    })
}

fn in_file(path: &Path, why: &dyn std::fmt::Display) -> Error {
    ruska::Error::from(LoadError::File(format!("{}: {why}", path.display()))).into()
}
