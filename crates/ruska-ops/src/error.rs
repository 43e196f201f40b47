//! Why something could not be done, for people.

use ruska::StoreError;
use thiserror::Error;

/// Anything that can go wrong. The message says what, where, and the way out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A table, a model or a search.
    #[error(transparent)]
    Ruska(#[from] ruska::Error),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No model has this name.
    #[error("there is no model `{name}` in the register; there are: {known}")]
    UnknownModel {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The model has no such version.
    #[error("there is no {name}:{version}; the last version is {name}:{last}")]
    UnknownVersion {
        /// The model.
        name: String,
        /// The number asked for.
        version: u32,
        /// The greatest there is.
        last: u32,
    },
    /// The version was deleted.
    #[error("{name}:{version} was deleted by {by}; its number is not used again")]
    Deleted {
        /// The model.
        name: String,
        /// The version.
        version: u32,
        /// Who deleted it.
        by: String,
    },
    /// No environment has this name.
    #[error("there is no environment `{name}`; there are: {}", known.join(", "))]
    UnknownEnvironment {
        /// The name asked for.
        name: String,
        /// The environments in the order of promotion.
        known: Vec<String>,
    },
    /// A rule of promotion cannot be.
    #[error("`{key}` of a promotion rule {why}")]
    Rule {
        /// The key of the job file.
        key: &'static str,
        /// What is wrong with it, and the way out.
        why: String,
    },
    /// Something in a job file cannot be used.
    #[error("{file}:{line}:{column}: {what}")]
    JobFile {
        /// The file, as it was named.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong and what would do.
        what: String,
    },
    /// A job cannot go on.
    #[error("{0}")]
    Job(String),
    /// A run of a job was stopped; the next one goes on with it.
    #[error("stopped; the next run of the job goes on where this one was")]
    Stopped,
    /// A file cannot be read or written.
    #[error("{path}: {why}")]
    Io {
        /// The file.
        path: String,
        /// What was said.
        why: String,
    },
}
