//! Data that is about to be used: whether it is registered, and whether it still is what was
//! registered.

use super::files::{content, place};
use crate::Error;
use ruska::Store;
use ruska::notation::shell_word;
use ruska::register::DatasetVersion;
use serde::Serialize;
use std::fmt::Write;

/// What is at the source of a dataset version now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// The bytes of the version.
    Unchanged,
    /// The bytes of another version of the dataset.
    Other {
        /// Its number.
        version: u32,
    },
    /// Bytes that are no version of the dataset.
    Changed,
    /// Nothing.
    Gone,
    /// Something that cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
}

impl FileState {
    /// What is at a version's source, by the hash of the bytes.
    pub(super) fn of(store: &Store, name: &str, version: &DatasetVersion) -> Result<Self, Error> {
        let unreadable = |why: String| Ok(Self::Unreadable { why });
        let files = match ruska::files(&version.source) {
            Ok(files) if files.is_empty() => return Ok(Self::Gone),
            Ok(files) => files,
            Err(why) => return unreadable(why.to_string()),
        };
        let content = match content(&files) {
            Ok(content) => content,
            Err(why) => return unreadable(why.to_string()),
        };
        if content.digest == version.digest {
            return Ok(Self::Unchanged);
        }
        let other = store.dataset_of_digest(name, &content.digest)?;
        Ok(other.map_or(Self::Changed, |version| Self::Other { version }))
    }
}

/// A registered dataset whose source is about to be used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Usage {
    /// The dataset.
    pub name: String,
    /// Its latest version.
    pub version: DatasetVersion,
    /// What is at its source now.
    pub file: FileState,
}

/// The datasets whose latest version came from a source, by name, and what is there now. Files are
/// looked at, and hashed, only when there is one.
pub fn of_source(store: &Store, source: &str) -> Result<Vec<Usage>, Error> {
    if source == "-" {
        return Ok(vec![]);
    }
    let mut used = vec![];
    for (name, version) in store.datasets_of_source(&place(source))? {
        if let Some(found) = store.dataset(&name, Some(version))? {
            let file = FileState::of(store, &name, &found.version)?;
            used.push(Usage { name, version: found.version, file });
        }
    }
    Ok(used)
}

impl Usage {
    /// What a user should know before it is used, with the way out; `None` where it is what was
    /// registered.
    pub fn note(&self) -> Option<String> {
        let (name, number, source) = (&self.name, self.version.version, &self.version.source);
        let label = format!("{name}:{number}");
        Some(match &self.file {
            FileState::Unchanged => return None,
            FileState::Other { version } => {
                format!("{source} holds {name}:{version} again, not the latest version {label}")
            }
            FileState::Changed => format!(
                "{source} has changed since {label}; register what it holds now with: {}",
                self.command()
            ),
            FileState::Gone => format!("{source}, from which {label} was registered, is gone"),
            FileState::Unreadable { why } => {
                format!("whether {source} still is {label} cannot be told: {why}")
            }
        })
    }

    /// The command that registers what is there now.
    fn command(&self) -> String {
        let DatasetVersion { source, reading, .. } = &self.version;
        let mut command = format!("ruska dataset add {} {}", self.name, shell_word(source));
        for (option, word) in reading.iter().filter(|(option, _)| *option != "decimal_comma") {
            let _ = write!(command, " --{option} {}", shell_word(word));
        }
        command
    }
}
