//! Why something could not be done, for people.

use crate::forecast::Role;
use crate::options::Options;
use ruska_core::{Frame, LoadError, MeasureError, PredictError, SplitError, TaskError};
use ruska_data::{ReadError, SchemaError, TargetError, WriteError};
use ruska_search::SearchError;
use ruska_store::StoreError;
use thiserror::Error;

/// Anything that can go wrong. The message says what, where, and the way out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A table cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A table cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A type asked for does not fit.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The target cannot be used.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The table makes no task.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The rows cannot be split.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The search cannot go on.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A model cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A model cannot score these rows.
    #[error(transparent)]
    Predict(#[from] PredictError),
    /// A measure is undefined.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// A column named in an option is not there.
    #[error("{option} names column `{column}`, which the data does not have{hint}")]
    NoColumn {
        /// The option.
        option: &'static str,
        /// The column.
        column: String,
        /// What may have been meant; may be empty.
        hint: String,
    },
    /// An id named in an option is not in the catalog.
    #[error("{option} names `{id}`, which is no {kinds}; the ids are {known}")]
    NoSuchId {
        /// The option.
        option: &'static str,
        /// The id.
        id: String,
        /// What it should name.
        kinds: &'static str,
        /// What there is.
        known: String,
    },
    /// A file named in an option cannot be used.
    #[error("{option} {file}: {error}")]
    File {
        /// The option.
        option: &'static str,
        /// The file.
        file: String,
        /// Why.
        error: Box<Error>,
    },
    /// Options or columns that do not go together.
    #[error("{0}")]
    Options(String),
    /// The data of a study has changed.
    #[error(
        "the data of study `{study}` has changed since it was started; give the old file with \
         --data, or start a new study"
    )]
    DataChanged {
        /// The study.
        study: String,
    },
    /// The data of a study that is to be repeated cannot be had.
    #[error(
        "the data of study `{study}`, with the fingerprint {expected}, cannot be had: {error}; \
         where it has moved, name it with --data"
    )]
    DataGone {
        /// The study.
        study: String,
        /// Content hash of the data it learned from, hexadecimal.
        expected: String,
        /// Why.
        error: Box<Error>,
    },
    /// Data is not what a study that is to be repeated learned from.
    #[error(
        "{data} is not what study `{study}` learned from: its fingerprint is {got}, expected \
         {expected}; name the old data with --data"
    )]
    OtherData {
        /// The study.
        study: String,
        /// The data that was read.
        data: String,
        /// Content hash of the data it learned from, hexadecimal.
        expected: String,
        /// Content hash of what was read.
        got: String,
    },
    /// A study cannot be repeated.
    #[error("study `{study}` cannot be repeated: {why}")]
    NotRepeatable {
        /// The study.
        study: String,
        /// Why.
        why: String,
    },
}

impl Error {
    /// The same of a column that a model predicts, which no option names.
    pub(crate) fn of_model(error: TargetError) -> Self {
        match error {
            TargetError::Absent { column, near } => Self::Options(format!(
                "the data has no column `{column}`, which the model predicts{near}"
            )),
            TargetError::NotNumbers { column, value, row } => Self::Options(format!(
                "column `{column}` holds `{value}` in row {row}, where the model predicts numbers"
            )),
            TargetError::NotATarget { column, what } => Self::Options(format!(
                "column `{column}` holds {what}, with which no prediction can be compared"
            )),
            other => Self::Target(other),
        }
    }

    /// Whether the reader of our standard output went away.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Write(WriteError::BrokenPipe))
    }

    /// Whether a table could be read and has no row: a header alone, or an empty file.
    pub fn is_without_rows(&self) -> bool {
        matches!(self, Self::Read(ReadError::NoRows { .. } | ReadError::EmptyFile { .. }))
    }
}

/// Checks that the columns named in options are there.
pub(crate) fn check_columns(frame: &Frame, options: &Options) -> Result<(), Error> {
    let one = |option, column: &Option<String>| {
        column.iter().map(move |c| (option, c.clone())).collect::<Vec<_>>()
    };
    let mut named = one("--group", &options.group);
    named.extend(one("--time-column", &options.time_column));
    named.extend(one("--series", &options.series));
    named.extend(options.hierarchy.iter().map(|c| ("--hierarchy", c.clone())));
    for role in Role::ALL {
        named.extend(options.covariates(role).iter().map(|c| (role.option(), c.clone())));
    }
    named.extend(one("--weight", &options.weight));
    named.extend(one("--exposure", &options.exposure));
    named.extend(options.ignore.iter().map(|c| ("--ignore", c.clone())));
    named.extend(options.sensitive.iter().map(|c| ("--sensitive", c.clone())));
    named.extend(options.types.keys().map(|c| ("--types", c.clone())));
    for (option, column) in named {
        if frame.field(&column).is_none() {
            let names = frame.fields().iter().map(|f| &*f.name);
            let hint = ruska_data::hint(&column, names);
            return Err(Error::NoColumn { option, column, hint });
        }
    }
    Ok(())
}
