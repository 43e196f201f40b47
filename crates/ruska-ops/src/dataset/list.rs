//! Listing datasets, and who learned from them.

use super::reference::{DatasetReference, find, unknown};
use super::usage::FileState;
use crate::Error;
use crate::register::{Listed, listed};
use ruska::Store;
use ruska::register::{DatasetHead, DatasetState};
use serde::Serialize;

/// The versions of all datasets, or of one, by name, the latest first.
///
/// Fails when no dataset has the name.
pub fn list(store: &Store, name: Option<&str>) -> Result<Vec<DatasetHead>, Error> {
    let heads = store.datasets(name)?;
    match name {
        Some(name) if heads.is_empty() => Err(unknown(store, name)),
        _ => Ok(heads),
    }
}

/// Everything known of a dataset version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The dataset.
    pub name: String,
    /// The version, who added it and when.
    #[serde(flatten)]
    pub added: DatasetState,
    /// Number of the latest version.
    pub latest: u32,
    /// What is at its source now.
    pub file: FileState,
    /// The registered models that learned from it, by name, the latest version first.
    pub models: Vec<Listed>,
}

/// Everything known of a dataset version, with what is at its source now.
///
/// Fails when there is no such dataset or version.
pub fn show(store: &Store, reference: &DatasetReference) -> Result<Shown, Error> {
    let (added, latest) = find(store, reference)?;
    let (name, version) = (reference.name.clone(), &added.version);
    let file = FileState::of(store, &name, version)?;
    let models = learned(store, &name, version.version, &version.fingerprint)?;
    Ok(Shown { name, added, latest, file, models })
}

/// The registered models that learned from a dataset version, deleted ones included, by name, the
/// latest version first: those that name it, and those whose training table has its fingerprint,
/// whichever was registered first.
///
/// Fails when there is no such dataset or version.
pub fn models(store: &Store, reference: &DatasetReference) -> Result<Vec<Listed>, Error> {
    let (found, _) = find(store, reference)?;
    let version = &found.version;
    learned(store, &reference.name, version.version, &version.fingerprint)
}

fn learned(store: &Store, name: &str, version: u32, table: &str) -> Result<Vec<Listed>, Error> {
    Ok(listed(&store.environments()?, store.learned_from(name, version, table)?))
}
