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
    /// A text names no version of a model.
    #[error("`{text}` names no model: {why}; write churn, churn@test or churn:3")]
    BadReference {
        /// The text, cut to 100 characters.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A text names no version of a dataset.
    #[error("`{text}` names no dataset: {why}; write churn or churn:3")]
    BadDataset {
        /// The text, cut to 100 characters.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A text is neither a model file nor a registered model.
    #[error("{text}: {why}")]
    NoModel {
        /// The text.
        text: String,
        /// What was looked for.
        why: String,
    },
    /// No model has this name.
    #[error("there is no model `{name}` in the register{way}")]
    UnknownModel {
        /// The name asked for.
        name: String,
        /// What there is, or how to make it.
        way: String,
    },
    /// No dataset has this name.
    #[error("there is no dataset `{name}` in the register{way}")]
    UnknownDataset {
        /// The name asked for.
        name: String,
        /// What there is, or how to make it.
        way: String,
    },
    /// The model or dataset has no such version.
    #[error("there is no {name}:{version}; the last version is {name}:{last}")]
    UnknownVersion {
        /// The model or dataset.
        name: String,
        /// The number asked for.
        version: u32,
        /// The greatest there is.
        last: u32,
    },
    /// The version was rejected, retired or deleted.
    #[error("{name}:{version} was {standing} by {by} on {at}{because}")]
    Closed {
        /// The model.
        name: String,
        /// The version.
        version: u32,
        /// `rejected`, `retired` or `deleted`.
        standing: &'static str,
        /// By whom.
        by: String,
        /// When, UTC.
        at: String,
        /// `: ` and the reason, where one was given.
        because: String,
    },
    /// No environment has this name.
    #[error("there is no environment `{name}`; there are: {}", known.join(", "))]
    UnknownEnvironment {
        /// The name asked for.
        name: String,
        /// The environments in the order of promotion.
        known: Vec<String>,
    },
    /// No version of a model stands in an environment.
    #[error("no version of {name} stands in {environment}; next: {next}")]
    NothingStands {
        /// The model.
        name: String,
        /// The environment.
        environment: String,
        /// What to type next.
        next: String,
    },
    /// A version would skip an environment.
    #[error(
        "{name}:{version} cannot go to {environment}: it has not stood in {missing}; first: \
         ruska model promote {name}:{version} {missing}"
    )]
    StepMissing {
        /// The model.
        name: String,
        /// The version.
        version: u32,
        /// Where it was to go.
        environment: String,
        /// The first environment on the way that it has not stood in.
        missing: String,
    },
    /// A rule of promotion cannot be.
    #[error("`{key}` of a promotion rule {why}")]
    Rule {
        /// The key of the job file.
        key: &'static str,
        /// What is wrong with it, and the way out.
        why: String,
    },
    /// Something in a file that a person wrote, such as a job, cannot be used.
    #[error("{file}:{line}:{column}: {what}")]
    InFile {
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
    /// One of two models cannot score a table.
    #[error("the {side} model: {error}")]
    Side {
        /// `old` or `new`.
        side: &'static str,
        /// Why.
        error: ruska::PredictError,
    },
    /// Something that the rules of the register do not allow.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// Whether the words of a command make no sense, whatever the store holds.
    pub fn is_usage(&self) -> bool {
        let bad_name = |e: &StoreError| matches!(e, StoreError::BadRegisterName { .. });
        match self {
            Self::BadReference { .. }
            | Self::BadDataset { .. }
            | Self::Ruska(ruska::Error::NoSuchId { .. }) => true,
            Self::Store(e) | Self::Ruska(ruska::Error::Store(e)) => bad_name(e),
            _ => false,
        }
    }
}
